"""Both forms of a pool have the same values and gradients, ties, padding and NaN included."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic.kernels import pool
from photic.kernels.window import Axis, Window

TWO, THREE = Axis(2, stride=2), Axis(3, stride=2, before=1, after=1)
WINDOWS = {
    "side by side": ((3, 6, 8), Window((TWO, TWO))),
    "side by side, a rest left out": ((3, 7, 9), Window((TWO, Axis(4, stride=4)))),
    "overlapping": ((2, 7, 7), Window((THREE, THREE))),
    "at every place": ((2, 5, 6), Window((Axis(2), Axis(3, before=1, after=1)))),
    "gaps between windows": ((2, 9), Window((Axis(2, stride=3),))),
    "sequence": ((3, 10), Window((Axis(5, stride=5),))),
    "volume": ((2, 4, 4, 6), Window((TWO, TWO, Axis(3, stride=3)))),
    "large": ((2, 20, 20), Window((Axis(9, stride=9), Axis(9, stride=9)))),
}


def numbers(space, c=3):
    """Whole numbers from a small range, so that many windows hold ties."""
    return jnp.asarray(np.random.default_rng(0).integers(-2, 3, (*space, c)), jnp.float32)


def pulled(function, x):
    def both(x, g):
        y, pull = jax.vjp(function, x)
        return y, *pull(g)

    size = jax.eval_shape(function, x).shape
    return jax.jit(both)(x, jnp.asarray(np.random.default_rng(1).integers(1, 9, size), jnp.float32))


@pytest.mark.parametrize("kernel", [pool.largest, pool.total])
@pytest.mark.parametrize("name", WINDOWS)
def test_both_forms_agree(name, kernel, monkeypatch):
    space, window = WINDOWS[name]
    x = numbers(space)
    ours = pulled(lambda x: kernel(x, window), x)
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    for one, other in zip(ours, pulled(lambda x: kernel(x, window), x), strict=True):
        np.testing.assert_array_equal(one, other)  # whole numbers: exact in any order


@pytest.mark.parametrize("name", WINDOWS)
def test_the_largest_by_hand(name):
    space, window = WINDOWS[name]
    x = np.pad(np.asarray(numbers(space)), ((0, 0), *window.padding, (0, 0)), constant_values=-np.inf)
    y = np.asarray(pool.largest(numbers(space), window))
    for place in np.ndindex(*window.places(space[1:])):
        cut = tuple(slice(p * a.stride, p * a.stride + a.size) for p, a in zip(place, window.axes, strict=True))
        np.testing.assert_array_equal(y[:, *place], x[:, *cut].max(tuple(range(1, x.ndim - 1))))


def test_the_first_of_equal_numbers_gets_the_whole_gradient():
    x, window = jnp.zeros((1, 4, 1)), Window((TWO,))
    assert pulled(lambda x: pool.largest(x, window), x)[1][0, :, 0].astype(bool).tolist() == [True, False, True, False]


def test_nan_is_not_hidden():
    x = jnp.array([1.0, jnp.nan, 3.0, 2.0]).reshape(1, 4, 1)
    y = pool.largest(x, Window((TWO,)))[0, :, 0].tolist()
    assert np.isnan(y[0]) and y[1] == 3.0
