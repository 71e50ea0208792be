"""Spelling: which values of a text column are missing, and whether the rest are numbers, dates or words.

A column of numbers (or dates) with a few stray words is refused, because either guess would be silent damage.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from photic.errors import DataError

if TYPE_CHECKING:
    import polars as pl

#: Spellings of "missing", in lower case.
MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "?", "-", "--", ".", "missing")
#: Words for no and yes, in lower case; both must occur and no others.
TRUTHS = (("no", "yes"), ("false", "true"), ("n", "y"), ("f", "t"), ("off", "on"), ("0", "1"))
UUID = r"^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$"
THOUSANDS = r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$"
DATE = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}"
#: From this share of numbers on, a word among them is a stray one and not a class or level.
STRAY = 0.9
OTHER_DATE = r"^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"


@dataclasses.dataclass(frozen=True)
class Words:
    """A text column without white space around its values and with its missing ones as nulls.

    Args:
        values: the trimmed strings.
        spelled: the spellings of "missing" that were met, "" not among them, and how many values they took.
    """

    values: pl.Series
    spelled: tuple[tuple[str, ...], int]

    @classmethod
    def of(cls, series: pl.Series) -> Words:
        """Trim and find what is missing.

        >>> import polars as pl
        >>> words = Words.of(pl.Series([" a", "?", "NA", "", None]))
        >>> words.values.to_list(), words.spelled
        (['a', None, None, None, None], (('?', 'NA'), 2))
        """
        import polars as pl  # half a second, and arrays do not need it

        values = series.cast(pl.String).str.strip_chars()
        missing = values.str.to_lowercase().is_in(MISSING)
        spelled = values.filter(missing & (values != ""))
        seen = tuple(spelled.unique().sort().to_list())
        return cls(values.set(missing.fill_null(False), None) if missing.any() else values, (seen, len(spelled)))

    @property
    def known(self) -> pl.Series:
        """The values that are not missing."""
        return self.values.drop_nulls()


def numbers(words: pl.Series, decimal: str = ".") -> np.ndarray:
    """The words as numbers, NaN where they are none; thousands may be marked with commas.

    >>> import polars as pl
    >>> numbers(pl.Series(["1", "2,500", "2e3", "many", None])).tolist()
    [1.0, 2500.0, 2000.0, nan, nan]
    """
    import polars as pl  # half a second, and arrays do not need it

    if decimal == ",":
        words = words.str.replace(",", ".", literal=True)
    parsed = words.cast(pl.Float64, strict=False)
    if decimal == "." and parsed.null_count() > words.null_count() and words.str.contains(THOUSANDS).any():
        plain = pl.select(pl.when(words.str.contains(THOUSANDS)).then(words.str.replace_all(",", "")).otherwise(words))
        parsed = plain.to_series().cast(pl.Float64, strict=False)
    return parsed.fill_null(np.nan).to_numpy()


def dates(words: pl.Series) -> np.ndarray:
    """The words as seconds since 1970 where they are ISO dates (2020-01-31, 2020-01-31 12:30), NaN elsewhere.

    >>> import polars as pl
    >>> dates(pl.Series(["1970-01-02", "1970/01/01 00:01", "1970-01-01T02:00:00+02:00", "soon"])).tolist()
    [86400.0, 60.0, 0.0, nan]
    """
    import polars as pl  # half a second, and arrays do not need it

    if not words.str.contains(DATE).any():
        return np.full(len(words), np.nan)
    plain = words.str.replace_all("/", "-").str.replace("T", " ").str.replace(r"[zZ]$", "+00:00")
    zoned = plain.str.contains(r"[+-]\d{2}:?\d{2}$") & plain.str.contains(":")
    read: Any = plain.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    for form in ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"):
        for zone in ("", "%z"):
            if read.null_count() > words.null_count():
                part = plain.set(zoned != (zone == "%z"), None)
                found = part.str.to_datetime(form + zone, strict=False, time_unit="us")
                read = read.fill_null(pl.Series(found.dt.replace_time_zone(None)) if zone else found)
    return seconds(read)


def seconds(series: pl.Series) -> np.ndarray:
    """A date or datetime column as seconds since 1970 (UTC where it has a time zone), NaN where missing."""
    import polars as pl  # half a second, and arrays do not need it

    return (series.cast(pl.Datetime("us")).cast(pl.Int64).cast(pl.Float64) / 1e6).fill_null(np.nan).to_numpy()


def truth(levels: list[str]) -> tuple[str, str] | None:
    """The pair of no and yes that the levels are, as they are spelled; None when they are not one.

    >>> truth(["Yes", "No"]), truth(["yes", "maybe"])
    (('No', 'Yes'), None)
    """
    lower = {level.lower(): level for level in levels}
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


def codes(words: pl.Series, levels: list[str]) -> np.ndarray:
    """The places of words in `levels`, -1 for missing ones and for words that are not there.

    >>> import polars as pl
    >>> codes(pl.Series(["b", None, "c", "a"]), ["a", "b"]).tolist()
    [1, -1, -1, 0]
    """
    import polars as pl  # half a second, and arrays do not need it

    places = list(range(len(levels)))
    return words.replace_strict(levels, places, default=-1, return_dtype=pl.Int32).fill_null(-1).to_numpy()


def share_of_numbers(words: pl.Series, decimal: str = ".") -> float:
    """The share of numbers among the words.

    >>> import polars as pl
    >>> share_of_numbers(pl.Series(["1", "2", None, "x", "y"]))
    0.5
    """
    return float(np.count_nonzero(~np.isnan(numbers(words, decimal)))) / max(1, len(words) - words.null_count())


def need_unmixed(
    where: str,
    words: pl.Series,
    source: str,
    *,
    decimal: str = ".",
    rows: np.ndarray | None = None,
    share: float = STRAY,
) -> None:
    """Refuse words of which most, but not all, are numbers or dates.

    Args:
        where: the column in words.
        words: trimmed, missing ones as nulls.
        source: where it came from, for the error.
        decimal: the decimal mark of numbers.
        rows: `[n]` the rows of the table that these are; None when they are all of it.
        share: from which share of numbers on.

    Raises:
        DataError: naming the first stray word and its row.

    >>> import polars as pl
    >>> need_unmixed("column 'size'", pl.Series(["1", "2", "XL"]), "a test")
    """
    known = words.is_not_null()
    for kind, values in (("numbers", numbers(words, decimal)), ("dates", dates(words))):
        stray = known.to_numpy() & np.isnan(values)
        count, total = int(stray.sum()), int(known.sum())
        if count and total - count >= max(1, share * total):
            place = int(np.argmax(stray))
            row = (place if rows is None else int(rows[place])) + 1
            raise DataError(
                where, f"needs {kind} only, or words only",
                f"{words[place]!r} in row {row:,} ({count:,} such among {total:,} values)",
                source=source, fix="correct such values, or leave them empty",
            )  # fmt: skip
