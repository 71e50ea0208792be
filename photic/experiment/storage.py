"""Storage: whether the rows of a plan fit into memory, or lie in a file and are streamed."""

from __future__ import annotations

import math

from photic.data import encoding
from photic.data.dataset import Column, Dataset
from photic.data.memory import words
from photic.errors import PlanError
from photic.experiment.feed import BUFFERS

#: How many bytes of rows are on the device at once: large enough that nothing waits, small beside any memory.
SUPER_BATCH = 1 << 25


def choose(dataset: Dataset, memory: int | None, batch_size: int, said: list[str]) -> int | None:
    """The bytes of a super-batch where rows are streamed; None where memory holds them.

    Prepared rows and, unless those lie in a file already, the rows as they were read must fit together. Folds are not
    counted: a table that is large enough to ask has none.

    Args:
        memory: how many bytes rows may take; None for any number.
        said: takes the sentence about it.

    Raises:
        PlanError: when not even a few batches fit.

    >>> from photic.data import toy
    >>> said = []
    >>> choose(toy.xor(n=100_000), 1_000_000, 64, said), said[0][:61]
    (333333, 'Memory: the prepared rows take 2 MB, and 1 MB of memory is fo')
    """
    row = row_bytes(dataset)
    prepared, held = row * dataset.n, 0 if dataset.mapped else dataset.numbers.nbytes + dataset.codes.nbytes
    own = dataset.kind == "images"  # their bytes are prepared as they are
    if memory is None or (held if own and held else prepared + held) <= memory:
        return None
    super_batch = min(SUPER_BATCH, memory // BUFFERS)
    least = BUFFERS * row * batch_size
    if super_batch < row * batch_size:
        raise PlanError(
            "memory", f"needs room for {BUFFERS} batches of {batch_size} rows, {words(least)}", words(memory),
            source="the memory option", fix="give more, or make the batches smaller",
        )  # fmt: skip
    said.append(
        f"Memory: the prepared rows take {words(prepared)}, and {words(memory)} of memory is for rows, so they lie in "
        f"a file and are streamed, {words(super_batch)} at a time; the next is read while the present one trains."
    )
    return super_batch


def row_bytes(dataset: Dataset) -> int:
    """About how many bytes a prepared row takes, with its target and weight.

    >>> from photic.data import toy
    >>> row_bytes(toy.xor(n=100))
    16
    """
    if dataset.kind == "table":
        numbers = 4 * sum(_width(column) for column in dataset.columns)
    else:
        numbers = math.prod(dataset.numbers.shape[1:]) * (1 if dataset.kind == "images" else 4)
    outputs = 1 if dataset.y is None else math.prod(dataset.y.shape[1:])
    return numbers + 4 * outputs + 4


def _width(column: Column) -> int:
    """How many columns come out of one, at most, or usually."""
    if column.kind == "category":
        return min(len(column.levels) + 1, encoding.MOST)
    return 8 if column.kind == "date" else 1
