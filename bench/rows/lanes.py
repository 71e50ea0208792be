"""Lanes of a search: how fast more of them go, what memory each takes, and what is lost between its rungs."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import data
from bench.outcome import Bar, Outcome, Row, Session
from bench.table import seconds

if TYPE_CHECKING:
    from photic.train.run import Training

_COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_ROWS, _BATCH, _STEPS = 1_440, 32, 3_600  # of every lane; all counts take about so many steps in all
_ENOUGH = 8  # lanes, below whose speed it is not to fall
_MOST = 0.05
_SEARCHES = (("digits", 32, 5), ("wage", 32, 5), ("mnist-5000", 16, 1))


class Lanes:
    """So many lanes of MLP 64-128-10 that are trained side by side; compiled in the warm-up."""

    peer = "photic"

    def __init__(self, count: int) -> None:
        self.title, self.count = f"{count} lanes" if count > 1 else "1 lane", count

    def start(self) -> None:
        draw = np.random.default_rng(data.SEED)
        x = draw.normal(size=(_ROWS + 360, 64)).astype(np.float32)
        self.rows: tuple[Any, ...] = (x, draw.integers(0, 10, len(x)).astype(np.int32), np.ones(len(x), np.float32))

    def once(self) -> dict[str, float]:
        from photic.experiment import devices
        from photic.experiment.assignment import Assignment
        from photic.experiment.group import Group
        from photic.train.run import Table

        devices.set_up()
        fit, judged, none = np.arange(_ROWS), np.arange(_ROWS, _ROWS + 360), np.zeros(0, np.int32)
        lanes = [
            Assignment(f"{i}", data.SEED, fit, judged, none, {"rate": 0.001 + i * 1e-6}) for i in range(self.count)
        ]
        group = Group(_training(), Table(*self.rows), lanes, (1, 1))
        group.compile()
        epochs = max(3, round(_STEPS / (self.count * (_ROWS // _BATCH))))
        group.advance(1)
        began = time.perf_counter()
        group.advance(1 + epochs)
        took = time.perf_counter() - began
        steps = epochs * self.count * (_ROWS // _BATCH)
        return {"seconds": took, "a step": took / steps, "bytes": float(group.memory())}

    def close(self) -> None:
        """Nothing is left open."""


class Searched:
    """A whole search by `ph.tune`, and where its time went."""

    peer = "photic"

    def __init__(self, name: str, trials: int, folds: int) -> None:
        self.title, self.name, self.trials, self.folds = f"{name}, {trials} x {folds}", name, trials, folds

    def start(self) -> None:
        """Nothing is to be made before."""

    def once(self) -> dict[str, float]:
        from photic.runs.tune import tune

        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            found = tune(None, self.name, trials=self.trials, folds=self.folds, outer=0, baselines=False,
                         out=Path(folder) / "run")  # fmt: skip
            took = time.perf_counter() - began
        spent = found.story["cost"]["seconds"]
        return {"seconds": took, **spent, "epochs": float(found.story["cost"]["epochs"])}

    def close(self) -> None:
        """Nothing is left open."""


def _training() -> Training:
    from photic.layers import Dense, ReLU
    from photic.maths.losses import CrossEntropy
    from photic.model import Model
    from photic.optim.descent import Descent
    from photic.optim.rules import Adam
    from photic.spec import Knob
    from photic.train.objective import Objective
    from photic.train.run import Training

    objective = Objective(Model(Dense(128), ReLU(), Dense(10)), CrossEntropy())
    return Training(objective, Descent(Adam(Knob("rate", 0.001))), _BATCH, 10_000, 10_000, "accuracy")


def measure_lanes(session: Session) -> Outcome:
    """Every count in alternation."""
    entries, missing = session.alternate([Lanes(count) for count in _COUNTS])
    known = {count: entry for count, entry in zip(_COUNTS, entries, strict=True) if entry.runs}
    lines = [
        {
            "": entry.title,
            "a step of a model": seconds(entry.median("a step")),
            "model-steps a second": f"{1 / entry.median('a step'):,.0f}",
            "memory a lane": f"{entry.median('bytes') / 1e3:,.0f} kB",
        }
        for entry in known.values()
    ]
    bars = []
    if _ENOUGH in known:
        speed = {count: 1 / entry.median("a step") for count, entry in known.items()}
        worst = min(speed[count] for count in speed if count >= _ENOUGH) / speed[_ENOUGH]
        words = f"never slower than at {_ENOUGH} lanes"
        bars.append(Bar(words, f"{worst:.2f}x at the slowest", worst >= 1.0))
    return Outcome(entries, lines, bars, missing)


def measure_engine(session: Session) -> Outcome:
    """Whole searches, and the share of their time that is not compiled compute, compiling aside."""
    entries, missing = session.alternate([Searched(*each) for each in _SEARCHES])
    lines, bars = [], []
    for entry in entries:
        if not entry.runs:
            continue
        train, engine = entry.median("train"), entry.median("engine")
        share = engine / (train + engine)
        lines.append(
            {
                "": entry.title,
                "wall time": seconds(entry.median()),
                "compiling": seconds(entry.median("compile")),
                "training": seconds(train),
                "the engine between": seconds(engine),
                "its share": f"{share:.1%}",
                "winners": seconds(entry.median("refit")),
            }
        )
        bars.append(Bar(f"{entry.title}: the engine at most {_MOST:.0%}", f"{share:.1%}", share <= _MOST))
    return Outcome(entries, lines, bars, missing)


ROWS = (
    Row("lanes", "lanes of MLP 64-128-10, batch 32, side by side on this machine", measure_lanes),
    Row("search-engine", "searches by photic tune, and what is lost between their rungs", measure_engine),
)
