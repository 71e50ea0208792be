from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from photic import keys
from photic.errors import SpecError
from photic.layers import GRU, LSTM, Context, Dense, Dropout, SimpleRNN
from photic.model import Model
from photic.spec import Knob
from photic.zoo import fcn, recurrent


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (recurrent(3), Model(LSTM(64), Dense(3))),
        (recurrent(1, 8, 2, "gru", "both"), Model(GRU(8, "both", "all"), GRU(8, "both"), Dense(1))),
        (
            recurrent(1, 8, cell="simple_rnn", dropout=Knob("dropout", 0.0), returns="all"),
            Model(SimpleRNN(8, returns="all"), Dropout(Knob("dropout", 0.0)), Dense(1)),
        ),
    ],
)
def test_recurrent_layers_then_dropout_then_the_answer(made, expected):
    assert made == expected


def test_padding_counts_nowhere_in_the_whole_network():
    rng = np.random.default_rng(0)
    x, at = rng.normal(size=(2, 6, 3)), Context(lengths=jnp.array([6, 2]))
    for model in (recurrent(2, 4, 2, direction="both"), fcn(2, 4)):
        params, state = model.init(keys.root(0), (6, 3))
        z, _ = jax.jit(lambda x, m=model, p=params, s=state: m.apply(p, s, x, at))(jnp.asarray(x, jnp.float32))
        alone, _ = model.apply(params, state, jnp.asarray(x[1:, :2], jnp.float32))
        np.testing.assert_allclose(np.asarray(z)[1:], alone, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "bar"), [("lstm", 0.95), ("gru", 0.95)])
def test_it_learns_to_remember_the_first_of_ten_steps(cell, bar):
    model, rng = recurrent(1, 16, cell=cell), np.random.default_rng(0)
    x = jnp.asarray(rng.normal(size=(256, 10, 1)), jnp.float32)
    y = jnp.asarray(x[:, 0] > 0, jnp.float32)
    params, state = model.init(keys.root(0), (10, 1))
    rule = optax.adam(0.02)

    def step(_, carry):
        params, memory = carry
        loss = lambda params: optax.sigmoid_binary_cross_entropy(model.apply(params, state, x)[0], y).mean()
        updates, memory = rule.update(jax.grad(loss)(params), memory)
        return optax.apply_updates(params, updates), memory

    params, _ = jax.jit(lambda params: jax.lax.fori_loop(0, 150, step, (params, rule.init(params))))(params)
    fresh = jnp.asarray(rng.normal(size=(500, 10, 1)), jnp.float32)
    right = (np.asarray(model.apply(params, state, fresh)[0]) > 0) == (np.asarray(fresh)[:, 0] > 0)
    assert right.mean() > bar


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"cell": "lsmt"},
            (
                "recurrent: cell must be a known name, got 'lsmt'\n"
                "from the arguments of recurrent; did you mean 'lstm'? known: 'gru', 'lstm', 'simple_rnn'."
            ),
        ),
        (
            {"depth": 0},
            (
                "recurrent: depth must be a whole number of at least 1, got 0\n"
                "from the arguments of recurrent; set depth to 1 or more."
            ),
        ),
    ],
)
def test_what_cannot_be_is_refused(settings, words):
    with pytest.raises(SpecError) as error:
        recurrent(1, **settings)
    assert str(error.value) == words
