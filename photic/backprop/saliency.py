"""Where a decision comes from: the numbers of an image (or of any row) that one output of a network hangs on.

Two answers to two questions. **Saliency** is the slope: how much the output would change if a number changed a little,
here and now. **Occlusion** is the trial: how much the output falls when a patch is covered. A slope can be large where
nothing depends on it, and flat where the network is sure, so the trial stands beside it.

Reference: Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", 2014,
https://arxiv.org/abs/1312.6034 (saliency, section 3); Zeiler and Fergus, "Visualizing and understanding convolutional
networks", 2014, https://arxiv.org/abs/1311.2901 (occlusion, section 4.2); what such maps do not show: Adebayo et al.,
"Sanity checks for saliency maps", 2018, https://arxiv.org/abs/1810.03292. Lesson 14.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from jaxtyping import Float

from photic.backprop.propagation import backward, forward, rows
from photic.errors import RequestError
from photic.model import Model
from photic.tree import Tree

_AT_ONCE = 256  # covered rows in one forward pass


def saliency(model: Model, params: Tree, state: Tree, x: Any, output: int) -> Float[np.ndarray, "n *input"]:
    """The slope of one output for every number of every row, dz[output] / dx.

    Args:
        x: `[n, *input]`, prepared rows.
        output: which number of the network's answer, from 0.

    Raises:
        RequestError: for an output that does not exist, or no rows.
        ShapeError: when the rows do not fit the model.

    >>> from photic.layers import Dense
    >>> params = {"layers": {"0": {"w": np.array([[2.0], [-3.0]], np.float32), "b": np.zeros(1, np.float32)}}}
    >>> saliency(Model(Dense(1)), params, {}, [[5.0, 5.0]], 0).tolist()
    [[2.0, -3.0]]
    """
    x = rows(model, params, x, "saliency")
    passed = forward(model, params, state, x)
    last = f"layers.{len(model.layers) - 1}"
    start = np.zeros(passed[last].shape)
    start[..., _known(output, start.shape[-1], "saliency")] = 1.0
    return backward(model, params, state, x, passed, {last: start})["layers.0"].input_gradient


def occlusion(
    model: Model, params: Tree, state: Tree, x: Any, output: int, *, patch: int | None = None
) -> Float[np.ndarray, "n ..."]:
    """How much one output falls when a square of an image, or a stretch of a series, is covered by its own mean.

    Squares and stretches overlap by half. The map is `[n, a, b]` for images and `[n, a]` for series, a place for every
    square in order from the upper left, or for every stretch in order; positive where covering lowers the output, so
    where the network found what it was looking for.

    Args:
        x: `[n, h, w, c]`, prepared images, or `[n, t, d]`, prepared series without padding.
        output: which number of the network's answer, from 0.
        patch: the side of the square in pixels, or the steps of the stretch; a quarter of the shorter side, or an
            eighth of the steps, when left out.

    Raises:
        RequestError: for rows that are neither, a patch that does not fit, or an output that does not exist.

    >>> from photic.layers import Dense, Flatten
    >>> params = {"layers": {"1": {"w": np.eye(16, 1, dtype=np.float32), "b": np.zeros(1, np.float32)}}}
    >>> x = np.zeros((1, 4, 4, 1), np.float32)
    >>> x[0, 0, 0] = 16.0
    >>> occlusion(Model(Flatten(), Dense(1)), params, {}, x, 0, patch=2)[0].tolist()
    [[15.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    x = rows(model, params, x, "occlusion")
    if x.ndim not in (3, 4):
        fix = "use saliency for rows of other shapes"
        required = "needs images [n, h, w, c] or series [n, t, d]"
        raise RequestError("occlusion", required, str(list(x.shape)), source="the argument x", fix=fix)
    sizes = x.shape[1:-1]
    most = min(sizes)
    side = max(1, most // (4 if x.ndim == 4 else 8)) if patch is None else patch
    if not 1 <= side <= most:
        fix = "leave it out for one that fits"
        raise RequestError(
            "occlusion", f"patch needs to be from 1 to {most}", str(side), source="the argument patch", fix=fix
        )
    starts = [_starts(size, side) for size in sizes]
    return np.stack([_covered(model, params, state, row, output, side, starts) for row in x])


def _covered(
    model: Model, params: Tree, state: Tree, row: np.ndarray, output: int, side: int, starts: list[list[int]]
) -> Float[np.ndarray, "..."]:
    """The fall of the output for every square of one image, or stretch of one series."""
    places = [*itertools.product(*starts)]
    last, mean = f"layers.{len(model.layers) - 1}", row.mean(tuple(range(row.ndim - 1)))
    whole = forward(model, params, state, row[None])[last]
    which = _known(output, whole.shape[-1], "occlusion")
    falls = []
    for start in range(0, len(places), _AT_ONCE):
        part = places[start : start + _AT_ONCE]
        covered = np.repeat(row[None], len(part), axis=0)
        for each, corner in zip(covered, part, strict=True):
            each[tuple(slice(at, at + side) for at in corner)] = mean
        falls.append(whole[0, ..., which] - forward(model, params, state, covered)[last][..., which])
    return np.concatenate(falls).reshape([len(each) for each in starts]).astype(np.float64)


def _starts(size: int, side: int) -> list[int]:
    """Where squares begin along one side: half a square apart, the last one flush with the edge."""
    count = math.ceil((size - side) / max(1, side // 2)) + 1
    return np.linspace(0, size - side, count).round().astype(int).tolist()


def _known(output: int, many: int, where: str) -> int:
    if not 0 <= output < many:
        required, fix = f"needs an output from 0 to {many - 1}", "count the numbers of the answer from 0"
        raise RequestError(where, required, str(output), source="the argument output", fix=fix)
    return output
