"""NumPy arrays as a Dataset: the short way, which imports neither polars nor anything else that is slow to start."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from photic.data import roles, several
from photic.data.dataset import Column, Dataset, LeftOut
from photic.data.said import sentences
from photic.errors import DataError

SOURCE = "the arrays"


def read_arrays(
    x: Any, y: Any, *, task: str | None = None, groups: Any = None, time: Any = None, weights: Any = None
) -> Dataset:
    """The Dataset of `x: [n, d]` numbers and `y: [n]` or `[n, k]`; columns are called x1, x2, ... and all are numbers.

    The numbers are not copied unless they must change: leave `x` as it is while the Dataset is in use.

    Raises:
        DataError: when the shapes do not fit, a role is no array of n values, or nothing is left to learn from.

    >>> read_arrays(np.eye(4), [0, 1, 0, 1]).task.kind
    'binary'
    """
    numbers = matrix(x)
    n = len(numbers)
    if isinstance(y, str) or y is None:
        got = "the name of a column" if isinstance(y, str) else "none"
        raise DataError(
            "target", "needs an array, because x has no names", got, source=SOURCE, fix="pass y, one value a row"
        )
    found = several.matrix("y", y, n, SOURCE, task=task)
    if found is None:
        found = roles.target("target", role("target", y, n, SOURCE), SOURCE, task=task)
    rows = found.rows
    others = {
        name: None if value is None else read(name, role(name, value, n, SOURCE), SOURCE, rows)
        for name, value, read in (
            ("groups", groups, roles.groups),
            ("time", time, roles.time),
            ("weights", weights, roles.weights),
        )
    }
    numbers, notes = _finite(numbers if rows is None else numbers[rows])
    used, left_out = _used(numbers)
    if not used.all():
        numbers = numbers[:, used]
    return Dataset.of(
        "arrays", SOURCE, [Column(f"x{place + 1}", "number") for place in np.flatnonzero(used)], numbers,
        task=found.task, y=found.y, weight=others["weights"], groups=others["groups"], time=others["time"],
        left_out=left_out, said=(*found.said, *notes),
    )  # fmt: skip


def matrix(x: Any) -> Float[np.ndarray, "n d"]:
    """`x` as a matrix of floats; one axis means one column.

    Raises:
        DataError: when it is empty, has more than two axes, or holds anything but numbers.

    >>> matrix([1, 2, 3]).shape
    (3, 1)
    """
    kind = type(x).__name__
    try:
        x = np.asarray(x)
    except ValueError:
        raise DataError(
            "x", "needs rows of equal length", "rows of different lengths", source=SOURCE, fix="fill them up"
        ) from None
    if x.dtype == object and not x.ndim:
        required = "needs a path, the name of a known set, a pandas, polars or pyarrow frame, or arrays"
        raise DataError("the data", required, f"a {kind}", source="the call", fix="convert it to one of these")
    if x.dtype.kind not in "fiub":
        got = f"values of type {x.dtype}"
        raise DataError("x", "needs numbers", got, source=SOURCE, fix="pass a frame, whose columns may hold words")
    if x.ndim not in (1, 2) or not x.size:
        got = f"shape {list(x.shape)}"
        raise DataError(
            "x", "needs a matrix [n, d] with rows and columns", got, source=SOURCE, fix="reshape it, or pass another"
        )
    x = x if x.dtype in (np.float32, np.float64) else x.astype(np.float64)
    return x.reshape(len(x), -1)


def role(name: str, values: Any, n: int, source: str) -> np.ndarray:
    """The values of a role that was given as an array (or a series, or a list), one for each row.

    Raises:
        DataError: when it has not one value for each of the n rows.

    >>> role("weights", [1, 2], 2, "a test")
    array([1, 2])
    """
    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (n,):
        fix = "give one value for each row"
        raise DataError(
            name, f"needs one value for each of {n:,} rows", f"shape {list(array.shape)}", source=source, fix=fix
        )
    return array


def _finite(numbers: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    ends = np.fmin.reduce(numbers, axis=0), np.fmax.reduce(numbers, axis=0)
    if not any(np.isinf(end).any() for end in ends):
        return numbers, ()
    infinite = np.isinf(numbers)
    notes = [
        ("infinite", f"x{place + 1}", f"{infinite[:, place].sum():,}") for place in np.flatnonzero(infinite.any(axis=0))
    ]
    return np.where(infinite, np.asarray(np.nan, numbers.dtype), numbers), sentences(notes)


def _used(numbers: np.ndarray) -> tuple[np.ndarray, tuple[LeftOut, ...]]:
    low, high = np.fmin.reduce(numbers, axis=0), np.fmax.reduce(numbers, axis=0)
    used = low < high
    reasons = {True: "has no value in any row", False: "has the same value in every row that has one"}
    left_out = [LeftOut(f"x{place + 1}", reasons[bool(np.isnan(low[place]))]) for place in np.flatnonzero(~used)]
    if not used.any():
        got = left_out[0].name + " " + left_out[0].reason
        raise DataError("x", "needs at least one column that varies", got, source=SOURCE, fix="pass other columns")
    return used, tuple(left_out)
