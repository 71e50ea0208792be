"""Steps a second of small and middle-sized networks, training alone: compilation and preparation are shown apart."""

from __future__ import annotations

from functools import partial

from bench.entrants import Worker
from bench.measure import Entry
from bench.outcome import Outcome, Row, Session, at_least, times
from bench.table import seconds

_ROWS, _EPOCHS, _AT_ONCE = 10_000, 10, 16
_RIVALS = ("torch", "keras", "sklearn")


def measure(session: Session, *, sizes: list[int], batch_size: int, factor: float) -> Outcome:
    """Everybody trains the same network on the same rows for the same epochs."""
    same = {"sizes": sizes, "rows": _ROWS, "batch_size": batch_size, "epochs": _EPOCHS}
    jax = {"KERAS_BACKEND": "jax"}
    entrants = [
        Worker("Photic", "photic", "steps", same, session.cache()),
        Worker("PyTorch, 1 thread", "torch", "steps", same | {"threads": 1}),
        Worker("PyTorch, 2 threads", "torch", "steps", same | {"threads": 2}),
        Worker("Keras on JAX", "keras", "steps", same | {"at_once": 1}, jax),
        Worker(f"Keras on JAX, {_AT_ONCE} steps a call", "keras", "steps", same | {"at_once": _AT_ONCE}, jax),
        Worker("scikit-learn", "sklearn", "steps", same),
        Worker("scikit-learn, BLAS on 1 thread", "sklearn", "steps", same, {"OPENBLAS_NUM_THREADS": "1"}),
    ]
    entries, missing = session.alternate(entrants)
    photic = entries[0]
    steps = _EPOCHS * -(-_ROWS // batch_size)
    words = f"at least {factor:g}x the best peer's steps a second"
    return Outcome(
        entries,
        [cells(entry, steps, photic) for entry in entries if entry.runs],
        [at_least(factor, words, photic, _RIVALS, entries)],
        missing,
    )


def cells(entry: Entry, steps: int, photic: Entry) -> dict[str, str]:
    """A line of the table of an entrant that took so many steps."""
    low, high = entry.spread()
    compiled = seconds(entry.first["compile"]) if "compile" in entry.first else ""
    if entry is photic:
        compiled += f", then {seconds(entry.median('compile'))} from the cache"
    return {
        "": entry.title,
        "a step": seconds(entry.median() / steps),
        "least to most": f"{seconds(low / steps)} to {seconds(high / steps)}",
        "steps a second": f"{steps / entry.median():,.0f}",
        "Photic is": times(entry, photic),
        "compilation": compiled,
    }


ROWS = tuple(
    Row(
        name,
        f"MLP {'-'.join(map(str, sizes))}, {_ROWS:,} rows, Adam, batch {batch_size}",
        partial(measure, sizes=sizes, batch_size=batch_size, factor=factor),
    )
    for name, sizes, batch_size, factor in (
        ("steps-32", [20, 64, 64, 1], 32, 8.0),
        ("steps-128", [20, 64, 64, 1], 128, 3.0),
        ("steps-784", [784, 256, 10], 128, 1.3),
    )
)
