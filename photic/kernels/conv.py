"""Convolution and its two gradients, in the form each platform runs fastest.

With x [n, *space, c], w [*taps, c / groups, units] and one window for all of them:

    convolve   y[p, u]  = sum_{k, c} x[p stride + k, c] w[k, c, u]
    spread     x[q, c]  = sum of y[p, u] w[k, c, u] over all p, k with p stride + k = q
    correlate  w[k, c, u] = sum_p x[p stride + k, c] y[p, u]

All three are linear in both arguments and each is the gradient of the others, so that three forward forms are enough
for training a convolution and a transposed one. Accelerators take all of them from XLA. On a CPU, XLA's own gradients
are many times slower than what stands here (docs/performance.md).
"""

from __future__ import annotations

import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int

from photic.kernels.shares import summed
from photic.kernels.window import Axis, Window, seen

Values = Float[Array, "n *space c"]
Maps = Float[Array, "n *places u"]
Filters = Float[Array, "*taps _ u"]
Space = tuple[int, ...]
_TOGETHER = 8  # rows that are the channels of one convolution of `correlate`, a vector of them
_PLACES = 1024  # or more of them where a row has fewer places than that many divided by the rows
_PRODUCT = 256  # places in one product of `correlate`: what its taps saw of them stays in a core's cache
_VOLUME = 3  # axes of space that the library is slow with
_FEW = 32  # products a place that are written out one by one: a first layer on grey or coloured images


def convolve(x: Values, w: Filters, window: Window, groups: int = 1) -> Maps:
    """Every filter laid on every place: `[n, *places, u]`.

    Args:
        w: `[*window.sizes, c / groups, u]`.
        groups: the channels fall into so many parts, each with filters of its own.

    >>> from photic.kernels.window import Axis
    >>> x, w = jnp.arange(4.0).reshape(1, 4, 1), jnp.ones((2, 1, 1))
    >>> convolve(x, w, Window((Axis(2),))).ravel().tolist()
    [1.0, 3.0, 5.0]
    """
    return _convolve(x, w, window, groups) if by_hand() else _library(x, w, window, groups)


def spread(y: Maps, w: Filters, window: Window, space: Space, groups: int = 1) -> Values:
    """What `convolve` gathered, spread out again over an input of size `space`: `[n, *space, c]`.

    >>> from photic.kernels.window import Axis
    >>> y, w = jnp.ones((1, 3, 1)), jnp.ones((2, 1, 1))
    >>> spread(y, w, Window((Axis(2),)), (4,)).ravel().tolist()
    [1.0, 2.0, 2.0, 1.0]
    """
    return _spread(y, w, window, space, groups) if by_hand() else _spread_form(y, w, window, space, groups)


def by_hand() -> bool:
    """Whether gradients are taken in the forms of this file and not in XLA's own."""
    return jax.default_backend() == "cpu"


def _library(x: Values, w: Filters, window: Window, groups: int) -> Maps:
    return lax.conv_general_dilated(
        x, w, window.strides, window.padding, rhs_dilation=window.dilations, feature_group_count=groups,
        dimension_numbers=_layout(window),
    )  # fmt: skip


