"""Opening: from what the user names (a path, a set, standard input, a frame) to a Table of raw columns."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from photic.data.catalogue import KNOWN
from photic.data.table import Table


def is_table(data: Any) -> bool:
    """Whether this has named columns (a path, a name, a frame, a dict) rather than being an array.

    >>> is_table("houses.csv"), is_table([[1.0, 2.0]])
    (True, False)
    """
    if isinstance(data, str | os.PathLike | Mapping):
        return True
    if isinstance(data, np.ndarray | list | tuple):
        return False
    from narwhals import dependencies  # a tenth of a second, and arrays do not need it

    return dependencies.is_into_dataframe(data) or dependencies.is_polars_lazyframe(data)


def open_table(data: Any, memory: int | None = None) -> Table:
    """The raw columns of a path, a set's name, "-", a frame or a dict of lists. A file comes before a set of its name.

    Args:
        memory: how many bytes a file of text may take; one beyond that is read in parts. None for any number.

    Raises:
        DataError: when it cannot be read.

    >>> open_table("penguins").names[:2]
    ['species', 'island']
    """
    if not isinstance(data, str | os.PathLike):
        from photic.data import frames  # narwhals, which files do not need

        return frames.open_frame(data)
    from photic.data import files  # polars, which arrays do not need

    if data == "-":
        return files.open_text(sys.stdin.buffer.read(), "standard input", "standard input")
    path = Path(data)
    if not path.is_file() and str(data) in KNOWN:
        return _open_set(str(data))
    if not path.exists():
        raise files.missing(path, tuple(KNOWN))
    return files.open_path(path, memory)


def _open_set(name: str) -> Table:
    from photic.data import files, sources  # polars, which arrays do not need

    known = KNOWN[name]
    table = files.open_text(sources.content(name), name, f"the set {name}", target=known.target)
    table.names = [column for column in table.names if column not in known.leaks]
    if known.leaks:
        table.said.append(f"Columns that give the target of this set away are left out: {', '.join(known.leaks)}.")
    return table
