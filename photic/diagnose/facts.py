"""Facts of the rows of one training: inputs as the network sees them, targets as encoded, and what is odd about them.

NumPy only, but for the two that ask a simple model.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int, Shaped

from photic.data.copies import COMMON, chance


@dataclasses.dataclass(frozen=True)
class Inputs:
    """Columns of the fit rows, as the network sees them.

    Args:
        names: of the columns; numbered where they have none.
        means, spreads: mean and standard deviation of every column, over its finite values.
        low, high: the smallest and the largest finite value of all.
        missing: the share of values that are no finite number.

    >>> facts = Inputs.of(np.array([[0.0, 1000.0], [2.0, 3000.0]]), ["age", "income"])
    >>> facts.means, facts.spreads, facts.high
    ((1.0, 2000.0), (1.0, 1000.0), 3000.0)
    """

    names: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    low: float
    high: float
    missing: float

    @classmethod
    def of(cls, x: Float[np.ndarray, "n ..."], names: Sequence[str] = ()) -> Inputs:
        """The facts of rows; arrays are laid flat."""
        flat = x.reshape(len(x), -1).astype(np.float64)
        finite = np.isfinite(flat)
        values, counts = np.where(finite, flat, 0.0), np.maximum(finite.sum(0), 1)
        means = values.sum(0) / counts
        spreads = np.sqrt((np.where(finite, flat - means, 0.0) ** 2).sum(0) / counts)
        said = tuple(names) if len(names) == flat.shape[1] else tuple(f"column {i + 1}" for i in range(flat.shape[1]))
        return cls(
            said,
            tuple(map(float, means)),
            tuple(map(float, spreads)),
            float(values.min(initial=0.0)),
            float(values.max(initial=0.0)),
            float(1 - finite.mean()) if flat.size else 0.0,
        )


@dataclasses.dataclass(frozen=True)
class Targets:
    """Targets of the fit rows as they were encoded.

    Args:
        form: "codes" `[n]` of whole numbers, or "values" `[n, width]`.
        width: how many numbers a row's target is.
        low, high, mean, spread: over all finite numbers.
        row_sum: the sum of a row's numbers when it is the same for all rows (1 for one hot), else None.
        distinct: how many different numbers there are.
        missing: share that is no finite number.
        counts: rows of each class, as the table has them; none in regression.
    """

    form: str
    width: int
    low: float
    high: float
    mean: float
    spread: float
    row_sum: float | None
    distinct: int
    missing: float
    counts: tuple[int, ...] = ()

    @classmethod
    def of(
        cls, encoded: Shaped[np.ndarray, "n ..."], codes: Int[np.ndarray, " n"] | None = None, classes: int = 0
    ) -> Targets:
        """The facts of encoded targets; `codes` are the true classes.

        >>> Targets.of(np.eye(3)[[0, 1, 1]], np.array([0, 1, 1]), 3).row_sum
        1.0
        """
        wide = encoded.reshape(len(encoded), -1).astype(np.float64)
        finite = wide[np.isfinite(wide)]
        sums = wide.sum(1)
        same = len(sums) > 0 and wide.shape[1] > 1 and bool(np.all(np.abs(sums - sums[0]) < 1e-6))
        return cls(
            "codes" if encoded.ndim == 1 else "values",
            wide.shape[1],
            float(finite.min(initial=np.inf)) if finite.size else 0.0,
            float(finite.max(initial=-np.inf)) if finite.size else 0.0,
            float(finite.mean()) if finite.size else 0.0,
            float(finite.std()) if finite.size else 0.0,
            float(sums[0]) if same else None,
            len(np.unique(finite)),
            float(1 - finite.size / max(wide.size, 1)),
            tuple(np.bincount(codes, minlength=classes).tolist()) if codes is not None else (),
        )


def order(y: Shaped[np.ndarray, " n"], kind: str) -> float:
    """How strongly neighbouring rows share their target: 0 as in shuffled rows, 1 when they are sorted by it.

    >>> order(np.array([0, 0, 0, 1, 1, 1]), "binary") > 0.5, round(order(np.arange(9.0), "regression"), 2)
    (True, 0.93)
    """
    y = np.asarray(y, np.float64).reshape(-1)
    if len(y) < 3 or not np.isfinite(y).all() or np.ptp(y) == 0:
        return 0.0
    if kind == "regression":  # one minus von Neumann's ratio
        return float(max(0.0, 1 - np.mean(np.diff(y) ** 2) / (2 * y.var())))
    expected = float(((np.unique(y, return_counts=True)[1] / len(y)) ** 2).sum())
    return float(max(0.0, (np.mean(y[1:] == y[:-1]) - expected) / (1 - expected)))


def duplicates(fit: Float[np.ndarray, "n ..."], other: Float[np.ndarray, "m ..."]) -> float:
    """The share of other rows that are also, number for number, among the fit rows; 0 where chance explains them.

    Columns of few different values make rows alike without anybody copying one.

    >>> fit = np.arange(100.0).reshape(50, 2)
    >>> duplicates(fit, np.array([[4.0, 5.0], [5.0, 4.0]]))
    0.5
    """
    if not len(fit) or not len(other):
        return 0.0
    known = {row.tobytes() for row in np.ascontiguousarray(fit)}
    share = float(np.mean([row.tobytes() in known for row in np.ascontiguousarray(other)]))
    expected = 1 - (1 - chance(fit.reshape(len(fit), -1).T)) ** len(fit)
    return share if share > COMMON * expected else 0.0


def leaks(
    x: Float[np.ndarray, "n d"], y: Shaped[np.ndarray, " n"], kind: str, names: Sequence[str]
) -> tuple[tuple[str, float], ...]:
    """Columns that alone give the target away, best first, with how well a small tree does from each (1 perfectly).

    Args:
        y: `[n]` true numbers or class codes.

    Only columns that leave all others far behind: where many do well, the task is just easy.
    """
    from sklearn.model_selection import cross_val_predict  # inside: a run's own evidence needs no scikit-learn
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor  # inside: as above

    rows = np.random.default_rng(0).permutation(len(x))[:1000]
    x, y = np.nan_to_num(x.reshape(len(x), -1)[rows]), np.asarray(y)[rows]
    if np.ptp(y.astype(float)) == 0 or len(y) < 30:
        return ()
    make = DecisionTreeRegressor if kind == "regression" else DecisionTreeClassifier
    told = []
    for column in _promising(x, y, kind):
        tree = make(max_leaf_nodes=64, min_samples_leaf=3, random_state=0)
        told.append((names[column], _skill(y, cross_val_predict(tree, x[:, [column]], y, cv=3), kind)))
    told.sort(key=lambda item: -item[1])
    clear = [item for item in told if item[1] > 0.95]
    rest = max((value for _, value in told if value <= 0.95), default=0.0)
    return tuple(clear) if clear and len(clear) <= 2 and clear[0][1] - rest > 0.1 else ()


def _promising(x: np.ndarray, y: np.ndarray, kind: str, most: int = 30) -> np.ndarray:
    if x.shape[1] <= most:
        return np.arange(x.shape[1])
    y = y.astype(np.float64)
    targets = y[:, None] if kind == "regression" else (y[:, None] == np.unique(y)[None, :]).astype(float)
    spread = x.std(0)[:, None] * targets.std(0)[None, :]
    together = ((x - x.mean(0)).T @ (targets - targets.mean(0))) / len(x)
    strength = np.abs(np.divide(together, spread, out=np.zeros_like(together), where=spread > 0)).max(1)
    return np.argsort(-strength)[:most]


def _skill(y: np.ndarray, told: np.ndarray, kind: str) -> float:
    if kind == "regression":
        return float(1 - np.mean((y - told) ** 2) / max(float(y.var()), 1e-30))
    codes = np.unique(y)
    recall = float(np.mean([(told[y == code] == code).mean() for code in codes]))
    return (recall - 1 / len(codes)) / (1 - 1 / len(codes))
