"""The report for a terminal: verdict, scores, a line per lane, findings, choices."""

from __future__ import annotations

import math
import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from photic.report import agreement, curves, telling
from photic.report.record import Record

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDE = 40


def text(folder: str | Path) -> str:
    """The report of a run folder as plain text, as wide as the terminal but never wider than 100 columns.

    Raises:
        RunError: when a file is cut short or is not what it should be.
    """
    record = Record.read(folder)
    width = min(100, max(60, shutil.get_terminal_size().columns))
    target = record.task.target if record.task else "a table"
    blocks = [f"{target}, predicted from {record.name}", *_blocks(record, width)]
    return "\n\n".join(block for block in blocks if block)


def sparkline(values: Sequence[float], width: int = _WIDE) -> str:
    """Numbers as a line of blocks, low to high.

    >>> sparkline([8, 4, 2, 1, 1, 2, 3, 4])
    '█▄▂▁▁▂▃▄'
    """
    if not values:
        return ""
    picked = (
        [values[round(i * (len(values) - 1) / (width - 1))] for i in range(width)] if len(values) > width else values
    )
    low, high = min(picked), max(picked)
    step = (high - low) / (len(_BLOCKS) - 1) or 1.0
    return "".join(_BLOCKS[round((value - low) / step)] for value in picked)


def _blocks(record: Record, width: int) -> Iterator[str]:
    outcome = record.outcome
    if outcome is None:
        yield "This network was never scored."
    else:
        verdict, _, table = str(outcome).partition("\n\n")
        yield _wrapped(verdict, width)
        yield table
    if record.searched is not None and record.searched.own is not None:
        found, honest = record.searched, outcome.network.score(outcome.main) if outcome else None
        won = f"{telling.title(found)}: {telling.told_winner(found)}."
        said = (won, telling.gap(found, honest), telling.worth(found), agreement.sentence(found), telling.cost(found))
        yield "\n".join(_wrapped(each, width, "  ") for each in said)
    if record.lanes:
        yield "\n".join(["Loss on the stop rows, epoch after epoch", *_lanes(record.lanes)])
    findings = [f"{each['level'].capitalize()}: {each['words']}" for each in record.audit.get("findings", ())]
    left = [f"Left out: {each['name']}, {each['reason']}." for each in record.audit.get("left_out", ())]
    said = [*record.audit.get("said", ()), *left, *findings]
    yield "\n".join(_wrapped(each, width, "  ") for each in said)
    yield "\n".join(_wrapped(each, width, "  ") for each in record.plan.get("said", ()))
    if record.model:
        yield f"photic predict {record.place} new.csv -o predictions.csv"


def _lanes(lanes: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    names = max(map(len, lanes))
    for lane, lines in lanes.items():
        points = curves.series(lines, "stop_loss") or curves.series(lines, "loss")
        best, last = curves.best_epoch(lines), lines[-1]["epoch"]
        kept = f"  kept epoch {best['epoch']} of {last}" if best else f"  {last} epochs"
        loss = f", loss {best['stop_loss']:.4g}" if best and best.get("stop_loss") is not None else ""
        drawn = sparkline([math.log(max(value, 1e-12)) for _, value in points])  # so that its end can be seen too
        yield f"  {lane.ljust(names)}  {drawn.ljust(_WIDE)}{kept}{loss}"


def _wrapped(words: str, width: int, more: str = "") -> str:
    return textwrap.fill(words, width, subsequent_indent=more, break_long_words=False, break_on_hyphens=False)
