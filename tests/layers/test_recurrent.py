"""Recurrent layers: their equations in NumPy, how they start, what they remember, and what they refuse."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.errors import PlanError, ShapeError, SpecError
from photic.layers import GRU, LSTM, Context, Dense, Embedding, MaxPool, Residual, SimpleRNN, streaming
from photic.model import Model

sigmoid = lambda z: 1 / (1 + np.exp(-z))
X = np.random.default_rng(0).normal(size=(2, 6, 3)).astype(np.float32)
KINDS = pytest.mark.parametrize("kind", [SimpleRNN, LSTM, GRU])


def filled(layer, seed=1):
    """Params away from their special starting values."""
    params, _ = layer.init(keys.root(0), X.shape[1:])
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda leaf: jnp.asarray(leaf + rng.normal(0, 0.3, leaf.shape), jnp.float32), params)


def by_hand(kind, params, x, f=np.tanh):
    """One row [t, d], one number at a time: every sum of every gate written out."""
    w, r, b = (np.asarray(params[name], float) for name in ("w", "r", "b"))
    units = r.shape[0]
    h, c, states = np.zeros(units), np.zeros(units), []
    for step in x.astype(float):
        new, cell = np.zeros(units), np.zeros(units)
        for k in range(units):
            columns = range(k, w.shape[1], units)
            said = [sum(step[i] * w[i, j] for i in range(len(step))) + b[j] for j in columns]
            recalled = [sum(h[i] * r[i, j] for i in range(units)) for j in columns]
            z = [a + b for a, b in zip(said, recalled, strict=True)]
            if kind is SimpleRNN:
                new[k] = f(z[0])
            elif kind is LSTM:
                cell[k] = sigmoid(z[1]) * c[k] + sigmoid(z[0]) * np.tanh(z[2])
                new[k] = sigmoid(z[3]) * np.tanh(cell[k])
            else:
                candidate = np.tanh(said[2] + sigmoid(z[1]) * recalled[2])
                new[k] = (1 - sigmoid(z[0])) * candidate + sigmoid(z[0]) * h[k]
        h, c = new, cell
        states.append(h)
    return np.array(states)


@KINDS
def test_the_equations_agree_with_numpy(kind):
    layer = kind(3, returns="all")
    params = filled(layer)
    y = layer.apply(params, {}, jnp.asarray(X), Context())[0]
    # 1e-6: float32 against float64, six steps of numbers of size 1
    np.testing.assert_allclose(y, [by_hand(kind, params, row) for row in X], atol=1e-6)


def test_relu_in_the_simple_cell_agrees_with_numpy():
    layer = SimpleRNN(3, returns="all", activation="relu")
    params = filled(layer)
    expected = [by_hand(SimpleRNN, params, row, lambda z: max(z, 0.0)) for row in X]
    np.testing.assert_allclose(layer.apply(params, {}, jnp.asarray(X), Context())[0], expected, rtol=1e-5, atol=1e-6)


@KINDS
def test_the_way_back_reads_each_row_from_its_own_end(kind):
    layer = kind(3, "both", "all")
    params, lengths = filled(layer), np.array([6, 4])
    y = np.asarray(layer.apply(params, {}, jnp.asarray(X), Context(lengths=jnp.asarray(lengths)))[0])
    other = {name: params[f"{name}_back"] for name in ("w", "r", "b")}
    for row, length, found in zip(X, lengths, y, strict=True):
        np.testing.assert_allclose(found[:length, :3], by_hand(kind, params, row[:length]), atol=1e-6)
        np.testing.assert_allclose(found[:length, 3:], by_hand(kind, other, row[:length][::-1])[::-1], atol=1e-6)


@KINDS
def test_the_last_state_is_that_after_the_last_real_step_of_either_direction(kind):
    every, last = kind(3, "both", "all"), kind(3, "both")
    params, at = filled(every), Context(lengths=jnp.array([6, 4]))
    y, z = (np.asarray(layer.apply(params, {}, jnp.asarray(X), at)[0]) for layer in (every, last))
    np.testing.assert_allclose(z, np.concatenate([y[[0, 1], [5, 3], :3], y[:, 0, 3:]], axis=1), atol=1e-6)


def test_the_forget_gate_starts_open_and_every_gate_with_its_own_rotation():
    params, state = LSTM(8).init(keys.root(0), (5, 3))
    assert np.asarray(params["b"]).tolist() == [0.0] * 8 + [1.0] * 8 + [0.0] * 16
    assert state == {}
    gates = np.split(np.asarray(params["r"]), 4, axis=1)
    for gate in gates:
        np.testing.assert_allclose(gate.T @ gate, np.eye(8), atol=1e-5)
    assert not np.allclose(gates[0], gates[1])
    assert not np.asarray(GRU(2).init(keys.root(0), (5, 3))[0]["b"]).any()


@KINDS
@pytest.mark.parametrize("pieces", [(3, 3), (1, 4, 1)])
def test_a_sequence_in_pieces_equals_the_same_whole(kind, pieces):
    model = Model(Dense(4), Residual((kind(4, returns="all"),)), kind(3))
    params, state = model.init(keys.root(0), X.shape[1:])
    whole, _ = model.apply(params, state, jnp.asarray(X))
    state = streaming.begin(model.layers, params, state, len(X))
    outputs = []
    for piece in np.split(X, np.cumsum(pieces)[:-1], axis=1):
        y, state = model.apply(params, state, jnp.asarray(piece))
        outputs.append(y)
    np.testing.assert_allclose(outputs[-1], whole, atol=1e-6)
    assert not np.allclose(outputs[0], whole)


def test_lengths_hold_in_every_piece():
    layer = LSTM(3)
    params = filled(layer)
    empty = {"h": jnp.zeros((2, 3)), "c": jnp.zeros((2, 3))}
    whole, _ = layer.apply(params, {}, jnp.asarray(X), Context(lengths=jnp.array([6, 4])))
    _, state = layer.apply(params, empty, jnp.asarray(X[:, :3]), Context(lengths=jnp.array([3, 3])))
    y, _ = layer.apply(params, state, jnp.asarray(X[:, 3:]), Context(lengths=jnp.array([3, 1])))
    np.testing.assert_allclose(y, whole, atol=1e-6)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (
            (Dense(4), LSTM(3, "both")),
            (
                "layers.1: a sequence in pieces needs layers that read it step by step, forward, got LSTM(3, "
                "direction='both')\nfrom the model; set direction=\"forward\"."
            ),
        ),
        (
            (MaxPool(2), LSTM(3)),
            (
                "layers.0: a sequence in pieces needs layers that read it step by step, forward, got MaxPool()\n"
                "from the model; feed it whole sequences, or take a recurrent layer instead."
            ),
        ),
    ],
)
def test_what_cannot_be_read_in_pieces_is_refused(layers, words):
    model = Model(*layers)
    with pytest.raises(PlanError) as error:
        streaming.begin(model.layers, *model.init(keys.root(0), (6, 3)), 1)
    assert str(error.value) == words


def test_the_memory_of_other_rows_is_refused():
    layer = GRU(3)
    with pytest.raises(ShapeError) as error:
        layer.apply(filled(layer), {"h": jnp.zeros((5, 3))}, jnp.asarray(X), Context())
    assert str(error.value) == (
        "GRU(3): the memory is that of 5 rows, got 2 rows\n"
        "from the input; give the next steps of the same rows, or begin anew with streaming.begin."
    )


def test_a_table_is_refused():
    with pytest.raises(ShapeError) as error:
        Model(Embedding(3, 2), LSTM(4)).check((5,))
    assert str(error.value) == (
        "layers.1 LSTM(4): input needs rank 3 [n, t, d], got rank 2 [n, d=10]\n"
        "from layers.0 Embedding(3, units=2); give it sequences; the columns of a table have no order, "
        "so take Dense for them."
    )


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"units": 0}, "GRU: units must be a whole number of at least 1, got 0\n"),
        ({"units": 2, "direction": "up"}, "GRU: direction must be a known name, got 'up'\n"),
        ({"units": 2, "returns": "every"}, "GRU: returns must be a known name, got 'every'\n"),
        (
            {"units": 2, "recurrent_initializer": "orthogonl"},
            "GRU: recurrent_initializer must be a known name, got 'or",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(setting, words):
    with pytest.raises(SpecError) as error:
        GRU(**setting)
    assert str(error.value).startswith(words)


def test_another_activation_is_refused():
    with pytest.raises(SpecError, match="SimpleRNN: activation must be a known name, got 'gelu'"):
        SimpleRNN(2, activation="gelu")
