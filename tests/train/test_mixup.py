"""mixup: blends, partners and the loss against NumPy by hand; padding, lanes and its absence change nothing."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.layers import Dense
from photic.layers.base import Context
from photic.maths.losses import MSE, BinaryCrossEntropy, CrossEntropy
from photic.model import Model
from photic.spec import Knob
from photic.train.mixup import mixed
from photic.train.objective import Objective

N, D, C = 10, 3, 4
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, D)).astype(np.float32)
WEIGHT = np.array([1, 2, 1, 0, 1, 0.5, 1, 0, 3, 0], np.float32)
REAL = np.flatnonzero(WEIGHT)
CODES = RNG.integers(0, C, N)
MODEL = Model(Dense(C))
PARAMS, STATE = MODEL.init(jax.random.key(1), (D,))


def at(seed: int, weight=WEIGHT, **knobs) -> Context:
    return Context(True, keys.root(seed), knobs, jnp.asarray(weight))


def test_every_row_that_counts_is_blended_with_another_that_counts_and_each_is_a_partner_once():
    for seed in range(20):
        found = mixed(jnp.asarray(X), jnp.asarray(WEIGHT), None, 0.4, keys.root(seed))
        partner, share = np.asarray(found.partner), float(found.share)
        assert sorted(partner[REAL]) == REAL.tolist() and (partner[REAL] != REAL).all()
        assert (partner[WEIGHT == 0] == np.flatnonzero(WEIGHT == 0)).all() and 0 <= share <= 1
        np.testing.assert_allclose(found.x, share * X + (1 - share) * X[partner], rtol=1e-5, atol=1e-6)  # float32


def test_shares_are_drawn_from_the_beta_distribution():
    draw = jax.vmap(lambda key: mixed(jnp.ones((2, 1)), jnp.ones(2), None, 0.5, key).share)
    shares = np.asarray(draw(jax.random.split(jax.random.key(0), 4000)))
    assert shares.mean() == pytest.approx(0.5, abs=0.02)  # four standard errors of 0.354 / 63
    assert shares.var() == pytest.approx(1 / (4 * (2 * 0.5 + 1)), abs=0.006)  # of Beta(a, a): 1 / (4 (2 a + 1))


def log_softmax(z):
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("kind", ["multiclass", "multilabel", "regression"])
def test_the_loss_is_that_of_blended_targets(kind):
    value, _ = Objective(MODEL, {"multiclass": CrossEntropy(), "multilabel": BinaryCrossEntropy(), "regression": MSE()}[
        kind], mixup=0.4)(PARAMS, STATE, jnp.asarray(X), jnp.asarray(targets(kind)), at(3))  # fmt: skip
    found = mixed(jnp.asarray(X), jnp.asarray(WEIGHT), None, 0.4, keys.fold(keys.root(3), "mixup"))
    j, s = np.asarray(found.partner), float(found.share)
    z = (s * X + (1 - s) * X[j]) @ np.asarray(PARAMS["layers"]["0"]["w"]) + np.asarray(PARAMS["layers"]["0"]["b"])
    y = np.eye(C)[CODES] if kind == "multiclass" else targets(kind).astype(float)
    here = np.stack([WEIGHT * s, np.where(WEIGHT > 0, WEIGHT[j], 0) * (1 - s)], axis=1)
    blended = (here[:, :1] * y + here[:, 1:] * y[j]) / np.maximum(here.sum(1), 1e-9)[:, None]
    if kind == "multiclass":
        rows = -(blended * log_softmax(z)).sum(axis=1)
    elif kind == "multilabel":
        p = 1 / (1 + np.exp(-z))
        rows = -(blended * np.log(p) + (1 - blended) * np.log(1 - p)).mean(axis=1)
    else:  # the squared error of a blended target, and how far the two targets lie apart
        both = here[:, :1] * (y - blended) ** 2 + here[:, 1:] * (y[j] - blended) ** 2
        rows = ((z - blended) ** 2 + both / np.maximum(here.sum(1), 1e-9)[:, None]).mean(axis=1)
    assert float(value) == pytest.approx(np.average(rows, weights=here.sum(axis=1)), rel=1e-5)  # float32


def targets(kind):
    if kind == "multiclass":
        return CODES
    draw = np.random.default_rng(4)
    return (draw.integers(0, 2, (N, C)) if kind == "multilabel" else draw.normal(size=(N, C))).astype(np.float32)


def test_what_rows_of_weight_zero_hold_changes_nothing():
    objective = Objective(MODEL, CrossEntropy(), mixup=0.4)
    slope = jax.grad(lambda params, x: objective(params, STATE, x, jnp.asarray(CODES), at(5))[0])
    spoiled = np.where(WEIGHT[:, None] > 0, X, 1e6).astype(np.float32)
    for one, other in zip(*(jax.tree.leaves(slope(PARAMS, jnp.asarray(x))) for x in (X, spoiled)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_padding_at_the_end_of_a_batch_changes_nothing():
    objective, short = Objective(MODEL, CrossEntropy(), mixup=0.4), 6
    full = np.where(np.arange(N) < short, 1, 0).astype(np.float32)
    padded, _ = objective(PARAMS, STATE, jnp.asarray(X), jnp.asarray(CODES), at(2, full))
    bare, _ = objective(PARAMS, STATE, jnp.asarray(X[:short]), jnp.asarray(CODES[:short]), at(2, full[:short]))
    assert float(padded) == pytest.approx(float(bare), rel=1e-6)


def test_a_lane_of_strength_zero_is_a_plain_one_beside_a_blended_one():
    objective = Objective(MODEL, CrossEntropy(), mixup=Knob("mixup", 0.2))
    value = lambda strength: objective(PARAMS, STATE, jnp.asarray(X), jnp.asarray(CODES), at(7, mixup=strength))[0]
    lanes = jax.jit(jax.vmap(value))(jnp.array([0.0, 0.4]))
    plain, _ = Objective(MODEL, CrossEntropy())(PARAMS, STATE, jnp.asarray(X), jnp.asarray(CODES), at(7))
    solo, _ = Objective(MODEL, CrossEntropy(), mixup=0.4)(PARAMS, STATE, jnp.asarray(X), jnp.asarray(CODES), at(7))
    np.testing.assert_allclose(lanes, [plain, solo], rtol=1e-6)  # vmap may sum in another order


def test_bytes_are_blended_as_numbers_and_series_last_as_long_as_the_longer():
    pictures = np.array([[[0]], [[255]]], np.uint8)
    found = mixed(jnp.asarray(pictures), jnp.ones(2), jnp.array([1, 5]), 0.5, keys.root(0))
    assert float(found.x.sum()) == pytest.approx(255, rel=1e-6) and found.lengths.tolist() == [5, 5]


def test_one_row_alone_stays_itself():
    found = mixed(jnp.asarray(X), jnp.asarray(np.eye(N, dtype=np.float32)[0]), None, 0.4, keys.root(0))
    np.testing.assert_array_equal(found.x, X)
