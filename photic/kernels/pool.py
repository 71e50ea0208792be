"""Pooling, in the form each platform runs fastest: the largest number of every window, or their sum.

On a CPU a window's numbers are compared as whole arrays, one tap after another, and the tap that won is kept as a byte;
XLA's own form, which accelerators take, goes through the windows one by one (docs/performance.md). Of equal numbers the
first wins in both, and gets the whole gradient.
"""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, UInt8

from photic.kernels.conv import by_hand
from photic.kernels.window import Window, seen

Values = Float[Array, "n *space c"]
Maps = Float[Array, "n *places c"]
Which = UInt8[Array, "n *places c"]
Space = tuple[int, ...]
_MOST_TAPS = 64  # larger windows are left to XLA: the taps are written out one by one


def largest(x: Values, window: Window) -> Maps:
    """The largest number that each window sees of each channel: `[n, *places, c]`; nothing beyond the input wins.

    >>> from photic.kernels.window import Axis
    >>> largest(jnp.array([[[3.0], [1.0], [2.0], [5.0]]]), Window((Axis(2, stride=2),))).ravel().tolist()
    [3.0, 5.0]
    """
    if by_hand() and window.taps <= _MOST_TAPS:
        return _largest(x, window)
    return _library(x, window)


def total(x: Values, window: Window) -> Maps:
    """The sum of the numbers that each window sees of each channel: `[n, *places, c]`.

    >>> from photic.kernels.window import Axis
    >>> total(jnp.array([[[3.0], [1.0], [2.0], [5.0]]]), Window((Axis(2, stride=2),))).ravel().tolist()
    [4.0, 7.0]
    """
    if by_hand() and window.taps <= _MOST_TAPS:
        return functools.reduce(jnp.add, seen(x, window))
    return lax.reduce_window(x, np.array(0, x.dtype), lax.add, *_sizes(window))


def winner(taps: list[Maps]) -> tuple[Maps, Which]:
    """The largest of the taps at every place, and which tap that was; NaN wins over everything.

    >>> best, which = winner([jnp.array([[1.0, 7.0]]), jnp.array([[2.0, 7.0]])])
    >>> best.tolist(), which.tolist()
    ([[2.0, 7.0]], [[1, 0]])
    """
    best = functools.reduce(jnp.maximum, taps)
    which = jnp.full(best.shape, len(taps) - 1, jnp.uint8)
    for index, tap in reversed(list(enumerate(taps[:-1]))):
        which = jnp.where(tap == best, jnp.uint8(index), which)
    return best, which


def returned(g: Maps, which: Which, window: Window, space: Space) -> Values:
    """The gradient of `largest` for an input of size `space`: g goes to the taps that won.

    >>> from photic.kernels.window import Axis
    >>> g, which, halves = jnp.ones((1, 1, 1)), jnp.ones((1, 1, 1), jnp.uint8), Window((Axis(2, stride=2),))
    >>> returned(g, which, halves, (2,)).ravel().tolist()
    [0.0, 1.0]
    """
    places, rank = g.shape[1:-1], len(space)
    if window.tiles:
        at = (0, *(1 + 2 * axis for axis in range(rank)), 1 + 2 * rank)
        tiled = (g.shape[0], *(size for pair in zip(places, window.sizes, strict=True) for size in pair), g.shape[-1])
        tap = jnp.arange(window.taps, dtype=jnp.uint8).reshape(window.sizes)
        tap = lax.broadcast_in_dim(tap, tiled, tuple(2 + 2 * axis for axis in range(rank)))
        spread = lambda array: lax.broadcast_in_dim(array, tiled, at)
        x = jnp.where(spread(which) == tap, spread(g), jnp.zeros((), g.dtype))
        x = x.reshape(
            g.shape[0], *(count * size for count, size in zip(places, window.sizes, strict=True)), g.shape[-1]
        )
        rest = [(0, n - have) for n, have in zip(space, x.shape[1:-1], strict=True)]
        return jnp.pad(x, ((0, 0), *rest, (0, 0))) if any(map(any, rest)) else x
    zero = jnp.zeros((), g.dtype)
    parts = []
    for index, offset in enumerate(window.offsets()):
        config = [
            (first - axis.before, n + axis.before - first - (count - 1) * axis.stride - 1, axis.stride - 1)
            for first, axis, n, count in zip(offset, window.axes, space, places, strict=True)
        ]
        parts.append(lax.pad(jnp.where(which == index, g, zero), zero, ((0, 0, 0), *config, (0, 0, 0))))
    return functools.reduce(jnp.add, parts)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def _largest(x: Values, window: Window) -> Maps:
    return winner(seen(x, window, -math.inf))[0]


def _largest_ahead(x: Values, window: Window) -> tuple[Maps, tuple]:
    best, which = winner(seen(x, window, -math.inf))
    return best, (which, x.shape[1:-1])


def _largest_back(window: Window, kept: tuple, g: Maps) -> tuple[Values]:
    which, space = kept
    return (returned(g, which, window, space),)


_largest.defvjp(_largest_ahead, _largest_back)


def _library(x: Values, window: Window) -> Maps:
    return lax.reduce_window(x, np.array(-np.inf, x.dtype), lax.max, *_sizes(window))


def _sizes(window: Window) -> tuple:
    return (1, *window.sizes, 1), (1, *window.strides, 1), ((0, 0), *window.padding, (0, 0))
