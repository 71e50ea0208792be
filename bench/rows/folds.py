"""A whole small experiment: 5 folds x 8 seeds of one network on digits, from prepared arrays to forty scores."""

from __future__ import annotations

from bench.entrants import Worker
from bench.measure import Entry
from bench.outcome import Bar, Outcome, Row, Session, at_least, times
from bench.table import seconds

_SAME = {"sizes": [64, 128, 10], "count": 5, "seeds": 8, "batch_size": 32, "epochs": 30}
_MOST_COLD, _MOST_CACHED = 2.0, 0.5


def measure(session: Session) -> Outcome:
    """Photic runs in a new process each time, so that it has to compile; the processes of the peers stay warm."""
    entrants = [
        Worker(
            "Photic, cold", "photic", "folds", _SAME, session.cache("cold"), fresh=True, emptied=session.folder / "cold"
        ),
        Worker("Photic, compiled before", "photic", "folds", _SAME, session.cache(), fresh=True),
        Worker("scikit-learn, all cores", "sklearn", "folds", _SAME | {"jobs": -1}),
        Worker("PyTorch, 1 thread", "torch", "folds", _SAME | {"threads": 1}),
        Worker("PyTorch, 2 threads", "torch", "folds", _SAME | {"threads": 2}),
    ]
    entries, missing = session.alternate(entrants, one_of=["torch"])
    cold, cached = entries[:2]
    bars = [
        at_least(4, "cold, at least 4x scikit-learn with all cores", cold, ["sklearn"], entries),
        at_least(10, "cold, at least 10x PyTorch", cold, ["torch"], entries),
        _compiled(cold, "compilation cold", _MOST_COLD),
        _compiled(cached, "compilation from the cache", _MOST_CACHED),
    ]
    return Outcome(entries, [_cells(entry, cold) for entry in entries], bars, missing)


def _cells(entry: Entry, cold: Entry) -> dict[str, str]:
    if not entry.runs:
        return {
            "": entry.title,
            "wall time": f"{seconds(entry.first['seconds'])} in the warm-up" if entry.first else "",
        }
    low, high = entry.spread()
    return {
        "": entry.title,
        "wall time": seconds(entry.median()),
        "least to most": f"{seconds(low)} to {seconds(high)}",
        "of it compilation": seconds(entry.median("compile")) if entry.has("compile") else "",
        "cold Photic is": times(entry, cold),
        "mean accuracy": f"{entry.median('accuracy'):.4f}",
    }


def _compiled(entry: Entry, words: str, most: float) -> Bar:
    words = f"{words} at most {most:g} s"
    if not entry.runs:
        return Bar(words, "not measured")
    return Bar(words, seconds(entry.median("compile")), entry.median("compile") <= most)


ROW = Row("folds", "5 folds x 8 seeds of MLP 64-128-10 on digits, 30 epochs, batch 32, wall time", measure)
