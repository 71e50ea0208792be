"""How long every number of one row's way forward and back takes, in a network of ten layers."""

from __future__ import annotations

import time

import numpy as np

from bench.outcome import Bar, Outcome, Row, Session
from bench.table import seconds

_MOST = 0.5
_UNITS, _COLUMNS, _DEEP = 64, 20, 10


class Look:
    """One row through ten Dense layers of 64 with a ReLU after each but the last; its weights are drawn beforehand."""

    peer = "photic"
    title = f"{_DEEP} Dense layers of {_UNITS}, ReLU between, one row of {_COLUMNS} numbers"

    def start(self) -> None:
        from photic import keys
        from photic.layers import Dense, ReLU
        from photic.model import Model

        hidden = [layer for _ in range(_DEEP - 1) for layer in (Dense(_UNITS), ReLU())]
        self.model = Model(*hidden, Dense(1))
        self.params, self.state = self.model.init(keys.root(0), (_COLUMNS,))
        self.draw = np.random.default_rng(0)

    def once(self) -> dict[str, float]:
        from photic.backprop.trace import trace
        from photic.maths.losses import MSE

        x = self.draw.normal(size=(1, _COLUMNS)).astype(np.float32)  # another row every time
        began = time.perf_counter()
        told = trace(self.model, self.params, self.state, x, np.ones((1, 1), np.float32), MSE())
        traced = time.perf_counter()
        words = told.text()
        return {
            "seconds": time.perf_counter() - began, "text": time.perf_counter() - traced, "characters": len(words)
        }  # fmt: skip

    def close(self) -> None:
        """Nothing is left open."""


def measure(session: Session) -> Outcome:
    """The first trace apart, then the median of the others, each of another row and with its text."""
    entries, missing = session.alternate([Look()])
    entry = entries[0]
    if not entry.runs:
        return Outcome(entries, [], [], missing)
    low, high = entry.spread()
    line = {
        "": entry.title,
        "first": seconds(entry.first["seconds"]),
        "then": seconds(entry.median()),
        "least to most": f"{seconds(low)} to {seconds(high)}",
        "of it, writing it out": seconds(entry.median("text")),
    }
    bar = Bar(f"a trace after the first, under {_MOST} s", seconds(entry.median()), entry.median() < _MOST)
    return Outcome(entries, [line], [bar], missing)


ROW = Row("trace", "every number of one row through a network of ten layers", measure)
