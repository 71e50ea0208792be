"""Honest scores: what answers are worth, in metrics that no loss or encoding can flatter. NumPy and scikit-learn."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from photic.data.dataset import Dataset
from photic.diagnose import doubt, facts
from photic.diagnose.laid_out import LaidOut, prepared
from photic.diagnose.parts import InputForm
from photic.experiment.baselines import baselines

Scores = dict[str, float]


def scores(p: np.ndarray, y: np.ndarray, kind: str) -> Scores:
    """Accuracy and balanced accuracy, or R2 and RMSE; NaN where there are no rows or an answer is no number.

    Args:
        p: predictions as metrics take them, numbers in the user's unit.
        y: true class codes or numbers, `[n]`.

    >>> scores(np.array([[0.9], [0.2], [0.7]]), np.array([1, 0, 0]), "binary")
    {'balanced_accuracy': 0.75, 'accuracy': 0.6666666666666666}
    """
    names = ("r2", "rmse") if kind == "regression" else ("balanced_accuracy", "accuracy")
    if not len(y) or not np.isfinite(p).all():
        return dict.fromkeys(names, float("nan"))
    if kind == "regression":
        errors = (p[:, 0] - y) ** 2
        return {"r2": float(1 - errors.mean() / max(float(y.var()), 1e-30)), "rmse": float(np.sqrt(errors.mean()))}
    right = (p[:, 0] > 0.5).astype(int) == y if kind == "binary" else p.argmax(axis=1) == y
    recalls = [right[y == code].mean() for code in np.unique(y)]
    return {"balanced_accuracy": float(np.mean(recalls)), "accuracy": float(right.mean())}


def rival(rows: LaidOut, seed: int) -> tuple[str, Scores, Scores]:
    """The better of a linear model and boosted trees, its scores on the stop rows, and those of a constant answer."""
    return _rival(_Key(rows.dataset, tuple(rows.fit.tolist()), tuple(rows.stop.tolist())), seed)


def oddities(rows: LaidOut) -> dict[str, Any]:
    """What is odd about the rows themselves: columns that give the target away, labels that look wrong, copies."""
    return dict(_oddities(_Key(rows.dataset, tuple(sorted(rows.fit.tolist())), tuple(rows.stop.tolist()))))


class _Key:
    """The same rows of the same table, divided in the same way: asked once."""

    def __init__(self, dataset: Dataset, fit: tuple[int, ...], stop: tuple[int, ...]) -> None:
        self.dataset, self.fit, self.stop = dataset, np.array(fit, int), np.array(stop, int)
        self._mark = (dataset.fingerprint, frozenset(fit), frozenset(stop))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._mark == other._mark

    def __hash__(self) -> int:
        return hash(self._mark)


@lru_cache(maxsize=64)
def _rival(key: _Key, seed: int) -> tuple[str, Scores, Scores]:
    dataset, task = key.dataset, key.dataset.task
    assert task is not None
    assert dataset.y is not None
    y = dataset.y if task.kind != "binary" else dataset.y[:, None]
    y = y[:, None].astype(np.float64) if task.kind == "regression" else y
    x, _ = prepared(dataset, InputForm("photic"), key.fit)
    judged = key.stop if len(key.stop) else key.fit
    told = baselines(task.kind, x[key.fit], y[key.fit], x[judged], classes=len(task.classes), seed=seed)
    found = {name: scores(p, dataset.y[judged], task.kind) for name, p in told.items()}
    constant, *others = found
    metric = "r2" if task.kind == "regression" else "balanced_accuracy"
    best = max(others, key=lambda name: np.nan_to_num(found[name][metric], nan=-np.inf))
    return best, found[best], found[constant]


@lru_cache(maxsize=64)
def _oddities(key: _Key) -> tuple[tuple[str, Any], ...]:
    dataset, task = key.dataset, key.dataset.task
    assert task is not None
    assert dataset.y is not None
    if dataset.numbers.ndim > 2:
        return ()
    x = np.concatenate([np.asarray(dataset.numbers, np.float64), dataset.codes.astype(np.float64)], axis=1)
    numeric = [column.name for column in dataset.columns if column.numeric]
    names = numeric + [column.name for column in dataset.columns if not column.numeric]
    y = dataset.y[key.fit]
    found: dict[str, Any] = {"leaks": facts.leaks(x[key.fit], y, task.kind, names)}
    found["duplicates"] = facts.duplicates(x[key.fit], x[key.stop])
    if task.classes:
        found["doubted"] = doubt.labels(x[key.fit], y.astype(int), len(task.classes))
    else:
        found["doubted"] = doubt.numbers(x[key.fit], y.astype(np.float64))
    return tuple(found.items())
