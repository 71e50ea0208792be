"""What a layer is: a frozen spec of plain values and three pure functions.

`shape(input) -> output` promises a size, `init(key, input) -> params, state` makes the arrays, and
`apply(params, state, x, at) -> y, state` computes. Params are what training changes, state is what a forward pass
remembers (running statistics); both are plain dicts of arrays. A spec holds neither, so it is hashable and has a JSON form.
"""

from __future__ import annotations

import abc
import dataclasses
from typing import Any

from jaxtyping import Array

from photic import keys
from photic.spec import Knobs, Number, number
from photic.tensor import Shape

Params = dict[str, Any]
State = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Context:
    """What a forward pass knows besides its input.

    Args:
        train: whether this pass is part of a training step (structure, so a plain bool).
        key: where random draws of this pass start; None is enough when nothing is drawn.
        knobs: the values of this lane's Knobs.
        weight: `[n]` weights of the rows; a row of weight 0 is padding and must not touch any statistic.
    """

    train: bool = False
    key: Array | None = None
    knobs: Knobs = dataclasses.field(default_factory=dict)
    weight: Array | None = None

    def number(self, value: Number) -> Array | float:
        """The value of a number that may be a Knob, in this lane."""
        return number(value, self.knobs)

    def inside(self, name: str) -> Context:
        """The context of an inner layer called `name`: the same, with a key of its own."""
        return dataclasses.replace(self, key=None if self.key is None else keys.fold(self.key, name))


@dataclasses.dataclass(frozen=True)
class Layer(abc.ABC):
    """The contract every layer keeps; tests/laws holds it for all of them at once."""

    @abc.abstractmethod
    def shape(self, input: Shape) -> Shape:
        """The per-row shape that comes out for a per-row shape going in.

        Raises:
            ShapeError: when this layer cannot take such an input; raised before anything compiles.
        """

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """Fresh params and state for a per-row input shape; most layers without weights have neither."""
        return {}, {}

    @abc.abstractmethod
    def apply(self, params: Params, state: State, x: Array, at: Context) -> tuple[Array, State]:
        """The output for a batch `x` of shape `[n, *input]`, and the state after it."""
