"""Sums over rows that lie on two devices."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic.kernels.shares import summed


def total(rows: int, axis: int) -> tuple[np.ndarray, np.ndarray, str]:
    mesh = jax.make_mesh((2,), ("row",), axis_types=(jax.sharding.AxisType.Auto,))
    a, b = (np.random.default_rng(seed).normal(size=(rows, 3)).astype(np.float32) for seed in (0, 1))
    turn = (lambda array: array) if axis == 0 else (lambda array: array.T)
    product = lambda a, b: turn(a).T @ turn(b)
    with jax.set_mesh(mesh):
        both = jax.jit(lambda a, b: summed(product, turn(a), turn(b), axis=axis)).lower(a, b)
        found = both.compile()(a, b)
    return np.asarray(found), a.T @ b, both.as_text()


@pytest.mark.parametrize("axis", [0, 1])
def test_every_device_adds_up_its_own_rows(axis):
    found, expected, text = total(8, axis)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert "manual_computation" in text


def test_rows_that_cannot_be_shared_evenly_are_added_up_as_they_are():
    found, expected, text = total(7, 0)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert "manual_computation" not in text


def test_without_devices_that_share_rows_nothing_is_split():
    assert "shard_map" not in str(jax.make_jaxpr(lambda x: summed(lambda x: x.sum(0), x))(jnp.ones((4, 2))))
