"""The rows of a described training: read from where it says they are, and their JSON form."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from photic.data.copies import row_marks
from photic.data.dataset import Column, Dataset
from photic.data.read import read
from photic.data.task import Task
from photic.diagnose.parts import Data, known, refused
from photic.errors import nearest

_SCHEMA = "see docs/described-training.md"
_FORMS: tuple[tuple[str, type, str], ...] = (
    ("columns", dict, "an object, a list of values for every column"),
    ("settings", dict, "an object of settings"),
    ("without", list, "a list of columns"),
)


def read_rows(data: Data) -> Dataset:
    """The rows, read now.

    Raises:
        DataError: when they cannot be read.
        SpecError: for an unknown toy set or column.

    >>> read_rows(Data(toy="moons", without=("x2",))).numbers.shape
    (400, 1)
    """
    if data.dataset is not None:
        rows = data.dataset
    elif data.file is not None:
        rows = _read(data)
    else:
        rows = _known(dataclasses.replace(data, without=(), distinct=False))
    return _without(rows, data)


@functools.lru_cache(maxsize=32)
def _known(data: Data) -> Dataset:
    # A known set does not change, and is asked for again and again.
    return _toy(data) if data.toy is not None else _read(data)


def _read(data: Data) -> Dataset:
    roles = {"groups": data.groups, "time": data.time, "weights": data.weights}
    return read(data.set or data.file, data.target, task=data.task, **roles)


def data_to_json(data: Data) -> dict[str, Any]:
    """JSON values; rows at hand are written out column by column."""
    kept = {name: getattr(data, name) for name in ("set", "file", "toy", "target", "task", "groups", "time", "weights")}
    kept = {name: value for name, value in kept.items() if value is not None}
    if data.settings:
        kept["settings"] = dict(data.settings)
    if data.without:
        kept["without"] = list(data.without)
    if data.distinct:
        kept["distinct"] = True
    if data.dataset is None:
        return kept
    rows = data.dataset
    task, y = rows.task, rows.y
    assert task is not None
    assert y is not None
    numbers, codes = iter(rows.numbers.T), iter(rows.codes.T)
    columns: dict[str, list[Any]] = {}
    for column in rows.columns:
        if column.numeric:
            columns[column.name] = [None if np.isnan(value) else float(value) for value in next(numbers)]
        else:
            columns[column.name] = [None if code < 0 else column.levels[code] for code in next(codes)]
    columns[task.target] = [task.classes[code] for code in y] if task.classes else [float(value) for value in y]
    kinds = {column.name: column.to_json() for column in rows.columns}
    return kept | {"name": rows.name, "columns": columns, "kinds": kinds, "target": task.target, "as": task.to_json()}


def data_of_json(data: Any, source: str) -> Data:
    """What `data_to_json` wrote, or a person: a name, a path, or an object.

    Raises:
        SpecError: when it says nothing that can be read.
    """
    if isinstance(data, str):
        from photic.data.sources import list_sets

        return Data(set=data) if data in {known.name for known in list_sets()} else Data(file=data)
    if not isinstance(data, Mapping):
        raise refused("data", "needs a name or an object", repr(data), _SCHEMA)
    for name, kind, words in _FORMS:
        if not isinstance(data.get(name, kind()), kind):
            raise refused(f"data {name}", f"needs {words}", repr(data[name]), _SCHEMA)
    without = tuple(data.get("without", ()))
    if "columns" in data:
        return Data(dataset=_columns(data, source), without=without, distinct=bool(data.get("distinct", False)))
    if "dataset" in data:
        raise refused("data", "needs known settings", "'dataset'", "give the rows as 'columns'")
    try:
        values: dict[str, Any] = {**data, "without": without, "settings": tuple(data.get("settings", {}).items())}
        return Data(**values)
    except TypeError as error:
        raise refused("data", "needs known settings", str(error).split(") ")[-1], _SCHEMA) from None


def _without(rows: Dataset, data: Data) -> Dataset:
    if data.distinct:
        _, first = np.unique(row_marks(rows), return_index=True)
        rows = rows if len(first) == rows.n else rows.take(np.sort(first))
    if not data.without:
        return rows
    for name in data.without:
        known("data without", name, [column.name for column in rows.columns])
    keep = lambda columns: [place for place, column in enumerate(columns) if column.name not in data.without]
    kept = [column for column in rows.columns if column.name not in data.without]
    numbers, codes = rows.numbers[:, keep(rows.number_columns)], rows.codes[:, keep(rows.code_columns)]
    roles = {role: getattr(rows, role) for role in ("task", "y", "weight", "groups", "time")}
    return Dataset.of(rows.name, rows.source, kept, numbers, codes, **roles)


def _toy(data: Data) -> Dataset:
    from photic.data import toy

    sets = {name: getattr(toy, name) for name in ("xor", "moons", "spirals", "linear", "friedman", "blobs")}
    known("toy set", str(data.toy), sets)
    try:
        return sets[str(data.toy)](**dict(data.settings))
    except TypeError as error:
        raise refused(f"toy set {data.toy}", "needs known settings", str(error), "leave them out") from None


def _columns(data: Mapping[str, Any], source: str) -> Dataset:
    columns, target = data["columns"], data.get("target")
    if target not in columns:
        raise refused(
            "data target", "needs the name of one of the columns", repr(target), nearest(str(target), columns)
        )
    if "kinds" not in data:
        roles = {role: data.get(role) for role in ("groups", "time", "weights")}
        return read(dict(columns), target, task=data.get("task"), **roles)
    kinds = [Column.from_json(each, source) for each in data["kinds"].values()]
    task = Task.from_json(data["as"], source)
    numbers = [[np.nan if value is None else value for value in columns[kind.name]] for kind in kinds if kind.numeric]
    codes = [
        [-1 if value is None else kind.levels.index(value) for value in columns[kind.name]]
        for kind in kinds
        if not kind.numeric
    ]
    y = columns[target]
    y = np.array([task.classes.index(value) for value in y], np.int32) if task.classes else np.array(y, np.float64)
    n = len(y)
    return Dataset.of(
        data.get("name", "columns"), source, kinds, np.array(numbers, np.float64).reshape(-1, n).T,
        np.array(codes, np.int32).reshape(-1, n).T, task=task, y=y,
    )  # fmt: skip
