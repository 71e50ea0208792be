"""Flat: rows that are arrays as columns for simple models, so that something simple stands beside every network.

Pictures are shrunk by averaging blocks of pixels until few columns are left: a linear model and trees need no more to
tell what they can tell, and stay quick. Of a series they are told, for every channel, its mean, spread, smallest and
largest value, first and last value, slope and the mean size of its changes, and how long it is.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int, Shaped

from photic.data import maps

#: A picture has at most so many pixels on a side when it meets a simple model.
SIDE = 16
#: Rows are shown so many bytes at a time.
PIECE = 1 << 26


@dataclasses.dataclass(frozen=True, eq=False)
class Shown:
    """Some prepared rows as simple models see them, made into columns when somebody looks at them.

    Args:
        kind, x, lengths: of all rows, as for `flat`.
        rows: `[m]` which of them.

    >>> shown = Shown("table", np.arange(6.0).reshape(3, 2), np.array([2, 0]))
    >>> shown.width, shown.take(np.array([1])).tolist(), len(list(shown.pieces()))
    (2, [[0.0, 1.0]], 1)
    """

    kind: str
    x: Shaped[np.ndarray, "n ..."]
    rows: Int[np.ndarray, " m"]
    lengths: Int[np.ndarray, " n"] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self.take(np.zeros(1, int)).shape[1]

    def take(self, places: Int[np.ndarray, " k"] | slice) -> Shaped[np.ndarray, "k d"]:
        """The columns of those at some places among these rows."""
        rows = self.rows[places]
        found = flat(self.kind, self.x[rows], None if self.lengths is None else self.lengths[rows])
        maps.release(self.x)
        return found

    def pieces(self) -> Iterator[Shaped[np.ndarray, "k d"]]:
        """The columns of all of them, some rows at a time."""
        step = max(1, PIECE // max(1, self.x[:1].nbytes))
        return (self.take(slice(start, start + step)) for start in range(0, len(self.rows), step))


def flat(
    kind: str, x: Shaped[np.ndarray, "n ..."], lengths: Int[np.ndarray, " n"] | None = None
) -> Shaped[np.ndarray, "n d"]:
    """Prepared rows as columns.

    Args:
        kind: what the rows are, as `Dataset.kind` says, or "windows" for those of a forecast, whose steps are columns.
        x: as the network takes them.
        lengths: how many steps of each series are real.

    >>> flat("images", np.zeros((5, 28, 28, 1), np.uint8)).shape
    (5, 196)
    """
    if kind == "series":
        return summary(x, np.full(len(x), x.shape[1]) if lengths is None else lengths)
    return shrunk(x) if kind == "images" else x.reshape(len(x), -1)


def words(kind: str, x: Shaped[np.ndarray, "n ..."]) -> str:
    """What simple models are shown, to stand after their names; empty where it is what the network is shown.

    >>> words("images", np.zeros((5, 28, 28, 1), np.uint8))
    ' on its pixels, shrunk to 14 x 14'
    """
    if kind == "series":
        return " on eight numbers about each channel"
    if kind == "windows":
        return " on the steps of its window"
    if kind != "images":
        return ""
    height, width = (-(-size // math.ceil(size / SIDE)) for size in x.shape[1:3])
    small = (height, width) != x.shape[1:3]
    return " on its pixels" + (f", shrunk to {width} x {height}" if small else "")


def shrunk(x: Shaped[np.ndarray, "n h w c"]) -> Float[np.ndarray, "n d"]:
    """Pictures with each block of pixels replaced by its mean, laid out as columns.

    >>> shrunk(np.arange(32 * 32, dtype=np.uint8).reshape(1, 32, 32, 1)).shape
    (1, 256)
    """
    n, height, width, c = x.shape
    rows, columns = (math.ceil(size / SIDE) for size in (height, width))
    spare = ((0, 0), (0, -height % rows), (0, -width % columns), (0, 0))
    out = np.empty((n, -(-height // rows), -(-width // columns), c), np.float32)
    for start in range(0, n, 1024):
        block = np.pad(x[start : start + 1024], spare, "edge").astype(np.float32)
        out[start : start + 1024] = block.reshape(len(block), out.shape[1], rows, out.shape[2], columns, c).mean((2, 4))
    return out.reshape(n, -1)


def summary(x: Float[np.ndarray, "n t c"], lengths: Int[np.ndarray, " n"]) -> Float[np.ndarray, "n d"]:
    """Series as eight numbers about each channel's real steps, and the length.

    >>> summary(np.array([[[1.0], [3.0], [0.0]]], np.float32), np.array([2])).tolist()
    [[2.0, 1.0, 1.0, 3.0, 1.0, 3.0, 2.0, 2.0, 2.0]]
    """
    here = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    count = lengths.astype(np.float64)[:, None]
    mean = (x * here).sum(1) / count
    spread = np.sqrt((((x - mean[:, None]) * here) ** 2).sum(1) / count)
    low, high = np.where(here, x, np.inf).min(1), np.where(here, x, -np.inf).max(1)
    first, last = x[:, 0], x[np.arange(len(x)), lengths - 1]
    at = (np.arange(x.shape[1])[None] - (count - 1) / 2)[:, :, None] * here
    slope = (at * x).sum(1) / np.maximum((at**2).sum(1), 1e-12)
    change = (np.abs(np.diff(x, axis=1)) * here[:, 1:]).sum(1) / np.maximum(count - 1, 1)
    return np.concatenate([mean, spread, low, high, first, last, slope, change, count], axis=1).astype(np.float32)
