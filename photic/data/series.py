"""Series as a Dataset: from a table in any of its forms, from .ts files, arrays, or a set by name.

Series become `numbers: [n, t, c]` float32 with zeros after the end of the shorter ones, and `lengths`.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from photic.data import every, roles, several
from photic.data.catalogue import KNOWN
from photic.data.dataset import Column, Dataset, LeftOut
from photic.data.form import Form, need_whole
from photic.data.gather import Gathered, gather
from photic.data.steps import Steps, need_steps
from photic.data.table import Table
from photic.data.task import Task
from photic.data.windows import latest, windows
from photic.errors import DataError, PlanError

_ARRAYS = "the arrays"


def is_series(data: Any) -> bool:
    """Whether this is series: a .ts file, a set of series, an array `[n, t, c]`, or a list of arrays `[t, c]`.

    >>> is_series(np.zeros((2, 9, 1))), is_series([np.zeros((3, 1)), np.zeros((2, 1))]), is_series("houses.csv")
    (True, True, False)
    """
    if isinstance(data, str | os.PathLike):
        known = KNOWN.get(str(data))
        return Path(data).suffix == ".ts" or (not Path(data).exists() and known is not None and known.kind == "series")
    if isinstance(data, list | tuple):
        return bool(data) and all(isinstance(each, np.ndarray) and each.ndim == 2 for each in data)
    return isinstance(data, np.ndarray) and data.ndim == 3 and data.dtype.kind == "f"


def form_of(sequence: str | None, table: Table, horizon: int | None = None, window: int | None = None) -> Form:
    """The form of a table: what `--sequence` says of it.

    Args:
        sequence: "id,time", "id", ",time", or "wide"; None for lists in cells, or, with a horizon, for a single series
            whose rows are in order.
        horizon: how many steps ahead are forecast; None when a series has one target.
        window: how many steps are looked at for that; None chooses.

    Raises:
        PlanError: for a horizon or window that is no number of steps, or given for a table that is not one row a step.
        DataError: for a sequence that names no two columns.

    >>> form_of("who,day", Table.of("t", "a test", {}))
    Form(kind='long', id='who', time='day', wide=(), window=0, stride=0, horizon=0, target=None)
    """
    ahead, look = need_whole("horizon", horizon), need_whole("window", window)
    if look and not ahead:
        raise PlanError(
            "window", "needs a horizon", "none", source="the window option", fix="say how far to forecast: --horizon"
        )
    if ahead and (sequence == "wide" or (sequence is None and table.lists)):
        fix = "give a table with a row for each step"
        raise PlanError(
            "horizon", "needs a table with a row for each step", "a row a series", source=table.source, fix=fix
        )
    if sequence is None:
        return Form("long", window=look, horizon=ahead) if ahead else Form("lists")
    if sequence == "wide" and "wide" not in table.names:
        return Form("wide")
    parts = [part.strip() for part in sequence.split(",")]
    if len(parts) > 2 or not any(parts):
        fix = "write --sequence ID,TIME, or ID alone, or ,TIME for a single series, or wide"
        raise DataError(
            "sequence", "needs the names of two columns", repr(sequence), source="the sequence option", fix=fix
        )
    when = (parts[1] or None) if len(parts) > 1 else None
    return Form("long", parts[0] or None, when, window=look, horizon=ahead)


def read_series(
    data: Any, target: Any = None, *, task: str | None = None, groups: Any = None, weights: Any = None
) -> Dataset:
    """The Dataset of series from arrays, a .ts file or a set by name; everything that was handled is in `said`.

    Args:
        data: what `is_series` says is series.
        target: with arrays `[n]` or `[n, k]` values, or one for each step (`[n, t]`, or a list of arrays `[t]`); a file
            and a set bring their own.
        task: as for `read`.
        groups, weights: `[n]` values, one for each series.

    Raises:
        DataError: for every way in which series can be unfit, in words.

    >>> data = read_series([np.ones((3, 2)), np.zeros((2, 2)), np.ones((3, 2))], [1, 0, 1])
    >>> data.kind, data.numbers.shape, data.lengths.tolist()
    ('series', (3, 3, 2), [3, 2, 3])
    """
    name, source, steps, labels, test = _opened(data)
    if isinstance(data, str | os.PathLike):
        known = KNOWN.get(str(data))
        called = target if isinstance(target, str) else known.target if known else "class"
        labels = labels if target is None or isinstance(target, str) else target
        task = task or "classification" if isinstance(labels, list) else task
    else:
        called, labels = "target", target
    if labels is None or isinstance(labels, str):
        raise DataError(
            "target", "needs a value for each series", "none", source=source, fix="pass y, one value a series"
        )
    need_steps(steps, source)
    from photic.data import arrays

    if every.has_steps(labels, int(steps.lengths.max())):
        found = every.of_steps(called, labels, steps, source, task=task)
    else:
        found = several.matrix(called, labels, steps.n, source, task=task)
    if found is None:
        found = roles.target(called, arrays.role("target", labels, steps.n, source), source, task=task)
    role = lambda name, value: arrays.role(name, value, steps.n, source)
    others: dict[str, Any] = {
        "given_test": None if test is None else test[found.rows if found.rows is not None else ...]
    }
    if groups is not None:
        others["groups"] = roles.groups("groups", role("groups", groups), source, found.rows)
    if weights is not None:
        others["weight"] = roles.weights("weights", role("weights", weights), source, found.rows)
    columns = tuple(Column(f"x{place + 1}", "number") for place in range(steps.values.shape[1]))
    rows = np.arange(steps.n) if found.rows is None else found.rows
    gathered = Gathered(steps, columns, rows, np.arange(steps.n))
    return dataset_of(name, source, gathered, Form("arrays"), rows, found.task, found.y, found.said, **others)


def read_table(
    table: Table,
    target: Any,
    form: Form,
    *,
    task: str | None,
    groups: Any,
    weights: Any,
    every_step: bool = False,
) -> Dataset:
    """The Dataset of a table of series, with a value to predict for each of them; or of a forecast, with a horizon.

    Args:
        target, groups, weights: columns that hold one value for each series; the target may be several of them.
        every_step: the target has a value of its own at every step.

    Raises:
        DataError: when a column does not exist, or holds several values within a series.
    """
    if every_step:
        _need_steps_alone(form, table)
    if form.horizon:
        return read_forecast(table, str(target), form, weights=weights)
    named = several.roles_of(target, table.names) | {"groups": groups, "weights": weights}
    taken = {role: table.need(name, role) for role, name in named.items() if isinstance(name, str)}
    raw = {role: table.column(name) for role, name in taken.items()}
    found = gather(table, form, tuple(taken.values()))
    if form.kind == "long":
        for role, name in taken.items():
            if not (every_step and role == "target"):
                _need_constant(role, name, raw[role], found, table.source)
    first = {role: values[found.first] for role, values in raw.items()}
    if every_step:
        own = raw["target"][found.rows]
        name = taken["target"]
        goal = every.of_raw(name, own, found.steps, table.source, task=task, text=table.text, decimal=table.decimal)
    else:
        goals = {name: first[role] for role, name in taken.items() if role.startswith("target")}
        goal = several.read(goals, table.source, task=task, text=table.text, decimal=table.decimal)
    rows = np.arange(found.steps.n) if goal.rows is None else goal.rows
    others = {
        "groups": roles.groups(groups, first["groups"], table.source, goal.rows) if "groups" in first else None,
        "weight": roles.weights(weights, first["weights"], table.source, goal.rows) if "weights" in first else None,
    }
    said = (*table.said, *found.said, *goal.said)
    return dataset_of(
        table.name, table.source, found, form, rows, goal.task, goal.y, said, left_out=found.left_out, **others
    )


def read_forecast(table: Table, target: str, form: Form, *, weights: Any) -> Dataset:
    """The Dataset of a forecast: windows of the series, and the values of the target that follow each.

    Raises:
        DataError: when the target is no channel of numbers, or no series is longer than window and horizon.
    """
    if weights is not None:
        fix = "leave the weights out"
        raise DataError(
            "weights", "cannot be given with a horizon", repr(weights), source="the weights option", fix=fix
        )
    table.need(target, "target")
    found = gather(table, form, ())
    names = [column.name for column in found.columns]
    if target not in names:
        fix = "choose a column of numbers that changes"
        raise DataError(f"target {target!r}", "needs numbers to forecast", "none", source=table.source, fix=fix)
    cut = windows(found.steps, names.index(target), dataclasses.replace(form, target=target), table.source)
    if np.all(cut.y == cut.y[0, 0]):
        fix = "choose a column that changes"
        raise DataError(f"target {target!r}", "needs different values", "one value only", source=table.source, fix=fix)
    task = Task("regression", target, horizon=form.horizon)
    missing = int((~np.isfinite(cut.numbers)).sum())
    filled = [f"Missing values inside windows, filled with the last value before them: {missing:,}."] if missing else []
    return Dataset.of(
        table.name, table.source, found.columns, cut.numbers, task=task, y=cut.y, time=cut.time, until=cut.until,
        form=cut.form, names=found.steps.names[cut.which], left_out=found.left_out,
        said=(*table.said, *found.said, *cut.said, *filled),
    )  # fmt: skip


def read_series_for(data: Any, schema: Sequence[Column], form: Form) -> Dataset:
    """New series without a target, in the form of those a network was fitted on.

    Raises:
        DataError: when a column is missing, or the channels are not those of the fit.
    """
    if isinstance(data, Dataset):
        return Dataset.of(data.name, data.source, data.columns, data.numbers, lengths=data.lengths, names=data.names)
    if is_series(data):
        name, source, steps, *_ = _opened(data)
        if steps.values.shape[1] != len(schema):
            got = f"{steps.values.shape[1]}"
            fix = "give the channels of the fit, in their order"
            raise DataError("x", f"needs {len(schema)} channels, as in the fit", got, source=source, fix=fix)
        need_steps(steps, source)
        steps = latest(steps, form.window) if form.horizon else steps
        rows = np.arange(steps.n)
        return dataset_of(name, source, Gathered(steps, tuple(schema), rows, rows), form, rows, None, None, ())
    from photic.data.opening import open_table

    table = open_table(data)
    found = gather(table, form, (), tuple(schema))
    if form.horizon:
        found = dataclasses.replace(found, steps=latest(found.steps, form.window))
    moments = None
    if found.clock is not None and not form.horizon:
        raw = found.clock[found.rows]
        moments = found.steps.padded(np.array(raw.tolist() if isinstance(raw, np.ndarray) else raw.to_list(), object))
    return dataset_of(
        table.name, table.source, found, form, np.arange(found.steps.n), None, None, (*table.said, *found.said),
        moments=moments,
    )  # fmt: skip


def dataset_of(
    name: str,
    source: str,
    found: Gathered,
    form: Form,
    rows: np.ndarray,
    task: Task | None,
    y: np.ndarray | None,
    said: tuple[str, ...],
    *,
    left_out: tuple[LeftOut, ...] = (),
    **roles: Any,
) -> Dataset:
    """The Dataset of some of the gathered series.

    Args:
        rows: which of them.
    """
    steps = found.steps
    lengths = steps.lengths[rows]
    numbers = steps.padded(steps.values)[rows, : lengths.max(initial=0)]
    if task is not None and task.every_step and y is not None:
        y = y[:, : numbers.shape[1]]
    _need_numbers(numbers, lengths, steps.names[rows], source)
    return Dataset.of(
        name, source, found.columns, numbers.astype(np.float32), task=task, y=y,
        lengths=lengths if (lengths < numbers.shape[1]).any() else None, names=steps.names[rows],
        form=form, left_out=left_out, said=(*_about(numbers, lengths), *said), **roles,
    )  # fmt: skip


def _need_steps_alone(form: Form, table: Table) -> None:
    """Refuse a target at every step of what is no table with a row for each step, or beside a horizon."""
    source = "the every-step option"
    if form.horizon:
        fix = "leave one of the two out"
        raise PlanError("every-step", "needs a target that is not forecast", "a horizon", source=source, fix=fix)
    if form.kind != "long":
        fix = "give such a table with --sequence ID,TIME, or arrays with y of shape [n, t]"
        required = "needs a table with a row for each step"
        raise PlanError("every-step", required, f"a row a series in {table.source}", source=source, fix=fix)


def _about(numbers: np.ndarray, lengths: np.ndarray) -> list[str]:
    low, high, channels = int(lengths.min()), int(lengths.max()), numbers.shape[2]
    steps = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    of = "1 channel" if channels == 1 else f"{channels:,} channels"
    said = [f"{len(numbers):,} series of {steps} steps and {of}."]
    missing = int((~np.isfinite(numbers)).sum())
    if missing:
        said.append(f"Missing values inside the series, filled with the last value before them: {missing:,}.")
    return said


def _need_numbers(numbers: np.ndarray, lengths: np.ndarray, names: np.ndarray, source: str) -> None:
    here = np.arange(numbers.shape[1]) < lengths[:, None]
    empty = np.flatnonzero(~(np.isfinite(numbers) & here[:, :, None]).any((1, 2)))
    if len(empty):
        fix = "remove it, or fill its values in"
        where = f"series {str(names[empty[0]])!r}"
        raise DataError(where, "needs at least one number", "missing values only", source=source, fix=fix)


def _need_constant(role: str, name: str, raw: Any, found: Gathered, source: str) -> None:
    import polars as pl  # here the table came from polars, or is small

    words = pl.Series(name, raw).cast(pl.String).fill_null("").to_numpy()[found.rows]
    which = found.steps.which
    differs = np.flatnonzero(words != words[found.steps.starts[:-1]][which])
    if len(differs):
        series = str(found.steps.names[which[differs[0]]])
        got = f"{words[found.steps.starts[which[differs[0]]]]!r} and {words[differs[0]]!r} in series {series!r}"
        fix = "choose a column that is the same at every step of a series"
        if role == "target":
            fix = "give --every-step to predict it at every step; to predict the next steps give --horizon"
        raise DataError(f"{role} {name!r}", "needs one value for each series", got, source=source, fix=fix)


def _opened(data: Any) -> tuple[str, str, Steps, Any, np.ndarray | None]:
    """Name, source, steps, labels and test part of arrays, a .ts file or a set."""
    if isinstance(data, list | tuple):
        widths = sorted({each.shape[1] for each in data})
        if len(widths) > 1:
            got = " and ".join(map(str, widths))
            raise DataError(
                "x", "needs as many channels in every series", got, source=_ARRAYS, fix="give the same channels"
            )
        return "arrays", _ARRAYS, Steps.of(data, [str(place + 1) for place in range(len(data))]), None, None
    if isinstance(data, np.ndarray):
        if not data.size:
            fix = "pass an array [n, t, c] that holds steps"
            raise DataError("x", "needs series with steps", f"shape {list(data.shape)}", source=_ARRAYS, fix=fix)
        from photic.data.steps import trimmed

        lengths = trimmed(data)
        parts = [each[:length] for each, length in zip(data, lengths, strict=True)]
        return "arrays", _ARRAYS, Steps.of(parts, [str(place + 1) for place in range(len(parts))]), None, None
    path = Path(data)
    if path.suffix == ".ts":
        from photic.data import files, ts_file

        if not path.exists():
            raise files.missing(path, tuple(KNOWN))
        steps, labels = ts_file.parse(path.read_text("utf-8", "replace"), str(path))
        return path.stem, str(path), steps, labels, None
    from photic.data import sources

    with np.load(sources.get(str(data)), allow_pickle=False) as kept:
        steps = Steps(kept["values"], kept["starts"], kept["names"], kept["time"])
        return str(data), f"the set {data}", steps, kept["labels"].tolist(), kept["test"]
