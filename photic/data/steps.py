"""Steps: sequences one after another in one array, whatever form they came in; from here they become rows of a Dataset.

Sequences of unequal length cost no padding here. `padded` gives the array that a network takes: `[n, t, c]` with zeros
after the end of the shorter ones, and their lengths beside it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int, Shaped

from photic.errors import DataError

#: This many numbers, 400 MB as float32, are the most that windows of a series may become; a larger stride keeps to it.
MOST = 100_000_000


@dataclasses.dataclass(frozen=True, eq=False)
class Steps:
    """Sequences one after another.

    Args:
        values: `[s, c]` the steps of all sequences, float32; NaN is missing.
        starts: `[n + 1]` where each sequence begins, and after the last one its end.
        names: `[n]` what each sequence is called.
        time: `[s]` the moment of each step.

    >>> steps = Steps.of([np.ones((2, 1)), np.ones((3, 1))], ["a", "b"])
    >>> steps.lengths.tolist(), steps.padded(steps.values).shape
    ([2, 3], (2, 3, 1))
    """

    values: Float[np.ndarray, "s c"]
    starts: Int[np.ndarray, " n_1"]
    names: Shaped[np.ndarray, " n"]
    time: Float[np.ndarray, " s"]

    @classmethod
    def of(cls, sequences: Sequence[Float[np.ndarray, "_ c"]], names: Sequence[str]) -> Steps:
        """The steps of arrays `[t, c]`, one a sequence; their moments are 0, 1, 2, ..."""
        lengths = [len(sequence) for sequence in sequences]
        values = np.concatenate(sequences).astype(np.float32)
        return cls(values, edges(lengths), np.asarray(names, dtype=str), count_up(lengths))

    @property
    def n(self) -> int:
        """The number of sequences."""
        return len(self.names)

    @property
    def lengths(self) -> Int[np.ndarray, " n"]:
        """How many steps each sequence has."""
        return np.diff(self.starts).astype(np.int32)

    @property
    def which(self) -> Int[np.ndarray, " s"]:
        """For each step the number of its sequence."""
        return np.repeat(np.arange(self.n), self.lengths)

    def padded(self, values: Shaped[np.ndarray, "s ..."]) -> Shaped[np.ndarray, "n t ..."]:
        """Values of the steps as `[n, t, ...]`, zeros after the end of each sequence.

        >>> Steps.of([np.ones((1, 1)), np.ones((2, 1))], ["a", "b"]).padded(np.array([7, 8, 9])).tolist()
        [[7, 0], [8, 9]]
        """
        out = np.zeros((self.n, int(self.lengths.max(initial=0)), *values.shape[1:]), values.dtype)
        out[self.which, np.arange(len(values)) - self.starts[self.which]] = values
        return out

    def take(self, chosen: Int[np.ndarray, " m"]) -> tuple[Steps, Int[np.ndarray, " r"]]:
        """Some of the sequences, and the places of their steps in this one.

        >>> Steps.of([np.ones((1, 1)), np.zeros((2, 1))], ["a", "b"]).take(np.array([1]))[1].tolist()
        [1, 2]
        """
        kept = np.flatnonzero(np.isin(self.which, chosen))
        return Steps(self.values[kept], edges(self.lengths[chosen]), self.names[chosen], self.time[kept]), kept

    def cut(self, window: int) -> tuple[Steps, Int[np.ndarray, " m"]]:
        """Every sequence cut into pieces of at most `window` steps, and the sequence that each piece comes from.

        >>> pieces, origin = Steps.of([np.ones((5, 1)), np.ones((2, 1))], ["a", "b"]).cut(2)
        >>> pieces.lengths.tolist(), origin.tolist(), pieces.names.tolist()
        ([2, 2, 1, 2], [0, 0, 0, 1], ['a 1', 'a 3', 'a 5', 'b 1'])
        """
        counts = -(-self.lengths // window)
        origin = np.repeat(np.arange(self.n), counts)
        first = count_up(counts.tolist()).astype(np.int64) * window
        starts = np.append(self.starts[origin] + first, self.starts[-1])
        names = [f"{self.names[place]} {at + 1}".strip() for place, at in zip(origin, first, strict=True)]
        return Steps(self.values, starts, np.asarray(names, dtype=str), self.time), origin


def edges(lengths: Sequence[int] | Int[np.ndarray, " n"]) -> Int[np.ndarray, " n_1"]:
    """Where sequences of these lengths begin when they stand one after another, and where the last one ends.

    >>> edges([2, 3]).tolist()
    [0, 2, 5]
    """
    return np.concatenate([[0], np.cumsum(np.asarray(lengths, dtype=np.int64))]).astype(np.int64)


def count_up(lengths: Sequence[int]) -> Float[np.ndarray, " s"]:
    """0, 1, 2, ... in each of some sequences.

    >>> count_up([2, 3]).tolist()
    [0.0, 1.0, 0.0, 1.0, 2.0]
    """
    starts = edges(lengths)
    return (np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)).astype(np.float64)


def need_steps(steps: Steps, source: str) -> None:
    """Refuse a sequence without a step.

    Raises:
        DataError: naming the first one.

    >>> need_steps(Steps.of([np.ones((1, 1))], ["a"]), "a test")
    """
    empty = np.flatnonzero(steps.lengths == 0)
    if len(empty):
        more = f" and in {len(empty) - 1:,} more" if len(empty) > 1 else ""
        raise DataError(
            f"sequence {str(steps.names[empty[0]])!r}", "needs at least one step", f"none{more}", source=source,
            fix="remove sequences without steps",
        )  # fmt: skip


def trimmed(values: Float[np.ndarray, "n t c"]) -> Int[np.ndarray, " n"]:
    """How many steps each row has when steps at its end that hold nothing at all are padding.

    >>> trimmed(np.array([[[1.0], [np.nan], [2.0]], [[3.0], [np.nan], [np.nan]]])).tolist()
    [3, 1]
    """
    known = ~np.all(np.isnan(values), axis=2)
    return np.where(np.any(known, axis=1), values.shape[1] - np.argmax(known[:, ::-1], axis=1), 0).astype(np.int32)
