"""The rows of the benchmark, in the order they are measured."""

from __future__ import annotations

from bench.outcome import Row
from bench.rows import diagnose, folds, fresh, million, overhead, rates, sequences, startup, steps, tables

ROWS: dict[str, Row] = {
    row.name: row
    for row in (
        *steps.ROWS,
        *sequences.ROWS,
        folds.ROW,
        fresh.ROW,
        startup.ROW,
        million.ROW,
        overhead.ROW,
        diagnose.ROW,
        rates.ROW,
        tables.ROW,
    )  # fmt: skip
}
