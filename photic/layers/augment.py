"""Augmentation: every picture a little different at every step, so none can be learned by heart. Chapter: "Images".

A cat looking left is a cat looking right, and a shirt two pixels further down is a shirt. Each of these layers moves
the pixels of each row in a way of its own, drawn anew for every row and step, while training only; a prediction sees
the picture as it is. Choose what leaves the answer as it was: a mirrored 3 is no 3, and a 6 turned over is a 9.

All of them are one thing: a pixel that comes out is a mixture of pixels that go in, and `sources` says of which.

Reference: Shorten and Khoshgoftaar, "A survey on image data augmentation for deep learning", 2019,
https://doi.org/10.1186/s40537-019-0197-0
"""

from __future__ import annotations

import abc
import dataclasses
import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Shaped

from photic import keys
from photic.errors import ShapeError
from photic.layers.base import Context, Layer, Params, State
from photic.layers.limits import need_count, need_range, need_switch, refuse
from photic.tensor import Shape, need_rank, words

#: Where the pixels come from: y[n, i, j] = sum over the sources of share * x[n, rows, columns]. Each array goes over
#: [n, h, w] or has a 1 in place of an axis it does not hang on.
Source = tuple[Int[Array, "_ _ _"], Int[Array, "_ _ _"], Float[Array, "_ _ _"]]


@dataclasses.dataclass(frozen=True, repr=False)
class Augment(Layer):
    """A layer that moves the pixels of pictures `[n, h, w, c]` while training, and is not there otherwise."""

    @abc.abstractmethod
    def sources(self, key: Array, shape: Shape) -> tuple[Source, ...]:
        """Where every pixel comes from, drawn for each row.

        Args:
            key: decides the draw.
            shape: of x, `(n, h, w, c)`.
        """

    @property
    def reach(self) -> int:
        """How many pixels a picture must have on each side, less one."""
        return 0

    def shape(self, input: Shape) -> Shape:
        """The shape stays as it is; a picture has three axes."""
        need_rank(self.words(), input, 3, "use it on pictures, before Flatten()")
        if min(input[:2]) <= self.reach:
            required = f"input needs more than {self.reach} pixels on each side"
            fix = "choose a smaller number"
            raise ShapeError(self.words(), required, words(input), source="the input", fix=fix)
        return input

    def apply(
        self, params: Params, state: State, x: Shaped[Array, "n h w c"], at: Context
    ) -> tuple[Shaped[Array, "n h w c"], State]:
        """The moved pixels while training, `x` itself otherwise."""
        if not at.train:
            return x, state
        x = x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.float32)
        row = jnp.arange(x.shape[0], dtype=jnp.int32)[:, None, None]
        parts = [
            share[..., None].astype(x.dtype)
            * x.at[row, rows, columns].get(mode="promise_in_bounds", wrap_negative_indices=False)
            for rows, columns, share in self.sources(at.draw(), x.shape)
        ]
        return sum(parts[1:], parts[0]), state


@dataclasses.dataclass(frozen=True, repr=False)
class Flip(Augment):
    """Mirrors every second picture, drawn at random: left and right change places, or top and bottom, or both.

    Args:
        horizontal: whether left and right may change places.
        vertical: whether top and bottom may; drawn apart from the other.

    Raises:
        SpecError: when neither may.

    >>> Flip().shape((28, 28, 1))
    (28, 28, 1)
    """

    horizontal: bool = True
    vertical: bool = False

    def __post_init__(self) -> None:
        need_switch(self, "horizontal")
        need_switch(self, "vertical")
        if not (self.horizontal or self.vertical):
            refuse(self, "horizontal or vertical must be True", False, "set one of them to True, or leave Flip out")

    def sources(self, key: Array, shape: Shape) -> tuple[Source, ...]:
        """One source: the mirrored place where the coin says so."""
        n, h, w, _ = shape
        rows = _mirrored(keys.fold(key, "vertical"), n, h) if self.vertical else _places(n, h)
        columns = _mirrored(keys.fold(key, "horizontal"), n, w) if self.horizontal else _places(n, w)
        return (_source(rows, columns),)


@dataclasses.dataclass(frozen=True, repr=False)
class Shift(Augment):
    """Moves each picture by up to so many pixels, down or up and right or left; its edge is drawn out to fill the gap.

    Args:
        pixels: how far at most, in each direction.

    Raises:
        SpecError: for less than one pixel.
        ShapeError: from `shape`, when a picture is not larger than that.

    >>> Shift(2).shape((28, 28, 1))
    (28, 28, 1)
    """

    pixels: int

    def __post_init__(self) -> None:
        need_count(self, "pixels")

    @property
    def reach(self) -> int:
        """The pixels of the move."""
        return self.pixels

    def sources(self, key: Array, shape: Shape) -> tuple[Source, ...]:
        """One source: the place so many pixels away, or the edge."""
        n, h, w, _ = shape
        down, right = _steps(key, n, self.pixels)
        return (_source(jnp.clip(_places(n, h) - down, 0, h - 1), jnp.clip(_places(n, w) - right, 0, w - 1)),)


