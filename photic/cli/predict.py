"""`photic predict`: classes with probabilities, or values, for new rows."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photic.cli import options, screen
from photic.errors import RequestError, nearest

if TYPE_CHECKING:
    import polars as pl

_PREVIEW = 20  # rows shown in a terminal
_WRITERS = {
    ".csv": "write_csv",
    ".tsv": "write_csv",
    ".parquet": "write_parquet",
    ".jsonl": "write_ndjson",
    ".ndjson": "write_ndjson",
}


def predict(
    run: options.Run,
    data: options.Data,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="CSV, TSV, Parquet or JSON-lines by its ending; - is standard output.",
            rich_help_panel="Output",
        ),
    ] = None,
    memory: options.Memory = None,
    json: options.Json = False,
) -> None:
    """Predict new rows with a saved network.

    Classes with their probabilities, or values in the unit of the target.
    """
    _check(out, json)
    from photic.runs.run import load  # inside: help must print without JAX

    predictions = load(run).predict(data, memory=memory)
    frame = predictions.to_frame()
    for sentence in predictions.said:
        screen.err().print(sentence, style="dim", markup=False, soft_wrap=True)
    if out not in (None, "-"):
        _write(frame, Path(out))
    if json:
        rows = {"predictions": frame.to_dicts()} if out is None else {"out": out}
        screen.put_json({"run": run, "rows": len(frame), "columns": frame.columns} | rows)
    elif out == "-" or (out is None and not sys.stdout.isatty()):
        sys.stdout.write(frame.write_csv())
    elif out is None:
        _preview(frame)
    else:
        screen.err().print(f"wrote {len(frame):,} predictions to {out}", markup=False, soft_wrap=True)


def _check(out: str | None, json: bool) -> None:
    """Refuse a place for the predictions before any work is done."""
    if out == "-" and json:
        fix = "leave one out: with --json alone the predictions are in the object"
        raise RequestError("--out", "needs a file beside --json", "-", source="the command line", fix=fix)
    if out not in (None, "-") and Path(out).suffix.lower() not in _WRITERS:
        fix = nearest(Path(out).suffix.lower(), _WRITERS)
        raise RequestError("--out", "needs a known ending", repr(Path(out).name), source="the command line", fix=fix)


def _write(frame: pl.DataFrame, path: Path) -> None:
    from photic.export import atomic  # inside: help must print without NumPy

    suffix, buffer = path.suffix.lower(), io.BytesIO()
    if suffix == ".tsv":
        frame.write_csv(buffer, separator="\t")
    else:
        getattr(frame, _WRITERS[suffix])(buffer)
    atomic.write_file(path, buffer.getvalue(), "the predictions")


def _preview(frame: pl.DataFrame) -> None:
    from rich.table import Table  # inside: help must print without it

    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in frame.columns:
        table.add_column(name, justify="right" if frame[name].dtype.is_numeric() else "left", no_wrap=True)
    for row in frame.head(_PREVIEW).iter_rows():
        table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row))
    screen.out().print(table)
    if len(frame) > _PREVIEW:
        screen.err().print(f"and {len(frame) - _PREVIEW:,} more; -o predictions.csv writes them all", style="dim")
