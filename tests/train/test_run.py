"""One lane: an epoch against a plain loop in NumPy, and the laws of batches, padding and weights."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.layers import BatchNorm, Dense, Dropout, ReLU
from photic.maths.losses import MSE
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import SGD
from photic.optim.schedules import Cosine
from photic.train import run
from photic.train.objective import Objective
from photic.train.run import Rows, Table, Training

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3)).astype(np.float32)
Y = (X @ np.float32([[1.0], [-2.0], [0.5]]) + 0.3).astype(np.float32)
W = RNG.uniform(0.5, 2.0, size=40).astype(np.float32)
LINEAR = Training(Objective(Model(Dense(1)), MSE()), Descent(SGD(0.05), Cosine()), 8, 3, 5, "rmse")


def _table() -> Table:
    return Table(jnp.asarray(X), jnp.asarray(Y), jnp.asarray(W))


def _rows(order: np.ndarray, stop: np.ndarray, padding: int = 0) -> Rows:
    pad = lambda rows: jnp.asarray(np.pad(rows, (0, padding)), jnp.int32)
    return Rows(pad(order), jnp.int32(len(order)), pad(stop), jnp.int32(len(stop)))


def _train(training: Training, rows: Rows, epochs: int = 2, key: int = 0) -> tuple[run.Lane, list[dict]]:
    lane = jax.jit(lambda: run.begin(training, (3,), keys.root(key), {}))()
    one = jax.jit(lambda lane, number: run.epoch(training, lane, _table(), rows, keys.root(key), {}, number))
    infos = []
    for number in range(1, epochs + 1):
        lane, info = one(lane, jnp.int32(number))
        infos.append({name: np.asarray(value) for name, value in info.items()})
    return lane, infos


@pytest.mark.parametrize("rows", [30, 33, 5])
def test_two_epochs_equal_a_plain_loop(rows: int) -> None:
    order, stop = RNG.permutation(rows), np.arange(33, 40)
    lane, infos = _train(LINEAR, _rows(order, stop))
    start = run.begin(LINEAR, (3,), keys.root(0), {}).walk.params["layers"]["0"]
    w, b, losses = _plain(order, start)
    params = lane.walk.params["layers"]["0"]
    # float32 against float64 over some ten steps
    np.testing.assert_allclose(params["w"], w, rtol=2e-5)
    np.testing.assert_allclose(params["b"], b, rtol=2e-5)
    np.testing.assert_allclose(np.mean(infos[0]["loss"]), np.mean(losses[: len(losses) // 2]), rtol=2e-5)
    left = W[stop] @ (X[stop] @ w + b - Y[stop])[:, 0] ** 2 / W[stop].sum()
    np.testing.assert_allclose(infos[1]["stop_loss"], left, rtol=2e-5)
    np.testing.assert_allclose(infos[1]["stop_score"], np.sqrt(left), rtol=2e-5)


@pytest.mark.parametrize(("rows", "size"), [(65, 32), (64, 32), (1, 32), (31, 32), (1437, 32), (100, 7)])
def test_batches_are_balanced_and_cover_the_rows_once(rows: int, size: int) -> None:
    count, each = run.batches(rows, size)
    assert each <= size and count == -(-rows // size)
    assert (count - 1) * each < rows <= count * each


def test_padding_changes_nothing() -> None:
    model = Model(Dense(4), BatchNorm(), ReLU(), Dropout(0.5), Dense(1))
    training = dataclasses.replace(LINEAR, objective=Objective(model, MSE()))
    order, stop = np.arange(21), np.arange(30, 40)
    plain, _ = _train(training, _rows(order, stop))
    padded, _ = _train(training, _rows(order, stop, padding=50))
    wider, _ = _train(dataclasses.replace(training, batch_size=7), _rows(order, stop))  # 21 rows: 3 x 7 either way
    for other in (padded, wider):
        for ours, theirs in zip(jax.tree.leaves(plain.walk), jax.tree.leaves(other.walk), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-6)  # another program rounds in another order


def test_a_sleeping_lane_stays_as_it_is() -> None:
    rows = _rows(np.arange(30), np.arange(30, 40))
    impatient = dataclasses.replace(LINEAR, patience=1, descent=Descent(SGD(0.0)))
    lane, infos = _train(impatient, rows, epochs=4)
    assert [bool(info["active"]) for info in infos] == [True, True, False, False]
    assert int(lane.best.epoch) == 1 and not lane.best.active


def test_a_diverging_lane_ends_as_a_result_with_its_best_weights() -> None:
    wild = dataclasses.replace(LINEAR, descent=Descent(SGD(1e6)), epochs=30, patience=30)
    lane, infos = _train(wild, _rows(np.arange(30), np.arange(30, 40)), epochs=12)
    assert not lane.best.active
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(lane.best.params))
    assert not np.isfinite(infos[-1]["stop_loss"]) or not infos[-1]["active"]


def test_outputs_in_pieces_equal_outputs_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    objective = LINEAR.objective
    params, state = objective.model.init(keys.root(1), (3,))
    rows = jnp.arange(40, dtype=jnp.int32)
    at_once = run.outputs(objective, params, state, _table(), rows, jnp.int32(40), {})
    monkeypatch.setattr(run, "_LOOK_ROWS", 7)
    in_pieces = run.outputs(objective, params, state, _table(), rows, jnp.int32(40), {})
    np.testing.assert_allclose(in_pieces, at_once, rtol=1e-6)
    witness = X @ np.asarray(params["layers"]["0"]["w"]) + np.asarray(params["layers"]["0"]["b"])
    np.testing.assert_allclose(at_once, witness, rtol=1e-5, atol=1e-6)


def _plain(order: np.ndarray, start: dict) -> tuple[np.ndarray, np.ndarray, list[float]]:
    w, b = np.array(start["w"], float), np.array(start["b"], float)
    steps, each = run.batches(len(order), 8)
    losses: list[float] = []
    for epoch in range(2):
        for step in range(steps):
            batch = order[step * each : (step + 1) * each]
            x, y, weight = X[batch], Y[batch], W[batch] / W[batch].sum()
            error = x @ w + b - y
            losses.append(float(weight @ error[:, 0] ** 2))
            rate = 0.05 * (1 + np.cos(np.pi * (epoch + step / steps) / 3)) / 2
            w, b = w - rate * 2 * x.T @ (weight[:, None] * error), b - rate * 2 * weight @ error
    return w, b, losses
