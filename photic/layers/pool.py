"""Pooling: neighbouring places become one, by their largest number or their mean. Chapter: "Convolutional network".

Where exactly an edge lies matters less and less on the way to "this is a shoe". A pool keeps what was found and gives
up a little of where; the layers after it see more of the picture at once and have less to compute. It has no weights.

Reference: Boureau, Ponce and LeCun, "A theoretical analysis of feature pooling in visual recognition", 2010,
https://icml.cc/Conferences/2010/papers/638.pdf; pooling over everything: Lin, Chen and Yan, "Network in network", 2013,
https://arxiv.org/abs/1312.4400 (section 3.2). Lesson 14.
"""

from __future__ import annotations

import abc
import dataclasses
import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from photic.errors import ShapeError
from photic.kernels import pool
from photic.kernels.window import Window
from photic.layers.base import Context, Layer, Lengths, Params, State
from photic.layers.steps import cleared, real
from photic.layers.window import Settings, Sizes, lengths_after, need_padding, need_sizes, over
from photic.tensor import Shape, words

Values = Float[Array, "n *space c"]
Maps = Float[Array, "n *places c"]


@dataclasses.dataclass(frozen=True, repr=False)
class PoolLayer(Layer):
    """A window without weights; the two layers below are of this kind.

    Args:
        window: places on each axis that become one.
        stride: how far the window moves; None moves it by its own size, so that windows lie side by side.
        padding: "valid" (only places inside the input), "same" (as many as the input, divided by the stride and
            rounded up), or how many places to add at both ends of each axis. What is added never counts.

    Takes `[n, *space, c]`, gives `[n, *places, c]`. Padded steps of a sequence do not count.

    Raises:
        SpecError: for sizes below 1, an unknown padding, or one as large as the window.
        ShapeError: from `shape`, for an input without space axes or a window larger than it.
    """

    window: Sizes = 2
    stride: Sizes | None = None
    padding: str | Sizes = "valid"

    def __post_init__(self) -> None:
        need_sizes(self, "window", *[] if self.stride is None else ["stride"])
        need_padding(self, "padding", ("valid", "same"))

    def shape(self, input: Shape) -> Shape:
        """`(*space, c)` becomes `(*places, c)`."""
        return (*self.placed(input).places(input[:-1]), input[-1])

    def apply(self, params: Params, state: State, x: Values, at: Context) -> tuple[Maps, State]:
        """One number for each window and channel, `[n, *places, c]`."""
        return self.pooled(x, self.placed(x.shape[1:]), at.lengths), state

    @abc.abstractmethod
    def pooled(self, x: Values, window: Window, lengths: Lengths) -> Maps:
        """The pool itself, at every place."""

    def lengths(self, lengths: Lengths) -> Lengths:
        """How many places see real steps."""
        return lengths_after(self._settings(), lengths)

    def _settings(self) -> Settings:
        stride = self.window if self.stride is None else self.stride
        return Settings(self, "window", self.window, stride, self.padding)

    def placed(self, input: Shape) -> Window:
        """Its window over an input."""
        window = over(self._settings(), input)
        for axis in window.axes:
            if max(axis.before, axis.after) >= axis.size:
                raise ShapeError(
                    self.words(),
                    "padding must be smaller than the window, which would see nothing else",
                    repr(self.padding),
                    source="its arguments",
                    fix="make padding smaller",
                )
        return window


@dataclasses.dataclass(frozen=True, repr=False)
class MaxPool(PoolLayer):
    """The largest number of every window, channel by channel: was it found anywhere here? Arguments as `PoolLayer`.

    y[p, c] = max over k of x[p stride + k, c]

    >>> x = jnp.array([[[3.0], [1.0], [2.0], [5.0]]])
    >>> MaxPool(2).apply({}, {}, x, Context())[0].ravel().tolist()
    [3.0, 5.0]
    """

    def pooled(self, x: Values, window: Window, lengths: Lengths) -> Maps:
        """The largest of the real numbers; 0 where there are none."""
        if lengths is None:
            return pool.largest(x, window)
        y = pool.largest(_sunk(x, lengths), window)
        return cleared(y, self.lengths(lengths))


