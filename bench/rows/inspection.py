"""What inspection costs: the same training with its layers watched and not, turn about.

Time is that of the processor, all threads together, which others on the machine disturb less than the clock on the
wall. What is compiled is compiled in the warm-up.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.outcome import Bar, Outcome, Row, Session
from bench.table import seconds

if TYPE_CHECKING:
    from photic.layers.base import Layer
    from photic.train.run import Training

_MOST = 0.03
_SEED = 0


@dataclasses.dataclass(frozen=True)
class Kind:
    """A network and how it is trained; `layers` are words that `_layers` reads."""

    title: str
    layers: tuple[str, ...]
    shape: tuple[int, ...]
    classes: int
    rows: int
    batch_size: int
    epochs: int


_KINDS = (
    Kind("MLP 20-64-64-1", ("64", "relu", "64", "relu"), (20,), 0, 10_000, 32, 8),
    Kind("MLP 20-64-64-1, batch 128", ("64", "relu", "64", "relu"), (20,), 0, 10_000, 128, 24),
    Kind("MLP 20-64-64-1, a tenth of the rows", ("64", "relu", "64", "relu"), (20,), 0, 1_000, 32, 80),
    Kind("MLP 784-256-10", ("256", "relu"), (784,), 10, 10_000, 128, 8),
    Kind("normed and thinned, 3 x 64", ("64", "norm", "relu", "drop") * 3, (20,), 2, 10_000, 32, 8),
    Kind("tanh, 6 x 32", ("32", "tanh") * 6, (20,), 2, 10_000, 32, 8),
    Kind(
        "convolution 8-16, 12 x 12 images",
        ("conv 8", "relu", "conv 16", "relu", "flat"),
        (12, 12, 1),
        10,
        2_000,
        32,
        10,
    ),
)


class Turn:
    """One training, inspected or not; compiled in the warm-up, so that only training is timed."""

    peer = "photic"

    def __init__(self, kind: Kind, *, inspects: bool) -> None:
        self.title, self.kind, self.inspects = f"{kind.title}, {'on' if inspects else 'off'}", kind, inspects

    def start(self) -> None:
        draw = np.random.default_rng(_SEED)
        x = draw.normal(size=(self.kind.rows, *self.kind.shape)).astype(np.float32)
        many = self.kind.classes
        y = draw.integers(0, many, self.kind.rows).astype(np.int32) if many > 2 else draw.random((self.kind.rows, 1))
        y = (y > 0.5).astype(np.float32) if many == 2 else y if many else y.astype(np.float32)
        self.table: tuple[Any, ...] = (x, y, np.ones(len(x), np.float32))
        self.training = _training(self.kind)

    def once(self) -> dict[str, float]:
        from photic.experiment import devices, lanes
        from photic.train.run import Table

        devices.set_up()
        rows, none = np.arange(self.kind.rows), np.zeros(0, np.int32)
        lane = lanes.Assignment("all", _SEED, rows, none, none)
        began, clock = time.process_time(), time.perf_counter()
        result = lanes.train(self.training, Table(*self.table), [lane], inspects=self.inspects)
        told = result.inspection  # what was put off is a part of the cost
        worked, took = time.process_time() - began, time.perf_counter() - clock
        return {"seconds": took, "processor": worked, "inspections": float(len(told))}

    def close(self) -> None:
        """Nothing is left open."""


def measure(session: Session) -> Outcome:
    """Every network on and off in alternation; the median of what each round says."""
    turns = [Turn(kind, inspects=inspects) for kind in _KINDS for inspects in (True, False)]
    entries, missing = session.alternate(turns)
    lines, costs = [], []
    for kind, on, off in zip(_KINDS, entries[::2], entries[1::2], strict=True):
        if not (on.runs and off.runs):
            continue
        pairs = [first["processor"] / second["processor"] - 1 for first, second in zip(on.runs, off.runs, strict=True)]
        cost = float(np.median(pairs))  # neighbours in time: what slows the machine slows both
        costs.append(cost)
        lines.append(
            {
                "training": kind.title,
                "steps": f"{kind.epochs * -(-kind.rows // kind.batch_size):,}",
                "inspections": f"{on.median('inspections'):.0f}",
                "on": seconds(on.median("processor")),
                "off": seconds(off.median("processor")),
                "costs": f"{cost:+.1%}",
                "middle half of the rounds": "{:+.1%} to {:+.1%}".format(*np.quantile(pairs, [0.25, 0.75])),
            }
        )
    middle = float(np.median(costs)) if costs else float("nan")
    words = f"inspection costs at most {_MOST:.0%} of the training, median of the networks"
    worst = f"worst of them at most {_MOST:.0%}"
    bars = [Bar(words, f"{middle:+.1%}", middle <= _MOST), Bar(worst, f"{max(costs):+.1%}", max(costs) <= _MOST)]
    return Outcome(entries, lines, bars if costs else [], missing)


def _training(kind: Kind) -> Training:
    from photic.maths import losses
    from photic.model import Model
    from photic.optim.descent import Descent
    from photic.optim.rules import Adam
    from photic.train.objective import Objective
    from photic.train.run import Training

    task, metric = {0: ("regression", "rmse"), 2: ("binary", "accuracy")}.get(kind.classes, ("multiclass", "accuracy"))
    model = Model(*_layers((*kind.layers, str(max(kind.classes, 1) if kind.classes != 2 else 1))))
    objective = Objective(model, losses.default(task))
    return Training(objective, Descent(Adam(0.001)), kind.batch_size, kind.epochs, kind.epochs, metric)


def _layers(words: Sequence[str]) -> list[Layer]:
    from photic.layers import BatchNorm, Conv, Dense, Dropout, Flatten, ReLU, Tanh

    made = {"relu": ReLU, "tanh": Tanh, "norm": BatchNorm, "drop": lambda: Dropout(0.1), "flat": Flatten}
    read = lambda word: Conv(int(word.split()[1]), 3) if word.startswith("conv") else Dense(int(word))
    return [made[word]() if word in made else read(word) for word in words]


ROW = Row("inspection", "the same training with its layers inspected and not, processor time", measure)
