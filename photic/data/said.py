"""What is said: one sentence for each kind of thing that was handled, naming the columns it happened in."""

from __future__ import annotations

from collections.abc import Iterable

WORDS = {
    "missing": "Spellings of a missing value are read as missing",
    "infinite": "Infinite values are read as missing",
    "thousands": "Commas between thousands are read as such",
    "mixed": "Numbers and words mixed are read as categories",
    "kept": "Columns that seem to number the rows are kept, because nothing else is left",
    "parsed": "Text is read as numbers",
    "unknown": "Categories that the network has never seen are read as unknown",
}


def sentences(notes: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    """One sentence for each kind of note, naming the columns: notes are (kind, column, detail).

    >>> sentences([("infinite", "a", "2"), ("infinite", "b", "1")])
    ('Infinite values are read as missing: a (2), b (1).',)
    """
    found: dict[str, list[str]] = {}
    for kind, name, detail in notes:
        found.setdefault(kind, []).append(f"{name} ({detail})" if detail else name)
    return tuple(f"{WORDS[kind]}: {listed(items)}." for kind, items in found.items())


def listed(items: list[str], most: int = 6) -> str:
    """Names with commas, the first few and how many more.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    return ", ".join(items[:most]) + (f" and {len(items) - most:,} more" if len(items) > most else "")