@dataclasses.dataclass(frozen=True, repr=False)
class AveragePool(PoolLayer):
    """The mean of every window, channel by channel: how much of it is here? Arguments as `PoolLayer`.

    y[p, c] = mean over k of x[p stride + k, c]

    >>> x = jnp.array([[[3.0], [1.0], [2.0], [5.0]]])
    >>> AveragePool(2).apply({}, {}, x, Context())[0].ravel().tolist()
    [2.0, 3.5]
    """

    def pooled(self, x: Values, window: Window, lengths: Lengths) -> Maps:
        """The mean of the real numbers; 0 where there are none."""
        if lengths is None:
            return pool.total(x, window) * (1 / _real_taps(window, x.shape[1:-1])).astype(x.dtype)
        here = real(lengths, x.shape[1]).astype(x.dtype)[..., None]
        return pool.total(cleared(x, lengths), window) / jnp.maximum(pool.total(here, window), 1)


@dataclasses.dataclass(frozen=True, repr=False)
class GlobalLayer(Layer):
    """One number for each channel; the two layers below are of this kind."""

    def shape(self, input: Shape) -> Shape:
        """`(*space, c)` becomes `(c,)`."""
        if len(input) < 2:
            raise ShapeError(
                self.words(), "input needs space axes and channels, as [n, t, c] or [n, h, w, c]", words(input),
                source="the input", fix="leave it out",
            )  # fmt: skip
        return input[-1:]

    def lengths(self, lengths: Lengths) -> Lengths:
        """The axis of time is gone."""
        return None


@dataclasses.dataclass(frozen=True, repr=False)
class GlobalMaxPool(GlobalLayer):
    """The largest number of each channel in the whole input: `[n, *space, c]` becomes `[n, c]`.

    Padded steps of a sequence do not count; a sequence without any steps gives 0.

    >>> GlobalMaxPool().apply({}, {}, jnp.array([[[3.0], [1.0], [2.0], [5.0]]]), Context())[0].tolist()
    [[5.0]]
    """

    def apply(self, params: Params, state: State, x: Values, at: Context) -> tuple[Float[Array, "n c"], State]:
        """The largest numbers, `[n, c]`."""
        axes = tuple(range(1, x.ndim - 1))
        if at.lengths is None:
            return x.max(axes), state
        y = _sunk(x, at.lengths).max(axes)
        return jnp.where((at.lengths > 0)[:, None], y, jnp.zeros((), x.dtype)), state


@dataclasses.dataclass(frozen=True, repr=False)
class GlobalAveragePool(GlobalLayer):
    """The mean of each channel over the whole input: `[n, *space, c]` becomes `[n, c]`.

    Padded steps of a sequence do not count; a sequence without any steps gives 0.

    >>> GlobalAveragePool().apply({}, {}, jnp.array([[[3.0], [1.0], [2.0], [6.0]]]), Context())[0].tolist()
    [[3.0]]
    """

    def apply(self, params: Params, state: State, x: Values, at: Context) -> tuple[Float[Array, "n c"], State]:
        """The means, `[n, c]`."""
        axes = tuple(range(1, x.ndim - 1))
        if at.lengths is None:
            return x.mean(axes), state
        places = jnp.maximum(at.lengths, 1).astype(x.dtype) * math.prod(x.shape[2:-1])
        return cleared(x, at.lengths).sum(axes) / places[:, None], state


def _sunk(x: Values, lengths: Lengths) -> Values:
    """`x` with minus infinity in its padding, where no largest number can be."""
    assert lengths is not None, "asked before"
    here = real(lengths, x.shape[1])
    return jnp.where(here.reshape(*here.shape, *[1] * (x.ndim - 2)), x, jnp.full((), -jnp.inf, x.dtype))


def _real_taps(window: Window, space: tuple[int, ...]) -> np.ndarray:
    """How many numbers of the input the window sees at each place, `[1, *places, 1]`."""
    counts = np.ones((1,) * (len(space) + 2))
    for index, (axis, n) in enumerate(zip(window.axes, space, strict=True), 1):
        first = np.arange(axis.places(n)) * axis.stride - axis.before
        inside = np.minimum(first + axis.size, n) - np.maximum(first, 0)
        counts = counts * inside.reshape(-1, *[1] * (len(space) + 1 - index))
    return counts
