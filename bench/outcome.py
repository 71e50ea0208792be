"""What a row is, what it comes to, and what it may use while it is measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.measure import Entrant, Entry, alternate, best
from bench.peers import PEERS


@dataclasses.dataclass(frozen=True)
class Bar:
    """What was to be reached, what was measured, and whether it is enough; None where nothing was to be reached."""

    words: str
    measured: str
    met: bool | None = None


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A row after its measurement.

    Args:
        lines: the table to print: for every entrant its cells by heading.
        missing: peers that are not installed.
        notes: sentences under the table.
    """

    entries: Sequence[Entry]
    lines: Sequence[dict[str, str]]
    bars: Sequence[Bar]
    missing: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class Choice:
    """What the row `diagnose` tries.

    Args:
        tune: the half of the sets that rules are tuned on, instead of the other.
        faults: their names; all of them when none is given.
        trials: that count, for every fault and strength.
        sound: how many sound trainings, at least.
        keep: a file for every single trial, a line of JSON each; a trial that stands there is not made again.
    """

    tune: bool = False
    faults: tuple[str, ...] = ()
    trials: int = 4
    sound: int = 100
    keep: Path | None = None


@dataclasses.dataclass
class Session:
    """One run of the benchmarks.

    Args:
        repeats: rounds after the warm-up.
        folder: a temporary folder for data and caches.
        say: told what is going on.
        choice: of the row `diagnose`.
    """

    repeats: int
    folder: Path
    say: Callable[[str], None]
    choice: Choice = Choice()

    def alternate(self, entrants: Sequence[Entrant], *, one_of: Sequence[str] = ()) -> tuple[list[Entry], list[str]]:
        """The entries of those whose library is installed, and the titles of the libraries that are not."""
        missing = sorted({PEERS[entrant.peer].title for entrant in entrants if not PEERS[entrant.peer].here})
        here = [entrant for entrant in entrants if PEERS[entrant.peer].here]
        return alternate(here, self.repeats, self.say, one_of=one_of), missing

    def cache(self, name: str = "cache") -> dict[str, str]:
        """The environment of a Photic process: a compile cache of this run's own, so that cold is cold."""
        return {"XDG_CACHE_HOME": str(self.folder / name)}


@dataclasses.dataclass(frozen=True)
class Row:
    """A kind of work to measure: its name on the command line, a title, and how."""

    name: str
    title: str
    measure: Callable[[Session], Outcome]


def times(entry: Entry, photic: Entry | None) -> str:
    """How many times as fast as an entrant Photic is; empty for Photic itself."""
    if photic is None or not photic.runs or entry is photic or entry.failure:
        return ""
    return f"{entry.median() / photic.median():.2f}x as fast"


def at_least(factor: float, words: str, photic: Entry | None, peers: Sequence[str], entries: Sequence[Entry]) -> Bar:
    """The bar "at least `factor` times as fast as the best of some peers"."""
    rival = best(entries, peers)
    if rival is None or photic is None or not photic.runs:
        return Bar(words, "not measured")
    ratio = rival.median() / photic.median()
    return Bar(words, f"{ratio:.2f}x ({rival.title})", ratio >= factor)
