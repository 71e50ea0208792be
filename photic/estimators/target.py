"""Targets as scikit-learn hands them over, and the task that follows from them."""

from __future__ import annotations

import dataclasses
from typing import Any, NoReturn

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from photic.data.task import Task
from photic.errors import DataError


@dataclasses.dataclass(frozen=True, eq=False)
class Target:
    """What is to be predicted.

    Args:
        y: as in a Dataset: `[n]` or `[n, k]` numbers, `[n]` codes of classes, `[n, k]` labels of 0 and 1.
        classes: `[c]` the classes as the user has them, in the order of their codes; None in regression.
    """

    task: Task
    y: np.ndarray
    classes: np.ndarray | None = None


def of_numbers(y: np.ndarray) -> Target:
    """A regression of one number or several.

    >>> of_numbers(np.array([[1.0, 2.0], [2.0, 1.0]])).task.words
    '2 numbers: y1, y2'
    """
    if y.ndim == 2 and y.shape[1] > 1:
        return Target(Task.of_several("regression", _names(y)), y.astype(np.float64))
    return Target(Task("regression", "y"), column_or_1d(y, warn=True).astype(np.float64))


def of_classes(y: np.ndarray, known: Any = None) -> Target:
    """One of two classes, of three and more, or several labels of 0 and 1.

    Args:
        known: all classes, where `y` may not have them all.

    Raises:
        DataError: for a single class, classes that are not known, or several targets with classes of their own.
        ValueError: for numbers that are no classes, in scikit-learn's words.

    >>> of_classes(np.array(["no", "yes", "no"])).y.tolist()
    [0, 1, 0]
    """
    check_classification_targets(y)
    if y.ndim == 2 and y.shape[1] > 1:
        if not np.isin(y, (0, 1)).all():
            _refuse("needs labels of 0 and 1 where it has several columns", "other values", "fit one target at a time")
        return Target(Task.of_several("multilabel", _names(y)), y.astype(np.int32), np.arange(y.shape[1]))
    y = column_or_1d(y, warn=True)
    classes = np.unique(y if known is None else np.asarray(known))
    codes = np.minimum(np.searchsorted(classes, y), len(classes) - 1)
    strange = y[classes[codes] != y]
    if len(strange):
        fix = "give all classes in the first call (classes=), or start anew with fit"
        _refuse(f"needs classes among {classes.tolist()}", f"{strange[0].item()!r}", fix)
    if len(classes) < 2:
        _refuse("needs at least two classes", f"1 class, {classes[0].item()!r}", "give rows of another class too")
    kind = "binary" if len(classes) == 2 else "multiclass"
    return Target(Task(kind, "y", tuple(str(each) for each in classes)), codes.astype(np.int32), classes)


def _names(y: np.ndarray) -> list[str]:
    return [f"y{place + 1}" for place in range(y.shape[1])]


def _refuse(required: str, got: str, fix: str) -> NoReturn:
    raise DataError("y", required, got, source="the call of fit", fix=fix)
