"""Convolution: a small filter that looks at one place after another. Chapter: "Convolutional network".

Think of reading a page through a hole in a card. The card moves over the page, and at every place the reader asks the
same question about what the hole shows: is there an edge here? A filter is such a question; because it is the same
everywhere, it needs few weights and finds a thing wherever it stands. A layer asks `units` of them.

Reference: LeCun et al., "Gradient-based learning applied to document recognition", 1998,
https://doi.org/10.1109/5.726791 (section II); sizes and transposed convolution: Dumoulin and Visin, "A guide to
convolution arithmetic for deep learning", 2016, https://arxiv.org/abs/1603.07285. Lesson 14.
"""

from __future__ import annotations

import dataclasses
import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from photic import keys
from photic.errors import ShapeError
from photic.kernels import conv
from photic.kernels.window import Length, Window
from photic.layers.base import Context, Layer, Lengths, Params, State
from photic.layers.limits import need_choice, need_count, need_switch
from photic.layers.steps import cleared
from photic.layers.window import Settings, Sizes, along, lengths_after, need_padding, need_sizes, over
from photic.maths.initializers import INITIALIZERS, draw
from photic.tensor import Shape, words

Values = Float[Array, "n *space c"]
Maps = Float[Array, "n *places units"]


@dataclasses.dataclass(frozen=True, repr=False)
class Conv(Layer):
    """`units` filters laid on every place of a sequence, an image or a volume.

    z[p, u] = sum over taps k and channels c of x[p stride + k dilation - before, c] w[k, c, u], plus b[u]

    One layer for one, two and three space axes: the input decides. A size is one number for all axes or one for each.

    Args:
        units: how many filters, and so how many channels come out.
        kernel: taps of a filter on each axis.
        stride: how far it moves from place to place.
        dilation: how far apart its taps are.
        groups: channels and filters fall into so many parts, and a filter sees only the channels of its own part.
        padding: "same" (as many places as the input, divided by the stride and rounded up), "valid" (only places
            inside the input), "causal" (one axis: a step sees itself and those before it), or how many zeros stand
            before and after each axis.
        bias: whether each filter adds a number of its own, b.
        initializer: how the weights start, a name in `maths.initializers`; fan_in is taps * c / groups, fan_out
            taps * units / groups.

    Takes `[n, *space, c]`, gives `[n, *places, units]`. Params: `w: [*kernel, c / groups, units]` and `b: [units]`.
    Padded steps of a sequence are zeros to it, as everything beyond its end is.

    Raises:
        SpecError: for sizes below 1, groups that do not divide the units, an unknown padding or initializer.
        ShapeError: from `shape`, for an input without space axes, channels that the groups do not divide, or a kernel
            larger than its input.

    >>> params = {"w": jnp.array([[[-1.0]], [[1.0]]]), "b": jnp.zeros(1)}  # how much the next number is larger
    >>> x = jnp.array([[[1.0], [3.0], [6.0]]])
    >>> Conv(1, 2, padding="valid").apply(params, {}, x, Context())[0].ravel().tolist()
    [2.0, 3.0]
    """

    units: int
    kernel: Sizes
    stride: Sizes = 1
    dilation: Sizes = 1
    groups: int = 1
    padding: str | Sizes = "same"
    bias: bool = True
    initializer: str = "glorot_uniform"

    def __post_init__(self) -> None:
        need_count(self, "units")
        need_sizes(self, "kernel", "stride", "dilation")
        need_count(self, "groups")
        need_padding(self, "padding")
        need_switch(self, "bias")
        need_choice(self, "initializer", INITIALIZERS)

    def shape(self, input: Shape) -> Shape:
        """`(*space, c)` becomes `(*places, units)`."""
        window = self.placed(input)
        if input[-1] % self.groups or self.units % self.groups:
            raise ShapeError(
                self.words(),
                f"groups must divide the channels and the units: {self.groups}",
                f"{input[-1]} channels and {self.units} units in {words(input)}",
                source="the input",
                fix=f"set groups to a divisor of {math.gcd(input[-1], self.units)}",
            )
        return (*window.places(input[:-1]), self.units)

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """Filters `w: [*kernel, c / groups, units]` and, with `bias`, `b: [units]` of zeros."""
        window = self.placed(input)
        shape = (*window.sizes, input[-1] // self.groups, self.units)
        fans = (window.taps * shape[-2], window.taps * self.units // self.groups)
        params = {"w": draw(self.initializer, keys.fold(key, "w"), shape, *fans)}
        return (params | {"b": jnp.zeros(self.units)} if self.bias else params), {}

    def apply(self, params: Params, state: State, x: Values, at: Context) -> tuple[Maps, State]:
        """The weighted sums z, `[n, *places, units]`."""
        z = conv.convolve(cleared(x, at.lengths), params["w"], self.placed(x.shape[1:]), self.groups)
        return _plus(z, params, self.bias), state

    def lengths(self, lengths: Lengths) -> Lengths:
        """How many places see real steps."""
        return lengths_after(self._settings(), lengths)

    def _settings(self) -> Settings:
        return Settings(self, "kernel", self.kernel, self.stride, self.padding, self.dilation)

    def placed(self, input: Shape) -> Window:
        """Its window over an input."""
        return over(self._settings(), input)


@dataclasses.dataclass(frozen=True, repr=False)
class ConvTranspose(Layer):
    """A convolution the other way round: every number is spread out over the places that a filter covers.

    z[q, u] = sum of x[p, c] w[k, u, c] over all places p and taps k with p stride + k - before = q, plus b[u]

    It makes a small map large again, as a decoder needs; it is the gradient of the Conv with the same settings.

    Args:
        units: how many channels come out.
        kernel: taps of a filter on each axis.
        stride: how far apart the numbers are spread.
        padding: "same" (n becomes n stride), "valid" (all that a filter reaches), or how many places to leave out at
            both ends of each axis.
        bias: whether each channel adds a number of its own, b.
        initializer: how the weights start; fan_in is taps * c, fan_out taps * units.

    Takes `[n, *places, c]`, gives `[n, *space, units]`. Params: `w: [*kernel, units, c]` and `b: [units]`.

    Raises:
        SpecError: for sizes below 1, an unknown padding or initializer.
        ShapeError: from `shape`, for an input without space axes or of too few places.

    >>> params = {"w": jnp.array([[[1.0]], [[2.0]]]), "b": jnp.zeros(1)}
    >>> x = jnp.array([[[1.0], [10.0]]])
    >>> ConvTranspose(1, 2, stride=2).apply(params, {}, x, Context())[0].ravel().tolist()
    [1.0, 2.0, 10.0, 20.0]
    """

    units: int
    kernel: Sizes
    stride: Sizes = 1
    padding: str | Sizes = "same"
    bias: bool = True
    initializer: str = "glorot_uniform"

    def __post_init__(self) -> None:
        need_count(self, "units")
        need_sizes(self, "kernel", "stride")
        need_padding(self, "padding", ("same", "valid"))
        need_switch(self, "bias")
        need_choice(self, "initializer", INITIALIZERS)

    def shape(self, input: Shape) -> Shape:
        """`(*places, c)` becomes `(*space, units)`."""
        return (*self._space(input), self.units)

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """Filters `w: [*kernel, units, c]` and, with `bias`, `b: [units]` of zeros."""
        window = self.placed(input)
        fans = (window.taps * input[-1], window.taps * self.units)
        shape = (*window.sizes, self.units, input[-1])
        params = {"w": draw(self.initializer, keys.fold(key, "w"), shape, *fans)}
        return (params | {"b": jnp.zeros(self.units)} if self.bias else params), {}

    def apply(self, params: Params, state: State, x: Values, at: Context) -> tuple[Maps, State]:
        """The sums z, `[n, *space, units]`."""
        size = x.shape[1:]
        z = conv.spread(cleared(x, at.lengths), params["w"], self.placed(size), self._space(size))
        return _plus(z, params, self.bias), state

    def lengths(self, lengths: Lengths) -> Lengths:
        """Every step becomes `stride` of them, and with "valid" the last one as many as the kernel has taps."""
        if lengths is None:
            return None
        return jnp.where(lengths > 0, self._spread(lengths, 0), 0)

    def _spread(self, n: Length, axis: int) -> Length:
        stride = along(self.stride, axis)
        if self.padding == "same":
            return n * stride
        around = 0 if isinstance(self.padding, str) else 2 * along(self.padding, axis)
        return (n - 1) * stride + along(self.kernel, axis) - around

    def _space(self, input: Shape) -> Shape:
        over(Settings(self, "kernel", self.kernel, self.stride, "same"), input)  # refuses another number of axes
        rank = len(input) - 1
        if not isinstance(self.padding, str | int) and len(self.padding) != rank:
            over(Settings(self, "kernel", self.kernel, self.stride, self.padding), input)
        space = tuple(self._spread(n, axis) for axis, n in enumerate(input[:-1]))
        if min(space) < 1:
            raise ShapeError(
                self.words(),
                "padding must leave something of the output",
                f"{self.padding!r} of {words(input)}",
                source="the input",
                fix="make padding smaller",
            )
        return space

    def placed(self, input: Shape) -> Window:
        """Its window over the output."""
        return over(Settings(self, "kernel", self.kernel, self.stride, self.padding), (*self._space(input), self.units))


def _plus(z: Maps, params: Params, bias: bool) -> Maps:
    return z + params["b"].reshape(*[1] * (z.ndim - 1), -1) if bias else z
