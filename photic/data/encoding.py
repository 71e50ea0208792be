"""Encodings: how one column of a table becomes columns of numbers, learned from training rows only.

Each is a frozen spec of plain values with a JSON form; `fit` learns it, `features` names what comes out, and `writer`
gives the function that writes a block of rows. A value never met in training never fails: it is missing or unknown.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from photic.data.dataset import Column

Writer = Callable[[np.ndarray, np.ndarray], None]

#: The most columns one category may become; the most frequent levels are kept.
MOST = 64
#: A level needs this share of the training rows to be kept, but never fewer than 2 rows and never more than 20: in one
#: row a level says nothing that the row itself does not, and 20 rows are enough to learn from in a table of any size.
SHARE, LEAST, ENOUGH = 0.005, 2, 20
#: Parts of a date that come round again; the years are carried by the elapsed time.
PARTS = ("month", "weekday", "hour")
DAY = 86_400.0


@dataclasses.dataclass(frozen=True)
class Encoding(abc.ABC):
    """What the four encodings share: the column's name and three questions."""

    kind: ClassVar[str]
    name: str

    @property
    @abc.abstractmethod
    def features(self) -> tuple[str, ...]:
        """The names of the columns that come out."""

    @abc.abstractmethod
    def writer(self, column: Column) -> Writer:
        """`write(values [m], out [m, len(features)])` for a table whose column is described by `column`."""


@dataclasses.dataclass(frozen=True)
class NumberEncoding(Encoding):
    """A number, centred at its median, divided by its spread and squeezed smoothly into (-3, 3).

    `z = (x - center) / scale`, then `z / sqrt(1 + (z / 3)^2)`: the middle of the data stays nearly linear, and no
    outlier can drown the rest. `scale` is the interquartile range; where that is 0, half the range; where that is 0, 1.
    Missing and infinite values become the median, and where training rows had some, a second column says 0 or 1.

    Reference: Holzmueller et al., "Better by default", 2024, https://arxiv.org/abs/2407.04491, section 3.

    >>> NumberEncoding.fit("age", np.array([20.0, 30.0, 40.0, np.nan]))
    NumberEncoding(name='age', center=30.0, scale=10.0, missing=True)
    """

    kind: ClassVar[str] = "number"
    center: float
    scale: float
    missing: bool

    @classmethod
    def fit(cls, name: str, values: Float[np.ndarray, " n"]) -> NumberEncoding:
        """The encoding that these values teach."""
        finite = np.isfinite(values)
        center, scale = _robust(values[finite])
        return cls(name, center, scale, bool(not finite.all()))

    @property
    def features(self) -> tuple[str, ...]:
        return (self.name, f"{self.name} missing") if self.missing else (self.name,)

    def writer(self, column: Column) -> Writer:
        def write(values: np.ndarray, out: np.ndarray) -> None:
            out[:, 0] = _squeezed(values, self.center, self.scale)
            if self.missing:
                out[:, 1] = ~np.isfinite(values)

        return write


@dataclasses.dataclass(frozen=True)
class DateEncoding(Encoding):
    """A date: the elapsed time as a number, and the parts that come round again as points on a circle.

    Month, day of the week and time of day become a sine and a cosine each (December lies beside January), but only
    those that vary among the training rows. A missing date is 0 everywhere, with its own column as for a number.

    >>> days = np.arange(3) * 86400.0
    >>> DateEncoding.fit("day", days).features
    ('day elapsed', 'day weekday sin', 'day weekday cos')
    """

    kind: ClassVar[str] = "date"
    center: float
    scale: float
    missing: bool
    parts: tuple[str, ...]

    @classmethod
    def fit(cls, name: str, values: Float[np.ndarray, " n"]) -> DateEncoding:
        """The encoding that these values, seconds since 1970, teach."""
        finite = np.isfinite(values)
        center, scale = _robust(values[finite])
        parts = tuple(part for part in PARTS if np.ptp(_turn(part, values[finite])) > 0) if finite.any() else ()
        return cls(name, center, scale, bool(not finite.all()), parts)

    @property
    def features(self) -> tuple[str, ...]:
        circles = tuple(f"{self.name} {part} {wave}" for part in self.parts for wave in ("sin", "cos"))
        return (f"{self.name} elapsed", *circles, *((f"{self.name} missing",) if self.missing else ()))

    def writer(self, column: Column) -> Writer:
        def write(values: np.ndarray, out: np.ndarray) -> None:
            finite = np.isfinite(values)
            seconds = np.where(finite, values, self.center)
            out[:, 0] = _squeezed(values, self.center, self.scale)
            for i, part in enumerate(self.parts):
                angle = 2 * np.pi * _turn(part, seconds)
                out[:, 1 + 2 * i] = np.sin(angle) * finite
                out[:, 2 + 2 * i] = np.cos(angle) * finite
            if self.missing:
                out[:, -1] = ~finite

        return write


