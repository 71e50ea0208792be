"""Losses where every place of a row has a target: the mean over its own places, and padding counts for nothing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic.maths import losses, places
from photic.maths.losses import MSE, BinaryCrossEntropy, CrossEntropy

RNG = np.random.default_rng(0)
CASES = {
    "numbers": (MSE(), RNG.normal(size=(3, 5, 1)).astype("f4"), RNG.normal(size=(3, 5, 1)).astype("f4")),
    "two classes": (
        BinaryCrossEntropy(),
        RNG.normal(size=(3, 5, 1)).astype("f4"),
        RNG.integers(0, 2, (3, 5, 1)).astype("f4"),
    ),
    "several": (CrossEntropy(0.1), RNG.normal(size=(3, 5, 4)).astype("f4"), RNG.integers(0, 4, (3, 5)).astype("i4")),
    "pixels": (
        CrossEntropy(),
        RNG.normal(size=(3, 2, 3, 4)).astype("f4"),
        RNG.integers(0, 4, (3, 2, 3)).astype("i4"),
    ),
}


def without(y, rows):
    """The targets with some places of the first row taken away."""
    y = y.copy()
    y[0, rows] = -1 if y.dtype.kind == "i" else np.nan
    return y


@pytest.mark.parametrize("case", CASES)
def test_a_row_is_the_mean_over_its_places(case):
    loss, z, y = CASES[case]
    flat_z, flat_y, there = places.flat(z, y)
    assert there.all()
    each = np.asarray(loss.rows(jnp.asarray(flat_z), jnp.asarray(flat_y), {})).reshape(3, -1)
    np.testing.assert_allclose(losses.of_rows(loss, jnp.asarray(z), jnp.asarray(y), {}), each.mean(axis=1), rtol=1e-5)


@pytest.mark.parametrize("case", ["numbers", "two classes", "several"])
def test_padded_equals_unpadded_in_value_and_gradient(case):
    loss, z, y = CASES[case]
    short = jax.value_and_grad(lambda z, y: losses.of_rows(loss, z, y, {})[0])(
        jnp.asarray(z[:, :3]), jnp.asarray(y[:, :3])
    )
    padded = jax.value_and_grad(lambda z, y: losses.of_rows(loss, z, y, {})[0])(
        jnp.asarray(z), jnp.asarray(without(y, slice(3, None)))
    )
    np.testing.assert_allclose(padded[0], short[0], rtol=1e-6)
    np.testing.assert_allclose(padded[1][:, :3], short[1], rtol=1e-6)
    assert not np.asarray(padded[1][:, 3:]).any()


def test_a_row_without_any_target_is_zero_and_pulls_at_nothing():
    loss, z, y = CASES["two classes"]
    y = without(y, slice(None))
    value, slope = jax.value_and_grad(lambda z: losses.of_rows(loss, z, jnp.asarray(y), {})[0])(jnp.asarray(z))
    assert value == 0
    assert not np.asarray(slope).any()
