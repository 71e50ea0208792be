"""Parts: a file of delimited text that memory does not hold, parsed a few megabytes at a time and kept as columns.

A column of text can only be read with all the columns around it; kept as Parquet, each can be read alone. Every part is
parsed as the whole would be: the same first rows decide what a column is, and a column that turns out otherwise later
on is read as text from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photic.data import maps

if TYPE_CHECKING:
    import polars as pl


class Parts:
    """The parts of a file, in a folder that goes when this does.

    Args:
        path: of UTF-8 text with a header line.
        separator: between the values.
    """

    def __init__(self, path: Path, separator: str) -> None:
        self.path, self.separator = path, separator
        self.folder = maps.scratch(self)

    def write(
        self,
        look: int,
        turns: int,
        turned: Callable[[Exception], str | None],
        clean: Callable[[pl.DataFrame], tuple[pl.DataFrame, int]],
    ) -> int:
        """Parse all parts.

        Args:
            look: how many rows decide what a column is.
            turns: how many columns may turn out otherwise before all are read as text.
            turned: the column that a parser's problem is about.
            clean: drops lines and counts them.

        Returns:
            How many lines were dropped.

        Raises:
            polars' errors: when a part cannot be parsed even as text.
            WorkError: when the disk has no room.
        """
        import polars as pl  # half a second, and arrays do not need it

        types: dict[str, Any] = {}
        for _ in range(turns):
            try:
                return self._once(types, look, clean)
            except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as problem:
                name = turned(problem)
                if name is None or types.get(name) == pl.String:
                    break
                types = {name: pl.String, **{known: kind for known, kind in types.items() if kind == pl.String}}
        return self._once(types, None, clean)

    def scan(self) -> pl.LazyFrame:
        """All parts as one table."""
        import polars as pl  # half a second, and arrays do not need it

        return pl.scan_parquet(sorted(self.folder.iterdir()), glob=False)

    def _once(
        self, types: dict[str, Any], look: int | None, clean: Callable[[pl.DataFrame], tuple[pl.DataFrame, int]]
    ) -> int:
        """One pass over the file; what the first part says about columns is kept in `types`."""
        import polars as pl  # half a second, and arrays do not need it

        dropped = 0
        for number, text in enumerate(_pieces(self.path)):
            how: dict[str, Any] = {"infer_schema": False} if look is None else {"schema_overrides": types}
            if not number and look is not None:
                how["infer_schema_length"] = look
            frame = pl.read_csv(text, separator=self.separator, **how)
            types.update({name: kind for name, kind in frame.schema.items() if name not in types})
            frame, empty = clean(frame)
            dropped += empty
            maps.guarded(self.folder, lambda number=number, frame=frame: frame.write_parquet(
                self.folder / f"{number:06d}.parquet", compression="lz4"
            ))  # fmt: skip
        return dropped


def _pieces(path: Path) -> Iterator[bytes]:
    """The text in pieces of whole lines, the header line before each."""
    with path.open("rb") as file:
        head, rest = b"", b""
        while block := file.read(maps.PIECE):
            rest += block
            if not head:
                rest = rest.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
                end = _line_end(rest, first=True)
                if not end:
                    continue
                head, rest = rest[:end], rest[end:]
            end = _line_end(rest)
            if end:
                yield head + rest[:end]
                rest = rest[end:]
        if rest or head:
            yield head + rest


def _line_end(text: bytes, *, first: bool = False) -> int:
    r"""Where the last line (or the first) ends; a line end inside quotes is none.

    >>> _line_end(b'a,b\n"c\n'), _line_end(b'a,b\nc,d\n'), _line_end(b'a,b\nc,d\n', first=True)
    (4, 8, 4)
    """
    find = text.find if first else text.rfind
    start, end = 0, len(text)
    while True:
        place = find(b"\n", start, end)
        if place < 0:
            return 0
        if text.count(b'"', 0, place) % 2 == 0:
            return place + 1
        start, end = (place + 1, end) if first else (0, place)
