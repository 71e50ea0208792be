"""Dropout: at every training step other neurons are silenced, so none can be relied on alone. Chapter: "Dropout".

What comes through is scaled up by as much as fell away, so the sum the next layer sees stays the same on average and
nothing has to change at prediction time, when all neurons speak.

Reference: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014,
https://jmlr.org/papers/v15/srivastava14a.html (section 10: scaling at training time). Lesson 16.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float

from photic.layers.base import Context, Layer, Params, State
from photic.layers.limits import need_range
from photic.spec import Number
from photic.tensor import Shape


@dataclasses.dataclass(frozen=True, repr=False)
class Dropout(Layer):
    """Sets each number to 0 with probability `rate` while training, and divides the survivors by 1 - rate.

    y = x * kept / (1 - rate), kept ~ Bernoulli(1 - rate), drawn anew for every number of every row and step.

    Args:
        rate: the share that is dropped, at least 0 and below 1; may be a Knob. Taken to 1/65536.

    Keeps any shape. When not training, or at rate 0, x comes out untouched.

    Raises:
        SpecError: for another rate.

    >>> from photic import keys
    >>> x = jnp.ones((1, 6))
    >>> y, _ = Dropout(0.5).apply({}, {}, x, Context(train=True, key=keys.root(1)))
    >>> sorted(set(y[0].tolist()))
    [0.0, 2.0]
    """

    rate: Number

    def __post_init__(self) -> None:
        need_range(self, "rate", 0.0, 1.0)

    def shape(self, input: Shape) -> Shape:
        """The shape stays as it is."""
        return input

    def apply(
        self, params: Params, state: State, x: Float[Array, "n *axes"], at: Context
    ) -> tuple[Float[Array, "n *axes"], State]:
        """The thinned and scaled `x` while training, `x` itself otherwise."""
        if not at.train or self.rate == 0:
            return x, state
        rate = at.number(self.rate)
        return jnp.where(_kept(at.draw(), x.shape, rate), x * (1 / (1 - rate)), 0.0), state


def _kept(key: Array, shape: Shape, rate: Array | float) -> Bool[Array, "*shape"]:
    # Drawing is the cost of dropout. One 32-bit draw decides about two neighbours, 16 bits each: up to four times
    # as fast as one draw a number, and a rate is never meant to more than 1/65536.
    *rows, last = shape
    draws = jax.random.bits(key, (*rows, (last + 1) // 2), jnp.uint32)
    halves = lax.bitcast_convert_type(draws, jnp.uint16).reshape(*rows, -1)[..., :last]
    return halves >= jnp.asarray(rate * 65536).astype(jnp.uint16)
