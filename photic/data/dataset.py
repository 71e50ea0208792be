"""The Dataset: a table, images, series or text after reading, as immutable arrays with roles.

A table's numbers and categories live in two blocks, because that is how a network meets them: `numbers` [n, a] with NaN
where a value is missing, and `codes` [n, b] with -1 where it is. Images, series and text are rows that are arrays
themselves; they stand in `numbers` alone. What was left out, and what was handled on the way, is said in words beside
the arrays.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from photic.data import maps
from photic.data.form import Form
from photic.data.frame import Frame
from photic.data.task import Task
from photic.errors import RunError, nearest

KINDS = ("number", "category", "boolean", "date")
NUMERIC = ("number", "date")
#: The arrays of a Dataset that have one entry for each row.
ROLES = ("numbers", "codes", "y", "weight", "groups", "time", "until", "lengths", "given_test", "names", "moments")


@dataclasses.dataclass(frozen=True)
class Column:
    """One column that the network learns from.

    Args:
        name: as in the table.
        kind: "number" or "date" (in `numbers`; dates as seconds since 1970), "category" or "boolean" (in `codes`).
        levels: the values in the order of their codes, for a category or boolean; a boolean has the false one first.

    >>> Column("island", "category", ("Biscoe", "Dream")).to_json()
    {'name': 'island', 'kind': 'category', 'levels': ['Biscoe', 'Dream']}
    """

    name: str
    kind: str
    levels: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether this is a column of `numbers` rather than of `codes`."""
        return self.kind in NUMERIC

    def to_json(self) -> dict[str, Any]:
        """The column as JSON values; `levels` only where there are some."""
        levels = {"levels": list(self.levels)} if self.levels else {}
        return {"name": self.name, "kind": self.kind, **levels}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], source: str = "JSON") -> Column:
        """The column that `to_json` wrote.

        Raises:
            RunError: when the kind is unknown or the name is missing.

        >>> Column.from_json({"name": "age", "kind": "number"})
        Column(name='age', kind='number', levels=())
        """
        name, kind, levels = data.get("name"), data.get("kind"), data.get("levels", [])
        if kind not in KINDS:
            raise RunError(
                f"column {name!r}", "needs a known kind", repr(kind), source=source, fix=nearest(str(kind), KINDS)
            )
        if not isinstance(name, str) or not isinstance(levels, list | tuple):
            raise RunError("column", "needs a name and a list of levels", repr(data), source=source, fix="fit again")
        return cls(name, kind, tuple(str(level) for level in levels))


