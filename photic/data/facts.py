"""Facts: what one column looks like, in the few numbers a person needs to recognise it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

#: Bars of a histogram, and how many levels are told apart.
BINS, TOP = 20, 12


@dataclasses.dataclass(frozen=True)
class Facts:
    """One column in numbers.

    Args:
        name: of the column.
        kind: "number", "date", "boolean" or "category".
        missing: the share of rows without a value.
        distinct: how many different values there are.
        quartiles: of a number or date: smallest, quartile, median, quartile, largest; empty when all are missing.
        bins: of a number or date: how many values lie in each of 20 equal parts between smallest and largest.
        levels: of a boolean or category: the most frequent levels with their counts.
    """

    name: str
    kind: str
    missing: float
    distinct: int
    quartiles: tuple[float, ...] = ()
    bins: tuple[int, ...] = ()
    levels: tuple[tuple[str, int], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON values.

        >>> Facts.of_codes("smoker", "boolean", np.array([0, 1, 1, -1]), ("no", "yes")).to_json()["levels"]
        [['yes', 2], ['no', 1]]
        """
        return {
            **dataclasses.asdict(self),
            "quartiles": list(self.quartiles),
            "bins": list(self.bins),
            "levels": [list(level) for level in self.levels],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Facts:
        """The facts that `to_json` wrote."""
        levels = tuple((name, count) for name, count in data["levels"])
        first = (data["name"], data["kind"], data["missing"], data["distinct"])
        return cls(*first, tuple(data["quartiles"]), tuple(data["bins"]), levels)

    @classmethod
    def of_numbers(cls, name: str, kind: str, values: Float[np.ndarray, " n"]) -> Facts:
        """The facts of a number or date column, NaN being missing.

        >>> Facts.of_numbers("age", "number", np.array([20.0, 30.0, 40.0, np.nan])).quartiles
        (20.0, 25.0, 30.0, 35.0, 40.0)
        """
        known = np.sort(values[np.isfinite(values)].astype(np.float64))
        missing = 1 - len(known) / max(len(values), 1)
        if not len(known):
            return cls(name, kind, missing, 0)
        places = np.linspace(0, len(known) - 1, 5)
        low, high = np.floor(places).astype(int), np.ceil(places).astype(int)
        quartiles = known[low] * (1 - (places - low)) + known[high] * (
            places - low
        )  # no difference that could overflow
        edges = np.searchsorted(known, known[0] * (1 - _STEPS) + known[-1] * _STEPS)
        bins = np.diff(edges, prepend=0, append=len(known))
        distinct = 1 + int((known[1:] > known[:-1]).sum())
        return cls(name, kind, missing, distinct, tuple(quartiles.tolist()), tuple(bins.tolist()))

    @classmethod
    def of_codes(cls, name: str, kind: str, codes: Int[np.ndarray, " n"], levels: Sequence[str]) -> Facts:
        """The facts of a boolean or category column, -1 being missing.

        >>> Facts.of_codes("smoker", "boolean", np.array([0, 1, 1, -1]), ("no", "yes")).missing
        0.25
        """
        known = codes[codes >= 0]
        counts = np.bincount(known, minlength=len(levels))
        top = [int(code) for code in np.argsort(-counts, kind="stable")[:TOP] if counts[code]]
        listed = tuple((levels[code], int(counts[code])) for code in top)
        return cls(name, kind, 1 - len(known) / max(len(codes), 1), int((counts > 0).sum()), levels=listed)


_STEPS = np.arange(1, BINS) / BINS
