"""The translator: greedy writing agrees with teacher forcing on its own symbols, padding is nothing, and it learns."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from photic import keys
from photic.layers import Context
from photic.zoo.translator import SymbolCrossEntropy, Translator

LAYER = Translator(reads=6, writes=3, read_symbols=5, write_symbols=4, units=8)
PARAMS, _ = LAYER.init(keys.root(0), (9,))
READ = jnp.array([[1, 2, 3, 0, 0, 0], [5, 4, 3, 2, 1, 1]])


def test_greedy_writing_is_teacher_forcing_on_what_was_written():
    said, looked = jax.jit(LAYER.translate)(PARAMS, READ)
    before = np.concatenate([np.full((2, 1), 4), np.asarray(said)[:, :-1]], axis=1)
    z, _ = LAYER.apply(PARAMS, {}, jnp.concatenate([READ, jnp.asarray(before, READ.dtype)], axis=1), Context())
    np.testing.assert_array_equal(z.reshape(2, 3, 4).argmax(axis=-1), said)
    np.testing.assert_allclose(np.asarray(looked).sum(axis=-1), 1, rtol=1e-6)
    assert looked.shape == (2, 3, 6) and not np.asarray(looked)[0, :, 3:].any()


def test_more_room_for_what_is_read_changes_nothing():
    wider = Translator(9, 3, 5, 4, 8)
    said = wider.translate(PARAMS, jnp.pad(READ, ((0, 0), (0, 3))))[0]
    np.testing.assert_array_equal(said, LAYER.translate(PARAMS, READ)[0])


def test_the_loss_is_the_mean_surprise_at_the_symbols_by_hand():
    rng = np.random.default_rng(0)
    z, codes = rng.normal(size=(5, 3, 4)).astype(np.float32), rng.integers(0, 4, (5, 3))
    p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    expected = -np.log(np.take_along_axis(p, codes[:, :, None], axis=-1))[:, :, 0].mean(axis=1)
    y = np.eye(4, dtype=np.float32)[codes].reshape(5, -1)
    loss = SymbolCrossEntropy(4)
    np.testing.assert_allclose(loss.rows(jnp.asarray(z.reshape(5, -1)), jnp.asarray(y), {}), expected, rtol=1e-5)
    np.testing.assert_allclose(loss.predict(jnp.asarray(z.reshape(5, -1))), p.reshape(5, -1), rtol=1e-5)
