"""Tables in Markdown, aligned so that they also read well in a terminal, and the page that a run prints."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.outcome import Bar, Outcome, Row

Show = Callable[[str], None]


def markdown(lines: Sequence[Mapping[str, str]]) -> str:
    """Cells by heading as a Markdown table; headings are those of all lines, in the order of their first use.

    >>> print(markdown([{"who": "a", "s": "1.0"}, {"who": "bc", "note": "x"}]))
    | who | s   | note |
    |-----|-----|------|
    | a   | 1.0 |      |
    | bc  |     | x    |
    """
    headings = list(dict.fromkeys(heading for line in lines for heading in line))
    table = [headings, *([line.get(heading, "") for heading in headings] for line in lines)]
    widths = [max(len(cells[i]) for cells in table) for i in range(len(headings))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
        for cells in table
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([text[0], rule, *text[1:]])


def seconds(value: float) -> str:
    """A time in a unit that suits it, with three figures.

    >>> seconds(0.0000312), seconds(0.31), seconds(12.34)
    ('31.2 us', '310 ms', '12.3 s')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size or unit == "us":
            return f"{value / size:,.0f} {unit}" if value / size >= 100 else f"{value / size:#.3g} {unit}"
    raise AssertionError("the last unit takes every value")


def row(kind: Row, outcome: Outcome) -> str:
    """One row of the benchmark: its table, its bars, what is missing, its notes."""
    parts = [f"### {kind.name}: {kind.title}", markdown(outcome.lines)]
    said = [f"- {bar.words}: {_verdict(bar)}" for bar in outcome.bars]
    said += [f"- {title} is not installed and was left out" for title in outcome.missing]
    said += [f"- {entry.title} failed: {entry.failure}" for entry in outcome.entries if entry.failure]
    said += [f"- {note}" for note in outcome.notes]
    return "\n\n".join(part for part in (*parts, "\n".join(said)) if part)


def summary(rows: Mapping[str, Row], outcomes: Mapping[str, Outcome]) -> str:
    """All bars of a run in one table."""
    return markdown(
        [
            {
                "row": name,
                "work": rows[name].title,
                "bar": bar.words,
                "measured": bar.measured,
                "reached": {None: "", True: "yes", False: "no"}[bar.met],
            }
            for name, outcome in outcomes.items()
            for bar in outcome.bars
        ]
    )


def as_json(machine: Mapping[str, Any], outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """Everything that was measured, as JSON values."""
    return {"machine": dict(machine), "rows": {name: dataclasses.asdict(outcome) for name, outcome in outcomes.items()}}


def put(document: str, mark: str, text: str) -> str:
    """A document with `text` between the two marks of that name, instead of what stood there; unchanged without them.

    >>> put("a <!-- x -->old<!-- /x --> b", "x", "new")
    'a <!-- x -->\\n\\nnew\\n\\n<!-- /x --> b'
    """
    before, begin, rest = document.partition(f"<!-- {mark} -->")
    _, end, after = rest.partition(f"<!-- /{mark} -->")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}" if end else document


def _verdict(bar: Bar) -> str:
    return bar.measured + {None: "", True: ", reached", False: ", NOT reached"}[bar.met]
