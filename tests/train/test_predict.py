"""Outputs for any number of rows: the same whatever passes they go through in, and on however many devices."""

import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.layers import LSTM, Conv, Dense, Flatten, GlobalAveragePool
from photic.layers.base import Context
from photic.model import Model
from photic.train.predict import outputs

_EXACT = 1e-5  # sums in another order


@pytest.mark.parametrize("n", [1, 3, 64, 65, 700])
def test_passes_give_what_one_forward_pass_gives(n):
    model = Model(Conv(8, 3), Flatten(), Dense(2))
    params, state = model.init(keys.root(0), (40, 40, 1))
    x = np.random.default_rng(0).normal(size=(n, 40, 40, 1)).astype(np.float32)
    whole, _ = model.apply(params, state, jnp.asarray(x))
    np.testing.assert_allclose(outputs(model, params, state, x), whole, rtol=_EXACT, atol=_EXACT)


def test_lengths_go_with_their_rows():
    model = Model(LSTM(3, returns="all"), GlobalAveragePool(), Dense(1))
    params, state = model.init(keys.root(0), (9, 2))
    rng = np.random.default_rng(0)
    x, lengths = rng.normal(size=(100, 9, 2)).astype(np.float32), rng.integers(1, 10, 100)
    whole, _ = model.apply(params, state, jnp.asarray(x), Context(lengths=jnp.asarray(lengths)))
    z = outputs(model, params, state, x, lengths)
    np.testing.assert_allclose(z, whole, rtol=_EXACT, atol=_EXACT)
    x[np.arange(9) >= lengths[:, None]] = 7.0
    np.testing.assert_allclose(outputs(model, params, state, x, lengths), z, rtol=_EXACT, atol=_EXACT)


def test_no_rows_give_no_outputs():
    model = Model(Dense(2))
    params, state = model.init(keys.root(0), (3,))
    assert outputs(model, params, state, np.zeros((0, 3), np.float32)).shape == (0, 2)
