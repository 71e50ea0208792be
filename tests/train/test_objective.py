"""Penalties, and the network a lane ends with, against NumPy."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.layers import Dense, ReLU
from photic.layers.base import Context
from photic.maths.losses import MSE
from photic.model import Model
from photic.spec import Knob
from photic.train.objective import Objective, Penalty

MODEL = Model(Dense(3), ReLU(), Dense(1))
X, Y = jnp.ones((4, 2)), jnp.zeros((4, 1))


@pytest.mark.parametrize(("l1", "l2"), [(0.5, 0.0), (0.0, 0.25), (0.5, 0.25)])
def test_a_penalty_counts_the_weights_of_its_layer_and_not_the_biases(l1: float, l2: float) -> None:
    params, state = MODEL.init(keys.root(0), (2,))
    params["layers"]["0"]["b"] = jnp.full(3, 100.0)
    plain, _ = Objective(MODEL, MSE())(params, state, X, Y, Context(True))
    held, _ = Objective(MODEL, MSE(), (Penalty("layers.0", l1, l2),))(params, state, X, Y, Context(True))
    w = np.asarray(params["layers"]["0"]["w"], np.float64)
    # the loss is some 10,000, of which float32 keeps seven digits
    assert float(held - plain) == pytest.approx(l1 * np.abs(w).sum() + l2 * (w**2).sum(), abs=4e-3)


def test_the_numbers_of_a_penalty_may_be_knobs() -> None:
    params = {"layers": {"0": {"w": jnp.array([[3.0, -1.0]])}}}
    penalty = Penalty("layers.0", l1=Knob("a", 0.0), l2=Knob("b", 1.0))
    assert float(penalty.cost(params, {"a": jnp.float32(2.0)})) == pytest.approx(2 * 4 + 10)
    assert float(Penalty("layers.1", l2=1.0).cost(params, {})) == 0.0
