"""Ways to spoil the data of a sound program; every one gives the same rows for the same seed."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from photic.data.dataset import Column, Dataset
from photic.diagnose.described import Described
from photic.diagnose.parts import Data, HeldOut, InputForm, TargetForm


def unscaled(described: Described, factor: float) -> Described:
    """Columns in other units, as they are; every second one, so that they are far apart."""
    rows = described.dataset()
    numbers = np.array(rows.numbers, np.float64)
    numbers[:, ::2] *= factor
    return dataclasses.replace(_with(described, rows, numbers=numbers), inputs=InputForm("none"))


def target_unscaled(described: Described, factor: float) -> Described:
    """A number to predict in another unit, as it is."""
    rows = described.dataset()
    assert rows.y is not None
    y = rows.y / rows.y.std() * factor
    return dataclasses.replace(_with(described, rows, y=y), target=TargetForm("values", "none"))


def imbalanced(described: Described, share: float) -> Described:
    """Of the last class only so many rows are kept that they are this share of all."""
    rows = described.dataset()
    assert rows.y is not None
    rare = rows.y == rows.y.max()
    wanted = max(12, round(share / (1 - share) * int((~rare).sum())))
    kept = np.flatnonzero(rare)[:wanted]
    return _with(described, rows.take(np.sort(np.concatenate([np.flatnonzero(~rare), kept]))))


def mislabelled(described: Described, share: float) -> Described:
    """So large a share of the labels replaced by another class."""
    rows, draw = described.dataset(), _draw(described)
    assert rows.y is not None
    assert rows.task is not None
    classes = len(rows.task.classes)
    wrong = draw.random(rows.n) < share
    y = np.where(wrong, (rows.y + draw.integers(1, classes, rows.n)) % classes, rows.y).astype(np.int32)
    return _with(described, rows, y=y)


def misplaced(described: Described, share: float) -> Described:
    """So large a share of the numbers to predict dealt out anew among their rows."""
    rows, draw = described.dataset(), _draw(described)
    assert rows.y is not None
    wrong = np.flatnonzero(draw.random(rows.n) < share)
    y = np.array(rows.y, np.float64)
    y[wrong] = y[draw.permutation(wrong)]
    return _with(described, rows, y=y)


def leaking(described: Described, noise: float) -> Described:
    """One more column: the answer, with noise of this size."""
    rows, draw = described.dataset(), _draw(described)
    assert rows.y is not None
    answer = (rows.y - rows.y.mean()) / rows.y.std() if not rows.task or not rows.task.classes else rows.y
    column = answer + noise * draw.standard_normal(rows.n)
    numbers = np.column_stack([np.asarray(rows.numbers, np.float64), column])
    columns = (*rows.columns, Column("settled", "number"))
    return _with(described, rows, numbers=numbers, columns=columns)


def copied(described: Described, share: float) -> Described:
    """So large a share of the rows stands there twice."""
    rows, draw = described.dataset(), _draw(described)
    again = draw.permutation(rows.n)[: round(share * rows.n)]
    return _with(described, rows.take(draw.permutation(np.concatenate([np.arange(rows.n), again]))))


def prepared_on_all(described: Described, _: float) -> Described:
    """Scaling learned from all rows, those held out among them."""
    target = dataclasses.replace(described.target, fitted="all")
    return dataclasses.replace(described, inputs=InputForm("standard", fitted="all"), target=target)


def sorted_rows(described: Described, _: float) -> Described:
    """Rows sorted by their target, taken in that order in every epoch."""
    ordered = _sorted(described)
    held = HeldOut(described.split.share, described.split.method, kept=True)
    return dataclasses.replace(ordered, split=held, shuffle=False)


def sorted_tail(described: Described, _: float) -> Described:
    """Rows sorted by their target, the last ones held out."""
    return dataclasses.replace(_sorted(described), split=HeldOut(described.split.share, "tail"))


def holes(described: Described, share: float) -> Described:
    """So large a share of the numbers missing, and left so."""
    rows, draw = described.dataset(), _draw(described)
    numbers = np.where(draw.random(rows.numbers.shape) < share, np.nan, rows.numbers)
    return dataclasses.replace(_with(described, rows, numbers=numbers), inputs=InputForm("standard", missing="leave"))


def _sorted(described: Described) -> Described:
    rows = described.dataset()
    assert rows.y is not None
    return _with(described, rows.take(np.argsort(rows.y, kind="stable")))


def _with(described: Described, rows: Dataset, **changed: Any) -> Described:
    """The same training on changed rows."""
    parts: dict[str, Any] = {
        name: getattr(rows, name) for name in ("columns", "numbers", "codes", "y", "task", "weight")
    } | changed
    columns, numbers, codes = parts.pop("columns"), parts.pop("numbers"), parts.pop("codes")
    made = Dataset.of(rows.name, "the fault injector", columns, numbers, codes, **parts)
    return dataclasses.replace(described, data=Data(dataset=made))


def _draw(described: Described) -> np.random.Generator:
    return np.random.default_rng([described.seed, 97])
