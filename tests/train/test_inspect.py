"""Inspection measures what is there: each measure against NumPy or a network made to show it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.layers import BatchNorm, Dense, Dropout, Parallel, ReLU, Residual, Tanh
from photic.maths.losses import MSE
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import SGD
from photic.train import inspect, run
from photic.train.objective import Objective
from photic.train.run import Rows, Table, Training

RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 3)).astype(np.float32)
Y = X[:, :1] - X[:, 1:2]
ROWS = Rows(jnp.arange(32, dtype=jnp.int32), jnp.int32(32), jnp.zeros(1, jnp.int32), jnp.int32(0))


def _inspect(
    model: Model, rate: float = 0.1, rows: Rows = ROWS, batch: int = 32, x: np.ndarray = X
) -> dict[str, dict[str, float]]:
    training = Training(Objective(model, MSE()), Descent(SGD(rate)), batch, 5, 5, "rmse")
    table = Table(jnp.asarray(x), jnp.asarray(Y), jnp.ones(32))
    walk = run.begin(training, (3,), keys.root(0), {}).walk
    measured = jax.jit(lambda: inspect.inspect(training, walk, table, rows, keys.root(1), {}, jnp.float32(0)))()
    line = inspect.lines(model, ["final"], 3, {name: np.asarray(array)[None] for name, array in measured.items()})[0]
    assert (line["lane"], line["epoch"]) == ("final", 3)
    return line["layers"]


@pytest.fixture(scope="module")
def plain() -> tuple[dict[str, dict[str, float]], dict]:
    model = Model(Dense(5), Tanh(), Dense(1))
    return _inspect(model), model.init(keys.fold(keys.root(0), "init"), (3,))[0]["layers"]


def test_outputs_and_their_gradients_agree_with_numpy(plain: tuple) -> None:
    found, params = plain
    w, b, v = (np.asarray(a, float) for a in (params["0"]["w"], params["0"]["b"], params["2"]["w"]))
    z = X @ w + b
    h = np.tanh(z)
    out = h @ v + np.asarray(params["2"]["b"], float)
    push = 2 * (out - Y)  # each half is its own mean of 16 rows, times 16
    assert found["layers.0"]["mean"] == pytest.approx(z.mean(), abs=1e-6)
    assert found["layers.1"]["spread"] == pytest.approx(h.std(), rel=1e-5)
    assert found["layers.1"]["saturated"] == pytest.approx(np.mean(np.abs(z) > 3.0), abs=1e-6)
    assert found["layers.2"]["gradient"] == pytest.approx(np.sqrt(np.mean(push**2)), rel=1e-5)
    assert found["layers.1"]["gradient"] == pytest.approx(np.sqrt(np.mean((push @ v.T) ** 2)), rel=1e-5)


def test_weights_updates_and_noise_agree_with_numpy(plain: tuple) -> None:
    found, params = plain
    w, b, v, c = (np.asarray(params[i][n], float) for i, n in (("0", "w"), ("0", "b"), ("2", "w"), ("2", "b")))

    def slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        h = np.tanh(x @ w + b)
        push = 2 * (h @ v + c - y) / len(x)
        return np.concatenate([(h.T @ push).ravel(), push.sum(axis=0)])

    first, second = slopes(X[:16], Y[:16]), slopes(X[16:], Y[16:])
    size = np.sqrt(np.mean(np.concatenate([v.ravel(), c]) ** 2))
    slope = np.sqrt(np.mean(((first + second) / 2) ** 2))
    assert found["layers.2"]["weights"] == pytest.approx(size, rel=1e-5)
    assert found["layers.2"]["slope"] == pytest.approx(slope, rel=1e-4)
    assert found["layers.2"]["update"] == pytest.approx(0.1 * slope / size, rel=1e-4)
    noise = np.linalg.norm(first - second) / np.linalg.norm(first + second)
    assert found["layers.2"]["noise"] == pytest.approx(noise, rel=1e-4)
    assert "weights" not in found["layers.1"] and "saturated" not in found["layers.0"]


def test_dead_units_are_counted() -> None:
    class_ = Model(Dense(4, bias_initializer="zeros"), ReLU(), Dense(1))
    alive = _inspect(class_)
    dead = _inspect(class_, x=np.zeros_like(X))
    assert alive["layers.1"]["dead"] == 0.0
    assert dead["layers.1"]["dead"] == 1.0 and dead["layers.1"]["spread"] == 0.0


def test_padded_rows_are_not_looked_at() -> None:
    model = Model(Dense(4), Tanh(), Dense(1))
    few = ROWS._replace(fit=jnp.int32(20))
    spoiled = X.copy()
    spoiled[20:] = 1e3
    assert _inspect(model, rows=few) == _inspect(model, rows=few, x=spoiled)


def test_every_layer_is_seen_inside_wiring_too() -> None:
    model = Model(
        Dense(6, bias=False), BatchNorm(), ReLU(), Dropout(0.3), Residual((Dense(6), Tanh())),
        Parallel(((Dense(2),), (Dense(3), ReLU()))), Dense(1),
    )  # fmt: skip
    found = _inspect(model)
    assert list(found) == list(model.walk())
    assert {"spread", "dead", "gradient"} <= set.intersection(*(set(measures) for measures in found.values()))
    assert "weights" in found["layers.5.branches.1.0"] and "saturated" in found["layers.4.layers.1"]
