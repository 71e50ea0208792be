"""Periodic: every number also as waves of itself, so that a network can bend more than once along one column.

A neuron sees a number through one weight: it can only say "the more, the more". How many bikes are hired goes up and
down and up again in a day; a cosine of the hour does so by itself, and training finds its frequency and its phase.

Reference: Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep learning", 2022,
https://arxiv.org/abs/2203.05556 (section 3.3); with the number itself beside its waves and a phase instead of sines:
Holzmueller, Grinsztajn and Steinwart, "Better by default", 2024, https://arxiv.org/abs/2407.04491. Lesson 5.
"""

from __future__ import annotations

import dataclasses
import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from photic import keys, tensor
from photic.layers.base import Context, Layer, Params, State
from photic.layers.limits import need_count, need_range
from photic.tensor import Shape


@dataclasses.dataclass(frozen=True, repr=False)
class Periodic(Layer):
    """Every column and `waves` cosines of it: y = (x, cos(frequency x + phase)).

    Args:
        waves: k, how many cosines a column gets.
        spread: the standard deviation of the turns in a unit of x that the frequencies start with; phases start
            anywhere on the circle.

    Takes `[n, d]`, gives `[n, d (1 + k)]`: the columns as they were, then the k waves of the first, of the second ...
    Params: `frequency: [d, k]` and `phase: [d, k]`, in radians.

    Raises:
        SpecError: for fewer than one wave, or a spread that is not above 0.

    >>> params = {"frequency": jnp.array([[math.pi]]), "phase": jnp.array([[0.0]])}
    >>> Periodic(1).apply(params, {}, jnp.array([[2.0], [3.0]]), Context())[0].tolist()
    [[2.0, 1.0], [3.0, -1.0]]
    """

    waves: int = 4
    spread: float = 0.2

    def __post_init__(self) -> None:
        need_count(self, "waves")
        need_range(self, "spread", 0.0, math.inf, open_low=True)

    def shape(self, input: Shape) -> Shape:
        """`(d,)` becomes `(d (1 + k),)`; any other rank is refused."""
        tensor.need_rank(self.words(), input, 1, "put Flatten() before it")
        return (input[0] * (1 + self.waves),)

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """Normal frequencies of the given spread, and phases spread evenly over the circle."""
        size = (input[0], self.waves)
        turns = self.spread * jax.random.normal(keys.fold(key, "frequency"), size, jnp.float32)
        phase = jax.random.uniform(keys.fold(key, "phase"), size, jnp.float32, -math.pi, math.pi)
        return {"frequency": 2 * math.pi * turns, "phase": phase}, {}

    def apply(
        self, params: Params, state: State, x: Float[Array, "n d"], at: Context
    ) -> tuple[Float[Array, "n e"], State]:
        """The columns and their waves side by side, `[n, d (1 + k)]`."""
        angle = x[:, :, None] * params["frequency"][None] + params["phase"][None]
        return jnp.concatenate([x, jnp.cos(angle).reshape(x.shape[0], -1)], axis=1), state