@dataclasses.dataclass(frozen=True, repr=False)
class Crop(Augment):
    """Puts a mirrored frame around each picture and cuts one of the old size out of it, anywhere.

    Args:
        padding: how wide the frame is, in pixels.

    Raises:
        SpecError: for less than one pixel.
        ShapeError: from `shape`, when a picture is not larger than the frame is wide.

    Reference: He et al., "Deep residual learning for image recognition", 2016, https://arxiv.org/abs/1512.03385
    (section 4.2: 4 pixels around pictures of 32)

    >>> Crop(4).shape((32, 32, 3))
    (32, 32, 3)
    """

    padding: int

    def __post_init__(self) -> None:
        need_count(self, "padding")

    @property
    def reach(self) -> int:
        """The width of the frame."""
        return self.padding

    def sources(self, key: Array, shape: Shape) -> tuple[Source, ...]:
        """One source: the place so many pixels away, counted back from the edge where it would lie outside."""
        n, h, w, _ = shape
        down, right = _steps(key, n, self.padding)
        return (_source(_reflected(_places(n, h) - down, h), _reflected(_places(n, w) - right, w)),)


@dataclasses.dataclass(frozen=True, repr=False)
class Rotate(Augment):
    """Turns each picture around its middle, by an angle drawn from -degrees to degrees; its edge is drawn out.

    Between four pixels the mixture of them is taken (bilinear interpolation).

    Args:
        degrees: the largest angle, above 0 and at most 180.

    Raises:
        SpecError: for another angle.

    >>> Rotate(10).shape((28, 28, 1))
    (28, 28, 1)
    """

    degrees: float

    def __post_init__(self) -> None:
        need_range(self, "degrees", 0.0, math.nextafter(180.0, 200.0), open_low=True)

    def sources(self, key: Array, shape: Shape) -> tuple[Source, ...]:
        """Four sources: the pixels around the place that is turned to here."""
        n, h, w, _ = shape
        angle = jnp.deg2rad(jax.random.uniform(key, (n, 1, 1), jnp.float32, -self.degrees, self.degrees))
        middle = ((h - 1) / 2, (w - 1) / 2)
        down = (jnp.arange(h, dtype=jnp.float32) - middle[0])[None, :, None]
        right = (jnp.arange(w, dtype=jnp.float32) - middle[1])[None, None, :]
        i = jnp.clip(jnp.cos(angle) * down - jnp.sin(angle) * right + middle[0], 0, h - 1)
        j = jnp.clip(jnp.sin(angle) * down + jnp.cos(angle) * right + middle[1], 0, w - 1)
        above, left = jnp.floor(i), jnp.floor(j)
        return tuple(
            (jnp.minimum(above + a, h - 1).astype(jnp.int32), jnp.minimum(left + b, w - 1).astype(jnp.int32),
             jnp.abs(1 - a - (i - above)) * jnp.abs(1 - b - (j - left)))
            for a in (0, 1) for b in (0, 1)
        )  # fmt: skip


@dataclasses.dataclass(frozen=True, repr=False)
class Cutout(Augment):
    """Covers a square of each picture with 0, its middle drawn anywhere; after Rescale, 0 is middle grey.

    Args:
        size: the side of the square in pixels; at the edge less of it is seen.

    Raises:
        SpecError: for less than one pixel.
        ShapeError: from `shape`, when the square could cover a picture.

    Reference: DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout", 2017,
    https://arxiv.org/abs/1708.04552

    >>> Cutout(8).shape((32, 32, 3))
    (32, 32, 3)
    """

    size: int

    def __post_init__(self) -> None:
        need_count(self, "size")

    @property
    def reach(self) -> int:
        """The side of the square."""
        return self.size

    def sources(self, key: Array, shape: Shape) -> tuple[Source, ...]:
        """One source: the place itself, with no share where the square lies."""
        n, h, w, _ = shape
        rows, columns = _places(n, h), _places(n, w)
        top = jax.random.randint(keys.fold(key, "top"), (n, 1), 0, h, jnp.int32) - self.size // 2
        left = jax.random.randint(keys.fold(key, "left"), (n, 1), 0, w, jnp.int32) - self.size // 2
        covered = [(first <= places) & (places < first + self.size) for places, first in ((rows, top), (columns, left))]
        share = ~(covered[0][:, :, None] & covered[1][:, None, :])
        return ((rows[:, :, None], columns[:, None, :], share.astype(jnp.float32)),)


def _places(n: int, size: int) -> Int[Array, "n size"]:
    return jnp.broadcast_to(jnp.arange(size, dtype=jnp.int32), (n, size))


def _mirrored(key: Array, n: int, size: int) -> Int[Array, "n size"]:
    return jnp.where(jax.random.bernoulli(key, 0.5, (n, 1)), size - 1 - _places(n, size), _places(n, size))


def _steps(key: Array, n: int, most: int) -> Int[Array, "2 n 1"]:
    return jax.random.randint(key, (2, n, 1), -most, most + 1, jnp.int32)


def _reflected(places: Int[Array, "n size"], size: int) -> Int[Array, "n size"]:
    # the edge itself is not repeated: -1 is 1, and size is size - 2
    return (size - 1) - jnp.abs((size - 1) - jnp.abs(places))


def _source(rows: Int[Array, "n h"], columns: Int[Array, "n w"]) -> Source:
    return rows[:, :, None], columns[:, None, :], jnp.ones((1, 1, 1), jnp.float32)
