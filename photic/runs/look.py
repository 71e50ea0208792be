"""Looking into a finished network with rows of data: a trace of one row, and what one neuron listens for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from photic.backprop.neurons import Neuron, neuron
from photic.backprop.trace import Trace, trace
from photic.data.dataset import Dataset
from photic.data.read import read, read_for
from photic.errors import RequestError, RunError

if TYPE_CHECKING:
    from photic.runs.run import Run

_MOST_ROWS = 10_000  # that a neuron is shown


def trace_row(run: Run, row: int, data: Any = None) -> Trace:
    """Every number of one forward and one backward pass of a row.

    Args:
        row: its number in the data, from 0.
        data: a table with the target, or arrays `(x, y)`; None reads what the run was fitted on again.

    Raises:
        RequestError: when the data has no such row.
        RunError: when the data is not at hand, or has other columns than the run.
    """
    dataset, bundle = rows(run, data), run.bundle
    if not 0 <= row < dataset.n:
        fix = "give the number of a row, counted from 0"
        required = f"needs a row from 0 to {dataset.n - 1:,}"
        raise RequestError(dataset.name, required, f"{row:,}", source=dataset.source, fix=fix)
    assert dataset.y is not None, "rows that were read with a target have one"
    x = bundle.preparation.transform(dataset, np.array([row]), width=bundle.input[0])
    if dataset.lengths is not None:
        x = x[:, : dataset.lengths[row]]  # a trace knows no padding
    y = bundle.preparation.target(dataset.y[[row]])
    if bundle.task.every_step and dataset.lengths is not None:
        y = y[:, : dataset.lengths[row]]
    names = bundle.task.classes if bundle.task.kind == "multiclass" else bundle.task.names
    return trace(bundle.model, bundle.params, bundle.state, x, y, run.plan.loss, features=_features(run), outputs=names)


def open_neuron(run: Run, layer: str | int, unit: int, data: Any = None) -> Neuron:
    """One neuron: its weights by name, and the rows of the data that excite and silence it most.

    Args:
        layer: by path ("layers.2") or number.
        unit: its number in the layer, from 0.
        data: as in `trace_row`; of more than 10,000 rows the first are looked at.

    Raises:
        RequestError: for a layer or neuron that does not exist, and for series of unequal lengths.
        RunError: when the data is not at hand, or has other columns than the run.
    """
    dataset, bundle = rows(run, data), run.bundle
    if dataset.lengths is not None:
        got = f"{dataset.lengths.min():,} to {dataset.lengths.max():,} steps"
        fix = "give series of one length"
        raise RequestError("neuron", "needs series of equal lengths to look at", got, source=dataset.source, fix=fix)
    some = np.arange(min(dataset.n, _MOST_ROWS))
    x = bundle.preparation.transform(dataset, some, width=bundle.input[0])
    return neuron(bundle.model, bundle.params, bundle.state, x, layer, unit, _features(run))


def rows(run: Run, data: Any = None) -> Dataset:
    """The rows to look at: those given, or those the run was fitted on, read again."""
    source = run.plan.source
    given = data if data is not None else source.data
    where = str(run.folder)
    if given is None:
        fix = "give the data again"
        raise RunError(where, "needs rows to look at", "none", source="a run fitted on tables in memory", fix=fix)
    table, target = given if isinstance(given, tuple) else (given, source.target)
    dataset = read(table, target, **source.reading)
    if dataset.columns != run.bundle.columns:
        came = "other columns, or columns of other values"
        fix = "give the table that the run was fitted on"
        raise RunError(where, "needs the columns it was fitted on", came, source=dataset.source, fix=fix)
    return dataset


def one_row(run: Run, data: Any, row: int, thing: str) -> Dataset:
    """One row to show: of new data, or of what the run was fitted on.

    Args:
        data: as for `predict`, without targets; None reads what the run was fitted on again.
        row: which of them, from 0.
        thing: what a row is called: "picture" or "series".

    Raises:
        RequestError: when there is no such row.
        DataError: when the data cannot be read.
        RunError: when the data of the run is not at hand.
    """
    dataset = rows(run) if data is None else read_for(data, run.bundle.columns, run.bundle.form)
    if not 0 <= row < dataset.n:
        required, fix = f"needs a {thing} from 0 to {dataset.n - 1:,}", f"count from 0, the first {thing} being 0"
        raise RequestError(dataset.name, required, f"{row:,}", source=dataset.source, fix=fix)
    return dataset.take(np.array([row]))


def _features(run: Run) -> list[str]:
    """The names of what goes into the network; columns that only fill up the width are called so."""
    names = run.bundle.preparation.features
    if len(run.bundle.input) > 1:
        return list(names)
    return [*names, *(f"unused {i + 1}" for i in range(run.bundle.input[0] - len(names)))]
