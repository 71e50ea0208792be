"""Scales: where a number stands on an axis, and the round numbers that are written beside it."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np


@dataclasses.dataclass(frozen=True)
class Scale:
    """A linear or logarithmic map from numbers to places on the page.

    Args:
        low, high: the numbers at the ends.
        start, end: the places of the ends.
        log: whether equal ratios, and not equal differences, are equally far apart.

    >>> scale = Scale(0.0, 10.0, 100.0, 200.0)
    >>> scale(5.0), scale.ticks()
    (150.0, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0])
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    @classmethod
    def of(cls, values: Iterable[float], start: float, end: float, *, log: bool = False, room: float = 0.04) -> Scale:
        """The scale that shows all finite values, with some room at both ends."""
        known = np.asarray([value for value in values if math.isfinite(value)], float)
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        if log:
            low, high = math.log10(low), math.log10(high)
        more = (high - low) * room or abs(high) * 0.05 or 0.5
        low, high = low - more, high + more
        return cls(10**low, 10**high, start, end, True) if log else cls(low, high, start, end)

    def __call__(self, value: float) -> float:
        low, high, at = (
            (math.log10(x) for x in (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        )
        return self.start + (self.end - self.start) * (at - low) / (high - low)

    def ticks(self, about: int = 5) -> list[float]:
        """Round numbers inside the scale."""
        if self.log:
            return self._decades(about)
        raw = (self.high - self.low) / about
        size = 10.0 ** math.floor(math.log10(raw))
        step = size * next(nice for nice in (1, 2, 2.5, 5, 10) if nice * size >= raw * 0.999)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(i * step, 12) for i in range(first, last + 1)]

    def _decades(self, about: int) -> list[float]:
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        for digits in ((1,), (1, 3), (1, 2, 5), tuple(range(1, 10))):
            found = [d * 10.0**e for e in range(first, last + 1) for d in digits]
            found = [value for value in found if self.low <= value <= self.high]
            if len(found) >= min(about, 3):
                break
        return found


def labels(ticks: Sequence[float]) -> list[str]:
    """The ticks of one axis in words; when they are equally far apart, with equally many decimals.

    >>> labels([0.85, 0.9, 0.95]), labels([0.1, 1.0, 10.0])
    (['0.85', '0.90', '0.95'], ['0.1', '1', '10'])
    """
    words = [tick_words(tick) for tick in ticks]
    decimals = [len(word.partition(".")[2]) for word in words]
    steps = {round(b - a, 9) for a, b in itertools.pairwise(ticks)}
    if max(decimals, default=0) == 0 or len(steps) > 1 or any(not word[-1].isdigit() or "e" in word for word in words):
        return words
    return [f"{tick:,.{max(decimals)}f}".replace("-", "−") for tick in ticks]


def tick_words(value: float) -> str:
    """A round number, short: 0.05, 2,500, 20k, 1.5M.

    >>> tick_words(0.05), tick_words(2500.0), tick_words(20000.0), tick_words(1.5e6), tick_words(-1e-7)
    ('0.05', '2,500', '20k', '1.5M', '−1e-07')
    """
    size = abs(value)
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= unit * (10 if letter == "k" else 1) and size < 1e12:
            return f"{value / unit:g}{letter}".replace("-", "−", 1)
    text = f"{value:,.10g}" if size == 0 or 1e-4 <= size < 1e12 else f"{value:.3g}"
    return "−" + text[1:] if text.startswith("-") else text
