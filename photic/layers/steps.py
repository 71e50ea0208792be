"""The real steps of padded sequences: a batch `x: [n, t, c]` is padded at the end, `lengths: [n]` says from where on.

Padding must not count anywhere: a padded sequence gives the values and gradients it would give unpadded, whatever
stands in its padding. A layer that looks at more than one step (convolution, pooling, norms over time, recurrence,
attention) therefore asks here which steps are real. tests/laws holds it for every layer that takes sequences.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, Shaped

from photic.layers.base import Lengths


def real(lengths: Int[Array, " n"], t: int) -> Bool[Array, "n t"]:
    """Which of t steps are real in every row: s < length.

    >>> real(jnp.array([2, 0]), 3).tolist()
    [[True, True, False], [False, False, False]]
    """
    return jnp.arange(t)[None] < lengths[:, None]


def cleared(x: Shaped[Array, "n t *c"], lengths: Lengths) -> Shaped[Array, "n t *c"]:
    """X with zeros in its padding, whatever stood there; x itself without lengths.

    >>> cleared(jnp.array([[[1.0], [7.0]]]), jnp.array([1])).tolist()
    [[[1.0], [0.0]]]
    """
    if lengths is None:
        return x
    here = real(lengths, x.shape[1])
    return jnp.where(here.reshape(*here.shape, *[1] * (x.ndim - 2)), x, jnp.zeros((), x.dtype))
