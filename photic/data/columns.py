"""Columns: what each raw column of a table is (number, category, boolean or date), or why it is left out.

The rules. A column is left out when it has no value, the same value everywhere, holds lists, or only names its rows
(counts them, identifies them, is different text in almost every row). Two truth words, or 0 and 1, are a boolean.
Text is a number or a date if all of it is; words that come back often enough are a category. A column of numbers
with a few stray words is refused, because either guess would be silent damage.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from photic.data import spelling
from photic.data.dataset import Column

if TYPE_CHECKING:
    import polars as pl

    from photic.data.table import Raw

#: A category has at most this many levels, or one level in `SHARE` rows on average, if that is more.
FEW, SHARE = 20, 4
#: Free text has more words in a value than this, on average.
WORDY = 4.0
OTHER_DATE = re.compile(r"^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
IDENTIFIER = re.compile(
    r"(?i:(^|[^a-z])(id|index|idx|row|rowid|row_?(no|nr|num|number)|uuid|guid|key)$)|[a-z](Id|ID)$|^column_1$"
)


@dataclasses.dataclass(frozen=True)
class Plain:
    """A raw column in one of five plain forms.

    Args:
        form: "number" or "date" (float array, NaN missing), "boolean" (int32, -1 missing), "words", "other".
        values: the array, or the `spelling.Words`; in words what it is, when it is something other.
        whole: whether the numbers are whole by their type, or by their values when some are missing.
        fixed: whether the type says that these words are categories.
        notes: what was handled: pairs of a kind of note and a detail.
    """

    form: str
    values: Any
    whole: bool = False
    fixed: bool = False
    notes: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Typed:
    """A column after typing: what it is and its values, or the reason it is left out.

    Args:
        column: None when there is nothing to learn from it.
        values: `[n]` floats of a number or date, int32 codes of a category or boolean.
        reason: why it is left out; when `column` is there nonetheless, this may be overruled.
        notes: what was handled: pairs of a kind of note and a detail.
    """

    column: Column | None = None
    values: np.ndarray | None = None
    reason: str = ""
    notes: tuple[tuple[str, str], ...] = ()


def typed(
    name: str, raw: Raw, source: str, *, text: bool = False, decimal: str = ".", rows: np.ndarray | None = None
) -> Typed:
    """What one column is, by the rules at the head of this file.

    Args:
        name: as in the table.
        raw: a NumPy array or a polars Series.
        source: where it came from, for errors.
        text: whether the table was text, so that strings of digits are numbers rather than categories.
        decimal: the decimal mark of numbers in text.
        rows: the rows to look at; None is all of them.

    Raises:
        DataError: when a column of numbers has a few stray words; the first is named with its row.

    >>> typed("sex", np.array([0, 1, 1]), "a test").column
    Column(name='sex', kind='boolean', levels=('0', '1'))
    """
    raw = raw if rows is None else raw[rows]
    column = plain(name, raw, text=text, decimal=decimal)
    if column.form == "other":
        return Typed(reason=f"holds {column.values}, not single values")
    if column.form == "words":
        return _words(name, column, source, decimal, rows)
    return _values(name, column)


def plain(name: str, raw: Raw, *, text: bool = False, decimal: str = ".") -> Plain:
    """The plain form of a raw column: numbers out of text, seconds out of dates, NaN and -1 for what is missing.

    >>> plain("x", np.array([1.0, np.inf])).notes
    (('infinite', '1'),)
    """
    if isinstance(raw, np.ndarray):
        return _array(name, raw, text, decimal)
    import polars as pl  # half a second, and arrays do not need it

    kind = raw.dtype
    if kind == pl.Boolean:
        return Plain("boolean", raw.cast(pl.Int32).fill_null(-1).to_numpy())
    if kind.is_numeric() or kind == pl.Null:
        return _numeric(raw)
    if kind.is_temporal():
        return _temporal(raw)
    if kind in {pl.String, pl.Categorical, pl.Enum}:
        return _text(raw, kind != pl.String, text, decimal)
    return Plain("other", "lists or records" if kind.is_nested() else f"values of type {kind}")


def _numeric(raw: pl.Series) -> Plain:
    import polars as pl  # half a second, and arrays do not need it

    if raw.dtype.is_integer() and not raw.null_count() and raw.dtype not in {pl.Int128, pl.UInt128}:
        return Plain("number", raw.to_numpy(), whole=True)
    floats = raw if raw.dtype == pl.Float32 else raw.cast(pl.Float64)
    return _number(floats.fill_null(np.nan).to_numpy(), raw.dtype.is_integer())


def _temporal(raw: pl.Series) -> Plain:
    import polars as pl  # half a second, and arrays do not need it

    if raw.dtype in {pl.Date, pl.Datetime}:
        return Plain("date", spelling.seconds(raw))
    return _number((raw.cast(pl.Duration("us")).cast(pl.Int64) / 1e6).fill_null(np.nan).to_numpy(), False)


def _array(name: str, raw: np.ndarray, text: bool, decimal: str) -> Plain:
    if raw.dtype.kind == "b":
        return Plain("boolean", raw.astype(np.int32))
    if raw.dtype.kind in "iu":
        return _number(raw, True)
    if raw.dtype.kind == "f":
        return _number(raw if raw.dtype == np.float32 else raw.astype(np.float64, copy=False), False)
    if raw.dtype.kind == "M":
        missing = np.isnat(raw)
        return Plain("date", np.where(missing, np.nan, raw.astype("M8[us]").astype(np.int64) / 1e6))
    if raw.dtype.kind == "c":
        return Plain("other", "complex numbers")
    import polars as pl  # half a second, and arrays of numbers do not need it

    return plain(name, pl.Series(name, raw.tolist(), strict=False), text=text, decimal=decimal)


def _number(values: np.ndarray, whole: bool) -> Plain:
    if values.dtype.kind in "iu":
        return Plain("number", values, whole=True)
    infinite = int(np.isinf(values).sum())
    if infinite:
        values = np.where(np.isinf(values), np.asarray(np.nan, values.dtype), values)
    return Plain("number", values, whole, notes=(("infinite", f"{infinite:,}"),) if infinite else ())


def _text(raw: pl.Series, fixed: bool, as_text: bool, decimal: str) -> Plain:
    words = spelling.Words.of(raw)
    spelled, count = words.spelled
    notes: tuple[tuple[str, str], ...] = ()
    if count:
        notes = (("missing", f"{', '.join(repr(word) for word in spelled[:3])}: {count:,}"),)
    if not fixed and len(words.levels):
        values = spelling.numbers(words.levels, decimal)
        if not np.isnan(values).any():
            finite = values[np.isfinite(values)]
            whole = bool(np.all(finite % 1 == 0))
            if as_text or not whole or len(words.levels) > _most(words.known):
                number = _number(words.spread(values), whole)
                how = "thousands" if decimal == "." and words.levels.str.contains(",").any() else "parsed"
                said = ((how, ""),) if how == "thousands" or not as_text else ()
                return dataclasses.replace(number, notes=(*notes, *number.notes, *said))
        values = spelling.dates(words.levels)
        if not np.isnan(values).any():
            return Plain("date", words.spread(values), notes=notes)
    return Plain("words", words, fixed=fixed, notes=notes)


def _most(known: int) -> int:
    return max(min(FEW, (known + 1) // 2), known // SHARE)


def _values(name: str, column: Plain) -> Typed:
    values, notes = column.values, column.notes
    known = values[values >= 0] if column.form == "boolean" else values[~np.isnan(values)]
    if not len(known):
        return Typed(reason="has no value in any row")
    low, high = known.min(), known.max()
    if low == high:
        return Typed(reason=_constant(len(known) == len(values)))
    if column.form == "boolean":
        return Typed(Column(name, "boolean", ("false", "true")), values)
    if column.form == "number" and low == 0 and high == 1 and np.all((known == 0) | (known == 1)):
        codes = np.where(np.isnan(values), -1, values).astype(np.int32)
        return Typed(Column(name, "boolean", ("0", "1")), codes, notes=notes)
    every = column.whole and len(known) == len(values) > 2
    return Typed(Column(name, column.form), values, _numbering(name, values) if every else "", notes)


def _numbering(name: str, values: np.ndarray) -> str:
    """Why whole numbers only number the rows; nothing when they may mean something."""
    if np.all(np.diff(values.astype(np.float64)) == 1):
        return "counts the rows"
    if IDENTIFIER.search(name) and len(np.unique(values)) == len(values):
        return "identifies the rows: a different number in each"
    return ""


def _words(name: str, column: Plain, source: str, decimal: str, rows: np.ndarray | None) -> Typed:
    words, notes = column.values, column.notes
    known, different = words.known, len(words.levels)
    if not known:
        return Typed(reason="has no value in any row")
    if different == 1:
        return Typed(reason=_constant(known == len(words.codes)))
    pair = spelling.truth(words.levels.to_list()) if different <= spelling.GLANCE else None
    if pair:
        return Typed(Column(name, "boolean", pair), words.coded(list(pair), fold=True), notes=notes)
    if all(spelling.UUID.match(level) for level in words.levels):
        return Typed(reason="identifies the rows: unique codes (UUIDs)")
    if different <= _most(known) or (column.fixed and different < known):
        levels = spelling.order(words.levels.to_list())
        numbers = np.count_nonzero(~np.isnan(spelling.numbers(words.levels, decimal)))
        if different / 2 <= numbers < different and not column.fixed:
            notes += (("mixed", ""),)
        return Typed(Column(name, "category", tuple(levels)), words.coded(levels), notes=notes)
    spelling.need_unmixed(f"column {name!r}", words, source, decimal=decimal, rows=rows)
    return Typed(reason=_why_text(words.levels, known))


def _constant(everywhere: bool) -> str:
    return "has the same value in every row" if everywhere else "has one value only, or none"


def _why_text(levels: pl.Series, known: int) -> str:
    if all(OTHER_DATE.match(level) for level in levels.head(spelling.GLANCE)):
        return f"dates are read as 2020-12-31 only, these are like {levels[0]!r}"
    if int(levels.str.count_matches(r"\s+").sum()) > (WORDY - 1) * len(levels):
        return "is free text"
    if len(levels) == known:
        return "identifies the rows: a different word in each"
    return f"has {len(levels):,} different words in {known:,} rows, too many to learn from"
