"""Maps: arrays that lie in a file and are looked at through the system's pages, for rows that memory does not hold.

A map is written piece by piece with ordinary writes, so that a full disk is an error and not a crash, and then opened
for reading. Its file is without a name from the moment it is open: whatever ends the process, its room is given back.
Pages that were looked at count as memory of the process until `release` lets them go; the system may keep what was in
them for as long as it has room.
"""

from __future__ import annotations

import errno
import io
import math
import mmap
import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import numpy as np
import psutil

from photic.data import memory
from photic.errors import WorkError

#: Rows are looked at so many bytes at a time where all of them are looked at.
PIECE = 1 << 24
#: About so many bytes of a map are looked at before its pages are let go; the system brings so many around each.
_TOUCHED, _AROUND = 1 << 22, 1 << 16
#: So much of the disk stays free.
SPARE = 1 << 26


def place() -> Path:
    """Where maps lie: `$XDG_CACHE_HOME/photic/rows`, or the same under `~/.cache`; never a folder in memory like /tmp.

    >>> place().parts[-2:]
    ('photic', 'rows')
    """
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "photic" / "rows"


class Writer:
    """A map on its way: values are put at its end, and `open` makes it one array.

    Args:
        dtype: of the values.
        expected: how many bytes it will have at most, if that is known; the disk must have room for them.

    Raises:
        WorkError: when the disk has no room, or there is no right to write.

    >>> with Writer(np.float32) as writer:
    ...     writer.put(np.ones((2, 3)))
    ...     writer.put(np.zeros((1, 3)))
    ...     writer.open((3, 3)).sum()
    np.float32(6.0)
    """

    def __init__(self, dtype: Any, expected: int = 0) -> None:
        self.dtype, self.folder = np.dtype(dtype), place()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            need_room(self.folder, expected)
            handle, name = tempfile.mkstemp(dir=self.folder)
            Path(name).unlink()  # the file lives until the last that looks at it lets go
            self.file = io.BufferedRandom(io.FileIO(handle, "r+"))
            weakref.finalize(self, self.file.close)  # or when a table that cannot be read leaves it
        except OSError as error:
            raise _refused(self.folder, error) from None

    def put(self, values: np.ndarray) -> None:
        """Write some values behind the others."""
        try:
            self.file.write(np.ascontiguousarray(values, self.dtype).data)
        except OSError as error:
            raise _refused(self.folder, error) from None

    def open(self, shape: tuple[int, ...], order: Literal["C", "F"] = "C") -> np.ndarray:
        """All values as one array that is read from the file.

        Args:
            shape: as many values as were put.
            order: "C" when rows were put one after another, "F" when columns were.
        """
        if not math.prod(shape):
            return np.empty(shape, self.dtype, order=order)
        try:
            self.file.flush()
        except OSError as error:
            raise _refused(self.folder, error) from None
        return np.memmap(self.file, self.dtype, "r", shape=shape, order=order)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()  # an open map keeps the file


class Columns:
    """A block `[n, a]` that is filled column by column, in memory or in a map.

    Args:
        rows: n.
        most: a, at most.
        mapped: whether it is to lie in a file.

    >>> block = Columns(3, 5, np.float32, mapped=True)
    >>> block.add(np.arange(3)), block.whole().tolist()
    (None, [[0.0], [1.0], [2.0]])
    """

    def __init__(self, rows: int, most: int, dtype: Any, *, mapped: bool = False) -> None:
        self.rows, self.filled = rows, 0
        self._writer = Writer(dtype) if mapped else None
        # Pages of memory that are never written cost none.
        self._block = None if mapped else np.empty((rows, most), dtype, order="F")

    def add(self, values: np.ndarray) -> None:
        """Put a column beside the others."""
        if self._block is not None:
            self._block[:, self.filled] = values
        else:
            assert self._writer is not None, "one of the two"
            self._writer.put(values)
        self.filled += 1

    def whole(self) -> np.ndarray:
        """The block as one array; nothing is added after that."""
        if self._block is not None:
            return self._block[:, : self.filled]
        assert self._writer is not None, "one of the two"
        with self._writer:
            return self._writer.open((self.rows, self.filled), "F")


