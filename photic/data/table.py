"""A Table: named raw columns on their way to a Dataset, handed out one at a time so that memory can go as they go."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from photic.errors import DataError, nearest

if TYPE_CHECKING:
    import polars as pl

    Raw = np.ndarray | pl.Series

#: How many values of a lazy file are read at a time: 64 MB of numbers.
BATCH = 8_000_000
#: How many values `peek` shows.
PEEKED = 20


@dataclasses.dataclass(eq=False)
class Table:
    """Raw columns by name, and how to speak of them.

    Args:
        name: short, for titles.
        source: where it came from, as an error says it: "houses.csv", "standard input", "the pandas frame".
        names: the columns in order, all different.
        rows: how many rows.
        fetch: the raw columns of some names: a NumPy array or a polars Series each.
        text: whether everything was text (CSV, Excel), so that a string of digits means a number.
        decimal: the decimal mark of numbers in text.
        single: whether every number is float32.
        target: the column that is predicted unless the user names another; only known sets have one.
        said: sentences about what was handled while opening.
        lists: the columns whose cells are lists.
        peek: the first values of each column that holds text, by name; they are not let go.
        held: what must live as long as the table does, such as files it reads from.

    >>> table = Table.of("two", "a test", {"x": np.arange(2), "y": np.ones(2)})
    >>> table.column("x"), table.rows
    (array([0, 1]), 2)
    """

    name: str
    source: str
    names: list[str]
    rows: int
    fetch: Callable[[Sequence[str]], dict[str, Raw]]
    text: bool = False
    decimal: str = "."
    single: bool = False
    target: str | None = None
    said: list[str] = dataclasses.field(default_factory=list)
    lists: tuple[str, ...] = ()
    peek: Callable[[], dict[str, list[str | None]]] = dict
    held: object = None

    @classmethod
    def of(cls, name: str, source: str, columns: dict[str, Raw], **settings: Any) -> Table:
        """A Table of columns in memory; a column is let go when it is handed out by `columns`."""
        rows = len(next(iter(columns.values()))) if columns else 0
        fetch = lambda names: {key: columns[key] for key in names}
        words = [key for key, raw in columns.items() if isinstance(raw, np.ndarray) and raw.dtype.kind in "UO"]
        peek = lambda: {
            key: [value if isinstance(value, str) else None for value in columns[key][:PEEKED]] for key in words
        }
        return cls(name, source, list(columns), rows, fetch, peek=peek, **settings)

    @classmethod
    def of_polars(cls, name: str, source: str, frame: pl.DataFrame, **settings: Any) -> Table:
        """A Table that takes over a polars frame; the caller drops its own reference."""
        import polars as pl  # half a second, and arrays do not need it

        single = _single(list(frame.schema.values()), pl)
        series = {column.name: column for column in frame.get_columns()}

        def fetch(names: Sequence[str]) -> dict[str, Raw]:
            return {key: series.pop(key) for key in names}

        some = frame.head(PEEKED)
        peek = lambda: {column.name: column.to_list() for column in some.get_columns() if column.dtype == pl.String}
        return cls(
            name,
            source,
            list(series),
            frame.height,
            fetch,
            single=single,
            lists=_lists(frame.schema, pl),
            peek=peek,
            **settings,
        )

    @classmethod
    def of_lazy(cls, name: str, source: str, frame: pl.LazyFrame, **settings: Any) -> Table:
        """A Table that reads a file of columns a few at a time."""
        import polars as pl  # half a second, and arrays do not need it

        schema = frame.collect_schema()
        rows = int(frame.select(pl.len()).collect().item())

        def fetch(names: Sequence[str]) -> dict[str, Raw]:
            return {column.name: column for column in frame.select(names).collect().get_columns()}

        words = [name for name, dtype in schema.items() if dtype == pl.String]
        peek = lambda: frame.select(words).head(PEEKED).collect().to_dict(as_series=False)
        single = _single(list(schema.values()), pl)
        return cls(
            name, source, list(schema), rows, fetch, single=single, lists=_lists(schema, pl), peek=peek, **settings
        )

    def column(self, name: str) -> Raw:
        """One raw column; its name must exist (see `need`)."""
        return self.fetch([name])[name]

    def columns(self, names: Sequence[str]) -> Iterator[tuple[str, Raw]]:
        """The raw columns of some names, a batch at a time, each let go after it was handed out."""
        size = max(1, BATCH // max(1, self.rows))
        for start in range(0, len(names), size):
            batch = self.fetch(names[start : start + size])
            for name in names[start : start + size]:
                yield name, batch.pop(name)

    def need(self, name: str, role: str) -> str:
        """`name`, if there is such a column.

        Raises:
            DataError: when there is none; the nearest name is offered.
        """
        if name in self.names:
            return name
        raise DataError(
            f"{role} {name!r}", "needs the name of a column", "a name that no column has",
            source=self.source, fix=nearest(name, self.names),
        )  # fmt: skip


def need_different(names: Sequence[str], source: str) -> None:
    """Refuse a table in which two columns share a name.

    Raises:
        DataError: naming them.

    >>> need_different(["a", "b"], "a test")
    """
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        places = [str(place + 1) for place, name in enumerate(names) if name == twice[0]]
        more = f" (and {len(twice) - 1} more names)" if len(twice) > 1 else ""
        raise DataError(
            "columns", "need different names", f"{twice[0]!r} in places {', '.join(places)}{more}",
            source=source, fix="rename or remove one of them",
        )  # fmt: skip


def _lists(schema: Any, pl: Any) -> tuple[str, ...]:
    """The columns whose cells are lists of numbers."""
    return tuple(name for name, dtype in schema.items() if isinstance(dtype, pl.List) and dtype.inner.is_numeric())


def _single(dtypes: list[Any], pl: Any) -> bool:
    exact = {pl.Float32, pl.Boolean, pl.Categorical, pl.Enum}
    return pl.Float32 in dtypes and all(type(dtype) in exact or dtype in exact for dtype in dtypes)
