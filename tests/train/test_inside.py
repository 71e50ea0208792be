"""A narrower network inside a wider one: exactly the narrow one, and its missing neurons stay where they are."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.experiment.assignment import Assignment
from photic.experiment.group import Group
from photic.layers import BatchNorm, Conv, Dense, Dropout, Flatten, LayerNorm, ReLU, Sigmoid, SiLU, Tanh
from photic.maths.losses import MSE
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import SGD, AdamW, RMSProp
from photic.train import run
from photic.train.inside import inside, widened
from photic.train.objective import Objective
from photic.train.run import NARROWER, Table, Training

NONE = np.zeros(0, int)


def network(first, second, *between):
    return Model(Dense(first), *between, Dense(second), *between, Dense(1))


@pytest.mark.parametrize(
    ("narrow", "wide", "fits"),
    [
        (network(3, 2, ReLU()), network(8, 8, ReLU()), True),
        (network(3, 8, ReLU(), Dropout(0.2)), network(8, 8, ReLU(), Dropout(0.2)), True),
        (network(8, 8, ReLU()), network(8, 8, ReLU()), True),
        (network(9, 2, ReLU()), network(8, 8, ReLU()), False),  # wider in one place
        (network(3, 2, Sigmoid()), network(8, 8, Sigmoid()), False),  # a sigmoid of zero is one half
        (network(3, 2, LayerNorm()), network(8, 8, LayerNorm()), False),  # zeros change the mean of the others
        (network(3, 2, ReLU()), network(8, 8, Tanh()), False),
        (network(3, 2, ReLU()), network(8, 8), False),
        (Model(Dense(2)), Model(Dense(3)), False),  # another number of answers
        (Model(Conv(2, 3), Flatten(), Dense(1)), Model(Conv(4, 3), Flatten(), Dense(1)), False),
        (Model(Conv(2, 3), Flatten(), Dense(4), Dense(1)), Model(Conv(2, 3), Flatten(), Dense(9), Dense(1)), True),
    ],
)
def test_what_fits_inside(narrow, wide, fits):
    assert inside(narrow, wide) == fits


@pytest.mark.parametrize("rule", [SGD(0.05, momentum=0.9), RMSProp(0.01), AdamW(0.02, weight_decay=0.3)])
@pytest.mark.parametrize("between", [(SiLU(),), (Tanh(),), (BatchNorm(), ReLU())])
def test_a_narrow_lane_of_a_wide_program_is_the_narrow_network(between, rule):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(60, 4)).astype(np.float32)
    table = Table(x, (x[:, :1] * x[:, 1:2]).astype(np.float32), np.ones(60, np.float32))
    narrow, wide = network(3, 5, *between), network(8, 6, *between)
    training = Training(Objective(wide, MSE()), Descent(rule), 10, 6, 6, "rmse", narrower=(narrow,))
    alone = Training(Objective(narrow, MSE()), Descent(rule), 10, 6, 6, "rmse")
    lane = lambda place: Assignment("lane", 0, np.arange(40), np.arange(40, 60), NONE, {NARROWER: place})
    curves = {}
    for name, given, place in (("inside", training, 1.0), ("alone", alone, 0.0), ("wide", training, 0.0)):
        group = Group(given, table, [lane(place)], (40, 20), roomy=False)
        group.compile()
        group.advance(6)
        curves[name] = [point.loss for point in group.curves["lane"]]
        if name == "inside":
            weights = jax.tree.map(lambda leaf: np.asarray(leaf[0]), group._lane.walk.params)["layers"]
    np.testing.assert_allclose(curves["inside"], curves["alone"], rtol=2e-4)
    assert not np.allclose(curves["inside"], curves["wide"], rtol=1e-2)
    first = weights["0"]["w"]
    assert np.abs(first[:, :3]).min() > 0
    np.testing.assert_array_equal(first[:, 3:], 0.0)


def test_what_a_lane_begins_with():
    narrow, wide = network(3, 5, ReLU()), network(8, 6, ReLU())
    training = Training(Objective(wide, MSE()), Descent(SGD()), 10, 6, 6, "rmse", narrower=(narrow,))
    begun = lambda place: run.begin(training, (4,), keys.root(1), {NARROWER: jnp.float32(place)}).walk.params
    own = narrow.init(keys.fold(keys.root(1), "init"), (4,))[0]
    filled = widened(own, begun(0))
    assert jax.tree.all(jax.tree.map(lambda a, b: bool((a == b).all()), begun(1), filled))
    assert jax.tree.all(jax.tree.map(lambda a, b: a.shape == b.shape, begun(0), begun(1)))
