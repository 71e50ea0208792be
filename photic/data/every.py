"""Every place: targets of which each step of a series, or each pixel of a picture, has one of its own.

They are read as any target is, all places as one column, and laid out as `[n, t]` or `[n, h, w]`. A place without one
(after the end of a series, or not labelled) holds -1 or NaN, and counts for nothing in training and in scores; a row
without any is left out.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Bool

from photic.data import roles
from photic.data.steps import Steps
from photic.errors import DataError
from photic.maths.places import known


def has_steps(y: Any, longest: int) -> bool:
    """Whether targets are given step by step: an array `[n, t]`, or a list of arrays `[t]`.

    An array of another width holds several targets of each series.

    Args:
        longest: t, the steps of the longest series.

    >>> has_steps([1, 0], 3), has_steps([[1, 0], [0, 0, 1]], 3), has_steps(np.zeros((2, 3)), 3)
    (False, True, True)
    """
    if isinstance(y, np.ndarray) and y.dtype != object:
        return y.ndim == 2 and y.shape[1] == longest > 1
    return bool(len(y)) and all(isinstance(each, list | tuple | np.ndarray) and np.ndim(each) == 1 for each in y)


def of_steps(name: str, y: Any, steps: Steps, source: str, *, task: str | None) -> roles.Target:
    """Targets given step by step, `[n, t]`.

    Args:
        y: an array `[n, t]` as long as the longest series, or a list with an array `[t]` for each series.

    Raises:
        DataError: for other numbers of series or steps than x has.

    >>> two = Steps.of([np.ones((2, 1)), np.ones((3, 1))], ["a", "b"])
    >>> of_steps("on", [[1, 0], [0, 0, 1]], two, "a test", task=None).y.tolist()
    [[1, 0, -1], [0, 0, 1]]
    """
    if len(y) != steps.n:
        got = f"targets of {len(y):,}"
        fix = "give an array of labels for each series"
        raise DataError("target", f"needs labels for each of {steps.n:,} series", got, source=source, fix=fix)
    if isinstance(y, np.ndarray) and y.dtype != object:
        parts = [each[:length] for each, length in zip(y, steps.lengths, strict=True)]
    else:
        parts = [np.asarray(each) for each in y]
        for place, (part, length) in enumerate(zip(parts, steps.lengths, strict=True)):
            if len(part) != length:
                _refuse_length(int(length), len(part), f"series {str(steps.names[place])!r}", source)
    return of_raw(name, np.concatenate(parts), steps, source, task=task)


def of_raw(
    name: str, raw: Any, steps: Steps, source: str, *, task: str | None, text: bool = False, decimal: str = "."
) -> roles.Target:
    """Targets of all steps one after another, laid out as `[n, t]`.

    Args:
        raw: `[s]`, in the order of the steps.
    """
    found = roles.target(name, raw, source, task=task, text=text, decimal=decimal)
    values = spread(found, len(raw))
    real = np.arange(int(steps.lengths.max(initial=0))) < steps.lengths[:, None]
    y = np.full(real.shape, empty(values), values.dtype)
    y[real] = values
    return laid(found, y, len(raw) - int(known(values).sum()), "steps", "series")


def of_masks(name: str, masks: np.ndarray, shape: tuple[int, ...], source: str, *, task: str | None) -> roles.Target:
    """Targets given pixel by pixel, `[n, h, w]`; of whole numbers -1 is a pixel that nobody labelled.

    Args:
        shape: `(n, h, w)` of the pictures.

    Raises:
        DataError: for masks of another number or size than the pictures.

    >>> of_masks("kind", np.array([[[0, 1], [1, -1]], [[0, 0], [1, 1]]]), (2, 2, 2), "a test", task=None).y[0].tolist()
    [[0, 1], [1, -1]]
    """
    if masks.shape != shape:
        got = f"shape {list(masks.shape)}"
        fix = "bring each mask to the size of its picture, without blending values"
        raise DataError("target", f"needs masks of shape {list(shape)}, as the pictures", got, source=source, fix=fix)
    raw = masks.reshape(-1)
    raw = np.where(raw < 0, np.nan, raw) if raw.dtype.kind == "i" and raw.min() == -1 else raw
    whole = "classification" if masks.dtype.kind in "iub" else None
    found = roles.target(name, raw, source, task=task or whole)
    values = spread(found, raw.size)
    return laid(found, values.reshape(shape), raw.size - int(known(values).sum()), "pixels", "pictures")


def empty(values: np.ndarray) -> float:
    """What stands for no target among such values."""
    return -1 if values.dtype.kind in "iu" else np.nan


def spread(found: roles.Target, n: int) -> np.ndarray:
    """The targets of all n places, also of those that have none."""
    if found.rows is None:
        return found.y
    values = np.full(n, empty(found.y), found.y.dtype)
    values[found.rows] = found.y
    return values


def laid(found: roles.Target, y: np.ndarray, missing: int, places: str, rows: str) -> roles.Target:
    """The target with its places laid out, without the rows that have none at all."""
    some: Bool[np.ndarray, " n"] = known(y).reshape(len(y), -1).any(axis=1)
    said = [sentence for sentence in found.said if " left out" not in sentence]
    count = "1 target" if y[0].size == 1 else f"{int(known(y).sum()):,} targets"
    said.insert(0, f"Every place has a target of its own: {count} in {int(some.sum()):,} {rows}.")
    if missing:
        said.append(f"{places.capitalize()} without a target count for nothing: {missing:,}.")
    if not some.all():
        said.append(f"{rows.capitalize()} without any target are left out: {int((~some).sum()):,}.")
    task = dataclasses.replace(found.task, every_step=True)
    return roles.Target(task, y[some], None if some.all() else np.flatnonzero(some), tuple(said))


def _refuse_length(needed: int, got: int, where: str, source: str) -> None:
    fix = "give a label for each step, in their order; where there is none, NaN"
    raise DataError(
        "target", f"needs {needed:,} labels, one for each step of {where}", f"{got:,}", source=source, fix=fix
    )
