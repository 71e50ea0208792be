"""Frames in memory: pandas, polars and pyarrow tables, or a dict of lists, as a Table; narwhals speaks to all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from photic.data.table import Table, need_different
from photic.errors import DataError

if TYPE_CHECKING:
    import narwhals as nw

    from photic.data.table import Raw


def open_frame(data: Any) -> Table:
    """The Table of a frame in memory; its row labels (a pandas index) are not part of it.

    Raises:
        DataError: when two columns share a name.

    >>> open_frame({"x": [1, 2], "y": ["a", "b"]}).names
    ['x', 'y']
    """
    import narwhals as nw  # a tenth of a second, and arrays do not need it

    if isinstance(data, Mapping):
        return _of_dict(data)
    kind = type(data).__module__.split(".")[0]
    source = f"the {kind} frame"
    try:
        frame = nw.from_native(data)
    except nw.exceptions.DuplicateError:
        names = data.columns if kind == "pandas" else data.column_names
        need_different([str(name) for name in names], source)
        raise
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if kind == "polars":
        return Table.of_polars("frame", source, frame.to_native())
    return _of_columns(frame, source)


def _of_dict(data: Mapping[str, Any]) -> Table:
    import polars as pl  # half a second, and arrays do not need it

    try:
        frame = pl.DataFrame({str(name): np.asarray(values) if isinstance(values, np.ndarray) else list(values)
                              for name, values in data.items()}, strict=False)  # fmt: skip
    except (pl.exceptions.PolarsError, TypeError, ValueError) as problem:
        words = str(problem).split("\n")[0]
        fix = "give every column the same number of values"
        raise DataError("the dict", "needs columns of equal length", words, source="the call", fix=fix) from None
    return Table.of_polars("frame", "the dict", frame)


def _of_columns(frame: nw.DataFrame[Any], source: str) -> Table:
    import narwhals as nw  # a tenth of a second, and arrays do not need it

    names = [str(name) for name in frame.columns]
    need_different(names, source)
    places = {name: place for place, name in enumerate(names)}
    numeric = [dtype for dtype in frame.schema.dtypes() if dtype.is_numeric()]
    single = bool(numeric) and len(numeric) == len(names) and all(dtype == nw.Float32 for dtype in numeric)

    def fetch(wanted: Sequence[str]) -> dict[str, Raw]:
        return {name: _raw(frame[:, places[name]], name) for name in wanted}

    return Table("frame", source, names, len(frame), fetch, single=single)


def _raw(column: nw.Series[Any], name: str) -> Raw:
    import narwhals as nw  # a tenth of a second, and arrays do not need it
    import polars as pl  # half a second, and arrays do not need it

    if column.dtype.is_numeric():
        values = column.to_numpy()
        return values if values.dtype.kind in "fiu" else values.astype(np.float64)
    missing = column.is_null()
    if column.dtype in (nw.Datetime, nw.Date):
        stamps = column.cast(nw.Datetime("us")) if column.dtype == nw.Date else column
        whole = stamps.dt.timestamp("us").fill_null(0).to_numpy().astype(np.int64)
        return np.where(missing.to_numpy().astype(bool), np.datetime64("NaT", "us"), whole.astype("M8[us]"))
    values = [None if gone else value for value, gone in zip(column.to_list(), missing.to_list(), strict=True)]
    if column.dtype in (nw.Categorical, nw.Enum):
        return pl.Series(name, [None if value is None else str(value) for value in values]).cast(pl.Categorical)
    return pl.Series(name, values, strict=False)
