"""A narrower network inside a wider one: exactly the narrow one, and its missing neurons stay where they are."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.layers import BatchNorm, Conv, Dense, Dropout, Flatten, LayerNorm, ReLU, Sigmoid, SiLU, Tanh
from photic.maths.losses import MSE
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import SGD, AdamW, RMSProp
from photic.train import run
from photic.train.inside import inside
from photic.train.objective import Objective
from photic.train.run import NARROWER, Rows, Table, Training


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


def shapes(model):
    return jax.eval_shape(lambda: model.init(keys.root(0), (4,)))


def corner(tree, like):
    return jax.tree.map(lambda leaf, own: leaf[tuple(slice(size) for size in own.shape)], tree, like)


@pytest.mark.parametrize("rule", [SGD(0.05, momentum=0.9), RMSProp(0.01), AdamW(0.02, weight_decay=0.3)])
@pytest.mark.parametrize("between", [(SiLU(),), (Tanh(),), (BatchNorm(), ReLU())])
def test_a_narrow_lane_of_a_wide_program_is_the_narrow_network(between, rule):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(60, 4)).astype(np.float32)
    table = jax.tree.map(jnp.asarray, Table(x, x[:, :1] * x[:, 1:2], np.ones(60, np.float32)))
    rows = Rows(jnp.arange(40), jnp.int32(40), jnp.arange(40, 60), jnp.int32(20))
    narrow, wide = network(3, 5, *between), network(8, 6, *between)
    made = Training(Objective(wide, MSE()), Descent(rule), 10, 6, 6, "rmse", narrower=(narrow,))
    alone = dataclasses.replace(made, objective=Objective(narrow, MSE()), narrower=())
    key, knobs = keys.root(3), {NARROWER: jnp.float32(1)}
    inner, own = run.begin(made, (4,), key, knobs), run.begin(alone, (4,), key, {})
    params, state = corner(inner.walk.params, shapes(narrow)[0]), corner(inner.walk.state, shapes(narrow)[1])
    own = own._replace(walk=own.walk._replace(params=params, state=state))
    step = jax.jit(run.epoch, static_argnums=0)
    for number in range(1, 7):
        inner, told = step(made, inner, table, rows, key, knobs, jnp.int32(number))
        own, expected = step(alone, own, table, rows, key, {}, jnp.int32(number))
        np.testing.assert_allclose(told["stop_loss"], expected["stop_loss"], rtol=2e-4)
    np.testing.assert_array_equal(inner.walk.params["layers"]["0"]["w"][:, 3:], 0.0)
    same = lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-5)
    jax.tree.map(same, corner(inner.walk.params, shapes(narrow)[0]), own.walk.params)


@pytest.mark.parametrize("law", ["he_uniform", "glorot_normal", "uniform"])
def test_a_lane_begins_by_the_law_of_its_own_network(law):
    def sized(first, second):
        return Model(Dense(first, initializer=law, bias_initializer="uniform"), ReLU(),
                     Dense(second, initializer=law), Dense(1))  # fmt: skip

    wide, narrow, least = sized(300, 200), sized(120, 160), sized(7, 200)
    training = Training(Objective(wide, MSE()), Descent(SGD()), 10, 6, 6, "rmse", narrower=(narrow, least))
    begun = lambda which: run.begin(training, (4,), keys.root(1), {NARROWER: jnp.float32(which)}).walk.params
    fresh = wide.init(keys.fold(keys.root(1), "init"), (4,))[0]
    jax.tree.map(np.testing.assert_array_equal, begun(0), fresh)
    for which, own in ((1, narrow), (2, least)):
        expected = own.init(keys.root(5), (4,))[0]
        found = corner(begun(which), expected)
        assert sum(int((leaf != 0).sum()) for leaf in jax.tree.leaves(begun(which))) == sum(
            int((leaf != 0).sum()) for leaf in jax.tree.leaves(found)
        )
        for at in ("0", "2"):  # large enough for a spread to be measured
            ours, theirs = (np.asarray(tree["layers"][at]["w"]) for tree in (found, expected))
            assert ours.std() == pytest.approx(theirs.std(), rel=0.25 if min(ours.shape) < 10 else 0.08)
            assert np.abs(ours).min() > 0


def test_a_rotation_is_not_cut():
    turned = lambda first, second: Model(Dense(first), Dense(second, initializer="orthogonal"), Dense(1))
    assert inside(turned(8, 8), turned(8, 8))
    assert not inside(turned(4, 8), turned(8, 8))
    assert not inside(turned(8, 4), turned(8, 8))
