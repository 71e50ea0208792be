"""Plain forms: every raw column becomes numbers, dates, yes and no, or words, before anyone asks what it means."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from photic.data import spelling

if TYPE_CHECKING:
    import polars as pl

    from photic.data.table import Raw

#: A category has at most this many levels, or one level in `SHARE` rows on average, if that is more.
FEW, SHARE = 20, 4


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


def plain(raw: Raw, *, text: bool = False, decimal: str = ".") -> Plain:
    """The plain form of a raw column: numbers out of text, seconds out of dates, NaN and -1 for what is missing.

    >>> plain(np.array([1.0, np.inf])).notes
    (('infinite', '1'),)
    """
    if isinstance(raw, np.ndarray):
        return _array(raw, text, decimal)
    import polars as pl  # half a second, and arrays do not need it

    kind = raw.dtype  # compared with ==, never hashed: a Datetime("us") equals Datetime and hashes apart
    if kind == pl.Boolean:
        return Plain("boolean", raw.cast(pl.Int32).fill_null(-1).to_numpy())
    if kind.is_numeric() or kind == pl.Null:
        return _numeric(raw)
    if kind.is_temporal():
        return _temporal(raw)
    if kind in (pl.String, pl.Categorical, pl.Enum):
        return _text(raw, kind != pl.String, text, decimal)
    return Plain("other", "lists or records" if kind.is_nested() else f"values of type {kind}")


def _numeric(raw: pl.Series) -> Plain:
    import polars as pl  # half a second, and arrays do not need it

    if raw.dtype.is_integer() and not raw.null_count() and raw.dtype not in (pl.Int128, pl.UInt128):
        return Plain("number", raw.to_numpy(), whole=True)
    floats = raw if raw.dtype == pl.Float32 else raw.cast(pl.Float64)
    return _number(floats.fill_null(np.nan).to_numpy(), raw.dtype.is_integer())


def _temporal(raw: pl.Series) -> Plain:
    import polars as pl  # half a second, and arrays do not need it

    if raw.dtype in (pl.Date, pl.Datetime):
        return Plain("date", spelling.seconds(raw))
    return _number((raw.cast(pl.Duration("us")).cast(pl.Int64) / 1e6).fill_null(np.nan).to_numpy(), False)


def _array(raw: np.ndarray, text: bool, decimal: str) -> Plain:
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

    return plain(pl.Series(raw.tolist(), strict=False), text=text, decimal=decimal)


def _number(values: np.ndarray, whole: bool) -> Plain:
    if values.dtype.kind in "iu":
        return Plain("number", values, whole=True)
    infinite = int(np.isinf(values).sum())
    if infinite:
        values = np.where(np.isinf(values), np.asarray(np.nan, values.dtype), values)
    return Plain("number", values, whole, notes=(("infinite", f"{infinite:,}"),) if infinite else ())


def _text(raw: pl.Series, fixed: bool, as_text: bool, decimal: str) -> Plain:
    quick = None if fixed or decimal != "." else spelling.rows_of_numbers(raw)
    if quick is not None:
        number = _text_number(quick[0], as_text, _spelled(quick[1]), "" if as_text else "parsed")
        if number is not None:
            return number
    words = spelling.Words.of(raw)
    notes = _spelled(words.spelled)
    if not len(words.levels):
        return Plain("number", np.full(len(words.codes), np.nan), notes=notes)
    if not fixed:
        values = spelling.numbers(words.levels, decimal)
        if not np.isnan(values).any():
            commas = decimal == "." and words.levels.str.contains(",").any()
            number = _text_number(words.spread(values), as_text, notes, "thousands" if commas else "")
            if number is not None:
                return number
        values = spelling.dates(words.levels)
        if not np.isnan(values).any():
            return Plain("date", words.spread(values), notes=notes)
    return Plain("words", words, fixed=fixed, notes=notes)


def _text_number(values: np.ndarray, as_text: bool, notes: tuple[tuple[str, str], ...], how: str) -> Plain | None:
    """Text that is all numbers; None when it is a few whole numbers that someone chose to store as strings."""
    known = values[np.isfinite(values)]
    whole = bool(np.all(known % 1 == 0))
    if not as_text and whole and len(np.unique(known)) <= most_levels(len(known)):
        return None
    number = _number(values, whole)
    return dataclasses.replace(number, notes=(*notes, *number.notes, *(((how, ""),) if how else ())))


def _spelled(spelled: tuple[tuple[str, ...], int]) -> tuple[tuple[str, str], ...]:
    words, count = spelled
    return (("missing", f"{', '.join(repr(word) for word in words[:3])}: {count:,}"),) if count else ()


def most_levels(known: int) -> int:
    """How many different values still are categories rather than text, among `known` values.

    >>> most_levels(10), most_levels(100), most_levels(1000)
    (5, 25, 250)
    """
    return max(min(FEW, (known + 1) // 2), known // SHARE)
