"""What the row `search-reach` searches: a small network on three tables, and the score that is to be reached.

The same for every peer: rows, folds, space, epochs. A setting is scored by the mean over its folds, each at the epoch
of its smallest loss: accuracy for classes, the error in standard deviations of the target for a number.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from jaxtyping import Float

#: Learning rate, weight decay and dropout: low, high, and whether by factors; the widths of two hidden layers.
RATE, DECAY, DROPOUT, WIDTHS = (1e-4, 1e-1), (1e-5, 1.0), (0.0, 0.5), (32, 64, 128)
EPOCHS, BATCH, FOLDS, TRIALS = 30, 32, 3, 64
#: What is to be reached on each set, at least so much accuracy or at most so much error: what one in ten of 60 random
#: settings comes to when PyTorch trains them to their end (`python -m bench.goals`).
GOALS = {"digits": 0.978, "breast_cancer": 0.981, "diabetes": 0.696}


@dataclasses.dataclass(frozen=True, eq=False)
class Reach:
    """The rows of a set, standardised, and what is to be reached on them."""

    x: Float[np.ndarray, "n d"]
    y: np.ndarray
    goal: float

    @property
    def classes(self) -> int:
        """How many classes there are; 0 for a number."""
        return 0 if self.y.dtype.kind == "f" else int(self.y.max()) + 1

    def enough(self, score: float) -> bool:
        """Whether a score is good enough."""
        return score >= self.goal if self.classes else score <= self.goal


@functools.cache
def reach(name: str) -> Reach:
    """One of `GOALS`.

    >>> reach("diabetes").x.shape
    (442, 10)
    """
    from sklearn import datasets

    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    spread = x.std(axis=0)
    x = ((x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)).astype(np.float32)
    y = y.astype(np.int64) if y.dtype.kind in "iu" else ((y - y.mean()) / y.std()).astype(np.float32)
    return Reach(x, y, GOALS[name])
