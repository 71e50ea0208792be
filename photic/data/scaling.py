"""Scaling: one mean and one standard deviation, for the target and for rows that are arrays themselves."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped, UInt8

from photic.data.dataset import Dataset

#: So many rows are summed at a time; images are large.
BLOCK = 1024
Prepared = Shaped[np.ndarray, "m ..."]


@dataclasses.dataclass(frozen=True)
class ArrayScaling:
    """Rows that are arrays themselves (images): `(x - mean) / std` over all their numbers, missing ones 0.

    >>> data = Dataset.of("two", "a test", (), np.arange(8.0).reshape(2, 2, 2, 1))
    >>> ArrayScaling.fit(data, np.arange(2))
    ArrayScaling(shape=(2, 2, 1), mean=3.5, std=2.29128784747792)
    """

    shape: tuple[int, ...]
    mean: float
    std: float

    @classmethod
    def fit(cls, dataset: Dataset, rows: Int[np.ndarray, " m"]) -> ArrayScaling:
        """The scaling that these rows teach, in one pass of float64 sums."""
        numbers = dataset.numbers
        count, total, squares = 0, 0.0, 0.0
        shift = float(np.nan_to_num(numbers[rows[:1]], posinf=0, neginf=0).mean())  # keeps the squares small
        for start in range(0, len(rows), BLOCK):
            values = numbers[rows[start : start + BLOCK]].astype(np.float64) - shift
            values = values[np.isfinite(values)]
            count, total, squares = count + values.size, total + float(values.sum()), squares + float(values @ values)
        mean = total / max(count, 1)
        std = math.sqrt(max(squares / max(count, 1) - mean**2, 0.0))
        return cls(numbers.shape[1:], shift + mean, _spread(std, shift + mean))

    def prepared(self, numbers: Float[np.ndarray, "m ..."], _lengths: Int[np.ndarray, " m"] | None) -> Prepared:
        """The scaled values."""
        out = np.empty(numbers.shape, np.float32)
        for start in range(0, len(numbers), BLOCK):
            part = slice(start, start + BLOCK)
            np.divide(numbers[part] - self.mean, self.std, out=out[part], casting="same_kind")
        out[~np.isfinite(out)] = 0.0
        return out


@dataclasses.dataclass(frozen=True)
class Pixels:
    """Pictures stay bytes, 0 to 255: the network's own first layer rescales them. Nothing is learned, nothing copied.

    >>> Pixels.fit(Dataset.of("two", "a test", (), np.zeros((2, 8, 8, 1), np.uint8)), np.arange(2))
    Pixels(shape=(8, 8, 1))
    """

    shape: tuple[int, ...]

    @classmethod
    def fit(cls, dataset: Dataset, _rows: Int[np.ndarray, " m"]) -> Pixels:
        """The shape of the pictures."""
        return cls(dataset.numbers.shape[1:])

    def prepared(self, numbers: UInt8[np.ndarray, "m ..."], _lengths: Int[np.ndarray, " m"] | None) -> Prepared:
        """The bytes themselves."""
        return numbers


@dataclasses.dataclass(frozen=True)
class ChannelScaling:
    """Series: every channel standardised by the real steps of the training rows, `(x - mean_c) / std_c`.

    A missing value inside a series is filled with the last one before it, at the beginning with the mean. Steps after
    the end are 0.

    >>> x = np.array([[[1.0], [3.0]], [[5.0], [0.0]]], np.float32)
    >>> data = Dataset.of("two", "a test", (), x, lengths=np.array([2, 1], np.int32))
    >>> scaling = ChannelScaling.fit(data, np.arange(2))
    >>> scaling.mean, scaling.prepared(x, data.lengths)[0].ravel().round(2)
    ((3.0,), array([-1.22,  0.  ], dtype=float32))
    """

    shape: tuple[int, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def fit(cls, dataset: Dataset, rows: Int[np.ndarray, " m"]) -> ChannelScaling:
        """The scaling that the real steps of these rows teach; missing values do not count."""
        numbers = dataset.numbers[rows].astype(np.float64)
        here = real_steps(numbers.shape[1], len(rows), None if dataset.lengths is None else dataset.lengths[rows])
        known = here[:, :, None] & np.isfinite(numbers)
        count = np.maximum(known.sum((0, 1)), 1)
        mean = np.where(known, numbers, 0).sum((0, 1)) / count
        std = np.sqrt(np.where(known, (numbers - mean) ** 2, 0).sum((0, 1)) / count)
        spread = [_spread(float(s), float(m)) for s, m in zip(std, mean, strict=True)]
        return cls(dataset.numbers.shape[1:], tuple(mean.tolist()), tuple(spread))

    def prepared(self, numbers: Float[np.ndarray, "m t c"], lengths: Int[np.ndarray, " m"] | None) -> Prepared:
        """The filled and scaled values."""
        out = ((numbers - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)).astype(np.float32)
        missing = ~np.isfinite(out)
        if missing.any():
            out[:, 0][missing[:, 0]] = 0.0
            for step in range(1, out.shape[1]):
                out[:, step] = np.where(missing[:, step], out[:, step - 1], out[:, step])
        out[~real_steps(out.shape[1], len(out), lengths)] = 0.0
        return out


@dataclasses.dataclass(frozen=True)
class Codes:
    """Text: the codes of its symbols, as numbers; nothing is learned.

    >>> Codes.fit(Dataset.of("one", "a test", (), np.array([[2, 0]], np.int32)), np.arange(1))
    Codes(shape=(2,))
    """

    shape: tuple[int, ...]

    @classmethod
    def fit(cls, dataset: Dataset, _rows: Int[np.ndarray, " m"]) -> Codes:
        """The length of the windows."""
        return cls(dataset.numbers.shape[1:])

    def prepared(self, numbers: Int[np.ndarray, "m t"], _lengths: Int[np.ndarray, " m"] | None) -> Prepared:
        """The codes as float32, as Embedding takes them."""
        return numbers.astype(np.float32)


def real_steps(t: int, n: int, lengths: Int[np.ndarray, " n"] | None) -> Bool[np.ndarray, "n t"]:
    """Which steps of padded series are real.

    >>> real_steps(3, 2, np.array([1, 3])).tolist()
    [[True, False, False], [True, True, True]]
    """
    return np.arange(t)[None] < (np.full(n, t) if lengths is None else lengths)[:, None]


#: The ways in which rows that are arrays are prepared, by their name in JSON.
SCALINGS: dict[str, type[ArrayScaling | Pixels | ChannelScaling | Codes]] = {
    "whole": ArrayScaling,
    "pixels": Pixels,
    "channels": ChannelScaling,
    "codes": Codes,
}


def scaling_for(dataset: Dataset) -> type[ArrayScaling | Pixels | ChannelScaling | Codes]:
    """How the rows of a dataset are prepared that are arrays.

    >>> scaling_for(Dataset.of("two", "a test", (), np.zeros((2, 5, 1), np.float32))).__name__
    'ChannelScaling'
    """
    if dataset.numbers.dtype == np.uint8:
        return Pixels
    if dataset.kind == "text":
        return Codes
    return ChannelScaling if dataset.kind == "series" else ArrayScaling


@dataclasses.dataclass(frozen=True)
class TargetScaling:
    """What the trainer is asked to predict: numbers standardised, `(y - mean) / std`, classes as they are.

    Of several numbers each has a mean and a standard deviation of its own; the values of a forecast share theirs.
    """

    kind: str | None
    mean: float | tuple[float, ...] = 0.0
    std: float | tuple[float, ...] = 1.0
    every_step: bool = False

    @classmethod
    def fit(cls, dataset: Dataset, rows: Int[np.ndarray, " m"]) -> TargetScaling:
        """The scaling that the targets of these rows teach."""
        every = dataset.task is not None and dataset.task.every_step
        if dataset.task is None or dataset.y is None or dataset.task.kind != "regression":
            return cls(dataset.task.kind if dataset.task else None, every_step=every)
        y = dataset.y[rows].astype(np.float64)
        if dataset.task.targets:
            mean, std = zip(*(_spread_around(column) for column in y.T), strict=True)
            return cls("regression", mean, std)
        return cls("regression", *_spread_around(y[np.isfinite(y)] if every else y), every_step=every)


def _spread_around(y: Float[np.ndarray, "..."]) -> tuple[float, float]:
    """Mean and standard deviation of some targets."""
    peak = float(np.abs(y).max()) or 1.0  # squares of numbers beyond 1e154 overflow
    mean, std = peak * float((y / peak).mean()), peak * float((y / peak).std())
    return mean, _spread(std, mean)


def _spread(std: float, mean: float) -> float:
    """The standard deviation, or 1 where there is none besides rounding."""
    return std if std > 1e-13 * abs(mean) else 1.0