def _spread_form(y: Maps, w: Filters, window: Window, space: Space, groups: int) -> Values:
    """As a convolution of y, its places set apart by the stride, with the filters turned round."""
    *taps, c, u = w.shape
    turned = jnp.flip(w, range(len(taps))).reshape(*taps, c, groups, u // groups)
    turned = jnp.swapaxes(turned, -3, -1).reshape(*taps, u // groups, groups * c)
    padding = [
        (axis.span - 1 - axis.before, size + axis.before - (places - 1) * axis.stride - 1)
        for axis, size, places in zip(window.axes, space, y.shape[1:-1], strict=True)
    ]
    return lax.conv_general_dilated(
        y, turned, (1,) * len(taps), padding, lhs_dilation=window.strides, rhs_dilation=window.dilations,
        feature_group_count=groups, dimension_numbers=_layout(window),
    )  # fmt: skip


def _correlate_form(x: Values, y: Maps, window: Window, groups: int) -> Filters:
    by_library = groups == 1 and window.taps > 1 and len(window.axes) < _VOLUME
    form = (lambda x, y: _turned(x, y, window)) if by_library else (lambda x, y: _tapped(x, y, window, groups))
    return summed(form, x, y)


def _turned(x: Values, y: Maps, window: Window) -> Filters:
    """As a convolution in which rows are the channels, channels of x the rows, and y the filters.

    The library gathers what the taps see piece by piece, where a core's cache holds it: so a few rows at a time.
    """
    swapped = lambda axis: dataclasses.replace(axis, stride=axis.dilation, dilation=axis.stride)
    turned = Window(tuple(map(swapped, window.axes)))  # places are taps now, and taps places
    together = min(len(x), max(_TOGETHER, _PLACES // math.prod(y.shape[1:-1])))

    def part(x: Array, y: Array) -> Array:
        return _library(jnp.moveaxis(x, (0, -1), (-1, 0)), jnp.moveaxis(y, 0, -2), turned, 1)

    def some(index: Int[Array, ""], w: Array) -> Array:
        cut = lambda array: lax.dynamic_slice_in_dim(array, index * together, together)
        return w + part(cut(x), cut(y))

    rest = len(x) // together * together
    last = part(x[rest:], y[rest:]) if rest < len(x) else None
    start = jnp.zeros(jax.eval_shape(part, x, y).shape, y.dtype) if last is None else last
    w = lax.fori_loop(0, len(x) // together, some, start)
    taps = w[:, *(slice(size) for size in window.sizes)]  # where the stride leaves places out, it goes on
    return jnp.moveaxis(taps, 0, -2)


def _tapped(x: Values, y: Maps, window: Window, groups: int) -> Filters:
    """As matrix products of what each tap saw and y, a few rows at a time, so that a core's cache holds a product.

    What the taps of the last axis saw stands side by side in one matrix; the other axes are a product for each tap, on
    another cut of the same numbers, so that those are copied once for each tap of the last axis only.
    """
    n, places = len(y), math.prod(y.shape[1:-1])
    together = max(size for size in range(1, n + 1) if n % size == 0 and (size == 1 or size * places <= _PRODUCT))
    x = jnp.pad(x, ((0, 0), *window.padding, (0, 0)))
    *lead, last = (dataclasses.replace(axis, before=0, after=0) for axis in window.axes)
    c, one = x.shape[-1] // groups, Axis(1)

    def some(index: Int[Array, ""], w: Array) -> Array:
        cut = lambda array: lax.dynamic_slice_in_dim(array, index * together, together)
        across = jnp.concatenate(seen(cut(x), Window((*(one for _ in lead), last))), -1)
        maps = cut(y).reshape(-1, groups, y.shape[-1] // groups)
        taps = [tap.reshape(-1, last.size, groups, c) for tap in seen(across, Window((*lead, one)))]
        return w + jnp.stack([jnp.einsum("ptgc,pgu->tcgu", tap, maps) for tap in taps])

    start = jax.eval_shape(some, jax.ShapeDtypeStruct((), jnp.int32), jax.ShapeDtypeStruct((), y.dtype))
    w = lax.fori_loop(0, n // together, some, jnp.zeros(start.shape, y.dtype))
    return w.reshape(*window.sizes, c, -1)


def _shifted(x: Values, w: Filters, window: Window) -> Maps:
    """As a sum over taps and channels of the input, cut at another place and multiplied with one row of w."""
    last = x.ndim - 1
    parts = [
        lax.slice_in_dim(tap, c, c + 1, axis=last) * rows[c].reshape(*[1] * last, -1)
        for tap, rows in zip(seen(x, window), w.reshape(window.taps, x.shape[-1], -1), strict=True)
        for c in range(x.shape[-1])
    ]
    return functools.reduce(jnp.add, parts)


def _layout(window: Window) -> lax.ConvDimensionNumbers:
    rank = len(window.axes)
    last, first = (0, rank + 1, *range(1, rank + 1)), (rank + 1, rank, *range(rank))
    return lax.ConvDimensionNumbers(last, first, last)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _convolve(x: Values, w: Filters, window: Window, groups: int) -> Maps:
    if groups == 1 and window.taps * x.shape[-1] <= _FEW:
        return _shifted(x, w, window)
    return _library(x, w, window, groups)


def _convolve_ahead(x: Values, w: Filters, window: Window, groups: int) -> tuple[Maps, tuple]:
    return _convolve(x, w, window, groups), (x, w)


def _convolve_back(window: Window, groups: int, kept: tuple, g: Maps) -> tuple[Values, Filters]:
    x, w = kept
    return _spread(g, w, window, x.shape[1:-1], groups), _correlate(x, g, window, groups)


_convolve.defvjp(_convolve_ahead, _convolve_back)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _spread(y: Maps, w: Filters, window: Window, space: Space, groups: int) -> Values:
    return _spread_form(y, w, window, space, groups)


def _spread_ahead(y: Maps, w: Filters, window: Window, space: Space, groups: int) -> tuple[Values, tuple]:
    return _spread(y, w, window, space, groups), (y, w)


def _spread_back(window: Window, _: Space, groups: int, kept: tuple, g: Values) -> tuple[Maps, Filters]:
    y, w = kept
    return _convolve(g, w, window, groups), _correlate(g, y, window, groups)


_spread.defvjp(_spread_ahead, _spread_back)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _correlate(x: Values, y: Maps, window: Window, groups: int) -> Filters:
    return _correlate_form(x, y, window, groups)


def _correlate_ahead(x: Values, y: Maps, window: Window, groups: int) -> tuple[Filters, tuple]:
    return _correlate(x, y, window, groups), (x, y)


def _correlate_back(window: Window, groups: int, kept: tuple, g: Filters) -> tuple[Values, Maps]:
    x, y = kept
    return _spread(y, g, window, x.shape[1:-1], groups), _convolve(x, g, window, groups)


_correlate.defvjp(_correlate_ahead, _correlate_back)
