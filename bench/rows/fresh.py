"""What a person waits for: a new process imports, fits digits for 30 epochs and prints a score (bench/scripts)."""

from __future__ import annotations

import sys

from bench import data
from bench.entrants import ROOT, Command
from bench.measure import Entry
from bench.outcome import Outcome, Row, Session, at_least, times
from bench.table import seconds

_RIVALS = ("torch", "keras", "sklearn")


def measure(session: Session) -> Outcome:
    """The warm-up is not counted, so that Photic finds its programs in the compile cache, and Keras in JAX's."""
    digits = session.folder / "digits.npz"
    data.save_digits(digits)
    cached = {"XDG_CACHE_HOME": str(session.folder / "cache")}
    jax = {"KERAS_BACKEND": "jax", "JAX_COMPILATION_CACHE_DIR": str(session.folder / "cache" / "keras")}
    jax |= {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.1", "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1"}

    def script(title: str, peer: str, *more: str, env: dict[str, str]) -> Command:
        return Command(
            title, peer, [sys.executable, str(ROOT / f"bench/scripts/{peer}_digits.py"), str(digits), *more], env
        )

    entries, missing = session.alternate(
        [
            script("Photic", "photic", env=cached),
            script("scikit-learn", "sklearn", env={}),
            script("PyTorch, 1 thread", "torch", "1", env={}),
            script("PyTorch, 2 threads", "torch", "2", env={}),
            script("Keras on JAX", "keras", env=jax),
        ]
    )
    photic = entries[0]
    bar = at_least(1, "not slower than the fastest peer", photic, _RIVALS, entries)
    return Outcome(entries, [_cells(entry, photic) for entry in entries if entry.runs], [bar], missing)


def _cells(entry: Entry, photic: Entry) -> dict[str, str]:
    low, high = entry.spread()
    return {
        "": entry.title,
        "wall time": seconds(entry.median()),
        "least to most": f"{seconds(low)} to {seconds(high)}",
        "Photic is": times(entry, photic),
        "accuracy": f"{entry.median('score'):.4f}" if entry.has("score") else "",
    }


ROW = Row("fresh", "a new process: import, fit MLP 64-128-10 on digits for 30 epochs, print the score", measure)
