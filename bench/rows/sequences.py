"""Steps a second of recurrent networks, training alone; as in `steps`."""

from __future__ import annotations

from functools import partial

from bench.entrants import Worker
from bench.outcome import Outcome, Row, Session, at_least
from bench.rows.steps import cells

_SAME = {"t": 50, "d": 16, "rows": 1280, "batch_size": 64, "epochs": 5}


def measure(session: Session, *, cell: str, units: int, layers: int, both: bool, factor: float) -> Outcome:
    """Everybody trains the same network on the same sequences for the same epochs."""
    same = _SAME | {"cell": cell, "units": units, "layers": layers, "both": both}
    entrants = [
        Worker("Photic", "photic", "sequences", same, session.cache()),
        Worker("PyTorch, 1 thread", "torch", "sequences", same | {"threads": 1}),
        Worker("PyTorch, 2 threads", "torch", "sequences", same | {"threads": 2}),
        Worker("Keras on JAX", "keras", "sequences", same | {"at_once": 1}, {"KERAS_BACKEND": "jax"}),
    ]
    entries, missing = session.alternate(entrants)
    steps = _SAME["epochs"] * -(-_SAME["rows"] // _SAME["batch_size"])
    words = f"at least {factor:g}x the best peer's steps a second"
    return Outcome(
        entries,
        [cells(entry, steps, entries[0]) for entry in entries if entry.runs],
        [at_least(factor, words, entries[0], ("torch", "keras"), entries)],
        missing,
    )


ROWS = tuple(
    Row(
        name,
        f"{title}, 50 steps of 16 inputs, Adam, batch 64",
        partial(measure, cell=cell, units=units, layers=layers, both=both, factor=factor),
    )
    for name, title, cell, units, layers, both, factor in (
        ("lstm-64", "LSTM of 64 units", "lstm", 64, 1, False, 1.5),
        ("lstm-128", "LSTM of 128 units", "lstm", 128, 1, False, 1.2),
        ("gru-64", "GRU of 64 units", "gru", 64, 1, False, 1.2),
        ("lstm-deep", "two LSTM layers of 64 units in both directions", "lstm", 64, 2, True, 1.2),
    )
)
