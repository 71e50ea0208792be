"""Places: rows that have a target at every step or every pixel, laid out so that a place is a row.

Outputs are then `z: [n, *places, k]`, targets `y: [n, *places]` codes of several classes, or `[n, *places, 1]` numbers
or 0 and 1. A place without a target (padding after the end of a series, a pixel nobody labelled) holds -1 or NaN: it
counts for nothing. Everything here takes NumPy and JAX arrays alike, and rows with one target as they are.

Reference: Long, Shelhamer and Darrell, "Fully convolutional networks for semantic segmentation", 2015,
https://arxiv.org/abs/1411.4038 (section 3: a loss that is a sum over places). Lesson 23.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Shaped


def known(y: Shaped[Any, "n *places"]) -> Bool[Any, "n *places"]:
    """Which targets are there: codes from 0 on, numbers that are finite.

    >>> known(np.array([[0, -1]])).tolist(), known(np.array([[1.5, np.nan]])).tolist()
    ([[True, False]], [[True, False]])
    """
    return y >= 0 if y.dtype.kind in "iu" else y - y == 0  # of NaN and infinity that is NaN


def flat(z: Shaped[Any, "n *places k"], y: Shaped[Any, "n ..."]) -> tuple[Any, Any, Bool[Any, " m"]]:
    """A row for every place: outputs `[m, k]`, targets `[m]` or `[m, k]`, and which targets are there, `[m]`.

    >>> z, y, there = flat(np.zeros((2, 3, 4)), np.array([[0, 1, -1], [2, 3, 0]]))
    >>> z.shape, y.tolist(), there.tolist()
    ((6, 4), [0, 1, -1, 2, 3, 0], [True, True, False, True, True, True])
    """
    z, y = z.reshape(-1, z.shape[-1]), y.reshape(-1) if y.ndim < z.ndim else y.reshape(-1, y.shape[-1])
    there = known(y)
    return z, y, there if there.ndim == 1 else there[:, 0]


def as_numbers(y: Shaped[np.ndarray, "n *places"]) -> Float[np.ndarray, "n *places 1"]:
    """Numbers, or codes of two classes, as float64 with NaN where there is no target.

    >>> as_numbers(np.array([[1, -1]])).ravel().tolist()
    [1.0, nan]
    """
    return np.where(known(y), y.astype(np.float64), np.nan)[..., None]
