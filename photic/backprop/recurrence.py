"""Backward formulas of the recurrent layers, worked out by hand: backpropagation through time. Chapters: "Recurrent
network", "LSTM".

Forward, a cell makes its memory anew at every step. Backward, the gradient walks the steps in the other order; at each
it meets what the layer above says about this state, passes the cell, and goes on to the step before. The weights are
the same at every step, so their gradients add up over all of them.

Every gate of every step, and the gradient of the loss for it, is left in `seen.inner`, to be looked at.

Reference: Werbos, "Backpropagation through time: what it does and how to do it", 1990,
https://doi.org/10.1109/5.58337. Lessons 17 and 18.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from photic.backprop.seen import Back, Inner, Seen, Values
from photic.layers import GRU, LSTM, SimpleRNN

Numbers = dict[str, np.ndarray]

#: What goes back: the gradient for each of a step's numbers, for p, for q, and for the memory before, but for q's part.
Slopes = tuple[Numbers, np.ndarray, np.ndarray, tuple[np.ndarray, ...]]


class Equations(NamedTuple):
    """A cell: the memory's own names among its numbers, and a step forward and backward.

    Args:
        memory: "state" first.
        forward: from (layer, p = x w + b, q = h r, memory) to the numbers of the step by name.
        backward: from (layer, those numbers, q, memory before, gradients for the memory after).
    """

    memory: tuple[str, ...]
    forward: Callable[..., Numbers]
    backward: Callable[..., Slopes]


def recurrent(seen: Seen, g: Values) -> Back:
    """Cells in a row, m[s] = cell(x[s] w + b, h[s - 1] r, m[s - 1]), in one direction or both.

    With p = x w + b and q = h r: dL/dx = dL/dp wᵀ, dL/dh[s - 1] = dL/dq[s] rᵀ and what the cell hands on directly,
    dL/dw = sum_s x[s]ᵀ dL/dp[s],  dL/dr = sum_s h[s - 1]ᵀ dL/dq[s],  dL/db = the sum of dL/dp. A padded step hands on
    all as it is.
    """
    real = np.ones(seen.x.shape[:2], bool)
    if seen.at.lengths is not None:
        real = np.arange(seen.x.shape[1]) < np.asarray(seen.at.lengths)[:, None]
    x, back, gradients = np.where(real[..., None], seen.x, 0.0), np.zeros(seen.x.shape), {}
    for index, way in enumerate(seen.layer.ways):
        units = slice(index * seen.layer.units, (index + 1) * seen.layer.units)
        part, own = _one_way(seen, x, real, g[..., units], way)
        back, gradients = back + part, gradients | own
    return back, gradients


def _one_way(seen: Seen, x: np.ndarray, real: np.ndarray, g: np.ndarray, way: str) -> Back:
    (n, t, _), units, cell = x.shape, seen.layer.units, CELLS[type(seen.layer)]
    w, r, b = (seen.params[name + way] for name in ("w", "r", "b"))
    order = range(t)[:: -1 if way else 1]
    memory = tuple(seen.state[name] for name in seen.layer.cell.memory if seen.state) or tuple(
        np.zeros((n, units)) for _ in cell.memory
    )
    p, kept = x @ w + b, {}
    for s in order:
        q = memory[0] @ r
        numbers = cell.forward(seen.layer, p[:, s], q, memory)
        kept[s] = (numbers, q, memory)
        memory = _where(real[:, s], [numbers[name] for name in cell.memory], memory)
    inner = {name: Inner(np.zeros((n, t, units)), np.zeros((n, t, units))) for name in kept[order[-1]][0]}
    to = (g if g.ndim == 2 else np.zeros((n, units)), *(np.zeros((n, units)) for _ in cell.memory[1:]))
    to_p, to_r = np.zeros(p.shape), np.zeros(r.shape)
    for s in reversed(order):
        to = to if g.ndim == 2 else (to[0] + g[:, s], *to[1:])
        numbers, q, before = kept[s]
        slopes, mine, recalled, (direct, *rest) = cell.backward(seen.layer, numbers, q, before, to)
        here = real[:, s, None]
        to_p[:, s], recalled = np.where(here, mine, 0.0), np.where(here, recalled, 0.0)
        to_r += before[0].T @ recalled
        for name, told in inner.items():
            told.values[:, s] = np.where(here, numbers[name], 0.0)
            told.gradients[:, s] = np.where(here, slopes[name], 0.0)
        to = _where(real[:, s], [direct + recalled @ r.T, *rest], to)
    seen.inner.update({f"{name} (backward)" if way else name: told for name, told in inner.items()})
    rows = to_p.reshape(-1, to_p.shape[-1])
    own = {"w": x.reshape(len(rows), -1).T @ rows, "r": to_r, "b": rows.sum(0)}
    return to_p @ w.T, {name + way: gradient for name, gradient in own.items()}


def _where(real: np.ndarray, this: list[np.ndarray], other: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    return tuple(np.where(real[:, None], a, b) for a, b in zip(this, other, strict=True))


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return (1 + np.tanh(z / 2)) / 2


def _simple(layer: SimpleRNN, p: np.ndarray, q: np.ndarray, _: tuple[np.ndarray, ...]) -> Numbers:
    return {"state": np.tanh(p + q) if layer.activation == "tanh" else np.maximum(p + q, 0)}


def _simple_back(layer: SimpleRNN, now: Numbers, _: np.ndarray, __: tuple, to: tuple[np.ndarray, ...]) -> Slopes:
    h = now["state"]
    to_z = to[0] * (1 - h**2 if layer.activation == "tanh" else h > 0)
    return {"state": to[0]}, to_z, to_z, (np.zeros(h.shape),)


def _lstm(_: LSTM, p: np.ndarray, q: np.ndarray, memory: tuple[np.ndarray, ...]) -> Numbers:
    i, f, g, o = np.split(p + q, 4, axis=1)
    i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
    c = f * memory[1] + i * g
    return {
        "input gate": i, "forget gate": f, "candidate": g, "output gate": o, "cell": c, "state": o * np.tanh(c),
    }  # fmt: skip


def _lstm_back(_: LSTM, now: Numbers, __: np.ndarray, before: tuple, to: tuple[np.ndarray, ...]) -> Slopes:
    i, f, g, o, c, _h = now.values()
    to_c = to[1] + to[0] * o * (1 - np.tanh(c) ** 2)
    to_i, to_f, to_g, to_o = to_c * g, to_c * before[1], to_c * i, to[0] * np.tanh(c)
    to_z = np.concatenate([to_i * i * (1 - i), to_f * f * (1 - f), to_g * (1 - g**2), to_o * o * (1 - o)], axis=1)
    slopes = dict(zip(now, (to_i, to_f, to_g, to_o, to_c, to[0]), strict=True))
    return slopes, to_z, to_z, (np.zeros(c.shape), to_c * f)


def _gru(_: GRU, p: np.ndarray, q: np.ndarray, memory: tuple[np.ndarray, ...]) -> Numbers:
    (a, b, c), (d, e, f) = np.split(p, 3, axis=1), np.split(q, 3, axis=1)
    z, r = _sigmoid(a + d), _sigmoid(b + e)
    g = np.tanh(c + r * f)
    return {"update gate": z, "reset gate": r, "candidate": g, "state": (1 - z) * g + z * memory[0]}


def _gru_back(_: GRU, now: Numbers, q: np.ndarray, before: tuple, to: tuple[np.ndarray, ...]) -> Slopes:
    z, r, g, _h = now.values()
    recalled = np.split(q, 3, axis=1)[2]
    to_z, to_g = to[0] * (before[0] - g), to[0] * (1 - z)
    bent = to_g * (1 - g**2)
    to_r = bent * recalled
    first = [to_z * z * (1 - z), to_r * r * (1 - r)]
    to_p, to_q = (np.concatenate([*first, last], axis=1) for last in (bent, bent * r))
    return dict(zip(now, (to_z, to_r, to_g, to[0]), strict=True)), to_p, to_q, (to[0] * z,)


CELLS = {
    SimpleRNN: Equations(("state",), _simple, _simple_back),
    LSTM: Equations(("state", "cell"), _lstm, _lstm_back),
    GRU: Equations(("state",), _gru, _gru_back),
}
