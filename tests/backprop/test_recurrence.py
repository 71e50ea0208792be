"""Backpropagation through time: against automatic differentiation, for weights, inputs and every gate of every step."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.backprop.backward import BACKWARD
from photic.backprop.seen import Seen
from photic.layers import GRU, LSTM, Context, SimpleRNN

N, T, D, U = 3, 5, 2, 4
LENGTHS = np.array([5, 2, 0])
LAYERS = pytest.mark.parametrize(
    "layer",
    [
        SimpleRNN(U, "both", "all"),
        SimpleRNN(U, activation="relu"),
        LSTM(U, "both"),
        LSTM(U, returns="all"),
        GRU(U, "both", "all"),
        GRU(U, "backward"),
    ],
    ids=str,
)


def arrays(layer):
    rng = np.random.default_rng(0)
    shapes = jax.eval_shape(lambda: layer.init(keys.root(0), (T, D))[0])
    params = jax.tree.map(lambda leaf: rng.normal(0, 0.7, leaf.shape), shapes)
    return params, rng.normal(size=(N, T, D)), rng.normal(size=(N, *layer.shape((T, D))))


def look(layer, params, state, x, g, at):
    seen = Seen(layer, params, state, x, at, lambda *_: x)  # nothing lies inside
    return *BACKWARD[type(layer)](seen, g), seen.inner


@LAYERS
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "padded"])
def test_weights_and_inputs_agree_with_automatic_differentiation(layer, lengths):
    with jax.enable_x64(True):
        params, x, g = arrays(layer)
        at = Context(lengths=None if lengths is None else jnp.asarray(lengths))
        score = lambda params, x: (layer.apply(params, {}, x, at)[0] * g).sum()
        own, slope = jax.jit(jax.grad(score, argnums=(0, 1)))(jax.tree.map(jnp.asarray, params), jnp.asarray(x))
    back, gradients, _ = look(layer, params, {}, x, g, at)
    # 1e-11 in float64: exact formulas on both sides
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11), (gradients, back), (own, slope))


def loop(layer, params, x, g, extra):
    """The same cell with `extra` added to every gate as it arises: its gradient is that of the gate."""
    h = c = jnp.zeros((N, U))
    score, s = 0.0, jax.nn.sigmoid
    for step in range(T):
        told = lambda name, value, step=step: value + extra[name][:, step]
        p, q = x[:, step] @ params["w"] + params["b"][None], h @ params["r"]
        if isinstance(layer, LSTM):
            i, f, a, o = jnp.split(p + q, 4, axis=1)
            i, f, o = told("input gate", s(i)), told("forget gate", s(f)), told("output gate", s(o))
            c = told("cell", f * c + i * told("candidate", jnp.tanh(a)))
            h = told("state", o * jnp.tanh(c))
        elif isinstance(layer, GRU):
            (a, b, d), (k, m, e) = jnp.split(p, 3, axis=1), jnp.split(q, 3, axis=1)
            z, r = told("update gate", s(a + k)), told("reset gate", s(b + m))
            h = told("state", (1 - z) * told("candidate", jnp.tanh(d + r * e)) + z * h)
        else:
            h = told("state", jnp.tanh(p + q))
        score = score + (h * g[:, step]).sum()
    return score


@pytest.mark.parametrize("layer", [SimpleRNN(U, returns="all"), LSTM(U, returns="all"), GRU(U, returns="all")], ids=str)
def test_every_gate_of_every_step_agrees_with_automatic_differentiation(layer):
    with jax.enable_x64(True):
        params, x, g = arrays(layer)
        _, _, inner = look(layer, params, {}, x, g, Context())
        extra = {name: jnp.zeros((N, T, U)) for name in inner}
        wide = jax.tree.map(jnp.asarray, params)
        found = jax.jit(jax.grad(lambda extra: loop(layer, wide, jnp.asarray(x), jnp.asarray(g), extra)))(extra)
        y = np.asarray(layer.apply(wide, {}, jnp.asarray(x), Context())[0])
    np.testing.assert_allclose(inner["state"].values, y, rtol=1e-11, atol=1e-14)
    for name, told in inner.items():
        np.testing.assert_allclose(told.gradients, found[name], rtol=1e-11, atol=1e-11, err_msg=name)


def test_gates_are_those_of_the_real_steps():
    layer = LSTM(U, "both")
    params, x, g = arrays(layer)
    _, _, inner = look(layer, params, {}, x, g, Context(lengths=jnp.asarray(LENGTHS)))
    names = ["input gate", "forget gate", "candidate", "output gate", "cell", "state"]
    assert list(inner) == names + [f"{name} (backward)" for name in names]
    for told in inner.values():
        assert (told.values != 0).any(axis=2).sum(axis=1).tolist() == LENGTHS.tolist()


def test_a_memory_is_where_the_forward_pass_begins():
    layer = LSTM(U)
    params, x, g = arrays(layer)
    rng = np.random.default_rng(1)
    state = {name: rng.normal(size=(N, U)) for name in ("h", "c")}
    with jax.enable_x64(True):
        wide = jax.tree.map(jnp.asarray, (params, state))
        y = np.asarray(layer.apply(*wide, jnp.asarray(x), Context())[0])
    np.testing.assert_allclose(look(layer, params, state, x, g, Context())[2]["state"].values[:, -1], y, rtol=1e-12)
