"""Delimited text (CSV, TSV and their kin): its encoding, its separator, its header, and what is wrong with it.

What was found is said unless it is the usual: UTF-8, and a comma or tab between the values.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photic.data import parts
from photic.data.table import Table, need_different
from photic.errors import DataError

if TYPE_CHECKING:
    import polars as pl

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
CHUNK = 1 << 24
#: How many rows decide what a column is, and how many columns may turn out otherwise before all are read as text.
LOOK, TURNS = 10_000, 8


def open_text(
    data: Path | bytes, name: str, source: str, *, target: str | None = None, memory: int | None = None
) -> Table:
    r"""The Table of delimited text: comma, semicolon, tab or bar, whichever the header line uses.

    Args:
        target: the column that is predicted unless the user names another.
        memory: how many bytes it may take; a file beyond that is read in parts. None for any number.

    Raises:
        DataError: when it is empty, binary, without a header, or a line has too many values.

    >>> open_text(b"a;b\n1,5;2\n", "tiny", "a test").names
    ['a', 'b']
    """
    import polars as pl  # half a second, and arrays do not need it

    data, said = _as_utf8(data, source)
    header, separator = _header(_start(data, CHUNK).decode("utf-8", "replace"), source)
    need_different(header, source)
    decimal = "," if separator == ";" else "."
    how = {"text": True, "decimal": decimal, "said": said, "target": target}
    if isinstance(data, Path) and memory is not None and data.stat().st_size > memory:
        return _in_parts(data, name, source, header, separator, how, pl)
    frame = _parse(data, separator, source, header, pl)
    frame.columns = header
    frame, skipped = _without_empty(frame, pl)
    said += _handled(skipped, separator)
    return Table.of_polars(name, source, frame, **how)


def _in_parts(
    path: Path, name: str, source: str, header: list[str], separator: str, how: dict[str, Any], pl: Any
) -> Table:
    """The Table of a file that memory does not hold: parsed in parts, each kept as columns on the disk."""
    owner = parts.Parts(path, separator)
    try:
        skipped = owner.write(LOOK, TURNS, _turned, lambda frame: _without_empty(frame, pl))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as problem:
        raise _broken_text(path, separator, source, header, str(problem)) from None
    how["said"] += _handled(skipped, separator)
    frame = owner.scan()
    frame = frame.rename(dict(zip(frame.collect_schema().names(), header, strict=True)))
    table = Table.of_lazy(name, source, frame, **how)
    table.held = owner
    return table


def _handled(skipped: int, separator: str) -> list[str]:
    said = [f"Empty lines are skipped: {skipped:,}."] if skipped else []
    return said if separator in {",", "\t"} else [*said, f"The values are separated by {separator!r}."]


def _turned(problem: Exception) -> str | None:
    """The column that holds something else than its first rows did, if that is the problem."""
    named = re.search(r"at column '(.*)' \(column number", str(problem))
    return None if named is None else named[1]


def _start(data: Path | bytes, size: int) -> bytes:
    if isinstance(data, bytes):
        return data[:size]
    with data.open("rb") as file:
        return file.read(size)


def _whole(data: Path | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.read_bytes()


def _as_utf8(data: Path | bytes, source: str) -> tuple[Path | bytes, list[str]]:
    head = _start(data, 4096)
    marked = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
    if marked == "utf-16":
        return _decode(_whole(data), marked, source), ["The text is UTF-16."]
    if b"\0" in head:
        raise _error(
            source,
            "needs a table in text",
            "a binary file",
            "save it as CSV in UTF-8, or give its file the right suffix",
        )
    if not _is_utf8(data):
        return _decode(_whole(data), "cp1252", source), [
            "The text is not UTF-8 and is read as Windows-1252 (Western European)."
        ]
    if b"\r" in head and b"\n" not in head:  # the line ends of old Macs
        return _whole(data).replace(b"\r", b"\n"), []
    return data, []


def _decode(raw: bytes, encoding: str, source: str) -> bytes:
    try:
        return raw.decode(encoding).encode()
    except UnicodeDecodeError as problem:
        raise _error(
            source, "needs a table in text", f"bytes that are neither UTF-8 nor {encoding} (at byte {problem.start:,})",
            "save it as CSV in UTF-8",
        ) from None  # fmt: skip


def _is_utf8(data: Path | bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _header(text: str, source: str) -> tuple[list[str], str]:
    text = text.removeprefix("\ufeff").lstrip("\r\n")
    line = re.sub(r'"[^"]*"', "", text.split("\n", 1)[0])
    separator = max(",;\t|", key=line.count) if text.strip() else ","
    cells = next(csv.reader(io.StringIO(text), delimiter=separator), [])
    header = [cell.strip() or f"column_{place + 1}" for place, cell in enumerate(cells)]
    if not text.strip():
        raise _error(source, "needs a header line and rows", "nothing but white space", "write the table again")
    if all(_is_number(cell) for cell in cells):
        listed = ", ".join(cells[:3]) + (", ..." if len(cells) > 3 else "")
        raise _error(
            source, "needs the names of the columns in the first line", f"numbers ({listed})", "add a header line"
        )
    return header, separator


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _parse(data: Path | bytes, separator: str, source: str, header: list[str], pl: Any) -> pl.DataFrame:
    turned: dict[str, Any] = {}  # columns that turn to words after the rows that were looked at
    for _ in range(TURNS):
        try:
            return pl.read_csv(data, separator=separator, glob=False, infer_schema_length=LOOK, schema_overrides=turned)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as problem:
            named = _turned(problem)
            if named is None or named in turned:
                break
            turned[named] = pl.String
    try:
        return pl.read_csv(data, separator=separator, glob=False, infer_schema=False)  # takes more memory
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as problem:
        raise _broken_text(data, separator, source, header, str(problem)) from None


def _broken_text(data: Path | bytes, separator: str, source: str, header: list[str], problem: str) -> DataError:
    raw = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    with io.TextIOWrapper(raw, "utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, delimiter=separator)
        with contextlib.suppress(csv.Error):  # polars has said what it stumbled over
            for cells in reader:
                if len(cells) > len(header):
                    got = f"{len(cells)} values in line {reader.line_num}"
                    fix = "correct that line; a value that contains the separator needs quotes"
                    return _error(source, f"needs {len(header)} values in a line, as in its header", got, fix)
    got = "a quote that is opened and never closed" if 'parse `"' in problem else problem.split("\n", maxsplit=1)[0]
    return _error(source, "needs a table in text", got, "correct the text, or save the table again")


def _without_empty(frame: pl.DataFrame, pl: Any) -> tuple[pl.DataFrame, int]:
    if frame.width < 2 or not frame.height or not frame.to_series(0).null_count():
        return frame, 0  # in a single column an empty line is a missing value
    empty = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    count = int(empty.sum())
    return (frame.filter(~empty), count) if count else (frame, 0)


def _error(where: str, required: str, got: str, fix: str) -> DataError:
    return DataError(where, required, got, source="the file itself", fix=fix)
