"""Initializers: the variance and the limits that each law promises, and orthogonality."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic.errors import SpecError
from photic.maths.initializers import INITIALIZERS, draw

KEY = jax.random.key(11)
FAN_IN, FAN_OUT = 200, 100

#: Variance by hand, as each paper states it.
VARIANCES = {
    "uniform": 1 / (3 * FAN_IN),
    "glorot_uniform": 2 / (FAN_IN + FAN_OUT),
    "glorot_normal": 2 / (FAN_IN + FAN_OUT),
    "he_uniform": 2 / FAN_IN,
    "he_normal": 2 / FAN_IN,
    "lecun_uniform": 1 / FAN_IN,
    "lecun_normal": 1 / FAN_IN,
}


@pytest.mark.parametrize("name", VARIANCES)
def test_mean_and_variance_are_the_promised_ones(name):
    w = np.asarray(draw(name, KEY, (FAN_IN, FAN_OUT), FAN_IN, FAN_OUT), float)
    deviation = np.sqrt(VARIANCES[name])
    # Of 20,000 numbers: four standard errors of the mean, and of the variance of a normal.
    assert abs(w.mean()) < 4 * deviation / np.sqrt(w.size)
    assert w.var() == pytest.approx(VARIANCES[name], rel=4 * np.sqrt(2 / w.size))


@pytest.mark.parametrize("name", [name for name in VARIANCES if name.endswith("uniform")])
def test_uniform_weights_fill_their_limits(name):
    w = np.abs(draw(name, KEY, (FAN_IN, FAN_OUT), FAN_IN, FAN_OUT))
    limit = np.sqrt(3 * VARIANCES[name])
    assert 0.999 * limit < w.max() <= limit * (1 + 1e-6)  # float32


@pytest.mark.parametrize("name", [name for name in VARIANCES if name.endswith("normal")])
def test_normal_weights_are_not_cut_off(name):
    w = np.abs(draw(name, KEY, (FAN_IN, FAN_OUT), FAN_IN, FAN_OUT)) / np.sqrt(VARIANCES[name])
    assert (w > 3).mean() == pytest.approx(0.0027, rel=0.5)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (2, 3, 4)])
def test_orthogonal_keeps_lengths(shape):
    w = np.asarray(draw("orthogonal", KEY, shape, 4, 4), float).reshape(-1, shape[-1])
    small = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
    np.testing.assert_allclose(small, np.eye(len(small)), atol=1e-6)  # float32


def test_constants():
    assert draw("zeros", KEY, (2, 1), 2, 1).tolist() == [[0.0], [0.0]]
    assert draw("ones", KEY, (2,), 2, 1).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", INITIALIZERS)
def test_float32_from_the_key_alone(name):
    first, again, other = (draw(name, key, (3, 2), 3, 2) for key in (KEY, KEY, jax.random.key(12)))
    assert first.dtype == jnp.float32
    assert first.shape == (3, 2)
    assert (first == again).all()
    assert (first == other).all() == (name in ("zeros", "ones"))


def test_unknown_name_is_refused():
    with pytest.raises(SpecError) as refusal:
        draw("glorot", KEY, (3, 2), 3, 2)
    assert str(refusal.value).startswith(
        "initializer: needs a known name, got 'glorot'\nfrom the layer's settings; did you mean 'glorot_normal'? known:"
    )


def test_orthogonal_bias_is_refused():
    with pytest.raises(SpecError) as refusal:
        draw("orthogonal", KEY, (3,), 3, 2)
    assert str(refusal.value) == (
        "initializer orthogonal: needs weights with two axes or more, got shape [3]\n"
        "from the layer's weights; choose zeros for a bias."
    )
