"""Backward formulas of the layers with a window, worked out by hand: convolution and pools. Chapter: "Backpropagation".

They go through the taps of the window one by one: a tap that saw a number on the way forward brings a gradient back to
it. The same g is at work at many places, so the gradients of a weight add up over all of them.

Reference: Goodfellow, Bengio and Courville, "Deep learning", 2016, section 9.5, https://www.deeplearningbook.org.
Lesson 14.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from photic.backprop.seen import Back, Seen, Values
from photic.kernels.window import Window


def conv(seen: Seen, g: Values) -> Back:
    """Filters at every place, z[p, u] = sum_k,c x[p + k, c] w[k, c, u] + b[u].

    dL/dx[q, c] = sum_k,u g[q - k, u] w[k, c, u],  dL/dw[k, c, u] = sum_p x[p + k, c] g[p, u],  dL/db = the sum of g.
    """
    layer, w = seen.layer, seen.params["w"]
    window = layer.placed(seen.x.shape[1:])
    x = _padded(np.where(_real(seen), seen.x, 0.0), window, 0.0)
    back, slope = np.zeros(x.shape), np.zeros(w.shape)
    size, units = seen.x.shape[-1] // layer.groups, layer.units // layer.groups
    for tap, at in _taps(window, g.shape[1:-1]):
        for group in range(layer.groups):
            mine, own = slice(group * size, (group + 1) * size), slice(group * units, (group + 1) * units)
            slope[tap][:, own] = _products(x[at][..., mine], g[..., own])
            back[at][..., mine] += g[..., own] @ w[tap][:, own].T
    return np.where(_real(seen), _cut(back, window, seen.x.shape), 0.0), _gradients(seen, slope, g)


def conv_transpose(seen: Seen, g: Values) -> Back:
    """Numbers spread over places, z[q, u] = sum_k,c x[q - k, c] w[k, u, c] + b[u]: conv with x and g exchanged.

    dL/dx[p, c] = sum_k,u g[p + k, u] w[k, u, c],  dL/dw[k, u, c] = sum_p g[p + k, u] x[p, c],  dL/db = the sum of g.
    """
    w = seen.params["w"]
    window = seen.layer.placed(seen.x.shape[1:])
    x, spread = np.where(_real(seen), seen.x, 0.0), _padded(g, window, 0.0)
    back, slope = np.zeros(x.shape), np.zeros(w.shape)
    for tap, at in _taps(window, x.shape[1:-1]):
        slope[tap] = _products(spread[at], x)
        back += spread[at] @ w[tap]
    return np.where(_real(seen), back, 0.0), _gradients(seen, slope, g)


def max_pool(seen: Seen, g: Values) -> Back:
    """The largest of every window: it gets the whole g, the first of several equal ones; the others nothing."""
    window = seen.layer.placed(seen.x.shape[1:])
    x = _padded(np.where(_real(seen), seen.x, -np.inf), window, -np.inf)
    places = list(_taps(window, g.shape[1:-1]))
    won = np.argmax([x[at] for _, at in places], axis=0)
    back = np.zeros(x.shape)
    for index, (_, at) in enumerate(places):
        back[at] += g * (won == index)
    return np.where(_real(seen), _cut(back, window, seen.x.shape), 0.0), {}


def average_pool(seen: Seen, g: Values) -> Back:
    """The mean of every window: each number in it gets its share of g."""
    window = seen.layer.placed(seen.x.shape[1:])
    counted = _padded(np.broadcast_to(_real(seen), seen.x.shape).astype(float), window, 0.0)
    places = list(_taps(window, g.shape[1:-1]))
    count = np.sum([counted[at] for _, at in places], axis=0)
    back = np.zeros(counted.shape)
    for _, at in places:
        back[at] += g / np.maximum(count, 1)
    return np.where(_real(seen), _cut(back, window, seen.x.shape), 0.0), {}


def global_max_pool(seen: Seen, g: Values) -> Back:
    """The largest of a channel gets g; equal ones share it."""
    x = np.where(_real(seen), seen.x, -np.inf)
    axes = tuple(range(1, x.ndim - 1))
    won = (x == x.max(axes, keepdims=True)) & _real(seen)
    return won / np.maximum(won.sum(axes, keepdims=True), 1) * np.expand_dims(g, axes), {}


def global_average_pool(seen: Seen, g: Values) -> Back:
    """Each number of a channel gets its share of g."""
    axes = tuple(range(1, seen.x.ndim - 1))
    counted = np.broadcast_to(_real(seen), seen.x.shape)
    return counted / np.maximum(counted.sum(axes, keepdims=True), 1) * np.expand_dims(g, axes), {}


def _real(seen: Seen) -> np.ndarray:
    """Which numbers are no padding of a sequence, in a shape that goes beside x."""
    n, t = seen.x.shape[:2]
    lengths = np.full(n, t) if seen.at.lengths is None else np.asarray(seen.at.lengths)
    return (np.arange(t) < lengths[:, None]).reshape(n, t, *[1] * (seen.x.ndim - 2))


def _padded(x: np.ndarray, window: Window, fill: float) -> np.ndarray:
    return np.pad(x, ((0, 0), *window.padding, (0, 0)), constant_values=fill)


def _cut(x: np.ndarray, window: Window, shape: tuple[int, ...]) -> np.ndarray:
    """Without what `_padded` added."""
    starts = (0, *(before for before, _ in window.padding), 0)
    return x[tuple(slice(start, start + size) for start, size in zip(starts, shape, strict=True))]


def _taps(window: Window, places: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """Every tap of a filter, and what it sees of a padded input."""
    for tap, offset in zip(np.ndindex(window.sizes), window.offsets(), strict=True):
        spots = zip(offset, window.axes, places, strict=True)
        cut = (slice(first, first + (count - 1) * axis.stride + 1, axis.stride) for first, axis, count in spots)
        yield tap, (slice(None), *cut)


def _products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Every channel of a times every channel of b, summed over rows and places."""
    return a.reshape(-1, a.shape[-1]).T @ b.reshape(-1, b.shape[-1])


def _gradients(seen: Seen, slope: np.ndarray, g: Values) -> dict[str, np.ndarray]:
    return {"w": slope} | ({"b": g.sum(tuple(range(g.ndim - 1)))} if seen.layer.bias else {})
