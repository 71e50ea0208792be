"""Gathering: from a table to sequences, in the three ways in which people keep series in one (see `form.py`)."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from photic.data import roles
from photic.data.dataset import Column, LeftOut
from photic.data.form import Form
from photic.data.plain import plain
from photic.data.said import listed
from photic.data.steps import Steps, edges, need_steps, trimmed
from photic.data.table import Table
from photic.errors import DataError


@dataclasses.dataclass(frozen=True, eq=False)
class Gathered:
    """Sequences out of a table.

    Args:
        steps: the sequences.
        columns: their channels.
        rows: `[s]` the row of the table that each step comes from; of a table with a series a row `[n]`, one for each.
        first: `[n]` the row of the first step of each series, where what is true of the whole series is read.
        left_out: columns that are no channel, with reasons.
        said: what was handled.
        clock: the column of times as the table has it, in the table's order; None without one.
    """

    steps: Steps
    columns: tuple[Column, ...]
    rows: Int[np.ndarray, " r"]
    first: Int[np.ndarray, " n"]
    left_out: tuple[LeftOut, ...] = ()
    said: tuple[str, ...] = ()
    clock: Any = None


def gather(table: Table, form: Form, taken: tuple[str, ...], wanted: tuple[Column, ...] | None = None) -> Gathered:
    """The sequences of a table in a form.

    Args:
        taken: columns with a role, which are no channels.
        wanted: the channels of a saved network; None finds them.

    Raises:
        DataError: for a column that does not exist, for two steps at one time, for a series without a step, and when no
            column holds numbers.
    """
    found = {"long": _long, "lists": _lists, "wide": _wide}[form.kind](table, form, taken, wanted)
    need_steps(found.steps, table.source)
    return found


def _long(table: Table, form: Form, taken: tuple[str, ...], wanted: tuple[Column, ...] | None) -> Gathered:
    ids, names = np.zeros(table.rows, np.int64), np.array([table.name])
    used = [table.need(name, role) for name, role in ((form.id, "series"), (form.time, "time")) if name]
    if form.id:
        raw = table.column(form.id)
        codes = roles.groups(form.id, raw, table.source)
        _, at, ids = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(at)  # series in the order in which they first come
        ids, names = np.argsort(order)[ids.reshape(-1)], _text(raw, at[order])
    time, clock = np.arange(table.rows, dtype=float), None
    if form.time:
        clock = table.column(form.time)
        time = roles.time(form.time, clock, table.source)
    rows = np.lexsort((time, ids))
    _need_different_times(ids[rows], time[rows], names, form, table)
    said = []
    if (np.diff(rows)[np.diff(ids[rows]) == 0] < 0).any():
        said = [f"Rows were not in the order of {form.time!r}; they are put in order."]
    skip = {*used, *taken}
    values, kept, left = _channels(table, [name for name in table.names if name not in skip], wanted)
    lengths = np.bincount(ids, minlength=len(names))
    steps = Steps(values[rows], edges(lengths), names, time[rows])
    return Gathered(steps, kept, rows, rows[steps.starts[:-1]], tuple(left), tuple(said), clock)


def _need_different_times(ids: np.ndarray, time: np.ndarray, names: np.ndarray, form: Form, table: Table) -> None:
    same = np.flatnonzero((np.diff(ids) == 0) & (np.diff(time) == 0))
    if len(same):
        more = f" ({len(same):,} times in all)" if len(same) > 1 else ""
        fix = "remove one of them, or name the column that says which series a row belongs to: --sequence ID,TIME"
        got = f"{time[same[0]]:g} twice{more}"
        where = f"series {str(names[ids[same[0]]])!r}"
        raise DataError(where, f"needs a different {form.time!r} at every step", got, source=table.source, fix=fix)


def _lists(table: Table, _form: Form, taken: tuple[str, ...], wanted: tuple[Column, ...] | None) -> Gathered:
    import polars as pl  # here the table has lists, which only polars gives

    names = [name for name in table.lists if name not in taken]
    if wanted is not None:
        names = [table.need(column.name, "channel") for column in wanted]
    left = tuple(LeftOut(name, "is no list of numbers") for name in table.names if name not in {*names, *taken})
    parts, lengths = [], None
    for name in names:
        raw = pl.Series(table.column(name))
        sizes = raw.list.len().fill_null(0).to_numpy().astype(np.int64)
        if lengths is not None and (sizes != lengths).any():
            row = int(np.argmax(sizes != lengths))
            got = f"{lengths[row]} in {names[0]!r} and {sizes[row]} in {name!r}"
            fix = "give all channels of a series the same steps"
            raise DataError(
                f"row {row + 1:,}", "needs as many steps in each channel", got, source=table.source, fix=fix
            )
        lengths = sizes
        parts.append(raw.filter(pl.Series(sizes > 0)).explode().cast(pl.Float32, strict=False).to_numpy())
    assert lengths is not None
    rows = np.arange(table.rows)
    values = np.stack(parts, axis=1).astype(np.float32)
    steps = Steps(values, edges(lengths), _numbered(table.rows), _counts(lengths))
    return Gathered(steps, tuple(Column(name, "number") for name in names), rows, rows, left)


def _wide(table: Table, form: Form, taken: tuple[str, ...], wanted: tuple[Column, ...] | None) -> Gathered:
    names = [name for name in table.names if name not in taken]
    if form.wide:
        names = [table.need(name, "step") for name in form.wide]
    values, kept, left = _channels(table, names, tuple(Column(name, "number") for name in form.wide) or None)
    cube = values[:, :, None]
    lengths = trimmed(cube)
    real = np.arange(cube.shape[1]) < lengths[:, None]
    rows = np.arange(table.rows)
    steps = Steps(cube[real], edges(lengths), _numbered(table.rows), _counts(lengths))
    channel = wanted or (Column("value", "number"),)
    said = f"A row is a series: {len(kept):,} columns from {kept[0].name!r} to {kept[-1].name!r} are its steps."
    return Gathered(steps, channel, rows, rows, tuple(left), (said,))


def _channels(
    table: Table, names: list[str], wanted: tuple[Column, ...] | None
) -> tuple[Float[np.ndarray, "r c"], tuple[Column, ...], list[LeftOut]]:
    """Columns of numbers, side by side as float32; yes and no are 1 and 0."""
    if wanted is not None:
        names = [table.need(column.name, "channel") for column in wanted]
    kept, left, values = [], [], []
    for name, raw in table.columns(names):
        found = plain(raw, text=table.text, decimal=table.decimal)
        if found.form not in {"number", "boolean"}:
            if wanted is not None:
                fix = "correct the column, or predict for series like those that were fitted"
                got = "words or dates"
                raise DataError(f"channel {name!r}", "needs numbers, as in the fit", got, source=table.source, fix=fix)
            left.append(LeftOut(name, "holds words or dates, which series are not learned from"))
            continue
        numbers = found.values.astype(np.float32)
        values.append(numbers if found.form == "number" else np.where(numbers < 0, np.float32(np.nan), numbers))
        kept.append(Column(name, "number"))
    if not kept:
        reasons = listed([f"{each.name!r} {each.reason}" for each in left]) or "no column besides those with a role"
        raise DataError(
            "channels", "needs a column of numbers", reasons, source=table.source, fix="add measured values"
        )
    return np.stack(values, axis=1), tuple(kept), left


def _text(raw: Any, rows: np.ndarray) -> np.ndarray:
    some = raw[rows]
    return np.array([str(value) for value in (some if isinstance(some, np.ndarray) else some.to_list())])


def _numbered(n: int) -> np.ndarray:
    return np.array([str(row + 1) for row in range(n)])


def _counts(lengths: np.ndarray) -> Float[np.ndarray, " s"]:
    starts = edges(lengths)
    return (np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)).astype(np.float64)
