"""A feed: rows gathered in the background, one super-batch after another, while the device works on the one before.

A super-batch is as many rows as a few megabytes hold. There are three buffers and no more: one that the device works
on, one that is ready, and one that is being filled; so what is held does not hang on how many rows there are.
"""

from __future__ import annotations

import collections
import dataclasses
import math
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from photic.data import maps
from photic.train.run import Table

#: How many super-batches are held at once.
BUFFERS = 3


@dataclasses.dataclass(frozen=True, eq=False)
class Load:
    """A super-batch.

    Args:
        part: the rows, in the order they were wanted, and whatever lies behind them; until `Feed.give_back`.
        rows: how many there are.
    """

    part: Table
    rows: int


class Feed:
    """The rows that somebody wants, in loads.

    Args:
        table: arrays, in memory or in a file; they are only read.
        size: the most rows of a load.
        wanted: row numbers of each load, at most `size`.

    >>> table = Table(np.arange(5.0), np.arange(5), np.ones(5))
    >>> feed = Feed(table, 2, [np.array([4, 0]), np.array([3])])
    >>> [feed.next().part.x.tolist(), feed.next().part.x[:1].tolist()]
    [[4.0, 0.0], [3.0]]
    """

    def __init__(self, table: Table, size: int, wanted: Iterable[np.ndarray]) -> None:
        self._table, self._wanted = table, iter(wanted)
        self._reader = ThreadPoolExecutor(1, "photic feed")
        self._coming: collections.deque[Future[Load | None]] = collections.deque()
        for _ in range(BUFFERS):
            self._fill(room(table, size))

    def next(self) -> Load:
        """The next load; waits for it if it is not ready yet.

        Raises:
            OSError: when the rows can no longer be read.
        """
        found = self._coming.popleft().result()
        assert found is not None, "no more is asked for than was wanted"
        return found

    def give_back(self, load: Load) -> None:
        """The load was used, and its buffer may be filled again."""
        self._fill(load.part)

    def close(self) -> None:
        """No more loads are wanted."""
        self._reader.shutdown(cancel_futures=True)

    def _fill(self, part: Table) -> None:
        self._coming.append(self._reader.submit(self._read, part))

    def _read(self, part: Table) -> Load | None:
        rows = next(self._wanted, None)
        if rows is None:
            return None
        gather(self._table, rows, part)
        return Load(part, len(rows))


def room(table: Table, rows: int) -> Table:
    """So many rows of zeros, of the shapes and types of a table.

    >>> room(Table(np.ones((5, 3)), np.arange(5), np.ones(5)), 2).x.shape
    (2, 3)
    """
    arrays: list[Any] = [None if array is None else _aligned((rows, *array.shape[1:]), array.dtype) for array in table]
    return Table(*arrays)


def gather(table: Table, rows: np.ndarray, into: Table) -> None:
    """Put some rows of a table, in their order, at the beginning of another."""
    arrays: Iterable[tuple[Any, Any]] = zip(table, into, strict=True)
    for array, out in arrays:
        if array is not None:
            maps.take(np.asarray(array), rows, out[: len(rows)])


def _aligned(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Zeros that begin at a multiple of 64 bytes: a CPU device takes them as they are, without a copy."""
    count = math.prod(shape) * np.dtype(dtype).itemsize
    space = np.zeros(count + 64, np.uint8)
    start = -space.ctypes.data % 64
    return space[start : start + count].view(dtype).reshape(shape)
