"""How much of a small network's step is arithmetic: the share of the matrix-product ceiling that it reaches."""

from __future__ import annotations

from bench import ceiling, data
from bench.entrants import Worker
from bench.outcome import Bar, Outcome, Row, Session
from bench.table import seconds

_ROWS, _EPOCHS = 10_000, 10
_NETWORKS = (([20, 64, 64, 1], 32), ([20, 64, 64, 1], 128), ([784, 256, 10], 128))


def measure(session: Session) -> Outcome:
    """Every network of the rows `steps-*`, beside a large matrix product on one core and on two."""
    entrants = [
        Worker(
            f"MLP {'-'.join(map(str, sizes))}, batch {batch_size}",
            "photic",
            "steps",
            {"sizes": sizes, "rows": _ROWS, "batch_size": batch_size, "epochs": _EPOCHS},
            session.cache(),
        )
        for sizes, batch_size in _NETWORKS
    ]
    entries, missing = session.alternate([*entrants, *ceiling.entrants()])
    most = ceiling.rates(entries)
    lines = []
    for entry, (sizes, batch_size) in zip(entries, _NETWORKS, strict=False):
        if entry.runs:
            step = entry.median() / (_EPOCHS * -(-_ROWS // batch_size))
            rate = data.multiplications(sizes) * _ROWS * _EPOCHS / entry.median()
            lines.append(
                {"": entry.title, "a step": seconds(step), "GFLOP/s": _giga(rate)} | ceiling.shares(rate, most)
            )
    bars = [Bar("share of the ceiling, first row", lines[0].get("of 1 core", "not measured"))] if lines else []
    lines += [{"": f"matrix product, {cores}", "GFLOP/s": _giga(rate)} for cores, rate in most.items()]
    return Outcome(entries, lines, bars, missing)


def _giga(rate: float) -> str:
    return f"{rate / 1e9:.0f}"


ROW = Row("overhead", "share of the matrix-product ceiling that a step reaches", measure)
