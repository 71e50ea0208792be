"""Spelling: which values of a text column are missing, and whether the rest are numbers, dates or words.

Every question is asked once for each different value (a level), not once for each row. A column of numbers (or dates)
with a few stray words is refused, because either guess would be silent damage.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from photic.errors import DataError

if TYPE_CHECKING:
    import polars as pl

#: Spellings of "missing", in lower case.
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "?", "-", "--", ".", "missing"})
#: Words for no and yes, in lower case; both must occur and no others.
TRUTHS = (("no", "yes"), ("false", "true"), ("n", "y"), ("f", "t"), ("off", "on"), ("0", "1"))
#: From this share of numbers on, a word among them is a stray one and not a class or level.
STRAY = 0.9
UUID = re.compile(r"^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$")
THOUSANDS = r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$"
DATE = re.compile(r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}")
#: How many levels are looked at before a costly question is asked of all; up to how many are all looked at in Python.
GLANCE, MANY = 20, 1000
#: Up to how many rows a column is factored in Python.
SHORT = 10_000


@dataclasses.dataclass(frozen=True, eq=False)
class Words:
    """A text column, factored: its different values without white space around them, and each row's place among them.

    Args:
        levels: `[u]` the different trimmed strings, none of them missing.
        codes: `[n]` the place of each row's value in `levels`; -1 is missing.
        spelled: the spellings of "missing" that were met (an empty cell is none), and how many rows they took.
    """

    levels: pl.Series
    codes: Int[np.ndarray, " n"]
    spelled: tuple[tuple[str, ...], int] = ((), 0)

    @classmethod
    def of(cls, series: pl.Series) -> Words:
        """Trim, find what is missing, and factor.

        >>> import polars as pl
        >>> words = Words.of(pl.Series([" a", "?", "a", "", None]))
        >>> words.levels.to_list(), words.codes.tolist(), words.spelled
        (['a'], [0, -1, 0, -1, -1], (('?',), 1))
        """
        import polars as pl  # half a second, and arrays do not need it

        raw, rows = _factor(series if series.dtype == pl.String else series.cast(pl.String))
        counts = np.bincount(rows[rows >= 0], minlength=len(raw))
        levels: dict[str, int] = {}
        spelled = Counter[str]()
        place = np.full(len(raw) + 1, -1, np.int32)  # the last is for a null
        for each, word in enumerate(map(str.strip, raw)):
            if word.lower() in MISSING:
                spelled[word] += int(counts[each])
            else:
                place[each] = levels.setdefault(word, len(levels))
        del spelled[""]  # an empty cell is no spelling
        return cls(pl.Series(list(levels), dtype=pl.String), place[rows], (tuple(sorted(spelled)), spelled.total()))

    @property
    def known(self) -> int:
        """How many rows have a value."""
        return int(np.count_nonzero(self.codes >= 0))

    def spread(self, values: Float[np.ndarray, " u"]) -> Float[np.ndarray, " n"]:
        """Values of the levels as values of the rows; NaN where missing."""
        return np.append(values, np.nan)[self.codes]

    def coded(self, levels: list[str], *, fold: bool = False) -> Int[np.ndarray, " n"]:
        """Each row's place in another list of levels; -1 where missing or not there. `fold` overlooks capitals.

        >>> import polars as pl
        >>> Words.of(pl.Series(["b", None, "c", "a"])).coded(["a", "b"]).tolist()
        [1, -1, -1, 0]
        """
        places = {level.lower() if fold else level: place for place, level in enumerate(levels)}
        found = [places.get(level.lower() if fold else level, -1) for level in self.levels]
        return np.asarray([*found, -1], np.int32)[self.codes]

    def row(self, levels: np.ndarray) -> tuple[int, str]:
        """The first row whose level is marked in `levels: [u]`, and its value."""
        place = int(np.argmax(np.append(levels, False)[self.codes]))
        return place, self.levels[int(self.codes[place])]


def numbers(levels: pl.Series, decimal: str = ".") -> Float[np.ndarray, " u"]:
    """The levels as numbers, NaN where they are none; thousands may be marked with commas.

    >>> import polars as pl
    >>> numbers(pl.Series(["1", "2,500", "2e3", "many"])).tolist()
    [1.0, 2500.0, 2000.0, nan]
    """
    import polars as pl  # half a second, and arrays do not need it

    if decimal == ",":
        levels = levels.str.replace(",", ".", literal=True)
    parsed = levels.cast(pl.Float64, strict=False)
    if decimal == "." and parsed.null_count() and (len(levels) > MANY or any("," in level for level in levels)):
        word = pl.col("word")
        plain = pl.when(word.str.contains(THOUSANDS)).then(word.str.replace_all(",", "")).otherwise(word)
        parsed = levels.alias("word").to_frame().select(plain.cast(pl.Float64, strict=False)).to_series()
    return parsed.fill_null(np.nan).to_numpy() if parsed.null_count() else parsed.to_numpy()


def dates(levels: pl.Series) -> Float[np.ndarray, " u"]:
    """The levels as seconds since 1970 where they are ISO dates (2020-01-31, 2020-01-31 12:30), NaN elsewhere.

    >>> import polars as pl
    >>> dates(pl.Series(["1970-01-02", "1970/01/01 00:01", "1970-01-01T02:00:00+02:00", "soon"])).tolist()
    [86400.0, 60.0, 0.0, nan]
    """
    import polars as pl  # half a second, and arrays do not need it

    if not any(DATE.match(level) for level in levels.head(GLANCE)):
        return np.full(len(levels), np.nan)
    plain = levels.str.replace_all("/", "-").str.replace("T", " ").str.replace(r"[zZ]$", "+00:00")
    zoned = plain.str.contains(r":.*[+-]\d{2}:?\d{2}$")
    read = plain.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    for form in ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"):
        for zone in ("", "%z") if read.null_count() else ():
            part = plain.set(zoned != (zone == "%z"), None)
            found = part.str.to_datetime(form + zone, strict=False, time_unit="us")
            read = read.fill_null(found.dt.replace_time_zone(None))
    return seconds(read)


def seconds(series: pl.Series) -> Float[np.ndarray, " n"]:
    """A date or datetime column as seconds since 1970 (UTC where it has a time zone), NaN where missing."""
    import polars as pl  # half a second, and arrays do not need it

    return (series.cast(pl.Datetime("us")).cast(pl.Int64).cast(pl.Float64) / 1e6).fill_null(np.nan).to_numpy()


def truth(levels: list[str]) -> tuple[str, str] | None:
    """The pair of no and yes that the levels are, as they are spelled; None when they are not one.

    >>> truth(["Yes", "No", "YES"]), truth(["yes", "maybe"])
    (('No', 'Yes'), None)
    """
    lower = {level.lower(): level for level in reversed(levels)}
    for no, yes in TRUTHS:
        if set(lower) == {no, yes}:
            return lower[no], lower[yes]
    return None


def order(levels: list[str]) -> list[str]:
    """The levels in the order of their codes: as numbers if all are numbers, else as words.

    >>> order(["10", "9"]), order(["b", "a"])
    (['9', '10'], ['a', 'b'])
    """
    try:
        return sorted(levels, key=float)
    except ValueError:
        return sorted(levels)


def need_unmixed(
    where: str, words: Words, source: str, *, decimal: str = ".", rows: np.ndarray | None = None, share: float = STRAY
) -> None:
    """Refuse words of which most, but not all, are numbers or dates.

    Args:
        where: the column in words.
        words: the column.
        source: where it came from, for the error.
        decimal: the decimal mark of numbers.
        rows: `[n]` the rows of the table that these are; None when they are all of it.
        share: from which share of numbers on.

    Raises:
        DataError: naming the first stray word and its row.

    >>> import polars as pl
    >>> need_unmixed("column 'size'", Words.of(pl.Series(["1", "2", "XL"])), "a test")
    """
    counts = np.bincount(words.codes[words.codes >= 0], minlength=len(words.levels))
    for kind, values in (("numbers", numbers(words.levels, decimal)), ("dates", dates(words.levels))):
        stray = np.isnan(values)
        count, total = int(counts[stray].sum()), int(counts.sum())
        if count and total - count >= max(1, share * total):
            place, word = words.row(stray)
            row = (place if rows is None else int(rows[place])) + 1
            raise DataError(
                where, f"needs {kind} only, or words only",
                f"{word!r} in row {row:,} ({count:,} such among {total:,} values)",
                source=source, fix="correct such values, or leave them empty",
            )  # fmt: skip


def rows_of_numbers(text: pl.Series) -> tuple[Float[np.ndarray, " n"], tuple[tuple[str, ...], int]] | None:
    """The rows as numbers and the spellings of "missing" among them, if there is nothing else; the quick way for many.

    >>> import polars as pl
    >>> rows_of_numbers(pl.Series(["1.5", "NA", "2", None])), rows_of_numbers(pl.Series(["1", "x"]))
    ((array([1.5, nan, 2. , nan]), (('NA',), 1)), None)
    """
    import polars as pl  # half a second, and arrays do not need it

    parsed = text.cast(pl.Float64, strict=False)
    if parsed.null_count() > len(text) // 2:
        return None
    values = (parsed.fill_null(np.nan) if parsed.null_count() else parsed).to_numpy()
    missing = np.isnan(values)
    stray = Words.of(text.filter(pl.Series(missing))) if missing.any() else None
    if stray is not None and len(stray.levels):
        return None
    return values, ((), 0) if stray is None else stray.spelled


def _factor(text: pl.Series) -> tuple[list[str], Int[np.ndarray, " n"]]:
    """The different values in the order they come, and each row's place among them (-1 for a null)."""
    import polars as pl  # half a second, and arrays do not need it

    if len(text) <= SHORT:  # a table of thousands of columns is mostly the overhead of asking
        places: dict[str | None, int] = {None: -1}
        rows = [places.setdefault(value, len(places) - 1) for value in text.to_list()]
        return [value for value in places if value is not None], np.asarray(rows, np.int64)
    raw = text.unique(maintain_order=True).drop_nulls()
    codes = text.cast(pl.Enum(raw)).to_physical().cast(pl.Int64)
    return raw.to_list(), (codes.fill_null(-1) if codes.null_count() else codes).to_numpy()
