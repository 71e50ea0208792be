"""A network per fold, each prepared, trained and stopped without its score rows. Chapter: "Cross-validation".

Everything that learns from data (medians, categories, target scale, class weights, the best epoch) learns inside the
fold, from the fold's own fit and stop rows. All folds and seeds are lanes of one program.

Reference: Stone, "Cross-validatory choice and assessment of statistical predictions", 1974,
https://doi.org/10.1111/j.2517-6161.1974.tb00994.x. Lesson 12.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from photic import spec
from photic.data.dataset import Dataset
from photic.data.prepare import Preparation
from photic.data.split import Fold, Split, split
from photic.errors import PlanError
from photic.experiment import lanes, rates, symbols
from photic.experiment.assignment import Assignment, Trained
from photic.experiment.plan import Plan
from photic.maths import losses, metrics
from photic.tensor import Shape
from photic.train.history import Watcher, quiet
from photic.train.interrupt import Interrupt
from photic.train.objective import Objective
from photic.train.predict import predictions
from photic.train.run import Table, Training


@dataclasses.dataclass(frozen=True, eq=False)
class Prepared:
    """A fold with everything fitted on its own rows.

    Args:
        x: `[n, d]` all rows of the dataset, prepared as this fold prepares them; d is the same for all folds of an
            experiment. Where nothing is learned from the rows (pictures), all folds share one array.
        y: the target as the trainer sees it.
        weight: `[n]` row weights times class weights.
        lengths: `[n]` how many steps of each series are real; None where all are.
    """

    fold: Fold
    preparation: Preparation
    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    lengths: np.ndarray | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Scored:
    """One trained network of a fold and its predictions for the fold's score rows, in the user's units."""

    prepared: Prepared
    seed: int
    trained: Trained
    prediction: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Validated:
    """All networks of an experiment, fold by fold and seed by seed, and what the lanes left behind."""

    scored: tuple[Scored, ...]
    result: lanes.Result


def cut(plan: Plan, dataset: Dataset) -> Split:
    """The rows of every lane, as the plan has them cut."""
    return split(
        dataset,
        test=plan.test,
        folds=plan.folds,
        repeats=plan.repeats,
        stop=plan.stop,
        method=plan.method,
        seed=plan.seed,
    )


def prepare(plan: Plan, dataset: Dataset, folds: Sequence[Fold]) -> tuple[Prepared, ...]:
    """Fit a preparation per fold, on that fold's fit rows alone."""
    assert dataset.y is not None, "rows to fit have targets"
    fitted = [Preparation.fit(dataset, fold.fit) for fold in folds]
    width = max(preparation.width for preparation in fitted)
    return tuple(
        Prepared(
            fold,
            preparation,
            preparation.transform(dataset, width=width, mapped=plan.super_batch is not None),
            preparation.target(dataset.y),
            _weights(plan, dataset, fold),
            dataset.lengths,
        )
        for fold, preparation in zip(folds, fitted, strict=True)
    )


def check(plan: Plan, input: Shape, lengths: np.ndarray | None = None) -> None:
    """Refuse a model that does not fit the data, the task or the loss, before anything compiles.

    Args:
        input: the per-row shape of prepared rows.
        lengths: `[n]` how many steps of each series are real; None where all are.

    Raises:
        ShapeError, SpecError, PlanError: in five parts.
    """
    plan.model.check(input, "the prepared columns")
    if lengths is not None:
        plan.model.lengths(jnp.asarray(lengths[:1]))
    shape = plan.model.shape(input)
    _check_places(plan, shape, input)
    losses.check(
        plan.loss,
        plan.task.kind,
        len(plan.task.classes),
        shape[-1] if shape else 1,
        spec.type_name(type(plan.model.layers[-1])),
        f"loss {spec.words(plan.loss)}",
        plan.task.outputs,
    )


def _check_places(plan: Plan, shape: Shape, input: Shape) -> None:
    """Refuse a model that answers once where every place has a target, or at every place where a row has one."""
    steps = input if plan.task.unit else input[:-1]  # a text has one number at each step
    places, needed = shape[:-1], steps if plan.task.every_step else ()
    if places != needed:
        last = f"the model's last layer, {spec.words(plan.model.layers[-1])}"
        if plan.task.every_step:
            required = f"needs an answer at every place, outputs of shape {(*needed, plan.task.outputs)}"
            fix = 'keep the places: returns="all" in recurrent layers, padding="same" in convolutions, no pooling alone'
        else:
            required = f"needs one answer a row, outputs of shape ({plan.task.outputs},)"
            fix = 'put Flatten() or a pooling over all places before the last layer, or returns="last"'
        raise PlanError("model", required, f"{shape}", source=last, fix=fix)


