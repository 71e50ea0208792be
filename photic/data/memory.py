"""Memory: how much of it there is, and how much of it rows may take.

What a process may use is what the system says is free, or less where it runs in a container with a limit of its own.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import psutil

from photic.errors import PlanError

#: Rows may take this share of what is free; the rest is for the network, for copies on the way, and for others.
SHARE = 0.5
_UNITS = {"": 1, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}
_LIMIT, _USED = (Path("/sys/fs/cgroup") / name for name in ("memory.max", "memory.current"))


def free() -> int:
    """How many bytes a process can still get without anything being moved to disk.

    >>> free() > 0
    True
    """
    bytes_free = int(psutil.virtual_memory().available)
    with contextlib.suppress(OSError, ValueError):  # no container, or one without a limit
        bytes_free = min(bytes_free, max(0, int(_LIMIT.read_text()) - int(_USED.read_text())))
    return bytes_free


def budget(asked: str | int | None = None) -> int:
    """How many bytes rows may take: what was asked for, or half of what is free.

    Args:
        asked: a number of bytes, or text such as "2GB" or "500 MB".

    Raises:
        PlanError: when it is no such amount.

    >>> budget("2GB"), budget(5_000_000)
    (2000000000, 5000000)
    """
    if asked is None:
        return int(free() * SHARE)
    text = "" if isinstance(asked, bool) else str(asked).lower()
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*", text)
    if found is None or not float(found[1]):
        fix = "give one such as 2GB or 500MB, or leave it out"
        raise PlanError("memory", "needs an amount above 0", repr(asked), source="the memory option", fix=fix)
    return int(float(found[1]) * _UNITS[found[2]])


def words(count: float) -> str:
    """An amount as a person says it.

    >>> words(1.25e9), words(32e6), words(4096)
    ('1.2 GB', '32 MB', '4 kB')
    """
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= size:
            value = count / size
            return f"{value:.1f} {unit}" if value < 10 and unit == "GB" else f"{value:,.0f} {unit}"
    return f"{count:,.0f} bytes"
