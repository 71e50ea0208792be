"""The schema: new rows matched, column by column, to what a network was fitted on. For prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int

from photic.data import arrays, images, maps, series, spelling, text
from photic.data.dataset import Column, Dataset
from photic.data.form import Form
from photic.data.frame import Frame
from photic.data.opening import is_table, open_table
from photic.data.plain import plain
from photic.data.said import listed, sentences
from photic.data.table import Table
from photic.errors import DataError, nearest

if TYPE_CHECKING:
    from photic.data.table import Raw

Notes = list[tuple[str, str, str]]


def read_for(
    data: Any, schema: Sequence[Column], form: Frame | Form | None = None, *, memory: int | None = None
) -> Dataset:
    """New rows as a Dataset without a target, matched by name to the columns of a saved network.

    Reordered columns are fine, others are ignored and said; a category never seen gets the code after
    the last level, is counted and said.

    Args:
        data: as for `read`; an array `[n, d]` is matched by x1, x2, ... or, if the table had names, by place.
        schema: the columns the network was fitted on.
        form: what pictures or series were brought to; None for a table.
        memory: how many bytes the rows may take, as for `read`.

    Raises:
        DataError: when a column is missing, or holds words where numbers were (or the reverse); the first is named.

    >>> new = read_for({"island": ["Dream", "Atlantis"]}, [Column("island", "category", ("Biscoe", "Dream"))])
    >>> new.codes.tolist(), new.said
    ([[1], [2]], ("Categories that the network has never seen are read as unknown: island (1: 'Atlantis').",))
    """
    if isinstance(form, Frame):
        return images.read_images_for(data, form, memory)
    if isinstance(form, Form) and form.kind == "text":
        return text.read_text_for(data, schema[0].levels)
    if isinstance(form, Form):
        return series.read_series_for(data, schema, form)
    if isinstance(data, Dataset):
        return _again(data, schema)
    table = _open(data, schema, memory)
    if not table.rows:
        raise DataError("rows", "needs at least one row", "none", source=table.source, fix="add rows")
    _need_names(table, schema)
    said = list(table.said)
    wanted = {column.name: column for column in schema}
    extra = [name for name in table.names if name not in wanted]
    if extra:
        said.append(f"Columns that the network does not use are ignored: {listed(extra)}.")
    a = sum(column.numeric for column in schema)
    number = np.float32 if table.single else np.float64
    mapped = memory is not None and table.rows * len(schema) * np.dtype(number).itemsize > memory
    numbers = maps.Columns(table.rows, a, number, mapped=mapped)
    codes = maps.Columns(table.rows, len(schema) - a, np.int32, mapped=mapped)
    notes: Notes = []
    for name, raw in table.columns(list(wanted)):
        column = wanted[name]
        (numbers if column.numeric else codes).add(_matched(column, raw, table, notes))
    return Dataset.of(table.name, table.source, schema, numbers.whole(), codes.whole(), said=(*said, *sentences(notes)))


def _again(data: Dataset, schema: Sequence[Column]) -> Dataset:
    if data.columns != tuple(schema):
        names = listed([column.name for column in data.columns])
        raise DataError("columns", "need to be those of the fit", names, source=data.source, fix="read the table again")
    return Dataset.of(data.name, data.source, data.columns, data.numbers, data.codes)


def _open(data: Any, schema: Sequence[Column], memory: int | None) -> Table:
    if is_table(data):
        return open_table(data, memory)
    x = arrays.matrix(data)
    names = [f"x{place + 1}" for place in range(x.shape[1])]
    if not all(column.name in names for column in schema):
        if len(schema) != len(names):
            raise DataError(
                "x", f"needs {len(schema)} columns, as in the fit", str(len(names)), source=arrays.SOURCE,
                fix=f"pass {listed([column.name for column in schema], 12)}",
            )  # fmt: skip
        names = [column.name for column in schema]
    single = x.dtype == np.float32
    return Table.of("arrays", arrays.SOURCE, dict(zip(names, x.T, strict=True)), single=single)


def _need_names(table: Table, schema: Sequence[Column]) -> None:
    missing = [column.name for column in schema if column.name not in table.names]
    if missing:
        raise DataError(
            "columns", "need all that the network was fitted on",
            f"none called {listed([repr(name) for name in missing])}",
            source=table.source, fix=f"add {missing[0]!r}: {nearest(missing[0], table.names)}",
        )  # fmt: skip


def _matched(column: Column, raw: Raw, table: Table, notes: Notes) -> np.ndarray:
    if column.numeric:
        return _numeric(column, raw, table, notes)
    words = _as_words(column.name, raw, table)
    found = _truths(words, column.levels) if column.kind == "boolean" else words.coded(list(column.levels))
    unknown = (found < 0) & (words.codes >= 0)
    if unknown.any():
        if isinstance(raw, np.ndarray) or raw.dtype.is_numeric():
            _need_words(column, words, table)
        few = [repr(words.levels[int(place)]) for place in np.unique(words.codes[unknown])]
        notes.append(("unknown", column.name, f"{np.count_nonzero(unknown):,}: {listed(few, 3)}"))
        if column.kind == "category":
            return np.where(unknown, len(column.levels), found).astype(np.int32)
    return found


def _numeric(column: Column, raw: Raw, table: Table, notes: Notes) -> np.ndarray:
    form = plain(raw, text=True, decimal=table.decimal)
    notes += [(kind, column.name, detail) for kind, detail in form.notes]
    what = {"number": "numbers", "date": "dates such as 2020-12-31"}[column.kind]
    if form.form == "other":
        _refuse(column, what, form.values, table)
    if form.form == "words":
        words = form.values
        parsed = (
            spelling.numbers(words.levels, table.decimal) if column.kind == "number" else spelling.dates(words.levels)
        )
        if np.isnan(parsed).any():
            place, word = words.row(np.isnan(parsed))
            _refuse(column, what, f"{word!r} in row {place + 1:,}", table)
        return words.spread(parsed)
    values = np.where(form.values < 0, np.nan, form.values) if form.form == "boolean" else form.values
    if (form.form == "date") != (column.kind == "date") and not np.isnan(values).all():
        _refuse(column, what, "dates" if form.form == "date" else f"numbers ({values[0]:g} in row 1)", table)
    return values


def _as_words(name: str, raw: Raw, table: Table) -> spelling.Words:
    import polars as pl  # half a second, and arrays of numbers do not need it

    series = pl.Series(name, raw) if isinstance(raw, np.ndarray) else raw
    if series.dtype.is_nested() or series.dtype in (pl.Object, pl.Binary):
        fix = "give one value for each row"
        raise DataError(f"column {name!r}", "needs words", "lists or records", source=table.source, fix=fix)
    if series.dtype.is_float():
        known = series.fill_nan(None).drop_nulls()
        if bool((known % 1 == 0).all()) and bool((known.abs() < 2**53).all()):
            series = series.fill_nan(None).cast(pl.Int64)  # whole numbers have no point, as they had none in the fit
    return spelling.Words.of(series)


def _truths(words: spelling.Words, levels: tuple[str, ...]) -> Int[np.ndarray, " n"]:
    no, yes = ({levels[place].lower(), *(pair[place] for pair in spelling.TRUTHS)} for place in (0, 1))
    found = [1 if level.lower() in yes else 0 if level.lower() in no else -1 for level in words.levels]
    return np.asarray([*found, -1], np.int32)[words.codes]


def _need_words(column: Column, words: spelling.Words, table: Table) -> None:
    import polars as pl  # here the table has words already

    if np.isnan(spelling.numbers(pl.Series(column.levels))).all():
        place, word = words.row(np.ones(len(words.levels), bool))
        _refuse(column, f"words such as {column.levels[0]!r}", f"the number {word} in row {place + 1:,}", table)


def _refuse(column: Column, what: str, got: str, table: Table) -> None:
    raise DataError(
        f"column {column.name!r}", f"needs {what}, as in the fit", got, source=table.source,
        fix="correct the column, or predict for a table like the one that was fitted",
    )  # fmt: skip
