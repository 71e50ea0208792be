"""Directions through the space of weights: where a path of descent went, and which plane shows most of it.

A network has thousands of weights, and a page has two dimensions. Here every point of a picture is the kept weights
plus a combination of a few displacements: those of the path's own epochs and two gradients. So nothing is drawn along
a direction that training did not take or could not feel. Chapter: "Gradient descent".

Reference: Li et al., "Visualizing the loss landscape of neural nets", 2018, https://arxiv.org/abs/1712.09913
(section 7: the plane of the path); Goodfellow, Vinyals and Saxe, "Qualitatively characterizing neural network
optimization problems", 2015, https://arxiv.org/abs/1412.6544 (the straight line). Lesson 8.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from photic.tree import flatten

Points = Float[np.ndarray, "k m"]
Direction = Float[np.ndarray, " m"]

_WIDE = 1 << 16  # weights taken to 64 bits at once
_FLAT = 1e-6  # of the longest direction: shorter ones are rounding, not movement


def ravel(params: Mapping[str, Any]) -> Float[np.ndarray, " p"]:
    """All weights as one row of numbers, in the order of `tree.flatten`.

    >>> ravel({"b": np.array([1.0, 2.0]), "a": np.array([[3.0]])}).tolist()
    [3.0, 1.0, 2.0]
    """
    leaves = [np.asarray(leaf, np.float32).ravel() for leaf in flatten(params).values()]
    return np.concatenate(leaves) if leaves else np.zeros(0, np.float32)


@dataclasses.dataclass(frozen=True, eq=False)
class Basis:
    """Displacements from the kept weights; a combination `c: [m]` of them is the direction c @ rows.

    Args:
        rows: `[m, p]`.

    >>> basis = Basis(np.array([[3.0, 4.0], [0.0, 1.0]], np.float32))
    >>> basis.length(np.array([1.0, 0.0])), basis.along(basis.unit(np.array([1.0, 0.0])), np.eye(2)).round(2).tolist()
    (5.0, [5.0, 0.8])
    """

    rows: Float[np.ndarray, "m p"]

    @cached_property
    def gram(self) -> Float[np.ndarray, "m m"]:
        """Inner products of the displacements, in 64 bits."""
        total = np.zeros((len(self.rows), len(self.rows)))
        for start in range(0, self.rows.shape[1], _WIDE):
            part = self.rows[:, start : start + _WIDE].astype(np.float64)
            total += part @ part.T
        return total

    def length(self, direction: Direction) -> float:
        """The Euclidean length of a combination."""
        return float(np.sqrt(max(direction @ self.gram @ direction, 0.0)))

    def unit(self, direction: Direction) -> Direction:
        """The same direction, of length 1; nothing stays nothing."""
        length = self.length(direction)
        return direction / length if length > 0 else np.zeros_like(direction)

    def along(self, direction: Direction, points: Points) -> Float[np.ndarray, " k"]:
        """How far every point lies along a direction of length 1."""
        return points @ self.gram @ direction

    def across(self, direction: Direction, other: Direction) -> Direction:
        """What is left of a direction without its part along `other`, which has length 1."""
        return direction - (direction @ self.gram @ other) * other


@dataclasses.dataclass(frozen=True, eq=False)
class Leading:
    """The two directions along which a path moves most.

    Args:
        first, second: of length 1, at right angles.
        shares: of the path's variance that each of them holds.
    """

    first: Direction
    second: Direction
    shares: tuple[float, float]


def leading(basis: Basis, points: Points, spare: Direction) -> Leading:
    """The two principal directions of the points of a path (or of several).

    Args:
        points: `[k, m]`, as combinations.
        spare: takes the second place when the points lie on one line.

    A path through many dimensions curves like a wave in its principal directions even when its steps are pure chance
    (Antognini and Sohl-Dickstein, 2018, https://arxiv.org/abs/1806.08805): a large share alone means little.

    >>> path = np.array([[0.0, 0.0], [1.0, 0.1], [2.0, -0.1], [3.0, 0.0]])
    >>> found = leading(Basis(np.eye(2, dtype=np.float32)), path, np.array([0.0, 1.0]))
    >>> abs(found.first).round(2).tolist(), [round(share, 3) for share in found.shares]
    ([1.0, 0.02], [0.996, 0.004])
    """
    centred = points - points.mean(axis=0)
    inner = centred @ basis.gram @ centred.T
    squares, vectors = np.linalg.eigh((inner + inner.T) / 2)
    squares, vectors = np.clip(squares[::-1], 0.0, None), vectors[:, ::-1]
    total = squares.sum() or 1.0
    found = [basis.unit(centred.T @ vectors[:, i]) for i in range(min(2, len(squares))) if _moves(squares, i)]
    for other in (spare, *np.eye(points.shape[1])):
        if len(found) == 2:
            break
        left = other
        for known in found:
            left = basis.across(left, known)
        if basis.length(left) > _FLAT * max(basis.length(other), 1e-30):
            found.append(basis.unit(left))
    found += [np.zeros(points.shape[1])] * (2 - len(found))
    first, second = (_upward(direction) for direction in found)
    shares = tuple(float(squares[i] / total) if i < len(squares) else 0.0 for i in range(2))
    return Leading(first, second, (shares[0], shares[1]))


def reach(values: Float[np.ndarray, " k"], *, room: float = 0.25) -> tuple[float, float]:
    """The ends of an axis that shows all values with some room around them; never of width 0.

    >>> reach(np.array([0.0, 2.0])), reach(np.array([1.0]))
    ((-0.5, 2.5), (0.0, 2.0))
    """
    low, high = float(values.min()), float(values.max())
    more = (high - low) * room or max(abs(high), 1e-3)
    return low - more, high + more


def hill(losses: Float[np.ndarray, " n"]) -> float:
    """How far a loss rises on its way down a slice: the largest climb from any point to a later one.

    >>> hill(np.array([5.0, 3.0, 4.0, 1.0])), hill(np.array([3.0, 2.0, 1.0]))
    (1.0, 0.0)
    """
    known = losses[np.isfinite(losses)]
    return float((known - np.minimum.accumulate(known)).max()) if len(known) else float("nan")


def _moves(squares: Float[np.ndarray, " k"], index: int) -> bool:
    return bool(squares[index] > _FLAT**2 * max(squares[0], 1e-30))


def _upward(direction: Direction) -> Direction:
    """Of a direction and its opposite always the same one, so that two looks give one picture."""
    largest = direction[np.abs(direction).argmax()]
    return -direction if largest < 0 else direction