def validate(
    plan: Plan,
    prepared: Sequence[Prepared],
    *,
    watch: Watcher = quiet,
    keeper: lanes.Keeper | None = None,
    interrupt: Interrupt | None = None,
) -> Validated:
    """Train `plan.seeds` networks on every fold, all in one program, and predict each fold's score rows.

    Args:
        prepared: what `prepare` gave; checked with `check`.
    """
    training, table, assignments = lay_out(plan, prepared)
    result = lanes.train(
        training, table, assignments, super_batch=plan.super_batch, watch=watch, keeper=keeper, interrupt=interrupt
    )
    scored = tuple(
        Scored(prepared[i], seed, trained, answers(plan, prepared[i], trained))
        for (i, seed), trained in zip(_pairs(plan, prepared), result.lanes, strict=True)
    )
    return Validated(scored, result)


def answers(plan: Plan, each: Prepared, trained: Trained) -> np.ndarray:
    """What a network says of its score rows, in the user's units; of text only what it gave the symbols that came."""
    p = each.preparation.untarget(predictions(plan.loss, trained.z))
    return symbols.told(p, each.y[each.fold.score], plan.task.classes) if plan.task.unit else p


def find_rates(
    plan: Plan, prepared: Sequence[Prepared], *, watch: Watcher = quiet, interrupt: Interrupt | None = None
) -> Plan:
    """The plan with the learning rates that its folds find, if it asks for that and they were not found yet.

    Every fold finds its own on its own fit rows; the first of `plan.seeds` networks speaks for all.
    """
    if plan.rates is None or plan.rates:
        return plan
    first = dataclasses.replace(plan, seeds=1)
    names = [each.name for each in lay_out(plan, prepared)[2]][:: plan.seeds]
    training, table, assignments = lay_out(first, prepared)
    alike = [dataclasses.replace(each, name=name) for each, name in zip(assignments, names, strict=True)]
    found = rates.find(training, table, alike, super_batch=plan.super_batch, watch=watch, interrupt=interrupt)
    found = tuple(dataclasses.replace(each, lane=fold.fold.name) for each, fold in zip(found, prepared, strict=True))
    usual = spec.plain(plan.descent.rule.learning_rate)
    rule = dataclasses.replace(plan.descent.rule, learning_rate=rates.central(found) or usual)
    descent = dataclasses.replace(plan.descent, rule=rule)
    return dataclasses.replace(plan, descent=descent, rates=found, said=(*plan.said, rates.words(found, usual)))


def lay_out(plan: Plan, prepared: Sequence[Prepared]) -> tuple[Training, Table, list[Assignment]]:
    """What `lanes.train` is given: the training, the rows of all folds in one table, and a lane per fold and seed."""
    rows = len(prepared[0].x)
    assignments = [_assignment(plan, prepared[i].fold, seed, i * rows) for i, seed in _pairs(plan, prepared)]
    return training_of(plan), table_of(prepared), assignments


def table_of(prepared: Sequence[Prepared]) -> Table:
    """The rows of all folds, one fold after another; what all of them share is held once."""
    own = prepared[:1] if all(each.x is prepared[0].x for each in prepared) else prepared
    y, weight = (_stack([getattr(each, part) for each in prepared]) for part in ("y", "weight"))
    steps = [each.lengths for each in own if each.lengths is not None]
    return Table(_stack([each.x for each in own]), y, weight, _stack(steps) if steps else None)


def training_of(plan: Plan) -> Training:
    """The structure that all lanes of a plan share."""
    return Training(
        Objective(plan.model, plan.loss, mixup=plan.mixup),
        plan.descent if plan.rates is None else rates.knobbed(plan.descent),
        plan.batch_size,
        plan.epochs,
        plan.patience,
        metrics.main(plan.task.scoring).name,
    )


def _pairs(plan: Plan, prepared: Sequence[Prepared]) -> list[tuple[int, int]]:
    return [(i, seed) for i in range(len(prepared)) for seed in range(plan.seeds)]


def _stack(arrays: Sequence[np.ndarray]) -> Any:
    return np.concatenate(arrays) if len(arrays) > 1 else arrays[0]  # one large array is not copied


def _assignment(plan: Plan, fold: Fold, seed: int, offset: int) -> Assignment:
    name = fold.name if plan.seeds == 1 else f"{fold.name} seed {seed + 1}"
    own = {each.lane: each.rate for each in plan.rates or () if each.rate is not None}
    knobs = {} if plan.rates is None else {rates.KNOB: own.get(fold.name, spec.plain(plan.descent.rule.learning_rate))}
    return Assignment(name, plan.seed, fold.fit + offset, fold.stop + offset, fold.score + offset, knobs)


def _weights(plan: Plan, dataset: Dataset, fold: Fold) -> np.ndarray:
    weight = np.ones(dataset.n) if dataset.weight is None else dataset.weight
    if dataset.y is not None and plan.class_weight == "balanced" and plan.task.classes:
        of_class = losses.class_weights(dataset.y[fold.fit], len(plan.task.classes), weight[fold.fit])
        weight = weight * of_class[dataset.y]
    return weight.astype(np.float32)
