"""Attention: every query looks at all steps of a memory and takes the mean of what fits it best. Chapter: "Sequences".

Think of translating a sentence with the page before you: for each word you write, you look back at the words it comes
from. How much each step is looked at are numbers, `a`, which can be drawn: the alignment.

It is a function, not a layer of a chain: it takes two sequences, and a chain hands on one. `zoo.translator` uses it.

Reference: Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and translate", 2015,
https://arxiv.org/abs/1409.0473; the scaled dot product: Vaswani et al., "Attention is all you need", 2017,
https://arxiv.org/abs/1706.03762 (equation 1).
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float


def attend(
    query: Float[Array, "n q k"],
    offered: Float[Array, "n t k"],
    memory: Float[Array, "n t d"],
    real: Bool[Array, "n t"],
) -> tuple[Float[Array, "n q d"], Float[Array, "n q t"]]:
    """What each query takes from the memory, and how much it looked at each step.

        a = softmax over the real steps of (query . offered) / sqrt(k),  taken = a memory

    Args:
        query: what is looked for.
        offered: what each step says it has; compared with the query.
        memory: what each step gives.
        real: which steps there are; the others get a = 0 exactly. A row without any real step takes 0.

    Returns:
        `taken: [n, q, d]`, and `a: [n, q, t]`, which sums to 1 over the steps.

    >>> query, offered, real = jnp.ones((1, 1, 1)), jnp.ones((1, 3, 1)), jnp.array([[True, True, False]])
    >>> taken, a = attend(query, offered, jnp.array([[[1.0], [2.0], [3.0]]]), real)
    >>> taken.tolist(), a.tolist()
    ([[[1.5]]], [[[0.5, 0.5, 0.0]]])
    """
    fits = jnp.einsum("nqk,ntk->nqt", query, offered) / math.sqrt(query.shape[-1])
    here = real[:, None, :]
    fits = jnp.where(here, fits, jnp.finfo(fits.dtype).min)  # not -inf: a row without steps would be NaN
    a = jnp.where(here, jax.nn.softmax(fits, axis=-1), 0)
    return jnp.einsum("nqt,ntd->nqd", a, memory), a