@dataclasses.dataclass(frozen=True)
class LeftOut:
    """A column of the table that is not learned from, and why in words."""

    name: str
    reason: str


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """Rows as immutable arrays with roles; made by `read`, by `toy`, or by `Dataset.of`.

    Args:
        name: short, for titles.
        source: where it came from, in words.
        fingerprint: sha256 of the content, in hex.
        columns: what is learned from, in the table's order; of images and series one for each channel, of text one
            whose levels are the characters.
        numbers: by `kind`. A table: `[n, a]` float64 (float32 if the whole table was), the number and date columns,
            NaN is missing. Images: `[n, h, w, c]` uint8. Series: `[n, t, c]` float32, NaN is missing, zeros after
            the end. Text: `[n, t]` int32 places in the levels.
        codes: `[n, b]`, the category and boolean columns of a table, places in `levels`; -1 is missing.
        task: what is predicted; None when there is no target (prediction).
        y: `[n]` float64 numbers or int32 class codes; `[n, h]` for a forecast; `[n, t]` or `[n, h, w]` with a target at
            every step or pixel, NaN or -1 where there is none.
        weight: `[n]` float64 row weights, none negative.
        groups: `[n]` int64; rows of one group belong together.
        time: `[n]` float64; seconds since 1970, or the numbers of the time column.
        until: `[n]` float64, the last moment that a row's target looks at, where that is not its `time` (a forecast).
        lengths: `[n]` int32, how many steps of each series are real; None: all of them.
        moments: `[n, t]` the time of each step of new series, as their table has it; None where it does not say.
        names: `[n]` what each row is called: the path of a picture, the name of a series; None for a table.
        form: how rows were cut out of what the user has, for new ones to be cut alike; None for a table.
        given_test: `[n]`, which rows whoever published the set calls its test part; None: there is none.
        left_out: columns not learned from, with reasons.
        said: one sentence for each thing that was handled.

    >>> from photic.data import toy
    >>> data = toy.xor(n=100, seed=0)
    >>> data.n, data.numbers.shape, data.task.classes, data.take(np.arange(3)).n
    (100, (100, 2), ('no', 'yes'), 3)
    """

    name: str
    source: str
    fingerprint: str
    columns: tuple[Column, ...]
    numbers: Shaped[np.ndarray, "n ..."]
    codes: Int[np.ndarray, "n b"]
    task: Task | None = None
    y: np.ndarray | None = None
    weight: Float[np.ndarray, " n"] | None = None
    groups: Int[np.ndarray, " n"] | None = None
    time: Float[np.ndarray, " n"] | None = None
    until: Float[np.ndarray, " n"] | None = None
    lengths: Int[np.ndarray, " n"] | None = None
    given_test: Bool[np.ndarray, " n"] | None = None
    names: Shaped[np.ndarray, " n"] | None = None
    moments: Shaped[np.ndarray, "n t"] | None = None
    form: Frame | Form | None = None
    left_out: tuple[LeftOut, ...] = ()
    said: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for role in ROLES:
            array = getattr(self, role)
            if array is not None:
                view = array.view()
                view.flags.writeable = False  # of a view: the caller's own array stays as it was
                object.__setattr__(self, role, view)

    @classmethod
    def of(
        cls,
        name: str,
        source: str,
        columns: Iterable[Column],
        numbers: np.ndarray,
        codes: np.ndarray | None = None,
        **roles: Any,
    ) -> Dataset:
        """A Dataset from its arrays, with the fingerprint computed.

        >>> Dataset.of("two", "a test", [Column("x", "number")], np.zeros((2, 1))).n
        2
        """
        columns = tuple(columns)
        codes = np.empty((len(numbers), 0), np.int32) if codes is None else codes
        arrays = [numbers, codes, *(roles.get(role) for role in ("y", "weight", "groups", "time"))]
        arrays += [roles[role] for role in ("until", "lengths", "given_test") if roles.get(role) is not None]
        return cls(name, source, fingerprint(columns, arrays), columns, numbers, codes, **roles)

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.numbers)

    @property
    def mapped(self) -> bool:
        """Whether the rows lie in a file, because memory does not hold them."""
        return maps.is_mapped(self.numbers) or maps.is_mapped(self.codes)

    @property
    def kind(self) -> str:
        """What a row is: "table", "images", "series" or "text", as the array `numbers` says.

        >>> Dataset.of("two", "a test", [Column("x", "number")], np.zeros((2, 5, 1), np.float32)).kind
        'series'
        """
        if self.numbers.dtype == np.uint8 or self.numbers.ndim > 3:
            return "images"
        if self.numbers.ndim == 3:
            return "series"
        return "text" if self.numbers.dtype.kind == "i" else "table"

    @property
    def number_columns(self) -> tuple[Column, ...]:
        """The columns of `numbers`, in its order."""
        return tuple(column for column in self.columns if column.numeric)

    @property
    def code_columns(self) -> tuple[Column, ...]:
        """The columns of `codes`, in its order."""
        return tuple(column for column in self.columns if not column.numeric)

    def take(self, rows: Int[np.ndarray, " m"]) -> Dataset:
        """The Dataset of some rows, in the given order; its fingerprint follows from this one's and the rows."""
        rows = np.asarray(rows)
        mark = hashlib.sha256(self.fingerprint.encode() + rows.astype(np.int64).tobytes()).hexdigest()
        roles = {role: getattr(self, role) for role in ROLES}
        taken = {role: None if array is None else array[rows] for role, array in roles.items()}
        return dataclasses.replace(self, fingerprint=mark, **taken)


def fingerprint(columns: Iterable[Column], arrays: Iterable[np.ndarray | None]) -> str:
    """sha256 of columns and arrays, in hex; arrays go through column by column, so their layout does not matter.

    >>> x = np.arange(6.0).reshape(3, 2)
    >>> fingerprint([], [x]) == fingerprint([], [np.asfortranarray(x)]) != fingerprint([], [-x])
    True
    """
    digest = hashlib.sha256(repr(tuple(columns)).encode())
    for array in arrays:
        if array is None:
            digest.update(b"none")
            continue
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        columnwise = array.ndim == 2
        for part in array.T if columnwise else (array[rows] for rows in maps.pieces(len(array), array[:1].nbytes)):
            digest.update(np.ascontiguousarray(part).data)
            maps.release(array)
    return digest.hexdigest()
