"""Rows that memory does not hold: an epoch streamed from a file against one in memory, and the memory either takes."""

from __future__ import annotations

import dataclasses
from typing import Any

from bench import data
from bench.entrants import Worker
from bench.measure import Entry
from bench.outcome import Bar, Outcome, Row, Session
from bench.table import seconds

_MOST, _TIMES, _GROWTH = 1.1, 4, 1.1


@dataclasses.dataclass(frozen=True)
class Case:
    """What is trained on: rows as they lie in a file, and the network."""

    name: str
    rows: int
    kind: str
    shape: tuple[int, ...]
    batch_size: int


CASES = (
    Case("MLP of 2 x 128 on 50 columns", 1_000_000, "table", (50,), 256),
    Case("CNN of 2 convolutions on 28x28 pictures", 60_000, "pictures", (28, 28, 1), 128),
)


def measure(session: Session) -> Outcome:
    """Time in turns, in processes that stay; memory in new processes, once with the rows and once with four times."""
    entries: list[Entry] = []
    lines: list[dict[str, str]] = []
    bars: list[Bar] = []
    for case in CASES:
        session.say(f"writing {_TIMES * case.rows:,} rows")
        folder = str(data.save_rows(session.folder / case.kind, case.kind, _TIMES * case.rows, case.shape))
        same: dict[str, Any] = {"folder": folder, "kind": case.kind, "batch_size": case.batch_size}
        timed = [
            Worker(f"{case.name}: {words}", "photic", "streaming",
                   same | {"rows": case.rows, "streamed": on, "epochs": 2}, session.cache())
            for words, on in (("in memory", False), ("streamed", True))
        ]  # fmt: skip
        held, streamed = session.alternate(timed)[0]
        fresh = [
            Worker(f"{case.name}: {words}, {rows:,} rows", "photic", "streaming",
                   same | {"rows": rows, "streamed": on, "epochs": 1}, session.cache(), fresh=True)
            for words, on in (("in memory", False), ("streamed", True))
            for rows in (case.rows, _TIMES * case.rows)
        ]  # fmt: skip
        weighed = dataclasses.replace(session, repeats=1).alternate(fresh)[0]
        entries += [held, streamed, *weighed]
        lines += [_time(entry, held) for entry in (held, streamed)] + [_memory(entry) for entry in weighed]
        bars += _bars(case, held, streamed, *weighed[2:])
    notes = [
        "an epoch: 90 % of the rows trained on, 10 % looked at; the mean of all epochs but the first, which compiles",
        "peak memory: of a new process that trains one epoch, with the interpreter, all libraries and the compiler",
    ]
    return Outcome(entries, lines, bars, (), notes)


def _bars(case: Case, held: Entry, streamed: Entry, once: Entry, more: Entry) -> list[Bar]:
    time, memory = f"{case.name}: streamed at most {_MOST:g}x the time", f"{case.name}: {_TIMES}x the rows, same memory"
    if not (held.runs and streamed.runs and once.runs and more.runs):
        return [Bar(time, "not measured"), Bar(memory, "not measured")]
    ratio, growth = streamed.median() / held.median(), more.median("peak") / once.median("peak")
    return [
        Bar(time, f"{ratio:.2f}x", ratio <= _MOST),
        Bar(f"{memory} (at most {_GROWTH:g}x)", f"{growth:.2f}x", growth <= _GROWTH),
    ]


def _time(entry: Entry, held: Entry) -> dict[str, str]:
    low, high = entry.spread()
    return {
        "": entry.title,
        "an epoch": seconds(entry.median()),
        "least to most": f"{seconds(low)} to {seconds(high)}",
        "of in memory": f"{entry.median() / held.median():.2f}x",
        "peak memory": "",
    }


def _memory(entry: Entry) -> dict[str, str]:
    peak = f"{entry.median('peak') / 1e6:,.0f} MB"
    return {"": entry.title, "an epoch": "", "least to most": "", "of in memory": "", "peak memory": peak}


ROW = Row("streaming", "an epoch streamed from a file and in memory, and the memory they take", measure)
