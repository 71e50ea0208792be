"""A series through a network: the states a layer gives, the slope of finite differences, and what cannot be walked."""

import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.backprop.saliency import saliency
from photic.backprop.walk import walk
from photic.errors import RequestError
from photic.layers import LSTM, Conv, Dense, GlobalAveragePool, ReLU
from photic.model import Model

X = np.random.default_rng(0).normal(size=(7, 2)).astype(np.float32)


def test_the_states_are_those_of_the_layer():
    model = Model(LSTM(3, returns="all"), LSTM(4), Dense(2))
    params, state = model.init(keys.root(0), (7, 2))
    seen = walk(model, params, state, X, 1)
    steps = model.steps(params, state, jnp.asarray(X[None]))
    by_name = {(course.path, course.name): course.values for course in seen.courses}
    np.testing.assert_allclose(by_name["layers.0", "state"], steps["layers.0"][0], atol=1e-6)
    np.testing.assert_allclose(by_name["layers.1", "state"][-1], steps["layers.1"][0], atol=1e-6)
    assert {name for path, name in by_name if path == "layers.0"} == {
        "input gate", "forget gate", "candidate", "output gate", "cell", "state",
    }  # fmt: skip
    np.testing.assert_allclose(seen.slope, saliency(model, params, state, X[None], 1)[0])


def test_of_a_convolution_the_activations_are_shown():
    model = Model(Conv(5, 3), ReLU(), GlobalAveragePool(), Dense(2))
    seen = walk(model, *model.init(keys.root(0), (7, 2)), X, 0)
    assert [(course.path, course.values.shape) for course in seen.courses] == [("layers.1", (7, 5))]
    assert seen.falls.shape == (13 // 2 + 1,)  # an eighth of seven steps is one


@pytest.mark.parametrize(
    ("x", "output", "words"),
    [(X[0], 0, r"walk: needs a series \[t, d\], got \[2\]"), (X, 2, "needs an output from 0 to 1, got 2")],
)
def test_what_cannot_be_walked_is_said(x, output, words):
    model = Model(LSTM(3), Dense(2))
    with pytest.raises(RequestError, match=words):
        walk(model, *model.init(keys.root(0), (7, 2)), x, output)
