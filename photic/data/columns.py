"""Columns: what each raw column of a table is (number, category, boolean or date), or why it is left out.

The rules. A column is left out when it has no value, the same value everywhere, holds lists, or only names its rows
(counts them, identifies them, is different text in almost every row). Two truth words, or 0 and 1, are a boolean.
Text is a number or a date if all of it is; words that come back often enough are a category. A column of numbers
with a few stray words is refused, because either guess would be silent damage.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import numpy as np

from photic.data import spelling
from photic.data.dataset import Column
from photic.data.plain import Plain, most_levels, plain

if TYPE_CHECKING:
    import polars as pl

    from photic.data.table import Raw

#: Free text has more words in a value than this, on average.
WORDY = 4.0
OTHER_DATE = re.compile(r"^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
IDENTIFIER = re.compile(
    r"(?i:(^|[^a-z])(id|index|idx|row|rowid|row_?(no|nr|num|number)|uuid|guid|key)$)|[a-z](Id|ID)$|^column_1$"
)


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
    column = plain(raw, text=text, decimal=decimal)
    if column.form == "other":
        return Typed(reason=f"holds {column.values}, not single values")
    if column.form == "words":
        return _words(name, column, source, decimal, rows)
    return _values(name, column)


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
    if different == 1:
        return Typed(reason=_constant(known == len(words.codes)))
    pair = spelling.truth(words.levels.to_list()) if different <= spelling.GLANCE else None
    if pair:
        return Typed(Column(name, "boolean", pair), words.coded(list(pair), fold=True), notes=notes)
    if all(spelling.UUID.match(level) for level in words.levels):
        return Typed(reason="identifies the rows: unique codes (UUIDs)")
    if different <= most_levels(known) or (column.fixed and different < known):
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
