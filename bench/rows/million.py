"""A large table: 1,000,000 rows of 50 numbers are read, prepared and trained on for one epoch; time and memory."""

from __future__ import annotations

from bench import ceiling, data
from bench.entrants import Worker
from bench.measure import Entry
from bench.outcome import Bar, Outcome, Row, Session
from bench.table import seconds

_ROWS, _FEATURES, _MOST = 1_000_000, 50, 3.0
_DOUBLE, _SINGLE = _ROWS * _FEATURES * 8, _ROWS * _FEATURES * 4


def measure(session: Session) -> Outcome:
    """A new process for every run: its peak memory is that of this work, with the interpreter and all libraries."""
    session.say("writing a million rows")
    paths = data.save_million(session.folder, _ROWS, _FEATURES)
    entrants = [
        Worker(f"Photic, {kind}", "photic", "million", {"path": str(path)}, session.cache(), fresh=True)
        for kind, path in paths.items()
    ]
    entries, missing = session.alternate([*entrants, *ceiling.entrants()])
    most = ceiling.rates(entries)
    files = [entry for entry in entries if entry.peer == "photic" and entry.runs]
    notes = [
        f"the array itself: {_megabytes(_DOUBLE)} as float64, {_megabytes(_SINGLE)} as float32; nothing is taken off",
        *(f"matrix product, {cores}: {rate / 1e9:.0f} GFLOP/s" for cores, rate in most.items()),
    ]
    bars = [bar for entry in files for bar in _bars(entry, most)]
    return Outcome(entries, [_cells(entry) for entry in files], bars, missing, notes)


def _rate(entry: Entry) -> float:
    return entry.median("operations") / entry.median("epoch")


def _bars(entry: Entry, most: dict[str, float]) -> list[Bar]:
    kind, peak = entry.title.split(", ")[1], entry.median("peak")
    shares = ", ".join(f"{share} {cores}" for cores, share in ceiling.shares(_rate(entry), most).items())
    return [
        Bar(
            f"{kind}: peak memory at most {_MOST:g}x the array's own size (float64)",
            f"{peak / _DOUBLE:.2f}x",
            peak <= _MOST * _DOUBLE,
        ),
        Bar(f"{kind}: share of the matrix-product ceiling in the epoch", shares or "not measured"),
    ]


def _cells(entry: Entry) -> dict[str, str]:
    peak = entry.median("peak")
    return {
        "": entry.title,
        "wall time": seconds(entry.median()),
        **{fact: seconds(entry.median(fact)) for fact in ("read", "prepare", "compile", "epoch")},
        "GFLOP/s": f"{_rate(entry) / 1e9:.0f}",
        "peak memory": _megabytes(peak),
        "of float64": f"{peak / _DOUBLE:.2f}x",
        "of float32": f"{peak / _SINGLE:.2f}x",
    }


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"


ROW = Row("million", f"{_ROWS:,} rows x {_FEATURES} columns: read, prepare, one epoch", measure)
