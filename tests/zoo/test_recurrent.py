"""The ready networks for sequences: their layers, what they learn, and what they refuse."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.errors import SpecError
from photic.experiment import lanes
from photic.experiment.assignment import Assignment
from photic.layers import GRU, LSTM, Context, Dense, Dropout, SimpleRNN
from photic.maths.losses import BinaryCrossEntropy
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import Adam
from photic.spec import Knob
from photic.train.objective import Objective
from photic.train.run import Table, Training
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
    x = np.random.default_rng(0).normal(size=(756, 10, 1)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.float32)
    training = Training(
        Objective(recurrent(1, 16, cell=cell), BinaryCrossEntropy()),
        Descent(Adam(0.02)),
        64,
        30,
        30,
        "accuracy",
        stops=False,
    )
    lane = Assignment("all", 0, np.arange(256), np.arange(0), np.arange(256, 756))
    trained = lanes.train(training, Table(x, y, np.ones(756, np.float32)), [lane], inspects=False).lanes[0]
    assert ((trained.z > 0) == y[256:]).mean() > bar


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
