"""Tensors in words: rank, shape and the names of axes. Chapter: "Tensor".

A tensor is an array with any number of axes; its rank is how many. Ten people measured by height and weight are
a tensor of shape (10, 2): n = 10 rows, d = 2 features. Rows come first and channels last, always; inside the
library a shape is written per row, without n, because n may change from call to call.

Reference: Kolda and Bader, "Tensor decompositions and applications", 2009, https://doi.org/10.1137/07070111X
(section 2: order, modes). Lesson 4.
"""

from __future__ import annotations

from photic.errors import ShapeError

Shape = tuple[int, ...]

#: The letters of the axes of one row, by rank: a table's row, a sequence, an image.
AXES: dict[int, tuple[str, ...]] = {0: (), 1: ("d",), 2: ("t", "d"), 3: ("h", "w", "c")}


def words(shape: Shape, *, rows: bool = True) -> str:
    """A per-row shape with its axes named.

    >>> words((28, 28, 1))
    '[n, h=28, w=28, c=1]'
    """
    letters = AXES.get(len(shape), tuple(f"axis{i}" for i in range(len(shape))))
    named = [f"{letter}={size}" for letter, size in zip(letters, shape, strict=True)]
    return "[" + ", ".join((["n"] if rows else []) + named) + "]"


def need_rank(where: str, shape: Shape, rank: int, fix: str) -> None:
    """Refuse a per-row shape of another rank, in the five parts of an error.

    Raises:
        ShapeError: when `len(shape) != rank`.

    >>> need_rank("Dense(10)", (64,), 1, "put Flatten() before it")
    """
    if len(shape) != rank:
        letters = ", ".join(("n", *AXES.get(rank, ())))
        raise ShapeError(
            where,
            f"input needs rank {rank + 1} [{letters}]",
            f"rank {len(shape) + 1} {words(shape)}",
            source="the input",
            fix=fix,
        )
