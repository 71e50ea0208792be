"""Reading: from whatever the user has to a Dataset. `read` is for learning, `read_for` (in schema.py) for prediction.

What they take: a path, the name of a known set, "-" for standard input, a pandas, polars or pyarrow frame, a dict of
lists, or NumPy arrays.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from photic.data import arrays, columns, images, maps, roles, series, several, text
from photic.data.dataset import Column, Dataset, LeftOut
from photic.data.memory import words
from photic.data.opening import is_table, open_table
from photic.data.said import listed, sentences
from photic.data.schema import read_for
from photic.data.table import Table
from photic.errors import DataError

__all__ = ["read", "read_for"]


def read(
    data: Any,
    target: Any = None,
    *,
    task: str | None = None,
    groups: Any = None,
    time: Any = None,
    weights: Any = None,
    size: str | int | None = None,
    sequence: str | None = None,
    horizon: int | None = None,
    window: int | None = None,
    every_step: bool | None = None,
    memory: int | None = None,
    tokenizer: str | None = None,
) -> Dataset:
    """The Dataset of a table, of pictures or of series; everything that was handled is in `said` and `left_out`.

    Args:
        data: a path, a set's name, "-", a frame, a dict of lists, or an array `x: [n, d]`; a Dataset is given back.
            For pictures: a folder with a folder for each class, a table with a column of paths, an .npz or IDX file, or
            an array `[n, h, w]` or `[n, h, w, c]` of bytes. For series: a table (see `sequence`), a .ts file, an array
            `[n, t, c]` of floats, or a list of arrays `[t, c]`. A text (.txt, .md) without a target is to be continued.
        target: the name of the column to predict, or its values `[n]`; a known set has a usual one. Several are
            predicted together as "a,b", as a list of names, or as values `[n, k]`. With series and pictures as arrays
            also a value for each step, `[n, t]`, or for each pixel, `[n, h, w]`.
        task: "regression", "binary", "multiclass", "classification" or "multilabel"; None looks at the target. With
            "multilabel" the cells of a single column may list labels: "cat|dog".
        groups: a column (or `[n]` values) whose equal values belong together.
        time: a column (or values) that orders the rows.
        weights: a column (or values) of row weights.
        size: what pictures are brought to, such as 64 or "64x48" (width by height); None chooses.
        sequence: of a table with a row for each step "ID,TIME", the columns that say which series a step is of and when
            it was (either may be absent: "ID", ",TIME"); "wide" when a row is a series and its columns are the steps.
            A table with lists of numbers in its cells needs none.
        horizon: forecast so many next values of the target, from windows of a table with a row for each step.
        window: how many steps a forecast looks at; None chooses.
        tokenizer: of a text, a tokenizer.json whose tokens are its symbols; None takes characters.
        every_step: the target has a value of its own at every step of a table with a row for each step.
        memory: how many bytes the rows may take; a table or pictures beyond that lie in a file, see `maps.py`. None
            for any number.

    Raises:
        DataError: for every way in which a table can be unfit, in words.

    >>> data = read({"size": [1.5, 2.5, 4.5], "price": [10.5, 20.25, 40.0]}, "price")
    >>> data.task.kind, data.columns
    ('regression', (Column(name='size', kind='number', levels=()),))
    """
    if isinstance(data, Dataset):
        return data
    if text.is_text(data, target):
        return text.read_text(data, tokenizer)
    if tokenizer is not None:
        fix = "give a text such as book.txt, and no target"
        raise DataError("tokenizer", "needs a text", "other data", source="the tokenizer option", fix=fix)
    if images.is_images(data):
        return images.read_images(
            data, target, task=task, size=size, memory=memory, groups=groups, time=time, weights=weights
        )
    return _of_others(data, target, task, groups, time, weights, size, sequence, horizon, window, every_step, memory)


def _of_others(
    data: Any, target: Any, task: str | None, groups: Any, time: Any, weights: Any, size: str | int | None,
    sequence: str | None, horizon: int | None, window: int | None, every_step: bool | None, memory: int | None,
) -> Dataset:  # fmt: skip
    """Series, arrays and tables."""
    if series.is_series(data):
        return series.read_series(data, target, task=task, groups=groups, weights=weights)
    if not is_table(data):
        return arrays.read_arrays(data, target, task=task, groups=groups, time=time, weights=weights)
    table = open_table(data, memory)
    goal = _choose(table, target)
    named = {"groups": groups, "time": time, "weights": weights}
    _need_rows(table)
    if table.lists or any(asked is not None for asked in (sequence, horizon, window)):
        form = series.form_of(sequence, table, horizon, window)
        return series.read_table(
            table, goal, form, task=task, groups=groups, weights=weights, every_step=bool(every_step)
        )
    if every_step:
        fix = "say which column names the series and which the time: --sequence ID,TIME"
        raise DataError("every-step", "needs series", "a row for each thing", source=table.source, fix=fix)
    usual = [f"No target was named: {table.target!r} is the usual one of this set."] if target is None else []
    return _of_table(table, several.roles_of(goal, table.names), named, task, size, images.base_of(data), usual, memory)


def _of_table(
    table: Table, goals: dict[str, Any], named: dict[str, Any], task: str | None, size: str | int | None, base: Path,
    usual: list[str], memory: int | None,
) -> Dataset:  # fmt: skip
    """A table with a row for each thing: columns of values, or of paths of pictures."""
    pictures = images.path_column(table)
    named = {role: str(value) if isinstance(value, int) else value for role, value in {**goals, **named}.items()}
    taken = _taken(table, named)  # a pandas frame may call its columns 0, 1, 2
    found = _target(table, {role: named[role] for role in goals}, taken, task)
    readers = {"groups": roles.groups, "time": roles.time, "weights": roles.weights}
    others = {
        role: None
        if named[role] is None
        else reader(taken.get(role, role), _raw(table, role, named[role]), table.source, found.rows)
        for role, reader in readers.items()
    }
    if len(found.y) < 2:
        _refuse_rows(table.source, f"1 with {found.task.target!r}")
    if pictures is not None and pictures not in taken.values():
        kept = {"groups": others["groups"], "time": others["time"], "weight": others["weights"]}
        return images.read_paths(table, pictures, found, tuple(taken.values()), base, size, memory, **kept)
    block = _fill(table, [name for name in table.names if name not in taken.values()], found.rows, memory)
    return Dataset.of(
        table.name, table.source, *block.parts, task=found.task, y=found.y, left_out=tuple(block.left_out),
        said=(*table.said, *block.said, *usual, *found.said, *sentences(block.notes)),
        weight=others["weights"], groups=others["groups"], time=others["time"],
    )  # fmt: skip


def _target(table: Table, goals: dict[str, Any], taken: dict[str, str], task: str | None) -> roles.Target:
    """One target or several, by name or as values."""
    values = goals.get("target")
    if values is not None and not isinstance(values, str):
        found = several.matrix("target ", values, table.rows, table.source, task=task)
        if found is not None:
            return found
    raws = {taken.get(role, role): _raw(table, role, value) for role, value in goals.items()}
    return several.read(raws, table.source, task=task, text=table.text, decimal=table.decimal)


def _choose(table: Table, target: Any) -> Any:
    if target is not None or table.target is not None:
        return table.target if target is None else target
    names = listed([repr(name) for name in table.names], 12)
    raise DataError(
        "target", "needs the name of the column to predict", "none", source=table.source,
        fix=f"choose one with target=... (--target on the command line) from {names}",
    )  # fmt: skip


def _need_rows(table: Table) -> None:
    if table.rows < 2:
        _refuse_rows(table.source, "a header line only" if not table.rows else "1")


def _refuse_rows(source: str, got: str) -> None:
    raise DataError("rows", "needs at least two rows", got, source=source, fix="add rows, or read another table")


def _taken(table: Table, named: dict[str, Any]) -> dict[str, str]:
    taken = {role: table.need(value, role) for role, value in named.items() if isinstance(value, str)}
    for role, name in taken.items():
        first = next(other for other, value in taken.items() if value == name)
        if first != role:
            fix = "name different columns"
            raise DataError(
                f"{role} {name!r}", "needs a column of its own", f"the {first}", source=table.source, fix=fix
            )
    return taken


def _raw(table: Table, role: str, value: Any) -> Any:
    return table.column(value) if isinstance(value, str) else arrays.role(role, value, table.rows, table.source)


def _fill(table: Table, names: list[str], rows: np.ndarray | None, memory: int | None) -> _Block:
    """The two blocks of a Dataset, filled column by column while the raw columns go."""
    n = table.rows if rows is None else len(rows)
    number = np.float32 if table.single else np.float64
    size = n * len(names) * np.dtype(number).itemsize
    mapped = memory is not None and size > memory
    new = lambda dtype: maps.Columns(n, len(names), dtype, mapped=mapped)
    block = _Block(new(number), new(np.int32))
    if mapped:
        block.said.append(f"The table takes up to {words(size)} and lies in a file while it is used.")
    counting: list[columns.Typed] = []
    for name, raw in table.columns(names):
        typed = columns.typed(name, raw, table.source, text=table.text, decimal=table.decimal, rows=rows)
        del raw
        if not typed.reason:
            block.add(typed)
            continue
        block.left_out.append(LeftOut(name, typed.reason))
        if typed.column is not None and len(counting) < 3:
            counting.append(typed)
    for typed in () if block.kept else tuple(counting):
        block.add(typed, ("kept", ""))
        block.left_out = [left for left in block.left_out if typed.column is None or left.name != typed.column.name]
    if not block.kept:
        reasons = listed([f"{left.name!r} {left.reason}" for left in block.left_out]) or "the target alone"
        raise DataError("columns", "needs at least one to learn from", reasons, source=table.source, fix="add columns")
    return block


@dataclasses.dataclass(eq=False)
class _Block:
    numbers: maps.Columns
    codes: maps.Columns
    kept: list[Column] = dataclasses.field(default_factory=list)
    said: list[str] = dataclasses.field(default_factory=list)
    left_out: list[LeftOut] = dataclasses.field(default_factory=list)
    notes: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)

    def add(self, typed: columns.Typed, *notes: tuple[str, str]) -> None:
        column, values = typed.column, typed.values
        assert column is not None
        assert values is not None
        (self.numbers if column.numeric else self.codes).add(values)
        self.kept.append(column)
        self.notes += [(kind, column.name, detail) for kind, detail in (*typed.notes, *notes)]

    @property
    def parts(self) -> tuple[list[Column], np.ndarray, np.ndarray]:
        return self.kept, self.numbers.whole(), self.codes.whole()
