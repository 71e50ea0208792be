"""A feed: rows gathered in the background, one super-batch after another, while the device works on the one before.

A super-batch is as many rows as a few megabytes hold. There are three buffers and no more: one that the device works
on, one that is ready, and one that is being filled; so what is held does not hang on how many rows there are.
"""

from __future__ import annotations

import dataclasses
import math
import queue
import threading
from collections.abc import Iterable
from typing import Any

import numpy as np

from photic.data import maps, memory
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
        self._table, self._wanted = Table(*(None if array is None else np.asarray(array) for array in table)), wanted
        self._in_order = 2 * sum(array.nbytes for array in table if maps.is_mapped(array)) > memory.free()
        self._free: queue.SimpleQueue[Table | None] = queue.SimpleQueue()
        self._full: queue.SimpleQueue[Load | BaseException] = queue.SimpleQueue()
        for _ in range(BUFFERS):
            self._free.put(_buffer(table, size))
        self._thread = threading.Thread(target=self._fill, name="photic feed", daemon=True)
        self._thread.start()

    def next(self) -> Load:
        """The next load; waits for it if it is not ready yet.

        Raises:
            OSError: when the rows can no longer be read.
        """
        found = self._full.get()
        if isinstance(found, BaseException):
            raise found
        return found

    def give_back(self, load: Load) -> None:
        """The load was used, and its buffer may be filled again."""
        self._free.put(load.part)

    def close(self) -> None:
        """No more loads are wanted."""
        self._free.put(None)
        while self._thread.is_alive():
            self._free.put(None)
            self._thread.join(0.05)

    def _fill(self) -> None:
        try:
            for rows in self._wanted:
                part = self._free.get()
                if part is None:
                    return
                for array, out in zip(self._table, part, strict=True):
                    if array is not None:
                        maps.take(array, rows, out[: len(rows)], in_order=self._in_order)
                self._full.put(Load(part, len(rows)))
        except BaseException as problem:  # noqa: BLE001  raised where the load is waited for
            self._full.put(problem)


def _buffer(table: Table, size: int) -> Table:
    return Table(*(None if array is None else _aligned((size, *array.shape[1:]), array.dtype) for array in table))


def _aligned(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Zeros that begin at a multiple of 64 bytes: a CPU device takes them as they are, without a copy."""
    count = math.prod(shape) * np.dtype(dtype).itemsize
    space = np.zeros(count + 64, np.uint8)
    start = -space.ctypes.data % 64
    return space[start : start + count].view(dtype).reshape(shape)
