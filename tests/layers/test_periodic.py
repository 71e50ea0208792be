"""Periodic: columns as waves of themselves, against NumPy, and what it refuses."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.errors import ShapeError, SpecError
from photic.layers import Context, Periodic


def waves_of(x, frequency, phase):
    """The formula again, number by number, in NumPy."""
    n, d, k = len(x), *frequency.shape
    rows = [[np.cos(x[i, j] * frequency[j, m] + phase[j, m]) for j in range(d) for m in range(k)] for i in range(n)]
    return np.concatenate([x, np.array(rows)], axis=1)


def test_columns_come_first_then_the_waves_of_each():
    rng = np.random.default_rng(0)
    x, frequency, phase = rng.normal(size=(5, 2)), rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    params = {"frequency": jnp.asarray(frequency, jnp.float32), "phase": jnp.asarray(phase, jnp.float32)}
    y, state = Periodic(3).apply(params, {}, jnp.asarray(x, jnp.float32), Context())
    assert state == {}
    np.testing.assert_allclose(y, waves_of(x, frequency, phase), atol=1e-6)  # float32


def test_frequencies_start_as_spread_says_and_phases_all_around():
    params, _ = Periodic(500, spread=0.5).init(keys.root(0), (4,))
    turns = np.asarray(params["frequency"]) / (2 * np.pi)
    phase = np.asarray(params["phase"])
    assert turns.shape == phase.shape == (4, 500)
    assert abs(turns.mean()) < 0.05  # 2,000 draws: two standard errors are 0.022
    assert abs(turns.std() - 0.5) < 0.03
    assert phase.min() < -3.1 < 3.1 < phase.max()
    assert (np.abs(phase) <= np.pi).all()


def test_a_wave_that_a_straight_line_cannot_follow_is_found():
    x = jnp.linspace(-3, 3, 60)[:, None]
    seen, _ = Periodic(6).apply(Periodic(6).init(keys.root(1), (1,))[0], {}, x, Context())
    target = np.cos(2 * np.asarray(x[:, 0]))
    left = lambda columns: np.linalg.lstsq(np.column_stack([columns, np.ones(60)]), target)[1][0] / target.var() / 60
    assert left(np.asarray(x)) > 0.9
    assert left(np.asarray(seen)) < 0.1


def test_an_image_is_refused():
    with pytest.raises(ShapeError) as refused:
        Periodic(2).shape((4, 4, 1))
    assert "input needs rank 2 [n, d], got rank 4 [n, h=4, w=4, c=1]" in str(refused.value)
    assert "put Flatten() before it" in str(refused.value)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Periodic(0), "Periodic: waves must be a whole number of at least 1, got 0"),
        (lambda: Periodic(2, spread=0.0), "Periodic: spread must be a number above 0, got 0.0"),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(SpecError) as refused:
        make()
    assert words in str(refused.value)


def test_the_gradient_is_that_of_finite_differences():
    with jax.enable_x64(True):
        layer, step = Periodic(2), 1e-6
        x = jnp.asarray([[0.3, -1.2]], jnp.float64)
        params = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), layer.init(keys.root(0), (2,))[0])
        total = lambda frequency: layer.apply(params | {"frequency": frequency}, {}, x, Context())[0].sum()
        slope = jax.grad(total)(params["frequency"])
        for place in np.ndindex(2, 2):
            up, down = (float(total(params["frequency"].at[place].add(way * step))) for way in (1, -1))
            np.testing.assert_allclose(slope[place], (up - down) / (2 * step), rtol=1e-6)
