"""Small generated sets whose truth is known exactly: for lessons, tests and first tries."""

from __future__ import annotations

import numpy as np

from photic.data.dataset import Column, Dataset
from photic.data.task import Task


def xor(n: int = 400, noise: float = 0.0, seed: int = 0) -> Dataset:
    """Is exactly one of two numbers positive? No straight line can tell.

    `y = [x1 > 0] xor [x2 > 0]`, x uniform in [-1, 1], then `noise` times a standard normal added to x.

    >>> data = xor(n=4, seed=1)
    >>> [bool(a * b < 0) == bool(y) for (a, b), y in zip(data.numbers, data.y, strict=True)]
    [True, True, True, True]
    """
    draw = np.random.default_rng([seed, 1])
    x = draw.uniform(-1, 1, (n, 2))
    y = (x[:, 0] > 0) != (x[:, 1] > 0)
    return _classes("xor", x + noise * draw.standard_normal((n, 2)), y, "different signs", ("no", "yes"))


def _classes(name: str, x: np.ndarray, y: np.ndarray, target: str, classes: tuple[str, ...]) -> Dataset:
    columns = [Column(f"x{i + 1}", "number") for i in range(x.shape[1])]
    kind = "binary" if len(classes) == 2 else "multiclass"
    return Dataset.of(name, "generated", columns, x, task=Task(kind, target, classes), y=y.astype(np.int32))
