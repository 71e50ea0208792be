"""Sampling: a text that goes on, symbol by symbol, each drawn from what the network says comes next.

The memory of the recurrent layers is carried from one symbol to the next, so a symbol costs one step however long the
text is. Chapter: "Sequences at work".

Reference: Graves, "Generating sequences with recurrent neural networks", 2013, https://arxiv.org/abs/1308.0850
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from photic.layers import streaming
from photic.layers.base import Context
from photic.model import Model
from photic.tree import Tree


def continued(
    model: Model,
    params: Tree,
    state: Tree,
    prompt: Int[np.ndarray, " s"],
    length: int,
    *,
    temperature: float,
    key: Array,
    banned: Bool[np.ndarray, " c"] | None = None,
) -> Int[np.ndarray, " length"]:
    """The codes of the symbols that follow a prompt: s ~ softmax(z / temperature), at temperature 0 the largest z.

    One compiled program for each power of two that prompt and length are filled up to.

    Args:
        prompt: at least one code.
        length: how many symbols to draw.
        temperature: below 1 the network keeps to what it is sure of, above 1 it dares more.
        banned: symbols that are never drawn, such as the unknown.

    Raises:
        PlanError: for a network that does not read step by step, forward.

    >>> from photic.layers import Dense, Embedding, LSTM
    >>> model = Model(Embedding(3, 4, sequence=True), LSTM(5, returns="all"), Dense(3))
    >>> params, state = model.init(jax.random.key(0), (6,))
    >>> codes = continued(model, params, state, np.array([1]), 7, temperature=1.0, key=jax.random.key(1))
    >>> codes.shape, bool(((codes >= 0) & (codes < 3)).all())
    ((7,), True)
    """
    filled = np.zeros((1, _power(len(prompt))), np.float32)
    filled[0, : len(prompt)] = prompt
    lengths = np.array([len(prompt)], np.int32)
    shape = model.shape(filled.shape[1:])
    never = np.zeros(shape[-1], bool) if banned is None else banned
    empty = streaming.begin(model.layers, params, state, 1)
    drawn = _drawn(model, _power(length), params, empty, filled, lengths, jnp.float32(temperature), key, never)
    return np.asarray(drawn)[:length]


def _power(n: int) -> int:
    return 1 << max(0, n - 1).bit_length()


@functools.partial(jax.jit, static_argnums=(0, 1))
def _drawn(
    model: Model,
    length: int,
    params: Tree,
    state: Tree,
    prompt: Float[Array, "1 s"],
    lengths: Int[Array, " 1"],
    temperature: Float[Array, ""],
    key: Array,
    never: Bool[Array, " c"],
) -> Int[Array, " length"]:
    z, state = model.apply(params, state, prompt, Context(lengths=lengths))
    last = z[0, lengths[0] - 1]

    def step(carry: tuple[Tree, Array], own: Array) -> tuple[tuple[Tree, Array], Array]:
        state, z = carry
        z = jnp.where(never, -jnp.inf, z)
        warm = jax.random.categorical(own, z / jnp.maximum(temperature, 1e-6))
        code = jnp.where(temperature > 0, warm, z.argmax())
        z, state = model.apply(params, state, code.astype(jnp.float32)[None, None], Context())
        return (state, z[0, 0]), code

    return jax.lax.scan(step, (state, last), jax.random.split(key, length))[1]
