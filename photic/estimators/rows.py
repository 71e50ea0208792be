"""Rows as scikit-learn hands them over: matrices of numbers, or frames whose columns may hold words, dates and gaps.

A matrix, and a frame of numbers alone, is checked by scikit-learn itself, so that it means here what it means to every
other estimator; NaN is a missing value. Any other frame is read as `photic.fit` reads it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_consistent_length, validate_data

from photic.data.dataset import Column, Dataset
from photic.data.read import read
from photic.data.schema import read_for
from photic.errors import DataError

_MATRIX: dict[str, Any] = {"dtype": [np.float64, np.float32], "ensure_all_finite": "allow-nan"}


def is_mixed(x: Any) -> bool:
    """Whether this is a frame with a column of anything but numbers.

    >>> is_mixed(np.eye(2))
    False
    """
    if isinstance(x, np.ndarray | list):
        return False
    import narwhals as nw  # a tenth of a second, and arrays do not need it

    frame = nw.from_native(x, pass_through=True, eager_only=True)
    return isinstance(frame, nw.DataFrame) and not all(dtype.is_numeric() for dtype in frame.schema.dtypes())


def checked(estimator: BaseEstimator, x: Any, y: Any, *, numbers: bool, reset: bool = True) -> tuple[Any, np.ndarray]:
    """Rows and targets that fit together; the estimator learns how many columns there are and what they are called.

    Args:
        numbers: whether targets must be numbers.
        reset: False where the columns must be those that the estimator knows.

    Raises:
        ValueError, TypeError: in scikit-learn's own words.
    """
    if not is_mixed(x):
        return validate_data(estimator, x, y, reset=reset, multi_output=True, y_numeric=numbers, **_MATRIX)
    x, y = validate_data(estimator, x, y, reset=reset, skip_check_array=True)
    y = check_array(y, ensure_2d=False, dtype="numeric" if numbers else None, input_name="y", estimator=estimator)
    check_consistent_length(x, y)
    return x, y


def dataset(estimator: Any, x: Any) -> Dataset:
    """Checked rows as a Dataset without a target."""
    if isinstance(x, np.ndarray):
        columns = tuple(Column(name, "number") for name in names(estimator))
        return Dataset("the rows", "X", "", columns, x, np.empty((len(x), 0), np.int32))
    nothing = np.arange(len(x), dtype=np.float64)  # reading needs a target; the real one is checked already
    return dataclasses.replace(read(x, nothing, task="regression"), y=None, task=None)


def again(estimator: Any, x: Any, columns: Sequence[Column]) -> Dataset:
    """Other rows as a Dataset with the columns that were learned from.

    Raises:
        ValueError: when they have other columns, or values that those columns cannot have.
    """
    if all(column.kind == "number" for column in columns) and not is_mixed(x):
        x = validate_data(estimator, x, reset=False, **_MATRIX)
        known = names(estimator)
        used = [known.index(column.name) for column in columns]
        return Dataset("the rows", "X", "", tuple(columns), x[:, used], np.empty((len(x), 0), np.int32))
    validate_data(estimator, x, reset=False, skip_check_array=True)
    if isinstance(x, np.ndarray | list):
        x = dict(zip(names(estimator), np.asarray(x).T, strict=True))
    return read_for(x, columns)


def names(estimator: Any) -> list[str]:
    """The names of all columns; x1, x2, ... where they have none."""
    return list(getattr(estimator, "feature_names_in_", [f"x{place + 1}" for place in range(estimator.n_features_in_)]))


def weights(sample_weight: Any, n: int) -> Float[np.ndarray, " n"]:
    """The weight of every row, 1 where none were given.

    Raises:
        DataError: when they are not one number of at least 0 for each row, or all are 0.

    >>> weights(None, 2).tolist()
    [1.0, 1.0]
    """
    if sample_weight is None:
        return np.ones(n)
    weight = check_array(sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight")
    for required, fits, got in (
        (f"needs one weight for each of {n} rows", weight.shape == (n,), f"shape {list(weight.shape)}"),
        ("needs weights of at least 0", (weight >= 0).all(), f"{weight.min():g}"),
        ("needs a weight above zero", weight.any(), "zero for every row"),
    ):
        if not fits:
            raise DataError("sample_weight", required, got, source="the call of fit", fix="give one weight a row")
    return weight
