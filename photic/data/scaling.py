"""Scaling: one mean and one standard deviation, for the target and for rows that are arrays themselves."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from jaxtyping import Float, Int, UInt8

from photic.data.dataset import Dataset

#: So many rows are summed at a time; images are large.
BLOCK = 1024


@dataclasses.dataclass(frozen=True)
class ArrayScaling:
    """Rows that are arrays themselves (images): `(x - mean) / std` over all their numbers, missing ones 0.

    >>> ArrayScaling.fit(np.arange(8.0).reshape(2, 2, 2), np.arange(2))
    ArrayScaling(shape=(2, 2), mean=3.5, std=2.29128784747792)
    """

    shape: tuple[int, ...]
    mean: float
    std: float

    @classmethod
    def fit(cls, numbers: Float[np.ndarray, "n ..."], rows: Int[np.ndarray, " m"]) -> ArrayScaling:
        """The scaling that these rows teach, in one pass of float64 sums."""
        count, total, squares = 0, 0.0, 0.0
        shift = float(np.nan_to_num(numbers[rows[:1]], posinf=0, neginf=0).mean())  # keeps the squares small
        for start in range(0, len(rows), BLOCK):
            values = numbers[rows[start : start + BLOCK]].astype(np.float64) - shift
            values = values[np.isfinite(values)]
            count, total, squares = count + values.size, total + float(values.sum()), squares + float(values @ values)
        mean = total / max(count, 1)
        std = math.sqrt(max(squares / max(count, 1) - mean**2, 0.0))
        return cls(numbers.shape[1:], shift + mean, _spread(std, shift + mean))

    def write(self, values: Float[np.ndarray, "m ..."], out: Float[np.ndarray, "m ..."]) -> None:
        """The scaled values, into `out`."""
        np.divide(values - self.mean, self.std, out=out, casting="same_kind")
        out[~np.isfinite(out)] = 0.0


@dataclasses.dataclass(frozen=True)
class Pixels:
    """Pictures stay bytes, 0 to 255: the network's own first layer rescales them. Nothing is learned, nothing copied.

    >>> Pixels.fit(np.zeros((2, 8, 8, 1), np.uint8), np.arange(2))
    Pixels(shape=(8, 8, 1))
    """

    shape: tuple[int, ...]

    @classmethod
    def fit(cls, numbers: UInt8[np.ndarray, "n ..."], rows: Int[np.ndarray, " m"]) -> Pixels:
        """The shape of the pictures."""
        return cls(numbers.shape[1:])


#: The ways in which rows that are arrays are prepared, by their name in JSON.
SCALINGS: dict[str, type[ArrayScaling | Pixels]] = {"whole": ArrayScaling, "pixels": Pixels}


@dataclasses.dataclass(frozen=True)
class TargetScaling:
    """What the trainer is asked to predict: numbers standardised, `(y - mean) / std`, classes as they are."""

    kind: str | None
    mean: float = 0.0
    std: float = 1.0

    @classmethod
    def fit(cls, dataset: Dataset, rows: Int[np.ndarray, " m"]) -> TargetScaling:
        """The scaling that the targets of these rows teach."""
        if dataset.task is None or dataset.y is None or dataset.task.kind != "regression":
            return cls(dataset.task.kind if dataset.task else None)
        y = dataset.y[rows].astype(np.float64)
        peak = float(np.abs(y).max()) or 1.0  # squares of numbers beyond 1e154 overflow
        mean, std = peak * float((y / peak).mean()), peak * float((y / peak).std())
        return cls("regression", mean, _spread(std, mean))


def _spread(std: float, mean: float) -> float:
    """The standard deviation, or 1 where there is none besides rounding."""
    return std if std > 1e-13 * abs(mean) else 1.0