@dataclasses.dataclass(frozen=True)
class BooleanEncoding(Encoding):
    """Yes or no: +1 for the second level, -1 for the first, 0 for missing or anything else.

    >>> BooleanEncoding("smoker", ("no", "yes")).features
    ('smoker',)
    """

    kind: ClassVar[str] = "boolean"
    levels: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        return (self.name,)

    def writer(self, column: Column) -> Writer:
        sign = dict(zip(self.levels, (-1.0, 1.0), strict=False))
        table = _table(column, sign, unknown=0.0, missing=0.0)

        def write(codes: np.ndarray, out: np.ndarray) -> None:
            out[:, 0] = table[np.minimum(codes, len(column.levels))]

        return write


@dataclasses.dataclass(frozen=True)
class CategoryEncoding(Encoding):
    """One of several levels: a column of 0 and 1 per kept level.

    A level is kept when enough training rows have it (0.5 %, but 2 to 20 rows); at most 64 columns come out, then the
    most frequent levels stay. The others share one column with levels never met; missing has its own. Either exists
    only where training rows taught it; without it such a row is 0 everywhere: "none of those I know".

    >>> column = Column("island", "category", ("Biscoe", "Dream", "Atlantis"))
    >>> CategoryEncoding.fit(column, np.array([0, 0, 1, 1, 2, -1])).features
    ('island=Biscoe', 'island=Dream', 'island=rare or unknown', 'island missing')
    """

    kind: ClassVar[str] = "category"
    levels: tuple[str, ...]
    rare: bool
    missing: bool

    @classmethod
    def fit(cls, column: Column, codes: Int[np.ndarray, " n"]) -> CategoryEncoding:
        """The encoding that these codes, places in `column.levels`, teach."""
        counts = np.bincount(codes[codes >= 0], minlength=len(column.levels))
        missing = bool((codes < 0).any())
        least = min(max(LEAST, int(np.ceil(SHARE * len(codes)))), ENOUGH)
        common = counts >= least
        rare = bool((counts[~common] > 0).any())
        room = MOST - missing - (rare or int(common.sum()) > MOST - missing)
        kept = sorted(np.argsort(-counts, kind="stable")[: min(room, int(common.sum()))].tolist())
        return cls(column.name, tuple(column.levels[i] for i in kept), rare or int(common.sum()) > len(kept), missing)

    @property
    def features(self) -> tuple[str, ...]:
        extra = (("=rare or unknown", self.rare), (" missing", self.missing))
        levels = tuple(f"{self.name}={level}" for level in self.levels)
        return levels + tuple(f"{self.name}{end}" for end, exists in extra if exists)

    def writer(self, column: Column) -> Writer:
        width = len(self.features)
        nowhere, last = float(width), len(self.levels)
        places = {level: float(place) for place, level in enumerate(self.levels)}
        table = _table(
            column,
            places,
            unknown=float(last) if self.rare else nowhere,
            missing=float(width - 1) if self.missing else nowhere,
        )

        def write(codes: np.ndarray, out: np.ndarray) -> None:
            out[...] = table[np.minimum(codes, len(column.levels))][:, None] == np.arange(width)

        return write


ENCODINGS: dict[str, type[Encoding]] = {
    "number": NumberEncoding,
    "date": DateEncoding,
    "boolean": BooleanEncoding,
    "category": CategoryEncoding,
}


def _table(column: Column, known: dict[str, float], unknown: float, missing: float) -> Float[np.ndarray, " entries"]:
    """What each code becomes, by the level's name; code -1 is the last entry, as NumPy counts."""
    return np.array([*(known.get(level, unknown) for level in column.levels), unknown, missing])


def _robust(values: Float[np.ndarray, " n"]) -> tuple[float, float]:
    if not len(values):
        return 0.0, 1.0
    values = np.clip(values, -1e300, 1e300)  # differences of larger numbers overflow
    low, quarter, median, threequarters, high = np.percentile(values, [0, 25, 50, 75, 100]).tolist()
    return median, (threequarters - quarter) or (high - low) / 2 or 1.0


def _squeezed(values: Float[np.ndarray, " n"], center: float, scale: float) -> Float[np.ndarray, " n"]:
    with np.errstate(over="ignore"):  # a number beyond 1e300 lies at the edge anyway
        z = np.subtract(values, center, dtype=np.float64)
        z /= scale
    np.clip(z, -1e6, 1e6, out=z)
    z[~np.isfinite(values)] = 0.0
    z = z.astype(np.float32)  # centred, so nothing is lost; half the work from here on
    return z / np.sqrt(1 + np.square(z / 3))


def _turn(part: str, seconds: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Where on its circle each moment lies, from 0 to 1."""
    days = np.floor(np.clip(seconds, -1e12, 1e12) / DAY)
    if part == "month":
        return days.astype(np.int64).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 / 12
    return (days + 3) % 7 / 7 if part == "weekday" else seconds % DAY / DAY
