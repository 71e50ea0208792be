"""The rows of a plan, read again: only the very rows that it was made for will do."""

from __future__ import annotations

from typing import Any

from photic.data.dataset import Dataset
from photic.data.read import read
from photic.errors import DataError, RunError
from photic.experiment.plan import Plan


def read_again(plan: Plan, data: Any = None, memory: int | None = None) -> Dataset:
    """The dataset a plan was made for.

    Args:
        data: where it is now, a table, or arrays `(x, y)`; None reads it where it was.
        memory: how many bytes the rows may take, as for `read`.

    Raises:
        RunError: when it is not at hand, or is not what the plan was made for.
        DataError: when what is there cannot be read.
    """
    source = plan.source
    given = data if data is not None else source.data
    if given is None:
        fix = "give the data again"
        raise RunError(
            "plan", "needs the data it was made for", "nothing", source="a table or arrays in memory", fix=fix
        )
    table, target = given if isinstance(given, tuple) else (given, source.target)
    try:
        dataset = read(table, target, **source.reading, memory=memory)
    except DataError as error:
        if data is not None:
            raise
        fix = f"{error.fix}; or give the place where the data is now"
        raise DataError(error.where, error.required, error.got, source="the plan of the run", fix=fix) from None
    if dataset.fingerprint != source.fingerprint:
        fix = "give the old file, or start a new run with photic fit"
        raise RunError(
            dataset.name, "needs the rows the plan was made for", "other rows", source=dataset.source, fix=fix
        )
    return dataset
