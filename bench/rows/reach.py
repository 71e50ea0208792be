"""How long a search takes to reach a score, beside Optuna driving PyTorch with its pruner."""

from __future__ import annotations

from bench.entrants import Worker
from bench.outcome import Bar, Outcome, Row, Session
from bench.reached import GOALS, TRIALS
from bench.table import seconds

_SHARE = 0.2


def measure(session: Session) -> Outcome:
    """Every set by itself; Photic in a new process each time, so that it has to compile."""
    lines, bars, everyone, missing = [], [], [], []
    for name, goal in GOALS.items():
        cold = session.folder / f"cold-{name}"
        entrants = [
            Worker(f"{name}: Photic, cold", "photic", "search until", {"name": name}, session.cache(cold.name),
                   fresh=True, emptied=cold),
            *(Worker(f"{name}: Optuna and PyTorch, {threads} thread{'s' if threads > 1 else ''}", "torch",
                     "search until", {"name": name, "threads": threads}) for threads in (1, 2)),
        ]  # fmt: skip
        entries, missing = session.alternate(entrants, one_of=["torch"])
        everyone += entries
        lines += [
            {
                "": entry.title,
                "goal": f"{goal:g}",
                "time": seconds(entry.median()),
                "reached": f"{entry.median('reached'):.0%}",
                "settings": f"{entry.median('trials'):.0f}",
                "score": f"{entry.median('score'):.4f}",
            }
            for entry in entries
            if entry.runs
        ]
        peers = [entry for entry in entries[1:] if entry.runs]
        if entries[0].runs and peers:
            share = entries[0].median() / min(entry.median() for entry in peers)
            both = all(entry.median("reached") == 1 for entry in (entries[0], *peers))
            words = f"{name}: at most {_SHARE:g} of the best peer's time"
            bars.append(Bar(words, f"{share:.2f}" + ("" if both else ", not reached by all"), share <= _SHARE))
    return Outcome(everyone, lines, bars, missing)


ROW = Row("search-reach", f"a search of at most {TRIALS} settings to a given score: time to reach it", measure)
