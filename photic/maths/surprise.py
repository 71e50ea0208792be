"""Surprise at the symbols of a text, in bits, and as a number of symbols among which one would be as unsure.

Reference: Shannon, "Prediction and entropy of printed English", 1951,
https://doi.org/10.1002/j.1538-7305.1951.tb01366.x. Lesson 22.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

Chances = Float[Array | np.ndarray, "n c"]
Codes = Int[Array | np.ndarray, " n"]
Weights = Float[Array | np.ndarray, " n"]


def bits(p: Chances, y: Codes, weight: Weights) -> Float[Array, ""]:
    """Mean surprise at the symbol that came, -log2 p_y, in bits; of characters: bits per character.

    So many bits a good coder would need for each symbol with these probabilities. The least probability is the
    precision of p, as in `metrics.log_loss`.

    >>> float(bits(np.array([[0.25, 0.75]]), np.array([0]), np.ones(1)))
    2.0
    """
    return _surprise(p, y, weight) / jnp.log(2.0)


def perplexity(p: Chances, y: Codes, weight: Weights) -> Float[Array, ""]:
    """Among how many equally probable symbols one would be as unsure: exp of the mean of -log p_y.

    >>> float(perplexity(np.array([[0.25, 0.75]]), np.array([0]), np.ones(1)))
    4.0
    """
    return jnp.exp(_surprise(p, y, weight))


def _surprise(p: Chances, y: Codes, weight: Weights) -> Float[Array, ""]:
    p, weight = jnp.asarray(p), jnp.asarray(weight)
    counts = weight > 0
    lost = jnp.any(jnp.isnan(p).any(axis=1) & counts)  # one NaN that counts makes the whole NaN
    true = jnp.where(counts, jnp.asarray(y), 0)
    chance = jnp.take_along_axis(p, true[:, None], axis=1)[:, 0]
    each = jnp.where(counts, -jnp.log(jnp.maximum(chance, jnp.finfo(p.dtype).eps)), 0)
    return jnp.where(lost, jnp.nan, (each * weight.astype(p.dtype)).sum() / weight.sum().astype(p.dtype))
