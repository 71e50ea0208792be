"""Files: from a path to a Table by the suffix, and every way in which a file can be wrong, in words."""

from __future__ import annotations

import gzip
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from photic.data.delimited import open_text
from photic.data.table import Table, need_different
from photic.errors import DataError, nearest

Result = TypeVar("Result")
EXCEL = (".xlsx", ".xls", ".xlsb", ".xlsm", ".ods")


def open_path(path: Path, memory: int | None = None) -> Table:
    """The Table of a file, by its suffix: CSV or TSV (also .gz), Parquet, JSON lines or Excel; anything else as text.

    Args:
        memory: how many bytes text may take; more is read in parts. None for any number.

    Raises:
        DataError: when there is no such file, it may not be read, it is empty, damaged or not what its name says.

    >>> from photic.data.sources import get
    >>> open_path(get("penguins")).rows
    344
    """
    head = _head(path)
    if not head:
        raise _error(path.name, "needs a header line and rows", "an empty file", "write the table again")
    suffix = path.suffix.lower()
    if suffix in {".parquet", ".pq"} or head[:4] == b"PAR1":
        return _parquet(path)
    if suffix in EXCEL:
        return _excel(path)
    if suffix in {".jsonl", ".ndjson", ".json"}:
        return _json(path, head)
    if suffix == ".gz" or head[:2] == b"\x1f\x8b":
        return open_text(_ungzip(path), path.name.split(".")[0], path.name)
    return open_text(path, path.stem, path.name, memory=memory)


def _head(path: Path, size: int = 4096) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except IsADirectoryError:
        raise _error(str(path), "needs a file", "a directory", "name a file in it", "the file system") from None
    except PermissionError:
        raise _error(
            str(path), "needs the right to read it", "no permission", "ask its owner, or copy it", "the file system"
        ) from None
    except FileNotFoundError:
        raise missing(path, ()) from None
    except OSError as problem:
        words = problem.strerror or type(problem).__name__
        raise _error(
            str(path), "needs a file that can be read", words, "copy it and try again", "the file system"
        ) from None


def missing(path: Path, sets: tuple[str, ...]) -> DataError:
    """The error for a name that is neither a file nor a known set; the nearest name is offered.

    >>> missing(Path("pinguins"), ("penguins",)).got
    'nothing of that name'
    """
    folder = path.parent
    if not folder.is_dir():
        return _error(
            str(path), "needs an existing file", "a folder that does not exist", "correct the path", str(folder)
        )
    files = [entry.name for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")]
    known = [*files, *(sets if not path.suffix and path.parent == Path() else ())]
    fix = nearest(path.name, known) if known else "name a file that exists"
    required = "needs an existing file" + (" or the name of a known set" if sets else "")
    return _error(str(path), required, "nothing of that name", fix, f"the folder {str(folder.resolve().name)!r}")


def _parquet(path: Path) -> Table:
    import polars as pl  # half a second, and arrays do not need it

    words = "a complete Parquet file", "write the file again: it may have been cut short"
    table = _guard(path.name, *words, lambda: Table.of_lazy(path.stem, path.name, pl.scan_parquet(path, glob=False)))
    fetch = table.fetch
    table.fetch = lambda names: _guard(path.name, *words, lambda: fetch(names))  # the damage may be further in
    return table


def _json(path: Path, head: bytes) -> Table:
    import polars as pl  # half a second, and arrays do not need it

    def read() -> Table:
        whole = head.lstrip()[:1] == b"["
        frame = (pl.read_json if whole else pl.read_ndjson)(path, infer_schema_length=None)
        return Table.of_polars(path.stem, path.name, frame)

    return _guard(path.name, "one JSON object in each line", "write the file again: it may have been cut short", read)


def _excel(path: Path) -> Table:
    import polars as pl  # half a second, and arrays do not need it

    if importlib.util.find_spec("fastexcel") is None:
        raise _error(path.name, "needs the library fastexcel to read Excel files", "an installation without it",
                     "type: pip install 'photic[excel]'")  # fmt: skip

    def read() -> Table:
        raw = pl.read_excel(path, engine="calamine", has_header=False, infer_schema_length=0, raise_if_empty=False)
        if not raw.height:
            raise _error(
                path.name, "needs a header line and rows", "an empty first sheet", "put the table on the first sheet"
            )
        header = [str(cell or "").strip() or f"column_{place + 1}" for place, cell in enumerate(raw.row(0))]
        need_different(header, path.name)
        frame = pl.read_excel(path, engine="calamine", infer_schema_length=None, raise_if_empty=False)
        frame.columns = header
        return Table.of_polars(path.stem, path.name, frame, text=True)

    return _guard(path.name, "a complete Excel file", "save it again, or save the sheet as CSV", read)


def _guard(source: str, what: str, fix: str, read: Callable[[], Result]) -> Result:
    import polars as pl  # half a second, and arrays do not need it

    try:
        return read()
    except DataError:
        raise
    except (Exception, pl.exceptions.PanicException) as problem:  # noqa: BLE001 - readers fail in any way
        first = str(problem).strip().split("\n")[0][:160] or type(problem).__name__
        raise _error(source, f"needs {what}", f"one that cannot be read ({first})", fix) from None


def _ungzip(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError) as problem:
        raise _error(
            path.name, "needs a complete gzip file", f"one that cannot be read ({problem})", "fetch or write it again"
        ) from None


def _error(where: str, required: str, got: str, fix: str, source: str = "the file itself") -> DataError:
    return DataError(where, required, got, source=source, fix=fix)
