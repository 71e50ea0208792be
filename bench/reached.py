"""What the row `search-reach` searches: a small network on four tables, and the scores that are to be reached.

The same for every peer: rows, folds, space, epochs. A setting is scored by the mean over its folds, each at the epoch
of its smallest loss: accuracy for classes, the error in standard deviations of the target for a number.
"""

from __future__ import annotations

import dataclasses
import functools
import time

import numpy as np
from jaxtyping import Float, Int

from bench import data

#: Learning rate, weight decay and dropout: low, high, and whether by factors; the widths of two hidden layers.
RATE, DECAY, DROPOUT, WIDTHS = (1e-4, 1e-1), (1e-5, 1.0), (0.0, 0.5), (32, 64, 128)
BATCH, FOLDS, TRIALS = 32, 3, 64
#: What is to be reached on each set, at least so much accuracy or at most so much error: what one in ten, and one in
#: fifty, of 150 random settings comes to when PyTorch trains them to their end (`python -m bench.goals`).
GOALS = {
    "bikeshare": (0.51, 0.43),
    "digits": (0.975, 0.979),
    "breast_cancer": (0.98, 0.984),
    "diabetes": (0.696, 0.693),
}


@dataclasses.dataclass(frozen=True, eq=False)
class Reach:
    """The rows of a set, standardised, for how many epochs they are learned, and what is to be reached of them."""

    x: Float[np.ndarray, "n d"]
    y: np.ndarray
    epochs: int
    goals: tuple[float, float]

    @property
    def classes(self) -> int:
        """How many classes there are; 0 for a number."""
        return 0 if self.y.dtype.kind == "f" else int(self.y.max()) + 1

    def enough(self, score: float, goal: float) -> bool:
        """Whether a score is as good as a goal."""
        return score >= goal if self.classes else score <= goal

    def parts(self) -> list[tuple[Int[np.ndarray, " a"], Int[np.ndarray, " b"]]]:
        """The folds: (rows to train on, rows to judge by)."""
        return data.folds(self.y, FOLDS) if self.classes else data.plain_folds(len(self.y), FOLDS)


class Clock:
    """When a search came to each goal, in seconds from now on; `trials` of it had been begun by then."""

    def __init__(self, task: Reach) -> None:
        self.task, self.began = task, time.perf_counter()
        self.reached: list[tuple[float, int]] = []

    def tell(self, score: float, trials: int) -> bool:
        """The best score so far; whether all goals are reached."""
        for goal in self.task.goals[len(self.reached) :]:
            if np.isfinite(score) and self.task.enough(score, goal):
                self.reached.append((time.perf_counter() - self.began, trials))
        return len(self.reached) == len(self.task.goals)

    def facts(self, score: float, trials: int) -> dict[str, float]:
        """What a peer answers; a goal that was not reached counts with the time of the whole search."""
        took, facts = time.perf_counter() - self.began, {"score": score}
        for number in range(len(self.task.goals)):
            known = number < len(self.reached)
            seconds, tried = self.reached[number] if known else (took, trials)
            facts |= {f"seconds {number}": seconds, f"reached {number}": float(known), f"trials {number}": float(tried)}
        return facts | {"seconds": facts[f"seconds {len(self.task.goals) - 1}"]}


@functools.cache
def reach(name: str, path: str = "") -> Reach:
    """One of `GOALS`.

    Args:
        path: of the file with bikeshare, see `data.save_bikeshare`; the others come with scikit-learn.

    >>> reach("diabetes").x.shape
    (442, 10)
    """
    from sklearn import datasets

    x, y = data.saved(path) if path else getattr(datasets, f"load_{name}")(return_X_y=True)
    spread = x.std(axis=0)
    x = ((x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)).astype(np.float32)
    y = y.astype(np.int64) if y.dtype.kind in "iu" else ((y - y.mean()) / y.std()).astype(np.float32)
    return Reach(x, y, 10 if len(y) > 5_000 else 30, GOALS[name])
