"""Batch normalisation by hand against automatic differentiation of its formula, gradients of gradients included."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic.kernels.norm import normalised


def plain(x, share, scale, shift, epsilon):
    rows = tuple(range(x.ndim - 1))
    mean = (share * x).sum(rows, keepdims=True)
    variance = (share * (x - mean) ** 2).sum(rows, keepdims=True)
    beside = lambda array: array.reshape(mean.shape)
    return (x - mean) / jnp.sqrt(variance + epsilon) * beside(scale) + beside(shift)


def drawn(case):
    shape, weights = case
    rng = np.random.default_rng(0)
    share = np.ones((1,) * len(shape)) if weights is None else np.asarray(weights).reshape(*np.shape(weights), 1)
    share = share.reshape(*share.shape, *[1] * (len(shape) - share.ndim))
    share = share / np.broadcast_to(share, (*shape[:-1], 1)).sum()
    return [
        jnp.asarray(a) for a in (rng.normal(1, 2, shape), share, rng.normal(size=shape[-1]), rng.normal(size=shape[-1]))
    ]


CASES = {
    "table": ((6, 3), None),
    "table, a row of padding": ((4, 3), [1.0, 0.0, 2.0, 0.5]),
    "images": ((3, 4, 5, 2), [1.0, 0.0, 3.0]),
    "sequences, steps of padding": ((3, 4, 2), [[1.0, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]]),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_are_those_of_the_formula(name):
    with jax.enable_x64(True):
        points = drawn(CASES[name])
        g = jnp.asarray(np.random.default_rng(1).normal(size=points[0].shape))

        def both(function):
            y, pull = jax.vjp(lambda *points: function(*points, 0.1), *points)
            return y, *pull(g)

        ours, theirs = jax.jit(lambda: both(lambda *a: normalised(*a)[0]))(), jax.jit(lambda: both(plain))()
        for one, other in zip(ours, theirs, strict=True):
            # 1e-10 in float64: sums of some tens of numbers in another order.
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10)


def test_gradients_of_gradients_agree():
    with jax.enable_x64(True):
        x, share, scale, shift = drawn(CASES["images"])

        def steep(function):
            def size(x, scale):
                slope = jax.grad(lambda x: jnp.sin(function(x, share, scale, shift, 0.1)).sum())(x)
                return (slope**2).sum()

            return jax.jit(jax.grad(size, argnums=(0, 1)))(x, scale)

        ours, theirs = steep(lambda *a: normalised(*a)[0]), steep(plain)
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
