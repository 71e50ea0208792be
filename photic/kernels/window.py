"""The window of a convolution or a pool: where it stands on every space axis, worked out from plain sizes.

On one axis of n places a window of `size` taps, `dilation` places apart, spans (size - 1) dilation + 1 places. It
starts `before` places ahead of the input, moves on by `stride` and may reach `after` places beyond the end.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import TypeVar

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int

Length = TypeVar("Length", int, Int[Array, " n"])


@dataclasses.dataclass(frozen=True)
class Axis:
    """The window on one axis.

    >>> Axis(3, stride=2, before=1).places(28)
    14
    """

    size: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0

    @property
    def span(self) -> int:
        """How many places the window covers."""
        return (self.size - 1) * self.dilation + 1

    def places(self, n: Length) -> Length:
        """How many places it can stand at on an axis of n; below 1 when it is larger than that."""
        return (n + self.before + self.after - self.span) // self.stride + 1


@dataclasses.dataclass(frozen=True)
class Window:
    """The window on all space axes.

    >>> window = Window((Axis(2, stride=2), Axis(3, before=1, after=1)))
    >>> window.places((8, 8)), window.taps
    ((4, 8), 6)
    """

    axes: tuple[Axis, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Its taps on every axis."""
        return tuple(axis.size for axis in self.axes)

    @property
    def strides(self) -> tuple[int, ...]:
        """How far it moves on every axis."""
        return tuple(axis.stride for axis in self.axes)

    @property
    def dilations(self) -> tuple[int, ...]:
        """How far apart its taps are on every axis."""
        return tuple(axis.dilation for axis in self.axes)

    @property
    def padding(self) -> tuple[tuple[int, int], ...]:
        """How many places it needs before and after the input on every axis."""
        return tuple((axis.before, axis.after) for axis in self.axes)

    @property
    def taps(self) -> int:
        """How many numbers of a channel it sees at once."""
        return sum(1 for _ in self.offsets())

    @property
    def tiles(self) -> bool:
        """Whether its places lie side by side without gaps and without padding, so that a pool is a reshape."""
        return all(axis == Axis(axis.size, stride=axis.size) for axis in self.axes)

    def places(self, space: tuple[int, ...]) -> tuple[int, ...]:
        """How many places it can stand at on every axis."""
        return tuple(axis.places(n) for axis, n in zip(self.axes, space, strict=True))

    def offsets(self) -> Iterator[tuple[int, ...]]:
        """Where each tap lies from the first place of the window, the last axis running fastest."""
        return itertools.product(*(range(0, axis.span, axis.dilation) for axis in self.axes))


def seen(x: Float[Array, "n *space c"], window: Window, fill: float = 0.0) -> list[Float[Array, "n *places c"]]:
    """For every tap of the window the numbers it sees, at all places; `fill` where it stands beyond the input.

    >>> x = jnp.arange(4.0).reshape(1, 4, 1)
    >>> [tap.ravel().tolist() for tap in seen(x, Window((Axis(2, stride=2),)))]
    [[0.0, 2.0], [1.0, 3.0]]
    """
    places = window.places(x.shape[1:-1])
    if any(map(any, window.padding)):
        x = jnp.pad(x, ((0, 0), *window.padding, (0, 0)), constant_values=fill)
    strides = (1, *window.strides, 1)
    taps = []
    for offset in window.offsets():
        ends = (
            first + (count - 1) * axis.stride + 1
            for first, count, axis in zip(offset, places, window.axes, strict=True)
        )
        taps.append(lax.slice(x, (0, *offset, 0), (x.shape[0], *ends, x.shape[-1]), strides))
    return taps
