"""Searches: a grid of learning rates and weight decays, every setting scored in folds, from arrays to all scores."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

from bench import data
from bench.entrants import Worker
from bench.measure import Entry
from bench.outcome import Outcome, Row, Session, at_least, times
from bench.table import seconds


@dataclasses.dataclass(frozen=True)
class Case:
    """A search, and how many times as fast as some peers it is to be.

    Args:
        kind: as in `bench.searched`.
        bars: the least factor by peers; several peers in one entry: the best of them.
    """

    name: str
    title: str
    kind: str
    rates: tuple[float, ...]
    decays: tuple[float, ...]
    folds: int
    batch_size: int
    epochs: int
    bars: dict[tuple[str, ...], float]


CASES = (
    Case(
        "search-digits", "12 settings x 5 folds of MLP 64-128-10 on digits, 30 epochs, batch 32, wall time", "digits",
        (3e-4, 1e-3, 3e-3, 1e-2), (1e-4, 1e-3, 1e-2), 5, 32, 30, {("sklearn",): 5.0, ("skorch",): 20.0},
    ),
    Case(
        "search-table", "64 settings x 5 folds of MLP 20-64-64-1 on 10,000 rows, 10 epochs, batch 128, wall time",
        "table", tuple(10 ** (-4 + step / 4) for step in range(8)), tuple(10 ** (-5 + step / 2) for step in range(8)),
        5, 128, 10, {("sklearn", "torch"): 8.0},
    ),
    Case(
        "search-cnn", "16 settings x 3 folds of the CNN on 5,000 digits of MNIST, 3 epochs, batch 128, wall time",
        "pictures", (3e-4, 1e-3, 3e-3, 1e-2), (1e-4, 1e-3, 1e-2, 1e-1), 3, 128, 3, {("torch",): 2.0},
    ),
)  # fmt: skip
_NAMES = {"sklearn": "scikit-learn with all cores", "skorch": "skorch's same search", "torch": "PyTorch's loop"}


def measure(session: Session, *, case: Case) -> Outcome:
    """Photic runs in a new process each time, so that it has to compile; the processes of the peers stay warm."""
    path = str(data.save_mnist(session.folder / "mnist.npz")) if case.kind == "pictures" else ""
    same: dict[str, Any] = {
        "kind": case.kind, "count": case.folds, "rates": case.rates, "decays": case.decays, "path": path,
        "batch_size": case.batch_size, "epochs": case.epochs,
    }  # fmt: skip
    cold = session.folder / "cold"
    entrants = [
        Worker("Photic, cold", "photic", "search", same, session.cache("cold"), fresh=True, emptied=cold),
        Worker("Photic, compiled before", "photic", "search", same, session.cache(), fresh=True),
        *_peers(case, same),
    ]
    entries, missing = session.alternate(entrants, one_of=["torch"])
    bars = [
        at_least(factor, f"cold, at least {factor:g}x {_called(peers)}", entries[0], peers, entries)
        for peers, factor in case.bars.items()
    ]
    networks = len(case.rates) * len(case.decays) * case.folds
    return Outcome(entries, [_cells(entry, entries[0], networks) for entry in entries if entry.runs], bars, missing)


def _peers(case: Case, same: dict[str, Any]) -> list[Worker]:
    pictures = case.kind == "pictures"
    loops = [
        Worker(
            f"PyTorch, {threads} thread{'s' if threads > 1 else ''}{', channels last' if last else ''}",
            "torch", "search", same | {"threads": threads, "last": last},
        )
        for last in ((False, True) if pictures else (False,))
        for threads in ((2,) if pictures else (1, 2))  # with pictures one thread takes twice as long (row cnn-28)
    ]  # fmt: skip
    searches = [Worker("scikit-learn, all cores", "sklearn", "search", same | {"jobs": -1})]
    if case.kind == "digits":
        searches.append(Worker("skorch, all cores", "skorch", "search", same | {"jobs": -1}))
    return loops if pictures else searches + loops


def _called(peers: tuple[str, ...]) -> str:
    return "the best peer" if len(peers) > 1 else _NAMES[peers[0]]


def _cells(entry: Entry, cold: Entry, networks: int) -> dict[str, str]:
    low, high = entry.spread()
    return {
        "": entry.title,
        "wall time": seconds(entry.median()),
        "least to most": f"{seconds(low)} to {seconds(high)}",
        "of it compilation": seconds(entry.median("compile")) if entry.has("compile") else "",
        "a network": seconds(entry.median() / networks),
        "cold Photic is": times(entry, cold),
        "best score": f"{entry.median('score'):.4f}",
    }


ROWS = tuple(Row(case.name, case.title, partial(measure, case=case)) for case in CASES)
