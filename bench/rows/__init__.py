"""The rows of the benchmark, in the order they are measured."""

from __future__ import annotations

from bench.outcome import Row
from bench.rows import (
    coverage,
    diagnose,
    diagnose_time,
    fashion,
    folds,
    fresh,
    images,
    ingredients,
    inspection,
    lanes,
    million,
    optimism,
    overhead,
    rates,
    reach,
    searches,
    sequences,
    startup,
    steps,
    streaming,
    tables,
    trace,
)

ROWS: dict[str, Row] = {
    row.name: row
    for row in (
        *steps.ROWS,
        *sequences.ROWS,
        *images.ROWS,
        folds.ROW,
        *searches.ROWS,
        reach.ROW,
        *lanes.ROWS,
        fashion.ROW,
        fresh.ROW,
        startup.ROW,
        million.ROW,
        streaming.ROW,
        overhead.ROW,
        inspection.ROW,
        trace.ROW,
        diagnose.ROW,
        diagnose_time.ROW,
        rates.ROW,
        tables.ROW,
        ingredients.ROW,
        coverage.ROW,
        optimism.ROW,
    )
}
