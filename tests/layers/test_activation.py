from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest

from photic.errors import ShapeError, SpecError
from photic.layers import ELU, TYPES, Context, LeakyReLU, Softmax
from photic.layers.activation import ActivationLayer
from photic.maths import activations
from photic.maths.activations import ACTIVATIONS
from photic.spec import Knob


def test_every_activation_of_maths_is_a_layer_and_no_other():
    assert {name for name, kind in TYPES.items() if issubclass(kind, ActivationLayer)} == set(ACTIVATIONS)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_a_layer_is_the_function_of_its_name(name):
    x = jnp.array([[-1e4, -2.0, 0.0], [0.5, 3.0, 1e4]])
    y, _ = TYPES[name]().apply({}, {}, x, Context())
    assert np.array_equal(y, ACTIVATIONS[name].function(x))


def test_the_numbers_reach_the_function():
    x = jnp.array([[-3.0, -1.0, 2.0]])
    assert LeakyReLU(0.25).apply({}, {}, x, Context())[0].tolist() == [[-0.75, -0.25, 2.0]]
    assert np.array_equal(ELU(2.0).apply({}, {}, x, Context())[0], activations.elu(x, 2.0))
    at = Context(knobs={"slope": 0.5})
    assert LeakyReLU(Knob("slope", 0.25)).apply({}, {}, x, at)[0].tolist() == [[-1.5, -0.5, 2.0]]


def test_softmax_votes_along_the_last_axis():
    y, _ = Softmax().apply({}, {}, jnp.arange(12.0).reshape(2, 2, 3), Context())
    np.testing.assert_allclose(y.sum(-1), np.ones((2, 2)), rtol=1e-6)  # float32 sums of three
    np.testing.assert_allclose(y[1, 1], np.exp([0, 1, 2]) / np.exp([0, 1, 2]).sum(), rtol=1e-6)


def test_softmax_needs_an_axis():
    with pytest.raises(ShapeError) as caught:
        Softmax().shape(())
    assert str(caught.value) == "Softmax(): input needs an axis to vote over, got [n]\nfrom the input; leave it out."


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: LeakyReLU(-0.1), "LeakyReLU: slope must be a number at least 0 and below 1, got -0.1"),
        (lambda: LeakyReLU(1.0), "LeakyReLU: slope must be a number at least 0 and below 1, got 1.0"),
        (lambda: LeakyReLU(Knob("s", 2.0)), "LeakyReLU: slope must be a number at least 0 and below 1, got 2.0"),
        (lambda: ELU(0.0), "ELU: alpha must be a number above 0, got 0.0"),
        (lambda: ELU(math.nan), "ELU: alpha must be a number above 0, got nan"),
        (lambda: ELU(math.inf), "ELU: alpha must be a number above 0, got inf"),
    ],
)
def test_numbers_that_cannot_be_are_refused_in_words(build, message):
    with pytest.raises(SpecError) as caught:
        build()
    assert str(caught.value).startswith(message)
