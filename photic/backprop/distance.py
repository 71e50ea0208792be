"""How far a gradient reaches: its size for the input of each step, against the distance from the end. Chapter: "LSTM".

At every step back the gradient passes the cell once more. If each pass shrinks it, an input long ago changes nothing
that training could notice, and is never learned from; that is why gates exist. The same figures for a SimpleRNN and
for an LSTM trained on the same task show it.

Reference: Bengio, Simard and Frasconi, "Learning long-term dependencies with gradient descent is difficult", 1994,
https://doi.org/10.1109/72.279181; Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural
networks", 2013, https://proceedings.mlr.press/v28/pascanu13.html. Lesson 18.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from photic.backprop.propagation import Step
from photic.errors import ShapeError
from photic.tensor import words


class Reach(NamedTuple):
    """The gradient against distance.

    Args:
        distance: `[t]`, steps before the last real one: 0 is the last; t steps has the longest row.
        size: `[t]`, the length of the gradient for the input there as a share of the row's largest, the mean over the
            rows that reach so far back.
        rows: `[t]`, how many those are.
    """

    distance: Int[np.ndarray, " t"]
    size: Float[np.ndarray, " t"]
    rows: Int[np.ndarray, " t"]


def reach(step: Step) -> Reach:
    """The size of the gradient of the loss for what came into a layer, step by step back from the end of each row.

    size[k] = mean over rows i of || dL / dx[i, t_i - 1 - k] || / max_j || dL / dx[i, j] ||

    Shares of each row's own largest, so that a row with a great loss does not speak for all; rows without any gradient
    are left out.

    The loss should hang on the last state alone (`returns="last"`); otherwise every step has a reason of its own.

    Args:
        step: a layer of a trace that was given sequences, `trace(...)["layers.0"]`.

    Raises:
        ShapeError: when what came in were no sequences.

    >>> from photic import keys
    >>> from photic.backprop.trace import trace
    >>> from photic.layers import Dense, SimpleRNN
    >>> from photic.maths.losses import MSE
    >>> from photic.model import Model
    >>> model, x = Model(SimpleRNN(8, recurrent_initializer="zeros"), Dense(1)), np.ones((2, 5, 3))
    >>> reach(trace(model, *model.init(keys.root(0), (5, 3)), x, [[9], [9]], MSE())[0]).size.astype(bool).tolist()
    [True, False, False, False, False]
    """
    g = step.input_gradient
    if g.ndim != 3:
        required, fix = "needs sequences [n, t, d]", "choose a layer that is given them"
        raise ShapeError(f"{step.path} {step.layer.words()}", required, words(g.shape[1:]), source="the trace", fix=fix)
    n, t, _ = g.shape
    lengths = np.full(n, t) if step.lengths is None else step.lengths
    sizes, distance = np.linalg.norm(g, axis=2), np.arange(max(1, lengths.max(initial=0)))
    place = lengths[:, None] - 1 - distance
    there = np.where(place >= 0, np.take_along_axis(sizes, np.maximum(place, 0), axis=1), 0.0)
    largest = there.max(1, keepdims=True)
    counts = (place >= 0) & (largest > 0)
    rows = counts.sum(0)
    shares = there / np.where(largest > 0, largest, 1.0)
    return Reach(distance, np.where(counts, shares, 0.0).sum(0) / np.maximum(rows, 1), rows)
