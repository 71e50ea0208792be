"""Holding out: cutting one part off a set of rows in a way that suits the data.

Rows of a class are cut by their share, rows of a group stay together, and in time the part is what comes last. This is
ours rather than scikit-learn's because importing that takes longer than most small networks take to train, its
`GroupShuffleSplit` counts groups where we count rows, and its `TimeSeriesSplit` cuts through rows of the same moment.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from photic.data.dataset import Dataset

Rows = Int[np.ndarray, " _"]


@dataclasses.dataclass(frozen=True, eq=False)
class Ties:
    """What holds rows together: the classes to keep in proportion, the groups to keep whole, the time to keep in order.

    >>> from photic.data import toy
    >>> Ties.of(toy.xor(n=10), "plain").classes.max()
    np.int64(0)
    """

    classes: Int[np.ndarray, " n"]
    groups: Int[np.ndarray, " n"] | None = None
    time: Float[np.ndarray, " n"] | None = None

    @classmethod
    def of(cls, dataset: Dataset, method: str) -> Ties:
        """What the method looks at in the data; everything is one class where it does not stratify."""
        classes = dataset.y if "stratified" in method and dataset.y is not None else np.zeros(dataset.n)
        groups = dataset.groups if "grouped" in method else None
        return cls(classes.astype(np.int64), groups, dataset.time if method == "ordered" else None)

    @property
    def unit(self) -> str:
        """What cannot be cut in two."""
        return "groups" if self.groups is not None else "different times" if self.time is not None else "rows"

    def units(self, rows: Rows) -> int:
        """How many uncuttable things these rows are."""
        marks = self.groups if self.groups is not None else self.time
        return len(rows) if marks is None else len(np.unique(marks[rows]))


def hold_out(rows: Rows, share: float | int, ties: Ties, keep: int, draw: np.random.Generator) -> tuple[Rows, Rows]:
    """The rows in two parts, `(rest, part)`, both sorted; `part` is about `share` of them and never all.

    Args:
        rows: `[m]` row numbers.
        share: from 0 (the part is empty) up to 1.
        ties: what holds rows together.
        keep: how many rows, groups or moments must stay in the rest; the rows have at least one more than that.
        draw: where the random choice comes from.

    >>> from photic.data import toy
    >>> rest, part = hold_out(np.arange(10), 0.2, Ties.of(toy.xor(n=10), "plain"), 1, np.random.default_rng(0))
    >>> len(rest), len(part)
    (8, 2)
    """
    if not share:
        return rows, rows[:0]
    if ties.time is not None:
        before, after = cut(ties.time[rows], (1 - share, share), (keep, 1))
        return np.sort(rows[before]), np.sort(rows[after])
    if ties.groups is not None:
        chosen = _some_groups(ties.groups[rows], ties.classes[rows], share, keep, draw)
    else:
        size = min(max(1, round(share * len(rows))), len(rows) - keep)
        chosen = _some_rows(ties.classes[rows], size, draw)
    return np.sort(rows[~chosen]), np.sort(rows[chosen])


def cut(time: Float[np.ndarray, " m"], shares: Sequence[float], least: Sequence[int]) -> list[Rows]:
    """Pieces of a time line, first to last, about as large as asked; rows of the same moment stay in one piece.

    Args:
        time: `[m]` the moment of each row, in any order.
        shares: how large each piece should be; they sum to 1.
        least: how many different moments each piece needs at least.

    Returns:
        For each piece the places of its rows in `time`.

    >>> [piece.tolist() for piece in cut(np.array([1.0, 2, 2, 2, 0]), (0.5, 0.5), (1, 1))]
    [[4, 0], [1, 2, 3]]
    """
    order = np.argsort(time, kind="stable")
    moments = np.flatnonzero(np.diff(time[order], prepend=-np.inf) > 0)  # where a new moment begins
    edges, used = [0], 0
    for i, goal in enumerate(np.cumsum(shares)[:-1] * len(time)):
        possible = moments[used + least[i] : len(moments) - sum(least[i + 1 :]) + 1]
        used += least[i] + int(np.argmin(np.abs(possible - goal)))
        edges.append(int(moments[used]))
    return [order[start:end] for start, end in zip(edges, [*edges[1:], len(time)], strict=True)]


def _some_rows(classes: Rows, size: int, draw: np.random.Generator) -> np.ndarray:
    """A mask of `size` rows, each class within one row of its share; a class that would be absent comes first."""
    order = draw.permutation(len(classes))
    order = order[np.argsort(classes[order], kind="stable")]  # by class, shuffled within
    counts = np.bincount(classes)
    exact = counts * (size / len(classes))
    take = np.floor(exact).astype(np.int64)
    spare = np.lexsort((take - exact, take > 0))
    spare = spare[take[spare] + 1 < counts[spare]]  # a class never goes entirely
    take[spare[: size - take.sum()]] += 1
    if not take.any():
        order, counts, take = draw.permutation(len(classes)), np.array([len(classes)]), np.array([size])
    rank = np.arange(len(classes)) - np.repeat(np.cumsum(counts) - counts, counts)
    mask = np.zeros(len(classes), bool)
    mask[order[rank < np.repeat(take, counts)]] = True
    return mask


def _some_groups(groups: Rows, classes: Rows, share: float | int, keep: int, draw: np.random.Generator) -> np.ndarray:
    """A mask of whole groups: one after the other in random order, those that bring every class nearer to its share."""
    names, place = np.unique(groups, return_inverse=True)
    width = int(classes.max()) + 1
    table = np.bincount(place * width + classes, minlength=len(names) * width).reshape(len(names), width)
    shares = table / np.maximum(table.sum(0), 1)
    missing, chosen = np.where(table.any(0), share, 0.0), np.zeros(len(names), bool)
    for group in draw.permutation(len(names)):
        after = missing - shares[group]
        if chosen.sum() < len(names) - keep and after @ after < missing @ missing:
            chosen[group], missing = True, after
    if not chosen.any():
        chosen[np.argmin(((missing - shares) ** 2).sum(1))] = True  # all too large: the one that overshoots least
    return chosen[place]
