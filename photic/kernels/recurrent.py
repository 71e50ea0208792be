"""A recurrent cell run along time, in the form each platform runs fastest.

With x [t, n, d], weights w [d, g u], r [u, g u] and b [g u] for g gates, and a memory m of one or two arrays [n, u], of
which the first is the state h:

    m[s] = cell(x[s] w + b, h[s - 1] r, m[s - 1])

On a CPU a step waits for little more than its product, so there should be few products and few arrays to keep. By hand,
a step is one product, `[h, x, 1]` with r, w and b under one another; the gates are kept side by side; and what the
weights are to be changed by is one product over all steps after the way back, where automatic differentiation adds it
up step by step (docs/performance.md).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float

from photic.kernels.shares import summed

Gates = Float[Array, "n _"]
State = Float[Array, "n u"]
States = Float[Array, "t n u"]
Memory = tuple[State, ...]
Arrays = tuple[Array, ...]
_WIDE = 4  # times the state: an input wider than that is multiplied before the loop, all steps in one product


class Cell(NamedTuple):
    """The equations of one step, forward and backward.

    Args:
        name: of the cell.
        gates: the names of the blocks of u columns that w, r and b have.
        memory: the names of what it remembers, the state h first.
        apart: whether the cell must see p = x w + b and q = h r one by one. If not, it is given their sum.
        forward: from (what is said: (p + q,) or (p, q); the memory) to the memory after the step, and what the way back
            needs of it.
        backward: from (what was kept, the memory before, the state after the step, the gradient for the memory after
            it) to the gradients for what was said, and for the memory before without what comes back through q.
    """

    name: str
    gates: tuple[str, ...]
    memory: tuple[str, ...]
    apart: bool
    forward: Callable[[Arrays, Memory], tuple[Memory, Arrays]]
    backward: Callable[[Arrays, Memory, State, Memory], tuple[Arrays, Memory]]


class Weights(NamedTuple):
    """How the gates listen: to the input, to the state before, and to nothing."""

    w: Float[Array, "d _"]
    r: Float[Array, "u _"]
    b: Float[Array, " _"]


def run(
    cell: Cell,
    x: Float[Array, "t n d"],
    weights: Weights,
    memory: Memory,
    real: Bool[Array, "t n"] | None = None,
    *,
    reverse: bool = False,
    every: bool = True,
) -> tuple[States | None, Memory]:
    """The state after every step, `[t, n, u]`, and the memory after the last.

    Args:
        x: the input.
        memory: before the first step.
        real: which steps are real; at the others the memory stays as it is.
        reverse: read from the last step to the first.
        every: False gives None for the states, and saves the time to keep them.

    >>> weights = Weights(w=jnp.ones((1, 1)), r=jnp.array([[2.0]]), b=jnp.zeros(1))
    >>> states, _ = run(SIMPLE["relu"], jnp.zeros((3, 1, 1)), weights, (jnp.ones((1, 1)),))
    >>> states.ravel().tolist()
    [2.0, 4.0, 8.0]
    """
    return (_by_hand if by_hand() else plain)(cell, reverse, every, x, weights, memory, real)


def by_hand() -> bool:
    """Whether the form and its gradients are as written in this file; elsewhere the loop is differentiated."""
    return jax.default_backend() == "cpu"


def plain(
    cell: Cell, reverse: bool, every: bool, x: Array, weights: Weights, memory: Memory, real: Array | None
) -> tuple[States | None, Memory]:
    """The loop as it is defined; the other form must give the same values and gradients."""

    def step(before: Memory, here: tuple) -> tuple:
        p, is_real = here
        q = before[0] @ weights.r
        made, _ = cell.forward((p, q) if cell.apart else (p + q,), before)
        after = _where(is_real, made, before)
        return after, after[0] if every else None

    after, states = lax.scan(step, memory, (x @ weights.w + weights.b[None, None], real), reverse=reverse)
    return states, after


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1, 2))
def _by_hand(
    cell: Cell, reverse: bool, every: bool, x: Array, weights: Weights, memory: Memory, real: Array | None
) -> tuple[States | None, Memory]:
    return _ahead(cell, reverse, every, x, weights, memory, real)[0]


def _ahead(
    cell: Cell, reverse: bool, every: bool, x: Array, weights: Weights, memory: Memory, real: Array | None
) -> tuple:
    told = jnp.concatenate([x, jnp.ones((*x.shape[:2], 1), x.dtype)], axis=-1)
    for_told = jnp.concatenate([weights.w, weights.b[None]])
    together = not cell.apart and x.shape[-1] <= _WIDE * len(weights.r)
    for_all = jnp.concatenate([weights.r, for_told])

    def said(h: Array, now: Array) -> Arrays:
        if together:
            return (jnp.concatenate([h, now], axis=-1) @ for_all,)
        q = h @ weights.r
        return (now, q) if cell.apart else (now + q,)

    def step(before: Memory, here: tuple) -> tuple:
        now, is_real = here
        made, kept = cell.forward(said(before[0], now), before)
        after = _where(is_real, made, before)
        return after, (after[0], before, kept)

    given = told if together else told @ for_told
    after, (states, *seen) = lax.scan(step, memory, (given, real), reverse=reverse)
    return (states if every else None, after), (told, weights, real, states, *seen)


def _back(cell: Cell, reverse: bool, _: bool, seen: tuple, g: tuple) -> tuple:
    told, (w, r, _), real, states, before, kept = seen
    turned = r.T

    def step(g: Memory, here: tuple) -> tuple:
        slope, old, new, kept, is_real = here
        g = g if slope is None else (g[0] + slope, *g[1:])
        to_said, (direct, *rest) = cell.backward(kept, old, new, g)
        back = _where(is_real, (direct + to_said[-1] @ turned, *rest), g)
        return back, _where(is_real, to_said, jax.tree.map(jnp.zeros_like, to_said))

    slopes, last = g
    start, to_said = lax.scan(step, last, (slopes, before, states, kept, real), reverse=not reverse)
    to_p, to_q = to_said[0], to_said[-1]
    if cell.apart:
        to_r, to_told = _over_steps(before[0], to_q), _over_steps(told, to_p)
    else:
        both = _over_steps(jnp.concatenate([before[0], told], axis=-1), to_p)
        to_r, to_told = both[: len(r)], both[len(r) :]
    return to_p @ w.T, Weights(to_told[:-1], to_r, to_told[-1]), start, None


_by_hand.defvjp(_ahead, _back)


def _over_steps(a: Float[Array, "t n i"], b: Float[Array, "t n j"]) -> Float[Array, "i j"]:
    """The sum of a b over steps and rows, as one matrix product."""
    flat = lambda array: array.reshape(-1, array.shape[-1])
    return summed(lambda a, b: flat(a).T @ flat(b), a, b, axis=1)


def _where(is_real: Array | None, this: tuple, other: tuple) -> tuple:
    if is_real is None:
        return this
    pick = lambda a, b: jnp.where(is_real[:, None], a, b)
    return jax.tree.map(pick, this, other)


def _blocks(z: Gates, count: int) -> list[Array]:
    return jnp.split(z, count, axis=-1)


def _lstm(said: Arrays, memory: Memory) -> tuple[Memory, Arrays]:
    # The logistic function is a tanh half as wide and half as high, so that all gates are one call.
    (z,), (_, c) = said, memory
    half = jnp.repeat(jnp.array([[0.5, 0.5, 1.0, 0.5]], z.dtype), z.shape[-1] // 4, axis=1)
    gates = half * jnp.tanh(half * z) + (1 - half)
    i, f, g, o = _blocks(gates, 4)
    c = f * c + i * g
    return (o * jnp.tanh(c), c), (gates,)


def _lstm_back(kept: Arrays, before: Memory, _: State, g: Memory) -> tuple[Arrays, Memory]:
    (i, f, new, o), (_, c), (to_h, to_c) = _blocks(kept[0], 4), before, g
    seen = jnp.tanh(f * c + i * new)
    to_c = to_c + to_h * o * (1 - seen**2)
    to_z = (to_c * new * i * (1 - i), to_c * c * f * (1 - f), to_c * i * (1 - new**2), to_h * seen * o * (1 - o))
    return (jnp.concatenate(to_z, axis=-1),), (jnp.zeros_like(to_h), to_c * f)


def _gru(said: Arrays, memory: Memory) -> tuple[Memory, Arrays]:
    p, q = said
    (a, b, c), (d, e, recalled), (h,) = _blocks(p, 3), _blocks(q, 3), memory
    z, r = jax.nn.sigmoid(a + d), jax.nn.sigmoid(b + e)
    new = jnp.tanh(c + r * recalled)
    return ((1 - z) * new + z * h,), (z, r, new, recalled)


def _gru_back(kept: Arrays, before: Memory, _: State, g: Memory) -> tuple[Arrays, Memory]:
    (z, r, new, recalled), (h,), (to_h,) = kept, before, g
    to_new = to_h * (1 - z) * (1 - new**2)
    to_z, to_r = to_h * (h - new) * z * (1 - z), to_new * recalled * r * (1 - r)
    join = functools.partial(jnp.concatenate, axis=-1)
    return (join((to_z, to_r, to_new)), join((to_z, to_r, to_new * r))), (to_h * z,)


def _simple(f: Callable[[Array], Array], slope: Callable[[Array], Array]) -> tuple[Callable, Callable]:
    # The slope of f is told from the state itself, so nothing else is kept.
    def forward(said: Arrays, _: Memory) -> tuple[Memory, Arrays]:
        return (f(said[0]),), ()

    def backward(_: Arrays, __: Memory, after: State, g: Memory) -> tuple[Arrays, Memory]:
        return (g[0] * slope(after),), (jnp.zeros_like(g[0]),)

    return forward, backward


LSTM = Cell("lstm", ("input gate", "forget gate", "candidate", "output gate"), ("h", "c"), False, _lstm, _lstm_back)
GRU = Cell("gru", ("update gate", "reset gate", "candidate"), ("h",), True, _gru, _gru_back)

#: The simple cell by the name of its activation.
SIMPLE = {
    "tanh": Cell("tanh", ("state",), ("h",), False, *_simple(jnp.tanh, lambda h: 1 - h**2)),
    "relu": Cell(
        "relu", ("state",), ("h",), False, *_simple(jax.nn.relu, lambda h: jnp.where(h > 0, 1.0, 0.0).astype(h.dtype))
    ),
}
