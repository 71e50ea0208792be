"""Taking turns: every entrant is warmed up, then all run once a round, one at a time, and medians are compared."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Sequence
from typing import Protocol


class FailedError(Exception):
    """An entrant could not do its work; the words say why."""


class Entrant(Protocol):
    """Something that can be timed.

    Attributes:
        title: as it is printed.
        peer: the library it belongs to; of a peer's variants the quickest counts.
    """

    title: str
    peer: str

    def start(self) -> None:
        """Everything that is not timed."""

    def once(self) -> dict[str, float]:
        """One timing: `seconds`, and other facts by name."""

    def close(self) -> None:
        """End whatever runs."""


@dataclasses.dataclass
class Entry:
    """What was measured of one entrant: the warm-up run apart, then a dict of facts for every round."""

    title: str
    peer: str
    first: dict[str, float] = dataclasses.field(default_factory=dict)
    runs: list[dict[str, float]] = dataclasses.field(default_factory=list)
    failure: str | None = None

    def median(self, fact: str = "seconds") -> float:
        """The median over the rounds.

        >>> Entry("a", "a", runs=[{"seconds": 3.0}, {"seconds": 1.0}, {"seconds": 9.0}]).median()
        3.0
        """
        return statistics.median(run[fact] for run in self.runs)

    def spread(self, fact: str = "seconds") -> tuple[float, float]:
        """The least and the most of all rounds."""
        values = [run[fact] for run in self.runs]
        return min(values), max(values)

    def has(self, fact: str) -> bool:
        return bool(self.runs) and fact in self.runs[0]


def alternate(
    entrants: Sequence[Entrant], repeats: int, say: Callable[[str], None], *, one_of: Sequence[str] = ()
) -> list[Entry]:
    """Measure all entrants in alternation.

    Args:
        repeats: rounds after the warm-up.
        say: told what is going on.
        one_of: peers of whose variants only the one that was quickest in the warm-up goes on to the rounds; for work
            that takes minutes.
    """
    entries = [Entry(entrant.title, entrant.peer) for entrant in entrants]
    try:
        for entrant, entry in zip(entrants, entries, strict=True):
            say(f"warm-up: {entrant.title}")
            _try(entry, entrant.start)
            _try(entry, lambda e=entrant, kept=entry: kept.first.update(e.once()))
        going = [
            (entrant, entry)
            for entrant, entry in zip(entrants, entries, strict=True)
            if entry.peer not in one_of or entry is _quickest(entries, entry.peer)
        ]
        for number in range(repeats):
            for entrant, entry in going:
                say(f"round {number + 1} of {repeats}: {entrant.title}")
                _try(entry, lambda e=entrant, kept=entry: kept.runs.append(e.once()))
    finally:
        for entrant in entrants:
            entrant.close()
    return entries


def best(entries: Sequence[Entry], peers: Sequence[str] | None = None, fact: str = "seconds") -> Entry | None:
    """The entry with the smallest median, of some peers or of all but Photic."""
    wanted = [entry for entry in entries if entry.runs and not entry.failure]
    wanted = [entry for entry in wanted if (entry.peer in peers if peers else entry.peer not in ("photic", "numpy"))]
    return min(wanted, key=lambda entry: entry.median(fact), default=None)


def _quickest(entries: Sequence[Entry], peer: str) -> Entry | None:
    rivals = [entry for entry in entries if entry.peer == peer and entry.failure is None]
    return min(rivals, key=lambda entry: entry.first["seconds"], default=None)


def _try(entry: Entry, step: Callable[[], object]) -> None:
    if entry.failure is None:
        try:
            step()
        except FailedError as failure:
            entry.failure = str(failure)
