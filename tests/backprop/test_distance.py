"""How far a gradient reaches: exactly where it can be known, and an LSTM further than a SimpleRNN on the same task."""

from __future__ import annotations

import numpy as np
import pytest

from photic import keys
from photic.backprop.distance import reach
from photic.backprop.trace import trace
from photic.errors import ShapeError
from photic.layers import LSTM, Dense, SimpleRNN
from photic.maths.losses import MSE
from photic.model import Model


def sizes(model, params, x, y, **more):
    return reach(trace(model, params, {}, x, y, MSE(), **more)[0])


def one(w, r, b):
    return {"layers": {"0": {"w": np.array([w]), "r": np.array([r]), "b": np.array(b)}}}


def test_a_simple_cell_halves_the_gradient_at_every_step_when_r_is_a_half():
    found = sizes(Model(SimpleRNN(1, activation="relu")), one([1.0], [0.5], [1.0]), np.ones((1, 6, 1)), [[0.0]])
    np.testing.assert_allclose(found.size / found.size[0], 0.5**found.distance)
    assert found.rows.tolist() == [1] * 6


def test_a_cell_whose_gates_are_open_hands_the_gradient_on_as_it_is():
    params = one([0.0, 0.0, 1.0, 0.0], [0.0] * 4, [20.0, 20.0, 0.0, 20.0])
    found = sizes(Model(LSTM(1)), params, np.full((1, 30, 1), 0.01), [[9.0]])
    np.testing.assert_allclose(found.size / found.size[0], 1.0, rtol=1e-6)  # exp(-20) a gate, thirty times


def test_distance_is_counted_from_the_end_of_each_row():
    model, params = Model(SimpleRNN(1, activation="relu")), one([1.0], [0.5], [1.0])
    x, y = np.ones((3, 6, 1)), np.zeros((3, 1))
    found = sizes(model, params, x, y, lengths=[6, 2, 0])
    alone = [sizes(model, params, x[:1, :length], y[:1]).size for length in (6, 2)]
    assert found.rows.tolist() == [2, 2, 1, 1, 1, 1]
    np.testing.assert_allclose(found.size[:2], (alone[0][:2] + alone[1]) / 2)
    np.testing.assert_allclose(found.size[2:], alone[0][2:])


def test_a_row_counts_the_same_whatever_its_loss():
    model, params = Model(SimpleRNN(1, activation="relu")), one([1.0], [0.5], [1.0])
    x = np.ones((2, 6, 1))
    found = sizes(model, params, x, [[0.0], [1e6]])
    np.testing.assert_allclose(found.size, sizes(model, params, x, [[0.0], [0.0]]).size)
    assert sizes(model, params, np.ones((1, 6, 1)), [[3.9375]]).rows.tolist() == [0] * 6  # it is right: no gradient


@pytest.mark.parametrize("seed", range(3))
def test_a_fresh_lstm_keeps_what_a_fresh_simple_network_loses_over_forty_steps(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(16, 40, 4)), np.full((16, 1), 5.0)
    kept = []
    for layer in (LSTM(32), SimpleRNN(32)):
        model = Model(layer, Dense(1))
        found = sizes(model, model.init(keys.root(seed), (40, 4))[0], x, y)
        kept.append(found.size[-1] / found.size[0])
    assert kept[0] > 1e-3  # 8e-3 for the first seed
    assert kept[1] < 3e-4  # 6e-5
    assert kept[0] > 20 * kept[1]


def test_what_is_no_sequence_is_refused():
    model = Model(Dense(1))
    with pytest.raises(ShapeError) as error:
        sizes(model, model.init(keys.root(0), (3,))[0], np.ones((1, 3)), [[1.0]])
    assert str(error.value) == (
        "layers.0 Dense(1): needs sequences [n, t, d], got [n, d=3]\nfrom the trace; choose a layer that is given them."
    )
