"""The rows of a described training, laid out: read, divided, filled, scaled and encoded as it says."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from photic.data.dataset import Dataset
from photic.data.prepare import Preparation
from photic.data.split import split
from photic.data.task import Task
from photic.diagnose.described import Described
from photic.diagnose.parts import InputForm, refused
from photic.maths import losses

Rows = Int[np.ndarray, " m"]

#: The names that splits have in `photic.data.split`, where they are others.
_METHODS = {"shuffled": "plain"}


@dataclasses.dataclass(frozen=True, eq=False)
class LaidOut:
    """Arrays of all rows, and which of them train.

    Args:
        dataset: the rows as read.
        task: what is predicted.
        fit: `[a]` rows that train, in the order they come without shuffling; stop: `[b]` rows that are looked at.
        x: `[n, d]` as the network sees them; `names` of its columns.
        y: numbers `[n, 1]` as scaled, 0 and 1 `[n, 1]`, or class codes `[n]`; labels are encoded inside the loss.
        center, scale: numbers in the user's unit are `center + scale y`.
        weight: `[n]`.
    """

    dataset: Dataset
    task: Task
    fit: Rows
    stop: Int[np.ndarray, " b"]
    x: Float[np.ndarray, "n ..."]
    names: tuple[str, ...]
    y: np.ndarray
    center: float
    scale: float
    weight: Float[np.ndarray, " n"]


def lay_out(described: Described) -> LaidOut:
    """Read and arrange the rows.

    Raises:
        DataError: when they cannot be read or divided.
        SpecError: when no row is left to train on.

    >>> from photic.diagnose.parts import Data, LossUse, Stage
    >>> from photic.layers import Dense
    >>> data = Data(toy="moons", settings=(("n", 100),))
    >>> rows = lay_out(Described(data, (Stage(Dense(1)),), LossUse("binary_cross_entropy")))
    >>> rows.x.shape, len(rows.fit), len(rows.stop)
    ((100, 2), 75, 25)
    """
    dataset = described.dataset()
    task = dataset.task
    assert task is not None, "what is read with a target has a task"
    fit, stop = _divided(described, dataset)
    if not len(fit):
        raise refused("split", "needs at least one row to train on", "none", "hold out fewer rows")
    learned = fit if described.inputs.fitted == "fit" else np.arange(dataset.n)
    x, names = prepared(dataset, described.inputs, learned)
    y, center, scale = _target(described, dataset, task, fit)
    return LaidOut(dataset, task, fit, stop, x, names, y, center, scale, _weights(described, dataset, task, fit))


def prepared(dataset: Dataset, form: InputForm, rows: Rows) -> tuple[Float[np.ndarray, "n ..."], tuple[str, ...]]:
    """All rows as the network sees them, float32, with what some rows teach about filling and scaling.

    Numbers come first, then a column of 0 and 1 for each level of each category; a missing category is 0 in all.
    """
    if form.scaling == "photic":
        preparation = Preparation.fit(dataset, rows)
        return preparation.transform(dataset), preparation.features
    numbers = np.asarray(dataset.numbers, np.float64)
    if form.missing != "leave" and numbers.ndim == 2 and numbers.size:
        finite = np.where(np.isfinite(numbers), numbers, np.nan)
        known = finite[rows].copy()
        known[:, np.isnan(known).all(axis=0)] = 0.0
        middle = {"median": np.nanmedian, "mean": np.nanmean}.get(form.missing)
        numbers = np.where(np.isnan(finite), 0.0 if middle is None else middle(known, axis=0), finite)
    center, scale = scaling(numbers[rows], form.scaling)
    numbers = (numbers - center) / scale
    levels = [
        (f"{column.name} {level}", codes == code)
        for column, codes in zip(dataset.code_columns, dataset.codes.T, strict=True)
        for code, level in enumerate(column.levels)
    ]
    names = tuple(column.name for column in dataset.columns if column.numeric) + tuple(name for name, _ in levels)
    if not levels:
        return numbers.astype(np.float32), names
    return np.column_stack([numbers, *(mask for _, mask in levels)]).astype(np.float32), names


def scaling(values: Float[np.ndarray, "n ..."], method: str) -> tuple[np.ndarray, np.ndarray]:
    """What is taken away from every column and what it is divided by then; 1 where a column never changes.

    >>> [array.tolist() for array in scaling(np.array([[1.0], [3.0]]), "standard")]
    [[2.0], [1.0]]
    """
    width = values.shape[1:]
    if method == "none" or not values.size:
        return np.zeros(width), np.ones(width)
    if method == "standard":
        center, scale = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    elif method == "min_max":
        center = np.nanmin(values, axis=0)
        scale = np.nanmax(values, axis=0) - center
    else:
        low, center, high = np.nanquantile(values, [0.25, 0.5, 0.75], axis=0)
        scale = high - low
    return center, np.where(scale > 1e-12 * np.abs(center), scale, 1.0)


def _divided(described: Described, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    held, rows = described.split, np.arange(dataset.n)
    if not held.any:
        fit, stop = rows, rows[:0]
    elif held.method == "tail":
        cut = dataset.n - round(held.share * dataset.n)
        fit, stop = rows[:cut], rows[cut:]
    else:
        method = _METHODS.get(held.method, held.method)
        final = split(dataset, test=held.test, folds=0, stop=held.share, method=method, seed=described.seed).final
        fit, stop = final.fit, final.stop
    if not held.kept and held.method not in {"tail", "none"}:
        fit = np.random.default_rng([described.seed, 7]).permutation(fit)
    return fit, stop


def _target(described: Described, dataset: Dataset, task: Task, fit: Rows) -> tuple[np.ndarray, float, float]:
    y = dataset.y
    assert y is not None
    if task.kind == "multiclass":
        return y.astype(np.int32), 0.0, 1.0
    if task.kind == "binary":
        return y.astype(np.float32)[:, None], 0.0, 1.0
    learned = fit if described.target.fitted == "fit" else np.arange(len(y))
    column = y[learned].astype(np.float64)[:, None]
    center, scale = (float(part[0]) for part in scaling(column, described.target.scaling))
    return ((y - center) / scale).astype(np.float32)[:, None], center, scale


def _weights(described: Described, dataset: Dataset, task: Task, fit: Rows) -> np.ndarray:
    weight = np.ones(dataset.n) if dataset.weight is None else np.asarray(dataset.weight)
    if described.class_weight == "balanced" and task.kind != "regression":
        assert dataset.y is not None
        weight = weight * losses.class_weights(dataset.y[fit], len(task.classes), weight[fit])[dataset.y]
    return weight.astype(np.float32)
