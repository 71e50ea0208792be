"""Batch normalisation with a backward pass of its own: two sums and one pass over the numbers.

Automatic differentiation goes back through the variance, the mean and the centred numbers one after another, a pass
each and a copy between them; by hand it is what Ioffe and Szegedy print after their algorithm 1, here with a share for
every row, so that padding has no part in it. ReLU and a pool after it can be taken in too.

Reference: Ioffe and Szegedy, "Batch normalization", 2015, https://arxiv.org/abs/1502.03167 (section 3).
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from photic.kernels import pool
from photic.kernels.window import Window, seen

Values = Float[Array, "n *axes c"]
Maps = Float[Array, "n *places c"]
Share = Float[Array, "..."]
Channels = Float[Array, " c"]


@functools.partial(jax.custom_vjp, nondiff_argnums=(4,))
def normalised(
    x: Values, share: Share, scale: Channels, shift: Channels, epsilon: float
) -> tuple[Values, Channels, Channels]:
    """Every channel by its own mean and variance, y = (x - m) / sqrt(v + epsilon) scale + shift; and m and v.

    m = sum share x and v = sum share (x - m)^2, over all axes but the last. The gradient of y alone is taken: m and v
    are there to be remembered.

    Args:
        share: the part of each number in the mean of its channel, in a shape that goes beside x; they sum to 1.

    >>> import jax.numpy as jnp
    >>> one, zero = jnp.ones(1), jnp.zeros(1)
    >>> y, mean, variance = normalised(jnp.array([[1.0], [3.0]]), jnp.full((1, 1), 0.5), one, zero, 0.0)
    >>> y.ravel().tolist(), mean.item(), variance.item()
    ([-1.0, 1.0], 2.0, 1.0)
    """
    return _ahead(x, share, scale, shift, epsilon)[0]


def _statistics(x: Values, share: Share, epsilon: float) -> tuple[Channels, Channels, Channels]:
    mean = _mean(x, share)
    variance = _mean(lax.square(x - _beside(mean, x)), share)
    return mean, variance, lax.rsqrt(variance + epsilon)


def _mean(values: Values, share: Share) -> Channels:
    # numbers of the same share are added up before they are multiplied with it: a pass over sums, not over numbers
    return (share * values.sum(_alike(share), keepdims=True)).sum(tuple(range(values.ndim - 1)))


def _alike(share: Share) -> tuple[int, ...]:
    return tuple(axis for axis in range(share.ndim - 1) if share.shape[axis] == 1)


def _ahead(x: Values, share: Share, scale: Channels, shift: Channels, epsilon: float) -> tuple[tuple, tuple]:
    mean, variance, narrow = _statistics(x, share, epsilon)
    y = (x - _beside(mean, x)) * _beside(narrow * scale, x) + _beside(shift, x)
    return (y, mean, variance), (x, share, scale, mean, narrow)


def _back(_: float, kept: tuple, g: tuple) -> tuple[Values, Share, Channels, Channels]:
    (x, _share, scale, mean, narrow), (g, *_unused) = kept, g
    rows = tuple(range(x.ndim - 1))
    total, along = g.sum(rows), (g * (x - _beside(mean, x))).sum(rows)
    return _gradients(kept, g * _beside(scale * narrow, x), total, along)


def _gradients(
    kept: tuple, direct: Values, total: Channels, along: Channels
) -> tuple[Values, Share, Channels, Channels]:
    """From the way of each number to its own y, and sum g and sum g (x - m) of every channel: all gradients.

    A number moves y in two more ways, by its share of m and of v; dv/dm is 0, for x - m has the mean 0.
    """
    x, share, scale, mean, narrow = kept
    through_mean, through_variance = -total * scale * narrow, -along * scale * narrow**3
    slope = direct + share * _beside(through_mean - mean * through_variance, x)
    slope = slope + x * (share * _beside(through_variance, x))
    of_share = x * _beside(through_mean, x) + lax.square(x - _beside(mean, x)) * _beside(through_variance / 2, x)
    return slope, of_share.sum((*_alike(share), -1), keepdims=True), along * narrow, total


normalised.defvjp(_ahead, _back)


@functools.partial(jax.custom_vjp, nondiff_argnums=(4, 5))
def pooled(
    x: Values, share: Share, scale: Channels, shift: Channels, epsilon: float, window: Window
) -> tuple[Maps, Channels, Channels]:
    """What `normalised` gives, with everything below 0 made 0, and of that the largest number of every window.

    Only the winners have a gradient of their own, so both sums of the way back go over the places of the pool.

    Args:
        window: of places side by side, `window.tiles`.

    >>> from photic.kernels.window import Axis
    >>> one, zero = jnp.ones(1), jnp.zeros(1)
    >>> x, pairs = jnp.array([[[1.0], [3.0]]]), Window((Axis(2, stride=2),))
    >>> pooled(x, jnp.full((1, 1, 1), 0.5), one, zero, 0.0, pairs)[0].ravel().tolist()
    [1.0]
    """
    return _pooled_ahead(x, share, scale, shift, epsilon, window)[0]


def _pooled_ahead(
    x: Values, share: Share, scale: Channels, shift: Channels, epsilon: float, window: Window
) -> tuple[tuple, tuple]:
    mean, variance, narrow = _statistics(x, share, epsilon)
    factor, at = _beside(narrow * scale, x), _beside(mean, x)
    best, which = pool.winner([(tap - at) * factor + _beside(shift, x) for tap in seen(x, window)])
    which = jnp.where(best <= 0, jnp.uint8(window.taps), which)  # nobody: cut off at 0
    return (jnp.maximum(best, 0), mean, variance), (which, (x, share, scale, mean, narrow))


def _pooled_back(_: float, window: Window, kept: tuple, g: tuple) -> tuple[Values, Share, Channels, Channels]:
    (which, kept), (slope, *_unused) = kept, g
    x, _share, scale, mean, narrow = kept
    rows, zero = tuple(range(x.ndim - 1)), jnp.zeros((), x.dtype)
    slope = jnp.where(which < window.taps, slope, zero)
    *others, won = seen(x, window)
    for index, tap in reversed(list(enumerate(others))):
        won = jnp.where(which == index, tap, won)
    total, along = slope.sum(rows), (slope * (won - _beside(mean, x))).sum(rows)
    direct = pool.returned(slope * _beside(scale * narrow, x), which, window, x.shape[1:-1])
    return _gradients(kept, direct, total, along)


pooled.defvjp(_pooled_ahead, _pooled_back)


def _beside(channels: Channels, x: Values) -> Array:
    """`[c]` in a shape that goes beside x."""
    return lax.expand_dims(channels, range(x.ndim - 1))
