"""Convolutional networks: steps a second, a cross-validation, and predictions; as `steps`, `folds` and `sequences`."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

from bench import ceiling, data
from bench.entrants import Worker
from bench.measure import Entry
from bench.networks import NETWORKS, operations
from bench.outcome import Bar, Outcome, Row, Session, at_least, times
from bench.rows.steps import cells
from bench.table import seconds


@dataclasses.dataclass(frozen=True)
class Case:
    """A network to train, and what is to be reached: against the best peer, and against Keras on JAX if anything."""

    name: str
    title: str
    network: str
    shape: tuple[int, ...]
    factor: float
    keras: float | None = None
    rows: int = 2560
    batch_size: int = 128
    epochs: int = 2


CASES = (
    Case("cnn-28", "CNN of 2 convolutions on 28x28x1", "cnn", (28, 28, 1), 1.2, keras=3.0),
    Case("cnn-32", "CNN of 2 convolutions on 32x32x3", "cnn", (32, 32, 3), 1.1),
    Case("resnet", "ResNet of 9 convolutions, 16 to 64 wide, on 32x32x3", "resnet", (32, 32, 3), 1.1),
    Case("cnn-1d", "CNN of 3 convolutions on 1,000 steps of 6 channels", "series", (1000, 6), 1.2),
)
_FOLDS = {"network": "cnn", "count": 5, "batch_size": 128, "epochs": 5}
_PREDICT = {"network": "cnn", "shape": [28, 28, 1]}


def measure(session: Session, *, case: Case) -> Outcome:
    """Everybody trains the same network on the same rows for the same epochs."""
    same: dict[str, Any] = {
        "network": case.network, "shape": list(case.shape), "rows": case.rows, "batch_size": case.batch_size,
        "epochs": case.epochs,
    }  # fmt: skip
    entrants = [Worker("Photic", "photic", "images", same, session.cache())]
    entrants += _torch("images", same, lasts=len(case.shape) == 3)
    if case.keras is not None:
        entrants.append(Worker("Keras on JAX", "keras", "images", same, {"KERAS_BACKEND": "jax"}))
    entries, missing = session.alternate([*entrants, *ceiling.entrants()])
    photic, most = entries[0], ceiling.rates(entries)
    steps = case.epochs * -(-case.rows // case.batch_size)
    work = operations(NETWORKS[case.network], case.shape) * case.rows * case.epochs
    lines = [
        cells(entry, steps, photic) | {"GFLOP/s": f"{work / entry.median() / 1e9:.0f}"}
        for entry in entries
        if entry.runs and entry.peer != "numpy"
    ]
    bars = [
        at_least(case.factor, f"at least {case.factor:g}x the best peer's steps a second", photic, ["torch"], entries)
    ]
    if case.keras is not None:
        bars.append(at_least(case.keras, f"at least {case.keras:g}x Keras on JAX", photic, ["keras"], entries))
    if photic.runs and most:
        share = ceiling.shares(work / photic.median(), most)
        bars.append(Bar("share of the matrix-product ceiling", ", ".join(f"{part} {of}" for of, part in share.items())))
    return Outcome(entries, lines, bars, missing)


def folds(session: Session) -> Outcome:
    """Photic runs in a new process each time, so that it has to compile; the processes of the peers stay warm."""
    same = _FOLDS | {"path": str(data.save_mnist(session.folder / "mnist.npz"))}
    cold = session.folder / "cold"
    entrants = [
        Worker("Photic, cold", "photic", "image folds", same, session.cache("cold"), fresh=True, emptied=cold),
        Worker("Photic, compiled before", "photic", "image folds", same, session.cache(), fresh=True),
        *_torch("image folds", same),
    ]
    entries, missing = session.alternate(entrants, one_of=["torch"])
    bars = [at_least(1.5, "cold, at least 1.5x PyTorch's loop", entries[0], ["torch"], entries)]
    return Outcome(entries, [_wall(entry, entries[0]) for entry in entries if entry.runs], bars, missing)


def predict(session: Session) -> Outcome:
    """Outputs for ten thousand pictures, and for one, a hundred times."""
    lines, bars, kept, missing = [], [], [], []
    for title, rows, count in (("10,000 images", 10_000, 1), ("one image", 1, 100)):
        same = _PREDICT | {"rows": rows, "times": count}
        entrants = [Worker("Photic", "photic", "image predictions", same, session.cache())]
        entries, missing = session.alternate([*entrants, *_torch("image predictions", same)])
        lines += [
            {
                "": f"{title}: {entry.title}",
                "time": seconds(entry.median() / count),
                "Photic is": times(entry, entries[0]),
            }
            for entry in entries
            if entry.runs
        ]
        bars.append(at_least(1.0, f"{title}: not slower than the best peer", entries[0], ["torch"], entries))
        kept += entries
    return Outcome(kept, lines, bars, missing)


def _torch(work: str, same: dict[str, Any], *, lasts: bool = True) -> list[Worker]:
    return [
        Worker(
            f"PyTorch, {threads} thread{'s' if threads > 1 else ''}{', channels last' if last else ''}",
            "torch", work, same | {"threads": threads, "last": last},
        )
        for last in ((False, True) if lasts else (False,))
        for threads in (1, 2)
    ]  # fmt: skip


def _wall(entry: Entry, cold: Entry) -> dict[str, str]:
    low, high = entry.spread()
    return {
        "": entry.title,
        "wall time": seconds(entry.median()),
        "least to most": f"{seconds(low)} to {seconds(high)}",
        "of it compilation": seconds(entry.median("compile")) if entry.has("compile") else "",
        "cold Photic is": times(entry, cold),
        "mean accuracy": f"{entry.median('accuracy'):.4f}",
    }


ROWS = (
    *(Row(case.name, f"{case.title}, Adam, batch {case.batch_size}", partial(measure, case=case)) for case in CASES),
    Row("cnn-folds", "5 folds of the CNN on 5,000 digits of MNIST, 5 epochs, batch 128, wall time", folds),
    Row("cnn-predict", "predictions of the CNN on 28x28x1", predict),
)
