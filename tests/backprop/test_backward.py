"""The law of this room: what the formulas worked out by hand say is what automatic differentiation says."""

from __future__ import annotations

import dataclasses
import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.backprop.backward import BACKWARD
from photic.backprop.trace import trace
from photic.layers import (
    ELU,
    GELU,
    TYPES,
    BatchNorm,
    Context,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Identity,
    Layer,
    LayerNorm,
    LeakyReLU,
    Parallel,
    ReLU,
    Reshape,
    Residual,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    chain,
)
from photic.maths import losses
from photic.maths.losses import MSE
from photic.model import Model
from photic.spec import Knob

ROWS = 5
WEIGHT = np.array([1.0, 2.0, 0.0, 1.5, 0.7])  # one row is padding

# The layer, what goes into it, and whether that is codes.
CASES = [
    ((Dense(2),), (3,), False),
    ((Dense(2, bias=False),), (3,), False),
    ((ReLU(), LeakyReLU(0.3), ELU(0.3), Dense(3)), (3,), False),
    ((LeakyReLU(Knob("slope", 0.2)), Dense(2), ELU()), (3,), False),
    ((GELU(), SiLU(), Softplus(), Dense(3)), (3,), False),
    ((Sigmoid(), Tanh(), Identity(), Dense(3)), (3,), False),
    ((Softmax(), Flatten(), Dense(2)), (2, 3), False),
    ((Dropout(0.3), Flatten()), (2, 3), False),
    ((Dense(4), BatchNorm(0.3), Tanh()), (3,), False),
    ((BatchNorm(), Tanh(), Reshape((-1,))), (2, 2, 3), False),
    ((LayerNorm(), Tanh()), (4,), False),
    ((LayerNorm(epsilon=0.1), Flatten()), (2, 3), False),
    ((Embedding(3, 2), Dense(2)), (), True),
    ((Embedding(3, 2), Tanh()), (2,), True),
    ((Reshape((3, -1)), LayerNorm(), Flatten(), Dense(2)), (2, 6), False),
    ((Residual((Dense(3), BatchNorm(), Tanh(), Dropout(0.3))), Dense(2)), (3,), False),
    ((Parallel(((Dense(2), Tanh()), (BatchNorm(),), ())), Dense(1)), (3,), False),
    (
        (
            Parallel(((Embedding(3, 2),), (Residual((Dense(2), Dropout(0.5))),), ()), columns=((0, 1), (1, 3), (0, 2))),
            Residual((Parallel(((Dense(2), ReLU()), (Dense(4),))),)),
        ),
        (3,),
        True,
    ),
]
MODES = [(layers, shape, codes, train) for layers, shape, codes in CASES for train in (False, True)]


def named(value):
    return " ".join(map(str, value)) if isinstance(value, tuple) and value and isinstance(value[0], Layer) else None


def arrays(layers, shape, codes, dtype, seed=0):
    """A model with params and state away from their special starting values, and a batch; codes also out of range."""
    model, rng = Model(*layers), np.random.default_rng(seed)
    shapes = jax.eval_shape(lambda: model.init(keys.root(seed), shape))
    params, state = jax.tree.map(lambda leaf: jnp.asarray(rng.uniform(0.2, 1.0, leaf.shape), dtype), shapes)
    x = rng.integers(-1, 5, (ROWS, *shape)) if codes else rng.normal(size=(ROWS, *shape))
    y = rng.normal(size=(ROWS, *model.shape(shape)))
    return model, params, state, x.astype(dtype), y.astype(dtype)


def automatic(model, params, state, x, y, loss, weight, train):
    """The loss and its gradients for params and x, as training takes them."""
    at = Context(train=train, key=keys.root(1), weight=jnp.asarray(weight, x.dtype))

    @jax.jit
    def measure(params, x):
        z, _ = model.apply(params, state, x, at)
        return losses.reduce(loss, loss.rows(z, jnp.asarray(y), {}), at.weight)

    return jax.value_and_grad(measure, argnums=(0, 1))(params, jnp.asarray(x))


def compare(model, params, state, x, y, loss, weight, train, tolerance):
    seen = trace(model, params, state, x, y, loss, weight=weight, train=train, key=keys.root(1))
    value, (own, back) = automatic(model, params, state, x, y, loss, weight, train)
    np.testing.assert_allclose(seen.value, value, rtol=tolerance)
    np.testing.assert_allclose(seen.input_gradient, back, rtol=tolerance, atol=tolerance)
    expected = own if own else {}
    assert jax.tree.structure(seen.gradients) == jax.tree.structure(expected)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance), seen.gradients, expected
    )
    return seen


def test_every_layer_of_the_house_has_a_formula_and_a_case():
    found = {type(layer) for layers, *_ in CASES for _, layer in chain.walk(layers, "layers")}
    assert set(BACKWARD) == set(TYPES.values()) == found


@pytest.mark.parametrize(("layers", "shape", "codes", "train"), MODES, ids=named)
def test_every_layer_agrees_with_automatic_differentiation(layers, shape, codes, train):
    with jax.enable_x64(True):
        # 1e-10 in float64: both are exact formulas; sums of some tens of numbers in another order
        compare(*arrays(layers, shape, codes, np.float64), MSE(), WEIGHT, train, 1e-10)
