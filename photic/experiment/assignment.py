"""Assignments: what a lane is to do, in which order it takes its rows, and what it came to."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Mapping

import jax
import numpy as np
from jaxtyping import Array, Int

from photic import keys
from photic.train.run import Lane
from photic.tree import Tree

NO_ROWS = np.zeros(0, np.int64)


@dataclasses.dataclass(frozen=True, eq=False)
class Assignment:
    """What one lane is to do: rows are indices into the shared table.

    Args:
        name: the lane's name; with the seed it decides every random draw of the lane.
        fit, stop, score: int arrays of rows: trained on, epoch chosen on, scored on.
        draws: the name that decides the random draws, when it is not the lane's own: lanes that are to be compared.
        shuffled: whether the fit rows come in a new order in every epoch, or always as they are given.
    """

    name: str
    seed: int
    fit: np.ndarray
    stop: np.ndarray
    score: np.ndarray
    knobs: Mapping[str, float] = dataclasses.field(default_factory=dict)
    shuffled: bool = True
    draws: str = ""

    @property
    def mark(self) -> tuple[int, int]:
        """The seed and the name as two numbers, from which `key` is made on the device."""
        return self.seed, zlib.crc32((self.draws or self.name).encode()) & 0x7FFFFFFF

    def order(self, number: int) -> Int[np.ndarray, " s"]:
        """The fit rows as epoch `number`, counted from 1, takes them.

        >>> lane = Assignment("all", 0, np.arange(4), np.arange(0), np.arange(0))
        >>> sorted(lane.order(1).tolist()), bool((lane.order(1) == lane.order(1)).all())
        ([0, 1, 2, 3], True)
        """
        if not self.shuffled:
            return self.fit
        return keys.generator(self.seed, self.draws or self.name, "order", number).permutation(self.fit)


@dataclasses.dataclass(frozen=True, eq=False)
class Trained:
    """What one lane came to: its best weights and state, the epoch they are from, and the outputs on its score rows."""

    name: str
    params: Tree
    state: Tree
    best_epoch: int
    stop_loss: float
    z: np.ndarray


def key(mark: Int[Array, "2"]) -> Array:
    """The random key of a lane, from its `mark`."""
    return keys.fold(keys.root(mark[0]), mark[1])


def arrays(lane: Lane) -> dict[str, np.ndarray]:
    """What a checkpoint keeps of the lanes, by number."""
    return {f"{i:04d}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(lane))}