def scratch(owner: object) -> Path:
    """A folder for files that are needed as long as `owner` lives; what a dead process left is removed.

    Raises:
        WorkError: when it cannot be made.
    """
    folder = place()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("scratch-*-*"):
            if not psutil.pid_exists(int(old.name.split("-")[1])):
                shutil.rmtree(old, ignore_errors=True)
        made = Path(tempfile.mkdtemp(prefix=f"scratch-{os.getpid()}-", dir=folder))
    except OSError as error:
        raise _refused(folder, error) from None
    weakref.finalize(owner, shutil.rmtree, made, ignore_errors=True)
    return made


def guarded(folder: Path, write: Callable[[], Any]) -> None:
    """Write something into a folder of ours.

    Raises:
        WorkError: when the disk has no room, or there is no right to write.

    >>> guarded(Path("."), lambda: None)
    """
    try:
        write()
    except OSError as error:
        raise _refused(folder, error) from None


def is_mapped(array: np.ndarray | None) -> bool:
    """Whether an array lies in a file rather than in memory.

    >>> is_mapped(np.zeros(3))
    False
    """
    return _pages(array) is not None


def release(array: np.ndarray | None) -> None:
    """Let the pages of a map go that were looked at; an array in memory stays as it is.

    >>> release(np.zeros(3))
    """
    pages = _pages(array)
    if pages is not None and sys.platform != "win32":
        pages.madvise(mmap.MADV_DONTNEED)


def take(array: np.ndarray, rows: np.ndarray, out: np.ndarray) -> None:
    """`out[i] = array[rows[i]]`; of a map the rows are read in the order of the file, and its pages let go on the way.

    In that order neighbours share a page and a disk is not searched; a few thousand rows at a time keep what is held
    small, however long the file is.

    Args:
        array: `[n, ...]`, row after row.

    >>> out = np.zeros(2)
    >>> take(np.arange(5.0), np.array([4, 0]), out)
    >>> out.tolist()
    [4.0, 0.0]
    """
    if not is_mapped(array) or not len(rows):
        out[...] = array[rows]
        return
    source, target = _as_things(array), _as_things(out)
    shift = max(0, int(rows.max()).bit_length() - 16)
    order = np.argsort((rows >> shift).astype(np.uint16), kind="stable")  # of 16 bits: a radix sort, and near enough
    apart = min(_AROUND + target.itemsize, max(target.itemsize, len(source) * target.itemsize // len(rows)))
    step = max(64, _TOUCHED // apart)
    for start in range(0, len(rows), step):
        places = order[start : start + step]
        target[places] = source[rows[places]]
        release(array)


def _as_things(array: np.ndarray) -> np.ndarray:
    """Rows as single items, which are copied whole."""
    return np.ascontiguousarray(array).reshape(len(array), -1).view(f"V{array[:1].nbytes}")[:, 0]


def pieces(rows: int, row_bytes: int, least: int = 1) -> list[slice]:
    """All rows in pieces of a few megabytes, and of a multiple of `least` rows.

    >>> pieces(5, PIECE // 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 6, None)]
    """
    step = max(1, PIECE // max(1, row_bytes) // least) * least
    return [slice(start, start + step) for start in range(0, rows, step)]


def _pages(array: Any) -> mmap.mmap | None:
    while isinstance(array, np.ndarray):
        array = array.base
    return array if isinstance(array, mmap.mmap) else None


def need_room(folder: Path, expected: int) -> None:
    """Refuse to begin what the disk has no room for.

    Raises:
        WorkError: when less is free than `expected` and something to spare.

    >>> need_room(Path("."), 0)
    """
    free = shutil.disk_usage(folder).free
    if expected and expected + SPARE > free:
        raise WorkError(
            str(folder), f"needs room on the disk for rows that memory does not hold, {memory.words(expected)}",
            f"{memory.words(free)} free", source="the operating system",
            fix="make room, or let XDG_CACHE_HOME name a folder on another disk",
        )  # fmt: skip


def _refused(folder: Path, error: OSError) -> WorkError:
    came = (error.strerror or str(error)).lower()
    full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    need = "room on the disk" if full else "a folder that can be written to"
    return WorkError(
        str(folder), f"needs {need} for rows that memory does not hold", came, source="the operating system",
        fix=f"{'make room' if full else 'change its rights'}, or let XDG_CACHE_HOME name a folder on another disk",
    )  # fmt: skip
