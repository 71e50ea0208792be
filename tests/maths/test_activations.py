"""Activations against SciPy and NumPy by hand, their gradients, and what the table says of range and saturation."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

from photic.maths import activations
from photic.maths.activations import ACTIVATIONS, FLAT

GRID = np.linspace(-12, 12, 2401)
SINGLE = [name for name in ACTIVATIONS if name != "softmax"]

#: Value and derivative of every function, from SciPy or by hand, in float64.
WITNESSES = {
    "identity": (lambda x: x, np.ones_like),
    "sigmoid": (special.expit, lambda x: special.expit(x) * special.expit(-x)),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(np.clip(x, -300, 300)) ** 2),
    "relu": (lambda x: np.maximum(x, 0), lambda x: (x > 0).astype(float)),
    "leaky_relu": (lambda x: np.where(x >= 0, x, 0.01 * x), lambda x: np.where(x >= 0, 1, 0.01)),
    "elu": (lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), lambda x: np.exp(np.minimum(x, 0))),
    "gelu": (lambda x: x * stats.norm.cdf(x), lambda x: stats.norm.cdf(x) + x * stats.norm.pdf(x)),
    "silu": (
        lambda x: x * special.expit(x),
        lambda x: special.expit(x) * (1 + x * special.expit(-x)),
    ),
    "softplus": (lambda x: np.logaddexp(0, x), special.expit),
}


def value_and_slope(name, x):
    """f(x) and f'(x) of every element in float32, in one compiled program."""
    function = ACTIVATIONS[name].function

    def both(x):
        value, pull = jax.vjp(function, x)
        return value, pull(jnp.ones_like(x))[0]

    return tuple(np.asarray(part, float) for part in jax.jit(both)(jnp.asarray(x, jnp.float32)))


@pytest.fixture(scope="module")
def curves():
    """Of every function: value and slope on the grid, followed by -1e4, 0 and 1e4."""
    return {name: value_and_slope(name, np.append(GRID, [-1e4, 0.0, 1e4])) for name in SINGLE}


@pytest.mark.parametrize("name", SINGLE)
def test_value_and_derivative_agree_with_scipy(curves, name):
    x = np.append(GRID, [-1e4, 0.0, 1e4]).astype(np.float32).astype(float)
    for mine, witness in zip(curves[name], WITNESSES[name], strict=True):
        assert np.isfinite(mine).all()
        np.testing.assert_allclose(mine, witness(x), rtol=1e-5, atol=2e-6)  # float32; gelu loses digits left of -5


@pytest.mark.parametrize("name", SINGLE)
def test_range_is_kept_and_reached(curves, name):
    value, (low, high) = curves[name][0], ACTIVATIONS[name].limits
    assert value.min() >= low
    assert value.max() <= high
    assert value.min() == pytest.approx(low, abs=1e-3) if np.isfinite(low) else value.min() <= -100
    assert value.max() == pytest.approx(high, abs=1e-3) if np.isfinite(high) else value.max() >= 1e4
    assert ACTIVATIONS[name].bounded == bool(np.isfinite([low, high]).any())


@pytest.mark.parametrize("name", SINGLE)
def test_it_saturates_where_the_table_says(curves, name):
    slope, (low, high) = np.abs(curves[name][1][: GRID.size]), ACTIVATIONS[name].flat
    steep = GRID[slope >= FLAT - 1e-7]  # leaky ReLU's 0.01 is not flat
    assert slope[(low > GRID) | (high < GRID)].max(initial=0) < FLAT
    for end, edge in ((low, steep.min()), (high, steep.max())):
        assert edge == pytest.approx(end, abs=0.1) if np.isfinite(end) else abs(edge) == 12
        assert not np.isfinite(end) or f"{end:g}" in ACTIVATIONS[name].saturates


@pytest.mark.parametrize("logits", [[1e4, 0.0, -1e4], [1e4, 1e4, -1e4], [-1e4, -1e4, -1e4], [0.3, -1.2, 2.0]])
def test_softmax_and_its_derivative_agree_with_scipy(logits):
    x = jnp.asarray([logits, [1.0, 2.0, 3.0]])
    p = special.softmax(np.asarray(x, float), axis=-1)
    np.testing.assert_allclose(activations.softmax(x), p, rtol=1e-6)
    slope = jax.jit(jax.jacrev(activations.softmax))(x[0])
    np.testing.assert_allclose(slope, np.diag(p[0]) - np.outer(p[0], p[0]), atol=1e-6)


def test_softmax_saturates_where_the_table_says():
    """Against one other input that is 4.6 behind, p (1 - p) falls below FLAT."""
    p = np.asarray(activations.softmax(jnp.asarray([[4.6, 0.0], [4.5, 0.0]])), float)[:, 0]
    assert p[0] * (1 - p[0]) < FLAT < p[1] * (1 - p[1])
    assert "4.6" in ACTIVATIONS["softmax"].saturates


def test_slope_and_alpha_may_be_lanes():
    x, lanes = jnp.asarray([-2.0, 3.0]), jnp.asarray([0.5, 2.0])
    leaky = jax.vmap(activations.leaky_relu, in_axes=(None, 0))(x, lanes)
    assert leaky.tolist() == [[-1.0, 3.0], [-4.0, 3.0]]
    curved = jax.vmap(activations.elu, in_axes=(None, 0))(x, lanes)
    np.testing.assert_allclose(curved, [[0.5 * np.expm1(-2), 3], [2 * np.expm1(-2), 3]], rtol=1e-6)


def test_the_table_names_each_function_by_its_own_name():
    assert all(name == row.name == row.function.__name__ for name, row in ACTIVATIONS.items())
