"""mixup: a step is taken on blends of two rows and of their targets, so that a network is linear between what it saw.

x' = s x_i + (1 - s) x_j and y' = s y_i + (1 - s) y_j with s ~ Beta(a, a), one s for a batch. No target is blended here:
the loss of x' is s l(z, y_i) + (1 - s) l(z, y_j), which for cross-entropy is the loss of y' itself, and for squared
errors differs from it by a number that does not depend on the network. So classes stay codes and every loss takes part.

It is part of the objective, not a layer: a layer never sees y.

Reference: Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: beyond empirical risk minimization", 2018,
https://arxiv.org/abs/1710.09412
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Shaped

from photic import keys


class Mixed(NamedTuple):
    """A batch of blends.

    Args:
        x: `[n, ...]` the blends.
        partner: `[n]` which row each was blended with; a row of weight 0 with itself.
        share: s, how much of each is the row's own.
        lengths: `[n]` of series, those of the longer of the two: after its end the shorter counts as its mean, 0.
    """

    x: Float[Array, "n ..."]
    partner: Int[Array, " n"]
    share: Float[Array, ""]
    lengths: Int[Array, " n"] | None


def mixed(
    x: Shaped[Array, "n ..."],
    weight: Float[Array, " n"],
    lengths: Int[Array, " n"] | None,
    strength: Array | float,
    key: Array,
) -> Mixed:
    """Every row that counts, blended with another one that counts.

    Partners are so many places further round among the rows of weight above 0: rows come in a new order in every
    epoch, so that is as random as a permutation, and padding never enters a blend.

    Args:
        strength: a of the Beta distribution; 0 blends nothing.
        key: of this step.

    >>> x = jnp.array([[0.0], [1.0], [9.0]])
    >>> found = mixed(x, jnp.array([1.0, 1.0, 0.0]), None, 0.2, keys.root(0))
    >>> found.partner.tolist(), bool(jnp.allclose(found.x[0, 0] + found.x[1, 0], 1.0)), found.x[2, 0].item()
    ([1, 0, 2], True, 9.0)
    """
    n, real = x.shape[0], weight > 0
    place = jnp.cumsum(real)  # counted from 1
    count = place[-1]
    step = jax.random.randint(keys.fold(key, "partner"), (), 1, jnp.maximum(count, 2))
    wanted = (place - 1 + step) % jnp.maximum(count, 1)
    partner = jnp.where(real, jnp.searchsorted(place, wanted + 1), jnp.arange(n))
    strength = jnp.asarray(strength, weight.dtype)
    drawn = jax.random.beta(keys.fold(key, "share"), *(jnp.where(strength > 0, strength, 1),) * 2, dtype=weight.dtype)
    share = jnp.where((strength > 0) & (count > 1), drawn, 1)
    own = x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(weight.dtype)
    blend = own[partner] + share.astype(own.dtype) * (own - own[partner])
    blend = jnp.where(share < 1, blend, own)
    return Mixed(blend, partner, share, None if lengths is None else jnp.maximum(lengths, lengths[partner]))
