"""How long a search takes to reach a score, beside Optuna driving PyTorch with its pruner."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence

from bench import data
from bench.entrants import Worker
from bench.measure import Entry
from bench.outcome import Bar, Outcome, Row, Session
from bench.reached import GOALS, TRIALS
from bench.table import seconds

_SHARE, _SEEDS = 0.2, 3
#: The quicker of one and two, as tried before: a search takes minutes.
_THREADS = {"digits": 2}
_RARE = ("one setting in ten", "one setting in fifty")


def measure(session: Session) -> Outcome:
    """Every set by itself, and every seed, for a search may be lucky; Photic compiles in a new process each time."""
    lines, bars, everyone, missing = [], [], [], []
    for name, goals in GOALS.items():
        found: dict[str, list[Entry]] = {}
        path = str(data.save_bikeshare(session.folder / "bikeshare.npz")) if name == "bikeshare" else ""
        for seed in range(_SEEDS):
            session.say(f"{name}, seed {seed}")
            cold = session.folder / f"cold-{name}-{seed}"
            same = {"name": name, "seed": seed, "path": path}
            entrants = [
                Worker("Photic, cold", "photic", "search until", same, session.cache(cold.name), fresh=True,
                       emptied=cold),
                Worker(f"Optuna and PyTorch, {_threads(name)}", "torch", "search until",
                       same | {"threads": _THREADS.get(name, 1)}),
            ]  # fmt: skip
            entries, missing = dataclasses.replace(session, repeats=0).alternate(entrants)
            for entry in entries:
                entry.runs = [entry.first] if entry.first else []  # long enough not to need a warm-up
                found.setdefault(entry.title, []).append(entry)
        everyone += [entry for entries in found.values() for entry in entries]
        known = {title: entries for title, entries in found.items() if entries[0].runs}
        for number, (goal, rare) in enumerate(zip(goals, _RARE, strict=True)):
            lines += [
                _cells(f"{name}: {title}", f"{goal:g}, {rare}", entries, number) for title, entries in known.items()
            ]
            ours, *peers = (_mean(entries, f"seconds {number}") for entries in known.values())
            if peers:
                words = f"{name}, {goal:g} ({rare}): at most {_SHARE:g} of the time of Optuna and PyTorch"
                bars.append(Bar(words, f"{ours / min(peers):.2f}", ours / min(peers) <= _SHARE))
    notes = [f"means over {_SEEDS} seeds; a search that did not reach the goal counts with all of its settings"]
    return Outcome(everyone, lines, bars, missing, notes)


def _threads(name: str) -> str:
    count = _THREADS.get(name, 1)
    return f"{count} thread{'s' * (count > 1)}"


def _mean(entries: Sequence[Entry], fact: str) -> float:
    return statistics.fmean(entry.median(fact) for entry in entries)


def _cells(title: str, goal: str, entries: Sequence[Entry], number: int) -> dict[str, str]:
    times = [entry.median(f"seconds {number}") for entry in entries]
    return {
        "": title,
        "goal": goal,
        "time": seconds(statistics.fmean(times)),
        "least to most": f"{seconds(min(times))} to {seconds(max(times))}",
        "reached": f"{_mean(entries, f'reached {number}'):.0%}",
        "settings": f"{_mean(entries, f'trials {number}'):.0f}",
        "best": f"{_mean(entries, 'score'):.4f}",
    }


ROW = Row("search-reach", f"a search of at most {TRIALS} settings to a given score: time to reach it", measure)
