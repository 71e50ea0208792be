"""Preparation: what turns a Dataset into the numbers a network takes, and its answers back into the user's units.

It is fitted on training rows only, so that nothing of the rows a network is judged by leaks into it, and it is saved
with the network as plain JSON. How each kind of column is encoded is told in `encoding.py`. NumPy only.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from photic.data import maps
from photic.data.dataset import Dataset
from photic.data.encoding import (
    ENCODINGS,
    BooleanEncoding,
    CategoryEncoding,
    DateEncoding,
    Encoding,
    NumberEncoding,
)
from photic.data.scaling import SCALINGS, ArrayScaling, ChannelScaling, Codes, Pixels, TargetScaling, scaling_for
from photic.errors import DataError, RunError, nearest
from photic.maths.places import as_numbers

#: Rows are written in blocks that stay in the processor's cache, whichever way the table lies in memory.
BLOCK = 8192
#: Quartiles come from at most this many training rows: they are then known to half a percent of the spread.
SAMPLE = 100_000
_NAMES = {kind: name for name, kind in SCALINGS.items()}


@dataclasses.dataclass(frozen=True)
class Preparation:
    """Everything learned from the training rows that prepares other rows in the same way.

    Args:
        encodings: one per column of a table, in its order; empty when rows are arrays.
        array: the scaling of rows that are arrays, such as `[h, w, c]`; None for a table.
        scaling: of the target.

    >>> from photic.data import toy
    >>> data = toy.xor(n=100)
    >>> preparation = Preparation.fit(data, np.arange(80))
    >>> preparation.features, preparation.transform(data, np.arange(80, 100)).shape
    (('x1', 'x2'), (20, 2))
    """

    encodings: tuple[Encoding, ...]
    array: ArrayScaling | Pixels | ChannelScaling | Codes | None
    scaling: TargetScaling

    @classmethod
    def fit(cls, dataset: Dataset, rows: Int[np.ndarray, " m"]) -> Preparation:
        """The preparation that these rows of the data teach; no other row is looked at.

        Args:
            dataset: the whole table.
            rows: `[m]` the training rows.

        Raises:
            DataError: when there is no row or no column to learn from.

        >>> from photic.data import toy
        >>> Preparation.fit(toy.xor(n=10), np.arange(8)).encodings[0].name
        'x1'
        """
        rows = np.asarray(rows)
        found = f"{len(rows)} rows of {len(dataset.columns)} columns"
        if not len(rows) or (dataset.numbers.ndim == 2 and not dataset.columns):
            fix = "give more data" if not len(rows) else "keep a column besides the target"
            raise DataError(
                dataset.name, "needs at least one training row and one column", found, source=dataset.source, fix=fix
            )
        scaling = TargetScaling.fit(dataset, rows)
        if dataset.kind != "table":
            return cls((), scaling_for(dataset).fit(dataset, _sample(rows)), scaling)
        return cls(tuple(_encodings(dataset, rows)), None, scaling)

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The names of the d columns that come out; of rows that are arrays, the places in them."""
        if self.array is not None:
            return tuple("x" + ",".join(map(str, place)) for place in np.ndindex(self.array.shape))
        return tuple(feature for encoding in self.encodings for feature in encoding.features)

    @property
    def shape(self) -> tuple[int, ...]:
        """The per-row shape that comes out: (d,) for a table, (h, w, c) for images."""
        return self.array.shape if self.array is not None else (self.width,)

    @property
    def width(self) -> int:
        """How many numbers come out for a row."""
        return math.prod(self.array.shape) if self.array is not None else len(self.features)

    def transform(
        self,
        dataset: Dataset,
        rows: Int[np.ndarray, " m"] | None = None,
        *,
        width: int | None = None,
        mapped: bool = False,
    ) -> Shaped[np.ndarray, "m ..."]:
        """Prepared rows: float32, or the bytes of pictures as they are.

        Args:
            dataset: a table with the same columns, in any order.
            rows: `[m]` which rows; None for all of them.
            width: pad with columns of zeros up to this width, so that folds of different widths can share one program;
                tables only.
            mapped: write the rows to a file, see `maps.py`, rather than to memory.

        Returns:
            `[m, width]` (or `[m, *shape]`), every number finite, whatever the rows hold.

        Raises:
            DataError: when a column is missing or of another shape.

        >>> from photic.data import toy
        >>> data = toy.xor(n=100)
        >>> Preparation.fit(data, np.arange(80)).transform(data, width=4)[:, 2:].any()
        np.False_
        """
        rows = None if rows is None else np.asarray(rows, dtype=np.intp)
        if mapped:
            return self._mapped(dataset, rows, width)
        if self.array is not None:
            self._need_shape(dataset)
            lengths = dataset.lengths if rows is None or dataset.lengths is None else dataset.lengths[rows]
            return self.array.prepared(dataset.numbers if rows is None else dataset.numbers[rows], lengths)
        n = dataset.n if rows is None else len(rows)
        out = _aligned_zeros((n, self.width if width is None else width))
        writers = list(self._writers(dataset))
        for block in _blocks(n):
            taken = block if rows is None else rows[block]
            blocks = {"numbers": dataset.numbers[taken], "codes": dataset.codes[taken]}
            for name, place, columns, write in writers:
                write(blocks[name][:, place], out[block, columns])
        return out

    def _mapped(
        self, dataset: Dataset, rows: Int[np.ndarray, " m"] | None, width: int | None
    ) -> Shaped[np.ndarray, "m ..."]:
        """Prepared rows in a file, written a piece at a time."""
        if isinstance(self.array, Pixels) and rows is None:
            self._need_shape(dataset)
            return dataset.numbers
        n = dataset.n if rows is None else len(rows)
        shape = self.shape if width is None or self.array is not None else (width,)
        dtype = np.uint8 if isinstance(self.array, Pixels) else np.float32
        row_bytes = math.prod(shape) * np.dtype(dtype).itemsize
        with maps.Writer(dtype, n * row_bytes) as writer:
            for piece in maps.pieces(n, row_bytes, least=BLOCK):
                taken = np.arange(n)[piece] if rows is None else rows[piece]
                writer.put(self.transform(dataset, taken, width=width))
                maps.release(dataset.numbers)
                maps.release(dataset.codes)
            return writer.open((n, *shape))

    def target(self, y: Shaped[np.ndarray, "n ..."]) -> Shaped[np.ndarray, "n ..."]:
        """The targets as the trainer takes them.

        Args:
            y: `[n]` numbers or class codes, `[n, k]` values of a forecast, numbers or labels, or `[n, *places]`, as in
                a Dataset.

        Returns:
            float32 `[n, 1]` or `[n, k]`, standardised, in regression; float32 `[n, 1]` of 0 and 1 for two classes,
            `[n, k]` for labels; int32 `[n]` for more classes. With a target at every place `[n, *places, 1]`, NaN where
            there is none, or `[n, *places]`, -1 where there is none.

        >>> Preparation((), None, TargetScaling("regression", mean=10.0, std=2.0)).target(np.array([12.0]))
        array([[1.]], dtype=float32)
        """
        if self.scaling.kind == "multiclass":
            return y.astype(np.int32)
        mean, std = np.array(self.scaling.mean), np.array(self.scaling.std)
        if self.scaling.every_step:
            return ((as_numbers(y) - mean) / std).astype(np.float32)
        return ((y.astype(np.float64) - mean) / std).astype(np.float32).reshape(len(y), -1)

    def untarget(self, p: Float[np.ndarray, "n *places k"]) -> Float[np.ndarray, "n *places k"]:
        """Predictions in the user's units: `mean + std p`, float64, in regression; probabilities stay as they are.

        >>> Preparation((), None, TargetScaling("regression", mean=10.0, std=2.0)).untarget(np.array([[1.0]]))
        array([[12.]])
        """
        p, mean, std = np.asarray(p), np.array(self.scaling.mean), np.array(self.scaling.std)
        return mean + std * p.astype(np.float64) if self.scaling.kind == "regression" else p

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON values; numbers come back to the last bit.

        >>> from photic.data import toy
        >>> preparation = Preparation.fit(toy.xor(n=10), np.arange(8))
        >>> Preparation.from_json(preparation.to_json()) == preparation
        True
        """
        return {
            "columns": [{"type": encoding.kind, **dataclasses.asdict(encoding)} for encoding in self.encodings],
            "array": None
            if self.array is None
            else {"type": _NAMES[type(self.array)], **dataclasses.asdict(self.array)},
            "target": dataclasses.asdict(self.scaling),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], source: str = "JSON") -> Preparation:
        """The preparation that `to_json` wrote.

        Raises:
            RunError: when a part is missing or unknown.
        """
        try:
            return cls(
                tuple(_spec(ENCODINGS[each["type"]], each) for each in data["columns"]),
                None if data["array"] is None else _spec(SCALINGS[data["array"]["type"]], data["array"]),
                _spec(TargetScaling, data["target"]),
            )
        except (KeyError, TypeError) as error:
            got = f"{type(error).__name__} at {error}"
            raise RunError(
                "preparation", "needs the form that was saved", got, source=source, fix="fit again"
            ) from None

    def _writers(self, dataset: Dataset) -> Iterator[tuple[str, Any, Any, Any]]:
        """For each column: its block, its place there, its columns of the output, and what writes them."""
        places = {column.name: ("numbers", place, column) for place, column in enumerate(dataset.number_columns)}
        places |= {column.name: ("codes", place, column) for place, column in enumerate(dataset.code_columns)}
        at = 0
        for encoding in self.encodings:
            if encoding.name not in places:
                raise DataError(
                    dataset.name,
                    f"needs column {encoding.name!r}",
                    f"{len(places)} others",
                    source=dataset.source,
                    fix=nearest(encoding.name, places),
                )
            name, place, column = places[encoding.name]
            end = at + len(encoding.features)
            yield name, place, slice(at, end), encoding.writer(column)
            at = end

    def _need_shape(self, dataset: Dataset) -> None:
        free = isinstance(self.array, ChannelScaling | Codes)  # new series may be longer or shorter
        if dataset.numbers.shape[1 + free :] != self.shape[free:]:
            raise DataError(
                dataset.name,
                f"needs rows of shape {self.shape}",
                str(dataset.numbers.shape[1:]),
                source=dataset.source,
                fix="bring the rows to that shape",
            )


def _aligned_zeros(shape: tuple[int, ...]) -> Float[np.ndarray, "..."]:
    """Float32 zeros that begin at a multiple of 64 bytes: a CPU device takes them as they are, without a copy."""
    space = np.zeros(4 * math.prod(shape) + 64, np.uint8)
    start = -space.ctypes.data % 64
    return space[start : start + 4 * math.prod(shape)].view(np.float32).reshape(shape)


def _encodings(dataset: Dataset, rows: Int[np.ndarray, " m"]) -> Iterator[Encoding]:
    numbers, codes, sample = iter(range(dataset.numbers.shape[1])), iter(range(dataset.codes.shape[1])), _sample(rows)
    for column in dataset.columns:
        values = dataset.numbers[sample, next(numbers)] if column.numeric else dataset.codes[rows, next(codes)]
        maps.release(dataset.numbers)
        maps.release(dataset.codes)
        if column.kind == "number":
            yield NumberEncoding.fit(column.name, values.astype(np.float64))
        elif column.kind == "date":
            yield DateEncoding.fit(column.name, values.astype(np.float64))
        elif column.kind == "boolean":
            yield BooleanEncoding(column.name, column.levels)
        else:
            yield CategoryEncoding.fit(column, values)


def _sample(rows: Int[np.ndarray, " m"]) -> Int[np.ndarray, " s"]:
    """The same rows every time: not every k-th, because a table may have a rhythm."""
    if len(rows) <= SAMPLE:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, SAMPLE, replace=False))


def _blocks(n: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK) for start in range(0, n, BLOCK))


def _spec(kind: type, data: Mapping[str, Any]) -> Any:
    """A dataclass from its JSON form: lists become tuples."""
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items() if key != "type"}
    return kind(**values)
