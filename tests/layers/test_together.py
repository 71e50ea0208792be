"""What is computed as one is what its layers give one by one: values, state, and every gradient."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.layers import BatchNorm, Context, Conv, MaxPool, ReLU, Tanh, together
from photic.model import Model

NORMAL = (BatchNorm(), ReLU(), MaxPool(2))


@pytest.mark.parametrize("shape", [(4, 6, 3), (5, 7, 2), (9, 3), (2, 4, 4, 2)], ids=str)
def test_values_state_and_gradients_are_those_of_the_layers(shape):
    model = Model(*NORMAL)
    with jax.enable_x64(True):
        rng = np.random.default_rng(0)
        # whole numbers, so that many windows hold ties and numbers that are exactly the mean
        x = jnp.asarray(rng.integers(-2, 3, (4, *shape)), jnp.float64)
        params, state = jax.tree.map(
            lambda leaf: jnp.asarray(rng.normal(0.5, 1, leaf.shape)), model.init(keys.root(0), shape)
        )
        g, weight = jnp.asarray(rng.normal(size=(4, *model.shape(shape)))), jnp.array([1.0, 0.0, 2.0, 0.5])

        def both(tap):
            at = Context(train=True, weight=weight, tap=tap)
            y, pull, after = jax.vjp(lambda p, x: model.apply(p, state, x, at), params, x, has_aux=True)
            return y, after, pull(g)

        one, three = jax.jit(lambda: both(None))(), jax.jit(lambda: both(lambda _, y: y))()
        # 1e-10 in float64: sums of some hundreds of numbers in another order
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10), one, three)


@pytest.mark.parametrize(
    ("layers", "at"),
    [
        (NORMAL, Context(train=False)),
        (NORMAL, Context(train=True, tap=lambda _, y: y)),
        (NORMAL, Context(train=True, lengths=jnp.array([1]))),
        ((BatchNorm(frozen=True), *NORMAL[1:]), Context(train=True)),
        ((BatchNorm(), Tanh(), MaxPool(2)), Context(train=True)),
        ((BatchNorm(), ReLU(), MaxPool(3, stride=2)), Context(train=True)),
        ((BatchNorm(), ReLU(), MaxPool(9)), Context(train=True)),
        (NORMAL[:2], Context(train=True)),
        ((Conv(2, 3), *NORMAL), Context(train=True)),
    ],
)
def test_everything_else_goes_one_by_one(layers, at):
    assert together.found(layers, (20, 20, 3), at) == (layers[0].apply, 1)


def test_layers_after_it_are_not_left_out():
    model = Model(*NORMAL, *NORMAL, Conv(2, 1))
    params, state = model.init(keys.root(0), (8, 8, 3))
    x = jnp.asarray(np.random.default_rng(0).normal(size=(4, 8, 8, 3)), jnp.float32)
    y, after = jax.jit(lambda x: model.apply(params, state, x, Context(train=True)))(x)
    assert y.shape == (4, 2, 2, 2)
    assert set(after["layers"]) == {"0", "3"}
