"""A recurrent cell run along time, in the form each platform runs fastest.

With p [t, n, g u], what the input says to the g gates of every step, r [u, g u], and a memory m of one or two arrays
[n, u], of which the first is the state h:

    m[s] = cell(p[s], h[s - 1] r, m[s - 1])

Only the product with r must wait for the step before. Everything else is one product over all steps: the input's before
the loop, and after the way back the gradient of r, which automatic differentiation adds up step by step instead. On a
CPU that, and keeping the gates instead of computing them again, is what the form by hand is for (docs/performance.md).
Products are written without joining the axes of steps and rows, so that rows can lie on several devices.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float

Gates = Float[Array, "n _"]
States = Float[Array, "t n u"]
Memory = tuple[Float[Array, "n u"], ...]
Arrays = tuple[Array, ...]


class Cell(NamedTuple):
    """The equations of one step, forward and backward.

    Args:
        name: of the cell.
        gates: the names of the blocks of u columns that p and h r have.
        memory: the names of what it remembers, the state h first.
        forward: from (p, q = h r, memory) to the memory after the step, and what the way back needs of it.
        backward: from (what was kept, the memory before and after the step, the gradient for the memory after it) to
            the gradients for p, for q (None where it is the same), and for the memory before the step without what
            comes back through q.
    """

    name: str
    gates: tuple[str, ...]
    memory: tuple[str, ...]
    forward: Callable[[Gates, Gates, Memory], tuple[Memory, Arrays]]
    backward: Callable[[Arrays, Memory, Memory, Memory], tuple[Gates, Gates | None, Memory]]


def run(
    cell: Cell,
    p: Float[Array, "t n _"],
    r: Float[Array, "u _"],
    memory: Memory,
    real: Bool[Array, "t n"] | None = None,
    *,
    reverse: bool = False,
    every: bool = True,
) -> tuple[States | None, Memory]:
    """The state after every step, `[t, n, u]`, and the memory after the last.

    Args:
        p: what the input says to every gate.
        r: how the state before speaks to every gate.
        memory: before the first step.
        real: which steps are real; at the others the memory stays as it is.
        reverse: read from the last step to the first.
        every: False gives None for the states, and saves the time to keep them.

    >>> p, memory = jnp.zeros((3, 1, 1)), (jnp.ones((1, 1)),)
    >>> states, _ = run(SIMPLE["relu"], p, jnp.array([[2.0]]), memory)
    >>> states.ravel().tolist()
    [2.0, 4.0, 8.0]
    """
    return (_by_hand if by_hand() else plain)(cell, reverse, every, p, r, memory, real)


def by_hand() -> bool:
    """Whether gradients are taken as written in this file; elsewhere by automatic differentiation of the loop."""
    return jax.default_backend() == "cpu"


def plain(
    cell: Cell, reverse: bool, every: bool, p: Array, r: Array, memory: Memory, real: Array | None
) -> tuple[States | None, Memory]:
    """The loop as it is defined; the other form must give the same values and gradients."""
    after, (states, *_) = _forward(cell, reverse, p, r, memory, real)
    return states if every else None, after


def _forward(cell: Cell, reverse: bool, p: Array, r: Array, memory: Memory, real: Array | None) -> tuple[Memory, tuple]:
    # The memory after the last step; for every step the state after it, the memory before and after, and what was kept.
    def step(before: Memory, here: tuple) -> tuple:
        now, is_real = here
        made, kept = cell.forward(now, before[0] @ r, before)
        after = _where(is_real, made, before)
        return after, (after[0], before, made, kept)

    return lax.scan(step, memory, (p, real), reverse=reverse)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1, 2))
def _by_hand(
    cell: Cell, reverse: bool, every: bool, p: Array, r: Array, memory: Memory, real: Array | None
) -> tuple[States | None, Memory]:
    return plain(cell, reverse, every, p, r, memory, real)


def _ahead(cell: Cell, reverse: bool, every: bool, p: Array, r: Array, memory: Memory, real: Array | None) -> tuple:
    after, (states, *seen) = _forward(cell, reverse, p, r, memory, real)
    return (states if every else None, after), (r, real, *seen)


def _back(cell: Cell, reverse: bool, _: bool, seen: tuple, g: tuple) -> tuple:
    r, real, before, after, kept = seen
    turned = r.T

    def step(g: Memory, here: tuple) -> tuple:
        slope, old, new, kept, is_real = here
        g = g if slope is None else (g[0] + slope, *g[1:])
        to_p, to_q, (direct, *rest) = cell.backward(kept, old, new, g)
        back = _where(is_real, (direct + (to_p if to_q is None else to_q) @ turned, *rest), g)
        return back, _where(is_real, (to_p, to_q), jax.tree.map(jnp.zeros_like, (to_p, to_q)))

    states, last = g
    start, (to_p, to_q) = lax.scan(step, last, (states, before, after, kept, real), reverse=not reverse)
    to_r = jnp.einsum("tnu,tng->ug", before[0], to_p if to_q is None else to_q)
    return to_p, to_r, start, None


_by_hand.defvjp(_ahead, _back)


def _where(is_real: Array | None, this: tuple, other: tuple) -> tuple:
    if is_real is None:
        return this
    pick = lambda a, b: jnp.where(is_real[:, None], a, b)
    return jax.tree.map(pick, this, other)


def _blocks(z: Gates, count: int) -> list[Array]:
    return jnp.split(z, count, axis=-1)


def _lstm(p: Gates, q: Gates, memory: Memory) -> tuple[Memory, Arrays]:
    _, c = memory
    i, f, g, o = _blocks(p + q, 4)
    i, f, g, o = jax.nn.sigmoid(i), jax.nn.sigmoid(f), jnp.tanh(g), jax.nn.sigmoid(o)
    c = f * c + i * g
    seen = jnp.tanh(c)
    return (o * seen, c), (i, f, g, o, seen)


def _lstm_back(kept: Arrays, before: Memory, _: Memory, g: Memory) -> tuple[Gates, None, Memory]:
    (i, f, c, o, seen), (to_h, to_c) = kept, g
    to_c = to_c + to_h * o * (1 - seen**2)
    to_z = (to_c * c * i * (1 - i), to_c * before[1] * f * (1 - f), to_c * i * (1 - c**2), to_h * seen * o * (1 - o))
    return jnp.concatenate(to_z, axis=-1), None, (jnp.zeros_like(to_h), to_c * f)


def _gru(p: Gates, q: Gates, memory: Memory) -> tuple[Memory, Arrays]:
    (a, b, c), (d, e, recalled), (h,) = _blocks(p, 3), _blocks(q, 3), memory
    z, r = jax.nn.sigmoid(a + d), jax.nn.sigmoid(b + e)
    new = jnp.tanh(c + r * recalled)
    return ((1 - z) * new + z * h,), (z, r, new, recalled)


def _gru_back(kept: Arrays, before: Memory, _: Memory, g: Memory) -> tuple[Gates, Gates, Memory]:
    (z, r, new, recalled), (h,), (to_h,) = kept, before, g
    to_new = to_h * (1 - z) * (1 - new**2)
    to_z, to_r = to_h * (h - new) * z * (1 - z), to_new * recalled * r * (1 - r)
    join = functools.partial(jnp.concatenate, axis=-1)
    return join((to_z, to_r, to_new)), join((to_z, to_r, to_new * r)), (to_h * z,)


def _simple(f: Callable[[Array], Array], slope: Callable[[Array], Array]) -> tuple[Callable, Callable]:
    # The slope of f is told from the state itself, so nothing else is kept.
    def forward(p: Gates, q: Gates, _: Memory) -> tuple[Memory, Arrays]:
        return (f(p + q),), ()

    def backward(_: Arrays, __: Memory, after: Memory, g: Memory) -> tuple[Gates, None, Memory]:
        return g[0] * slope(after[0]), None, (jnp.zeros_like(g[0]),)

    return forward, backward


LSTM = Cell("lstm", ("input gate", "forget gate", "candidate", "output gate"), ("h", "c"), _lstm, _lstm_back)
GRU = Cell("gru", ("update gate", "reset gate", "candidate"), ("h",), _gru, _gru_back)

#: The simple cell by the name of its activation.
SIMPLE = {
    "tanh": Cell("tanh", ("state",), ("h",), *_simple(jnp.tanh, lambda h: 1 - h**2)),
    "relu": Cell(
        "relu", ("state",), ("h",), *_simple(jax.nn.relu, lambda h: jnp.where(h > 0, 1.0, 0.0).astype(h.dtype))
    ),
}
