"""A surface: the loss at a point is the trainer's own, its gradient agrees with finite differences."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic.experiment.surface import Surface, still
from photic.layers import BatchNorm, Dense, Dropout, Embedding, Flatten, Flip, LayerNorm, ReLU, Residual, Tanh
from photic.layers.base import Context
from photic.maths.losses import MSE, CrossEntropy
from photic.model import Model
from photic.optim.landscape import ravel
from photic.train.objective import Objective
from photic.train.run import Table

RNG = np.random.default_rng(5)
X = RNG.normal(size=(70, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int32) + (X[:, 1] > 1).astype(np.int32)
WEIGHT = RNG.uniform(0.5, 2.0, 70).astype(np.float32)
TABLE = Table(X, Y, WEIGHT)
FIT, STOP = np.arange(50), np.arange(50, 70)
MODEL = Model(Dense(6), Tanh(), Dropout(0.4), Dense(3))


def _surface(model: Model, **rows: np.ndarray) -> tuple[Surface, np.ndarray]:
    params, state = model.init(jax.random.key(0), (3,))
    made = Surface.of(Objective(model, CrossEntropy()), TABLE, rows.get("fit", FIT), rows.get("stop", STOP), state)
    return made, ravel(params)


def _loss(z: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """Weighted cross-entropy by hand, in 64 bits."""
    z = np.asarray(z, np.float64)
    rows = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]
    return float((weight * rows).sum() / weight.sum())


def test_the_loss_at_a_point_is_that_of_a_forward_pass_by_hand() -> None:
    surface, vector = _surface(MODEL)
    params, _ = MODEL.init(jax.random.key(0), (3,))
    hidden = np.tanh(X @ np.asarray(params["layers"]["0"]["w"]) + np.asarray(params["layers"]["0"]["b"]))
    z = hidden @ np.asarray(params["layers"]["3"]["w"]) + np.asarray(params["layers"]["3"]["b"])
    found = surface.losses(vector, np.zeros((1, len(vector)), np.float32), np.zeros((1, 1)))
    assert found.fit[0] == pytest.approx(_loss(z[FIT], Y[FIT], WEIGHT[FIT]), rel=1e-5)
    assert found.stop[0] == pytest.approx(_loss(z[STOP], Y[STOP], WEIGHT[STOP]), rel=1e-5)


def test_points_are_combinations_of_the_basis_and_any_number_of_them_will_do() -> None:
    surface, vector = _surface(MODEL)
    basis = RNG.normal(size=(2, len(vector))).astype(np.float32)
    points = RNG.normal(size=(3, 2))  # an odd number: the devices take uneven shares
    together = surface.losses(vector, basis, points)
    for index, point in enumerate(points):
        moved = (vector + point @ basis).astype(np.float32)
        alone = surface.losses(moved, np.zeros((1, len(vector)), np.float32), np.zeros((1, 1)))
        assert together.fit[index] == pytest.approx(alone.fit[0], rel=1e-5)


def test_the_gradient_agrees_with_finite_differences() -> None:
    surface, vector = _surface(MODEL)
    (slope,) = surface.gradients(vector[None])
    step = 1e-2  # of weights near 1 in 32 bits: smaller ones drown in rounding
    picked = RNG.choice(len(vector), 8, replace=False)
    basis = np.eye(len(vector), dtype=np.float32)[picked]
    ends = surface.losses(vector, basis, np.concatenate([step * np.eye(8), -step * np.eye(8)])).fit
    np.testing.assert_allclose(slope[picked], (ends[:8] - ends[8:]) / (2 * step), rtol=0.02, atol=2e-4)


def test_statistics_are_taken_anew_from_the_fit_rows() -> None:
    model = Model(Dense(5, bias=False), BatchNorm(), ReLU(), Dense(3))
    surface, vector = _surface(model)
    params, state = model.init(jax.random.key(0), (3,))
    fresh = Context(train=True, weight=jnp.ones(50))
    even = Surface.of(
        Objective(model, CrossEntropy()), TABLE._replace(weight=np.ones(70, np.float32)), FIT, STOP, state
    )
    z, _ = model.apply(params, state, jnp.asarray(X[FIT]), fresh)
    found = even.losses(vector, np.zeros((1, len(vector)), np.float32), np.zeros((1, 1)))
    assert found.fit[0] == pytest.approx(_loss(np.asarray(z), Y[FIT], np.ones(50)), rel=1e-5)
    norm = {name: np.asarray(leaf) for name, leaf in params["layers"]["1"].items()}
    hidden = X.astype(np.float64) @ np.asarray(params["layers"]["0"]["w"])
    mean, variance = hidden[FIT].mean(axis=0), hidden[FIT].var(axis=0)
    scaled = (hidden - mean) / np.sqrt(variance + model.layers[1].epsilon)
    by_hand = np.maximum(_scaled(norm, scaled), 0) @ np.asarray(params["layers"]["3"]["w"])
    assert found.stop[0] == pytest.approx(_loss(by_hand[STOP], Y[STOP], np.ones(20)), rel=1e-4)
    assert surface.state, "batch norm keeps statistics"


def _scaled(norm: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """Fresh scales are 1 and fresh shifts are 0."""
    assert all(set(np.unique(leaf)) <= {0.0, 1.0} for leaf in norm.values())
    return x


def test_without_stop_rows_their_loss_is_no_number() -> None:
    surface, vector = _surface(MODEL, stop=np.arange(0))
    found = surface.losses(vector, np.zeros((1, len(vector)), np.float32), np.zeros((2, 1)))
    assert np.isfinite(found.fit).all() and np.isnan(found.stop).all()


def test_of_very_many_rows_a_sample_is_taken() -> None:
    many = np.zeros((5000, 3), np.float32)
    table = Table(many, np.zeros(5000, np.float32), np.ones(5000, np.float32))
    made = Surface.of(Objective(Model(Dense(1)), MSE()), table, np.arange(4000), np.arange(4000, 5000), {})
    assert len(made.fit.x) == 2048 and len(made.stop.x) == 1000


def test_nothing_random_is_left_however_deep_it_stands() -> None:
    inner = Residual((Dense(3), Dropout(0.5), BatchNorm(0.9)))
    found = still(Model(Embedding(4, 3), inner, LayerNorm(), Dense(2)))
    assert found == Model(Embedding(4, 3), Residual((Dense(3), Dropout(0), BatchNorm(0.0))), LayerNorm(), Dense(2))
    assert still(Model(Flip(), Flatten(), Dense(1))) == Model(Dropout(0), Flatten(), Dense(1))
