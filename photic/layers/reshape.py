"""The same numbers in another arrangement: Flatten puts all of a row on one axis, Reshape on any.

Nothing is computed; the order of the numbers stays, the last axis running fastest. Chapter: "Tensor".
"""

from __future__ import annotations

import dataclasses
import math

from jaxtyping import Array, Float

from photic.errors import PlanError, ShapeError
from photic.layers.base import Context, Layer, Lengths, Params, State
from photic.layers.limits import as_tuple, refuse
from photic.tensor import Shape, words


@dataclasses.dataclass(frozen=True, repr=False)
class Flatten(Layer):
    """All numbers of a row on one axis, as Dense wants them: `[n, h, w, c]` becomes `[n, h * w * c]`.

    Raises:
        PlanError: from `lengths`, for sequences of unequal lengths: their padding would count as steps.

    >>> Flatten().shape((28, 28, 1))
    (784,)
    """

    def shape(self, input: Shape) -> Shape:
        """The product of all axes."""
        return (math.prod(input),)

    def lengths(self, lengths: Lengths) -> Lengths:
        """None: there is no axis of time afterwards, so there must be no padding before."""
        return _no_padding(self, lengths)

    def apply(
        self, params: Params, state: State, x: Float[Array, "n *axes"], at: Context
    ) -> tuple[Float[Array, "n d"], State]:
        """`x` as `[n, d]`."""
        return x.reshape(x.shape[0], math.prod(x.shape[1:])), state


@dataclasses.dataclass(frozen=True, repr=False)
class Reshape(Layer):
    """The numbers of a row on axes of other sizes: with `Reshape((8, 8, 1))`, `[n, 64]` becomes `[n, 8, 8, 1]`.

    Args:
        sizes: the per-row shape to give, without n. One size may be -1: whatever is left over.

    Raises:
        SpecError: for sizes below 1, or more than one -1.
        ShapeError: from `shape`, when the sizes do not hold as many numbers as come in.
        PlanError: from `lengths`, as Flatten.

    >>> Reshape((8, -1)).shape((64,))
    (8, 8)
    """

    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        as_tuple(self, "sizes")
        whole = all(type(size) is int and (size >= 1 or size == -1) for size in self.sizes)
        if not whole or self.sizes.count(-1) > 1:
            required = "sizes must be whole numbers of at least 1, at most one of them -1"
            refuse(self, required, self.sizes, "write the per-row shape without n, as in Reshape((8, 8, 1))")

    def shape(self, input: Shape) -> Shape:
        """The sizes, with -1 worked out."""
        have, fixed = math.prod(input), math.prod(size for size in self.sizes if size != -1)
        left, over = divmod(have, fixed)
        if over or (-1 not in self.sizes and left != 1):
            required = f"input needs {'a multiple of ' if -1 in self.sizes else ''}{fixed} numbers a row"
            fix = f"choose sizes whose product is {have}"
            raise ShapeError(self.words(), required, f"{have} in {words(input)}", source="the input", fix=fix)
        return tuple(left if size == -1 else size for size in self.sizes)

    def lengths(self, lengths: Lengths) -> Lengths:
        """None: the steps are somewhere else afterwards, so there must be no padding before."""
        return _no_padding(self, lengths)

    def apply(
        self, params: Params, state: State, x: Float[Array, "n *axes"], at: Context
    ) -> tuple[Float[Array, "n *sizes"], State]:
        """`x` as `[n, *sizes]`."""
        return x.reshape(x.shape[0], *self.shape(x.shape[1:])), state


def _no_padding(layer: Layer, lengths: Lengths) -> None:
    if lengths is not None:
        raise PlanError(
            layer.words(),
            "needs rows that are all equally long",
            "sequences of unequal lengths, whose padding would count as steps",
            source="the input",
            fix='put GlobalAveragePool() or a recurrent layer with states="last" before it',
        )
