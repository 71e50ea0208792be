"""Directions through weight space: lengths as NumPy has them, leading directions as SVD and scikit-learn have them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from photic.optim.landscape import Basis, hill, leading, ravel, reach
from photic.tree import flatten

RNG = np.random.default_rng(3)
ROWS = RNG.normal(size=(7, 90_000)).astype(np.float32)  # wider than what is taken to 64 bits at once
BASIS = Basis(ROWS)
WIDE = ROWS.astype(np.float64)


def _walk(k: int, p: int) -> np.ndarray:
    return np.cumsum(RNG.normal(size=(k, p)), axis=0).astype(np.float32)


def test_ravel_keeps_the_order_of_the_tree() -> None:
    params = {"layers": {"1": {"w": np.ones((2, 2)), "b": np.zeros(2)}, "0": {"w": np.full((1, 2), 3.0)}}}
    by_hand = np.concatenate([np.ravel(leaf) for leaf in flatten(params).values()])
    np.testing.assert_array_equal(ravel(params), by_hand)
    assert ravel({}).shape == (0,)


def test_lengths_and_shares_are_those_of_the_displacements_themselves() -> None:
    a, b = RNG.normal(size=(2, 7))
    assert BASIS.length(a) == pytest.approx(np.linalg.norm(a @ WIDE), rel=1e-9)
    unit = BASIS.unit(a)
    assert np.linalg.norm(unit @ WIDE) == pytest.approx(1.0, rel=1e-9)
    assert BASIS.along(unit, b[None])[0] == pytest.approx((b @ WIDE) @ (unit @ WIDE), rel=1e-9)
    left = BASIS.across(b, unit) @ WIDE
    assert abs(left @ (unit @ WIDE)) < 1e-9 * np.linalg.norm(left)


def test_nothing_stays_nothing() -> None:
    assert (BASIS.unit(np.zeros(7)) == 0).all() and BASIS.length(np.zeros(7)) == 0


def test_the_leading_directions_are_those_of_svd_and_of_pca() -> None:
    path = _walk(12, 500)
    basis = Basis(path - path[0])
    found = leading(basis, np.eye(12), np.eye(12)[1])
    own = np.stack([found.first, found.second]) @ basis.rows.astype(np.float64)
    centred = path - path.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    pca = PCA(2).fit(path.astype(np.float64))
    for index in range(2):
        # Of a direction and its opposite either will do; 1e-5 is the 32 bits of the weights.
        assert abs(own[index] @ directions[index]) == pytest.approx(1.0, abs=1e-5)
        assert abs(own[index] @ pca.components_[index]) == pytest.approx(1.0, abs=1e-5)
        assert found.shares[index] == pytest.approx(sizes[index] ** 2 / (sizes**2).sum(), rel=1e-5)
        assert found.shares[index] == pytest.approx(pca.explained_variance_ratio_[index], rel=1e-5)


def test_points_on_one_line_take_the_spare_direction_for_the_second() -> None:
    rows = np.zeros((4, 6), np.float32)
    rows[:3, 0] = [0.0, 1.0, 2.0]
    rows[3, :2] = 1.0  # the spare one, at 45 degrees to the line
    found = leading(Basis(rows), np.eye(4)[:3], np.eye(4)[3])
    np.testing.assert_allclose(np.abs(found.first @ rows), [1, 0, 0, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(np.abs(found.second @ rows), [0, 1, 0, 0, 0, 0], atol=1e-6)
    assert found.shares[1] == pytest.approx(0.0, abs=1e-9)


def test_a_path_that_never_moved_still_has_a_plane() -> None:
    rows = np.zeros((2, 3), np.float32)
    found = leading(Basis(rows), np.eye(2)[:1], np.zeros(2))
    assert np.isfinite(found.first).all() and np.isfinite(found.second).all() and found.shares == (0.0, 0.0)


def test_two_looks_give_one_picture() -> None:
    path = _walk(6, 40)
    forth, back = (leading(Basis(side * (path - path[0])), np.eye(6), np.eye(6)[1]) for side in (1, -1))
    for one, other in ((forth.first, back.first), (forth.second, back.second)):
        np.testing.assert_allclose(one, other, atol=1e-5)  # the sign of a direction is chosen by its numbers


@pytest.mark.parametrize(("values", "ends"), [([0.0, 4.0], (-1.0, 5.0)), ([3.0], (0.0, 6.0)), ([0.0], (-1e-3, 1e-3))])
def test_an_axis_shows_every_value_and_is_never_of_width_0(values: list[float], ends: tuple[float, float]) -> None:
    assert reach(np.array(values)) == pytest.approx(ends)


def test_a_bowl_has_no_hill_and_a_wave_has_its_height() -> None:
    at = np.linspace(-1, 0, 50)
    assert hill(at**2) == 0.0, "a quadratic bowl on the way to its lowest point"
    assert hill(np.sin(np.linspace(0, 2.5 * np.pi, 2001))) == pytest.approx(2.0, abs=1e-5)
    assert hill(np.array([2.0, np.inf, np.nan, 1.0])) == 0.0
    assert np.isnan(hill(np.array([np.nan])))
