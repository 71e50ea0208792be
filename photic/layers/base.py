"""What a layer is: a frozen spec of plain values and three pure functions.

`shape(input) -> output` promises a size, `init(key, input) -> params, state` makes the arrays, and
`apply(params, state, x, at) -> y, state` computes. Params are what training changes, state is what a forward pass
remembers (running statistics); both are plain dicts of arrays. A spec holds neither, so it is hashable and has a JSON
form.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable
from typing import Any

from jaxtyping import Array, Int

from photic import keys, spec
from photic.errors import RequestError
from photic.spec import Knobs, Number
from photic.tensor import Shape

Params = dict[str, Any]
State = dict[str, Any]

#: How many steps of each row of a batch of sequences are real; the steps after them are padding. None: all of them.
Lengths = Int[Array, " n"] | None

#: Sees the output of the layer at a path ("layers.2", "layers.2.layers.0" inside a wiring layer), and gives back what
#: goes on from there: the same array to only look, another one to change it.
Tap = Callable[[str, Array], Array]


@dataclasses.dataclass(frozen=True, eq=False)
class Context:
    """What a forward pass knows besides its input.

    Args:
        train: whether this pass is part of a training step (structure, so a plain bool).
        key: where random draws of this pass start; None is enough when nothing is drawn.
        knobs: the values of this lane's Knobs.
        weight: `[n]` weights of the rows; a row of weight 0 is padding and must not touch any statistic.
        lengths: `[n]` real steps of each row of `x: [n, t, c]`, padded at the end; None where every step counts, and
            where there is no axis of time. A layer is given the lengths of its own input.
        tap: is shown the output of every layer; see `Tap`.
        path: where in the model this is, kept by the layers themselves.

    >>> at = Context(key=keys.root(0))
    >>> at.inside("layers", "2").path
    ('layers', '2')
    """

    train: bool = False
    key: Array | None = None
    knobs: Knobs = dataclasses.field(default_factory=dict)
    weight: Array | None = None
    lengths: Lengths = None
    tap: Tap | None = None
    path: tuple[str, ...] = ()

    def number(self, value: Number) -> Array | float:
        """The value of a number that may be a Knob, in this lane."""
        return spec.number(value, self.knobs)

    def inside(self, *names: str) -> Context:
        """The same context one or more steps further in: the place decides the key of the random draws there."""
        return dataclasses.replace(self, path=(*self.path, *names))

    def draw(self) -> Array:
        """The key for the random draws of the layer at this place; only a layer that draws pays for it.

        Raises:
            RequestError: when the pass was given no key.
        """
        place = ".".join(self.path)
        if self.key is None:
            raise RequestError(
                place or "layer", "a random draw needs a key", "None", source="the Context", fix="pass Context(key=...)"
            )
        return keys.fold(self.key, place)

    def seen(self, y: Array) -> Array:
        """Show the output of the layer at this place to the tap, and go on with what the tap gives back."""
        return y if self.tap is None else self.tap(".".join(self.path), y)


#: The context of a prediction: no training, no draws, every Knob at its own value.
PREDICT = Context()


@dataclasses.dataclass(frozen=True, repr=False)
class Layer(abc.ABC):
    """The contract every layer keeps; tests/laws holds it for all of them at once.

    A layer keeps all axes before those it works on, so the rows of a batch never mix, except in the statistics of
    BatchNorm while training. Errors in `shape` name as source "the input", or a path of the layer's own inner layers;
    `chain.shapes` turns both into places in the model.
    """

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

    def lengths(self, lengths: Lengths) -> Lengths:
        """The lengths of what comes out, for those of what goes in; None once the axis of time is gone.

        Raises:
            PlanError: when this layer would let padded steps count.
        """
        return lengths

    def words(self) -> str:
        """The layer in a line of a table or an error: as the user would type it, without any layers inside it."""
        return spec.words(self)

    def __repr__(self) -> str:
        return spec.words(self)
