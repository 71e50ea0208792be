"""Embedding: each category gets a place of its own in a small space, and training moves similar ones together.

Reference: Bengio et al., "A neural probabilistic language model", 2003, https://jmlr.org/papers/v3/bengio03a.html;
for columns of a table: Guo and Berkhahn, "Entity embeddings of categorical variables", 2016,
https://arxiv.org/abs/1604.06737
"""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from jaxtyping import Array, Float

from photic import keys
from photic.errors import PlanError, ShapeError
from photic.layers.base import Context, Layer, Lengths, Params, State
from photic.layers.limits import need_choice, need_count, need_switch
from photic.maths.initializers import INITIALIZERS, draw
from photic.tensor import Shape, words


@dataclasses.dataclass(frozen=True, repr=False)
class Embedding(Layer):
    """Looks every code up in a learned table: y = table[code + 1], and table[0] for a code it does not know.

    Args:
        levels: how many categories there are; their codes are 0 to levels - 1, carried as numbers.
        units: how many numbers stand for one category.
        initializer: how the table starts, a name in `maths.initializers`; fan_in and fan_out are `units`.
        sequence: whether a row is a sequence of codes, `[n, t]`, rather than columns; it gives `[n, t, units]` then.

    Takes codes `[n, b]` or `[n]`, gives `[n, b * units]`; the b columns share one table (give each its own with
    Parallel). Params: `table: [levels + 1, units]`. Row 0 stands for anything unknown or missing (-1, NaN, a code out
    of range); it starts at 0, so what was never seen in training says nothing.

    Raises:
        SpecError: for fewer than one level or unit, or an unknown initializer.
        PlanError: from `lengths`, for sequences of unequal lengths taken as columns: their padding would count.

    >>> params = {"table": jnp.array([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])}
    >>> Embedding(2, 2).apply(params, {}, jnp.array([[1.0], [-1.0]]), Context())[0].tolist()
    [[3.0, 4.0], [0.0, 0.0]]
    """

    levels: int
    units: int
    initializer: str = "lecun_normal"
    sequence: bool = False

    def __post_init__(self) -> None:
        need_count(self, "levels")
        need_count(self, "units")
        need_choice(self, "initializer", INITIALIZERS)
        need_switch(self, "sequence")

    def shape(self, input: Shape) -> Shape:
        """`(b,)` becomes `(b * units,)`, and `()` becomes `(units,)`; a sequence `(t,)` becomes `(t, units)`."""
        if self.sequence and len(input) == 1:
            return (*input, self.units)
        if len(input) > 1 or self.sequence:
            raise ShapeError(
                self.words(),
                f"input needs codes, {'[n, t]' if self.sequence else '[n] or [n, d]'}",
                f"rank {len(input) + 1} {words(input)}",
                source="the input",
                fix="put Flatten() before it",
            )
        return (sum(input or (1,)) * self.units,)

    def lengths(self, lengths: Lengths) -> Lengths:
        """Those of the sequence, which keeps its steps; columns have none."""
        if lengths is not None and not self.sequence:
            required, got = "columns need rows that are all equally long", "sequences of unequal lengths"
            raise PlanError(self.words(), required, got, source="the input", fix="set sequence=True")
        return lengths

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """The table `[levels + 1, units]`, with zeros for the unknown."""
        known = draw(self.initializer, keys.fold(key, "table"), (self.levels, self.units), self.units, self.units)
        return {"table": jnp.pad(known, ((1, 0), (0, 0)))}, {}

    def apply(
        self, params: Params, state: State, x: Float[Array, "n *b"], at: Context
    ) -> tuple[Float[Array, "n *d"], State]:
        """The rows of the table side by side, `[n, b * units]`, or one after another, `[n, t, units]`."""
        known = (x >= 0) & (x < self.levels)  # false for NaN too
        rows = jnp.where(known, x, -1.0).astype(jnp.int32) + 1
        found = params["table"].at[rows].get(mode="promise_in_bounds", wrap_negative_indices=False)
        return found.reshape(x.shape[0], *self.shape(x.shape[1:])), state
