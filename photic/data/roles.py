"""Roles: columns that are not learned from but say what is predicted, which rows belong together, when, how much."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from jaxtyping import Float, Int

from photic.data import spelling
from photic.data.plain import Plain, plain
from photic.data.said import listed
from photic.data.task import KINDS, Task
from photic.errors import DataError, RequestError, nearest

if TYPE_CHECKING:
    from photic.data.table import Raw

#: Whole numbers are classes when they take at most this many values, and each has this many rows on average.
CLASSES, ROWS = 20, 5


@dataclasses.dataclass(frozen=True, eq=False)
class Target:
    """What is predicted, read.

    Args:
        task: kind, name and classes.
        y: `[m]` float64 numbers or int32 class codes, of the rows that have a target.
        rows: `[m]` those rows, or None when all have one.
        said: sentences about what was handled and chosen.
    """

    task: Task
    y: np.ndarray
    rows: Int[np.ndarray, " m"] | None
    said: tuple[str, ...]


def target(
    name: str, raw: Raw, source: str, *, task: str | None = None, text: bool = False, decimal: str = "."
) -> Target:
    """The target column read: numbers, or classes; rows without one are left out and counted.

    Words, booleans and whole numbers with few values are classes; other numbers are a regression. `task` overrules it.

    Raises:
        DataError: when it has one class or value, no value, only different words, infinities, dates, or stray words.
        RequestError: when `task` is none of the known kinds, or does not fit the column.

    >>> target("y", np.array([0.5, np.nan, 2.0]), "a test").said
    ("1 row without 'y' is left out.",)
    """
    wanted = _asked(task)
    column = plain(raw, text=text, decimal=decimal)
    if column.form in {"date", "other"}:
        got = "dates" if column.form == "date" else column.values
        _refuse(f"target {name!r}", "needs numbers or classes", got, source, "choose another target")
    infinite = [detail for kind, detail in column.notes if kind == "infinite"]
    if infinite:
        _refuse(
            f"target {name!r}",
            "needs finite numbers",
            f"{infinite[0]} infinite values",
            source,
            "correct or remove those rows",
        )
    labels, found, chosen = _labels(name, column, source, wanted, decimal)
    missing = np.isnan(found) if labels is None else found < 0
    rows = np.flatnonzero(~missing) if missing.any() else None
    y = found if rows is None else found[rows]
    _need_variety(name, labels, y, source)
    said = [*_about_missing(name, int(missing.sum()), column.notes), *chosen]
    if labels is None:
        return Target(Task("regression", name), y.astype(np.float64), rows, tuple(said))
    kind = "binary" if len(labels) == 2 and wanted != "multiclass" else "multiclass"
    if wanted == "binary" and kind != "binary":
        _refuse(f"target {name!r}", "needs two classes for a binary task", f"{len(labels)}", source, "use multiclass")
    counts = np.bincount(y, minlength=len(labels))
    single = [label for label, count in zip(labels, counts, strict=True) if count == 1]
    if single:
        said.append(f"{'Classes' if len(single) > 1 else 'Class'} with a single row: {listed(single)}.")
    return Target(Task(kind, name, tuple(labels)), y.astype(np.int32), rows, tuple(said))


def groups(name: str, raw: Raw, source: str, rows: Int[np.ndarray, " m"] | None = None) -> Int[np.ndarray, " m"]:
    """Groups as codes: rows with the same value get the same number.

    Raises:
        DataError: when a row has no value.

    >>> groups("who", np.array([7, 3, 7]), "a test").tolist()
    [1, 0, 1]
    """
    where = f"groups {name!r}"
    column = plain(raw if rows is None else raw[rows], text=True)
    if column.form == "other":
        _refuse(where, "needs single values", column.values, source, "choose another column")
    values = column.values.codes if column.form == "words" else column.values
    _need_all(where, values < 0 if column.form in {"words", "boolean"} else np.isnan(values), source, rows)
    return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)


def time(name: str, raw: Raw, source: str, rows: Int[np.ndarray, " m"] | None = None) -> Float[np.ndarray, " m"]:
    """When each row happened: seconds since 1970 of dates, or the numbers of a column of numbers.

    Raises:
        DataError: when a row has no value or one that is neither a date nor a number.

    >>> time("day", np.array(["1970-01-02", "1970-01-01"]), "a test").tolist()
    [86400.0, 0.0]
    """
    where = f"time {name!r}"
    column = plain(raw if rows is None else raw[rows], text=True)
    if column.form == "words":
        place, word = column.values.row(np.isnan(spelling.dates(column.values.levels)))
        got = f"{word!r} in row {_row(place, rows)}"
        _refuse(where, "needs dates such as 2020-12-31, or numbers", got, source, "write them so")
    if column.form not in {"date", "number"}:
        _refuse(where, "needs dates such as 2020-12-31, or numbers", "neither", source, "choose another column")
    _need_all(where, np.isnan(column.values), source, rows)
    return column.values.astype(np.float64)


def weights(name: str, raw: Raw, source: str, rows: Int[np.ndarray, " m"] | None = None) -> Float[np.ndarray, " m"]:
    """How much each row counts: numbers, none negative, not all zero.

    Raises:
        DataError: when one is negative, missing, infinite or no number; the first is named with its row.

    >>> weights("w", np.array([1, 2]), "a test").tolist()
    [1.0, 2.0]
    """
    where = f"weights {name!r}"
    column = plain(raw if rows is None else raw[rows], text=True)
    if column.form not in {"number", "boolean"}:
        _refuse(where, "needs numbers", "words or dates", source, "choose another column")
    if any(kind == "infinite" for kind, _ in column.notes):
        _refuse(where, "needs finite numbers", "an infinite value", source, "correct it")
    values = column.values.astype(np.float64)
    _need_all(where, np.isnan(values) | (column.form == "boolean" and values < 0), source, rows)
    if (values < 0).any():
        place = int(np.argmax(values < 0))
        got = f"{values[place]:g} in row {_row(place, rows)}"
        _refuse(where, "needs numbers of at least 0", got, source, "correct it, or leave the weights out")
    if not values.any():
        _refuse(where, "needs some weight above 0", "0 in every row", source, "correct them, or leave the weights out")
    return values


def _asked(task: str | None) -> str | None:
    if task is None or task in (*KINDS, "classification"):
        return task
    raise RequestError(
        "task", "needs a known kind", repr(task), source="the call", fix=nearest(task, (*KINDS, "classification"))
    )


def _labels(
    name: str, column: Plain, source: str, wanted: str | None, decimal: str
) -> tuple[list[str] | None, np.ndarray, list[str]]:
    """The names of the classes (None in regression), codes or numbers, and what is said about the choice."""
    if column.form == "boolean":
        if wanted == "regression":
            return None, np.where(column.values < 0, np.nan, column.values), []
        return ["false", "true"], column.values, []
    if column.form == "words":
        return *_classes(name, column.values, source, wanted, decimal), []
    values = column.values
    known = values if values.dtype.kind in "iu" else values[~np.isnan(values)]
    whole = column.whole or (len(known) < len(values) and bool(np.all(known % 1 == 0)))  # pandas: missing makes floats
    if wanted == "regression" or (wanted is None and not _few(known, whole)):
        return None, values.astype(np.float64, copy=False), []
    levels = np.unique(known)
    labels = [str(int(level)) if level % 1 == 0 else repr(float(level)) for level in levels]
    found = np.where(np.isnan(values), -1, np.searchsorted(levels, values)).astype(np.int32)
    said = (
        f"{name!r} has {len(levels)} different whole numbers: taken as classes; task 'regression' predicts the number."
    )
    return labels, found, [said] if wanted is None and labels != ["0", "1"] else []


def _classes(
    name: str, words: spelling.Words, source: str, wanted: str | None, decimal: str
) -> tuple[list[str], np.ndarray]:
    where = f"target {name!r}"
    if wanted == "regression":
        spelling.need_unmixed(where, words, source, decimal=decimal, share=0.0)
        got = f"words ({words.levels[0]!r}, ...)"
        _refuse(where, "needs numbers for a regression", got, source, "choose another target, or leave the task out")
    if len(words.levels) > CLASSES:
        spelling.need_unmixed(where, words, source, decimal=decimal)
    levels = words.levels.to_list()
    pair = spelling.truth(levels) if len(levels) <= CLASSES else None
    classes = list(pair) if pair else spelling.order(levels)
    return classes, words.coded(classes, fold=pair is not None)


def _few(known: np.ndarray, whole: bool) -> bool:
    if not len(known) or not (whole or np.all((known == 0) | (known == 1))):
        return False
    different = len(np.unique(known))
    return different == 2 or (different <= CLASSES and different * ROWS <= len(known))


def _need_variety(name: str, labels: list[str] | None, y: np.ndarray, source: str) -> None:
    where = f"target {name!r}"
    if not len(y):
        _refuse(where, "needs values", "none in any row", source, "choose another target")
    if labels is not None and len(labels) < 2:
        _refuse(where, "needs at least two classes", f"{labels[0]!r} in every row", source, "choose another target")
    if labels is not None and len(labels) == len(y):
        _refuse(where, "needs classes that come back in several rows", f"{len(y):,} different ones in {len(y):,} rows",
                source, "choose another target: this one names the rows")  # fmt: skip
    if labels is None and np.all(y == y[0]):
        _refuse(where, "needs at least two different values", f"{y[0]:g} in every row", source, "choose another target")


def _about_missing(name: str, count: int, notes: tuple[tuple[str, str], ...]) -> list[str]:
    if not count:
        return []
    spelled = [f" (among them {detail})" for kind, detail in notes if kind == "missing"]
    rows = "1 row" if count == 1 else f"{count:,} rows"
    return [f"{rows} without {name!r} {'is' if count == 1 else 'are'} left out{''.join(spelled)}."]


def _need_all(where: str, missing: np.ndarray, source: str, rows: np.ndarray | None) -> None:
    if missing.any():
        count = int(missing.sum())
        more = f" and in {count - 1:,} more" if count > 1 else ""
        got = f"none in row {_row(int(np.argmax(missing)), rows)}{more}"
        _refuse(where, "needs a value in every row", got, source, "fill them in, or remove those rows")


def _row(place: int, rows: np.ndarray | None) -> str:
    return f"{(place if rows is None else int(rows[place])) + 1:,}"


def _refuse(where: str, required: str, got: str, source: str, fix: str) -> NoReturn:
    raise DataError(where, required, got, source=source, fix=fix)
