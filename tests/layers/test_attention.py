"""Attention against NumPy by hand; steps that are not real count for nothing; the gradient is that of differences."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from photic.layers.attention import attend

RNG = np.random.default_rng(0)
QUERY, OFFERED, MEMORY = (
    jnp.asarray(RNG.normal(size=shape), jnp.float32) for shape in ((4, 3, 5), (4, 6, 5), (4, 6, 2))
)
LENGTHS = np.array([6, 4, 1, 0])
REAL = jnp.asarray(np.arange(6) < LENGTHS[:, None])


def by_hand(query, offered, memory, lengths):
    """Row by row and query by query, over the real steps alone."""
    taken, looked = np.zeros((*query.shape[:2], memory.shape[2])), np.zeros((*query.shape[:2], memory.shape[1]))
    for n, length in enumerate(lengths):
        for q in range(query.shape[1] if length else 0):
            fits = np.exp(offered[n, :length] @ query[n, q] / np.sqrt(query.shape[2]))
            looked[n, q, :length] = fits / fits.sum()
            taken[n, q] = looked[n, q, :length] @ memory[n, :length]
    return taken, looked


def test_attention_is_that_of_numpy_by_hand():
    found, expected = (
        attend(QUERY, OFFERED, MEMORY, REAL),
        by_hand(*(np.asarray(each) for each in (QUERY, OFFERED, MEMORY)), LENGTHS),
    )
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)  # float32, another order of summation


def test_what_stands_after_the_end_changes_nothing():
    spoiled = [jnp.where(REAL[:, :, None], each, 1e9) for each in (OFFERED, MEMORY)]
    for one, other in zip(attend(QUERY, OFFERED, MEMORY, REAL), attend(QUERY, *spoiled, REAL), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_gradient_is_finite_where_a_row_has_no_step_and_agrees_with_differences():
    with jax.enable_x64(True):
        query = jnp.asarray(QUERY, jnp.float64)
        others = [jnp.asarray(each, jnp.float64) for each in (OFFERED, MEMORY)]
        value = lambda query: (attend(query, *others, REAL)[0] ** 2).sum()
        slope, h = np.asarray(jax.grad(value)(query)), 1e-6
        assert np.isfinite(slope).all() and not slope[3].any()
        for place in [(0, 0, 0), (1, 2, 4), (2, 1, 3)]:
            step = jnp.zeros_like(query).at[place].set(h)
            by_differences = float(value(query + step) - value(query - step)) / (2 * h)
            np.testing.assert_allclose(slope[place], by_differences, rtol=1e-5, atol=1e-8)
