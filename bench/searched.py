"""What the rows `search-...` search: a network and its rows, a grid of learning rates and weight decays, and folds.

The same for every peer. A setting is scored by the mean over its folds: accuracy for classes, the share of the variance
that is explained (R^2) for a number.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from bench import data

#: The sizes of the layers of an MLP, or the name of a network in `networks.py`.
NETWORKS: dict[str, Any] = {"digits": [64, 128, 10], "table": [20, 64, 64, 1], "pictures": "cnn"}


@dataclasses.dataclass(frozen=True, eq=False)
class Searched:
    """Everything that a peer needs for its search.

    Args:
        network: as in `NETWORKS`.
        y: `[n]` classes, or `[n, 1]` numbers.
        parts: the folds, (rows to train on, rows to score on).
        grid: every (learning rate, weight decay).
    """

    network: Any
    x: Float[np.ndarray, "n ..."]
    y: np.ndarray
    parts: list[tuple[Int[np.ndarray, " a"], Int[np.ndarray, " b"]]]
    grid: list[tuple[float, float]]

    def score(self, z: Float[np.ndarray, "m k"], rows: Int[np.ndarray, " m"]) -> float:
        """How good the outputs are for some rows."""
        y = self.y[rows]
        if y.ndim == 1:
            return float((z.argmax(1) == y).mean())
        return float(1 - ((z - y) ** 2).mean() / y.var())


def searched(
    kind: str, count: int, rates: list[float], decays: list[float], path: str = "", rows: int | None = None
) -> Searched:
    """The search of a row; of its first `rows` rows, where it is only to be tried.

    >>> searched("table", 5, [0.1], [0.0, 0.1], rows=100).grid
    [(0.1, 0.0), (0.1, 0.1)]
    """
    if kind == "pictures":
        x, y = data.saved(path)
    else:
        x, y = data.digits() if kind == "digits" else data.table(10_000, 20, 1)
    x, y = x[:rows], y[:rows]
    parts = data.folds(y, count) if y.ndim == 1 else data.plain_folds(len(y), count)
    return Searched(NETWORKS[kind], x, y, parts, list(itertools.product(rates, decays)))
