"""Judging: the network and the simple models beside it, on the same rows, and the outcome that follows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

import numpy as np

from photic import tree
from photic.data.dataset import Dataset
from photic.data.form import Form
from photic.data.holdout import Rows
from photic.data.split import Split
from photic.experiment import around, baselines, flat, symbols
from photic.experiment.contender import DEFAULT, NETWORK
from photic.experiment.outcome import Outcome, outcome
from photic.experiment.plan import Plan
from photic.experiment.scored import Part
from photic.experiment.validate import Prepared, Scored, Validated
from photic.maths import losses
from photic.maths.places import known
from photic.train.interrupt import Interrupt

#: The name of the simplest forecast.
LAST = "last value"


def judge(
    plan: Plan,
    dataset: Dataset,
    parts: Split,
    validated: Validated,
    interrupt: Interrupt,
    default: Validated | None = None,
) -> Outcome:
    """Score the network and its baselines on every fold and on the locked test part.

    Every contender learned from the same fit and stop rows, in the same preparation.

    Args:
        default: beside a network that was searched for, the default one on the same rows.
        interrupt: when Ctrl-C has been pressed, baselines are left out and the network is scored alone.
    """
    prepared = list({id(scored.prepared): scored.prepared for scored in validated.scored}.values())
    simple = _baselines(plan, dataset, prepared, interrupt) if plan.baselines else None
    simple = [{} for _ in prepared] if simple is None else simple
    beside = {id(each): found for each, found in zip(prepared, simple, strict=True)}
    usual = {each.prepared.fold.name: {DEFAULT: each.prediction} for each in default.scored} if default else {}
    judged = [
        _part(dataset, scored, beside[id(scored.prepared)] | usual.get(scored.prepared.fold.name, {}))
        for scored in validated.scored
    ]
    final = [scored.prepared.fold is parts.final for scored in validated.scored]
    tests = [part for part, last in zip(judged, final, strict=True) if last]
    folds = [part for part, last in zip(judged, final, strict=True) if not last]
    rows_of_folds = [each.prepared.fold.score for each, last in zip(validated.scored, final, strict=True) if not last]
    rows = {
        "all": dataset.n,
        "test": len(parts.final.score),
        "fit": len(parts.final.fit),
        "stop": len(parts.final.stop),
    }
    last = validated.scored[-1]
    words = {NETWORK: f"this network, {tree.count(last.trained.params):,} weights in {len(plan.model.layers)} layers"}
    if simple[0] and plan.task.unit:
        words |= symbols.WORDS
    elif simple[0]:
        kind = "windows" if plan.task.horizon else dataset.kind
        one = last.prepared.x[:1]
        features = (around.neighbours(one) if plan.task.every_step else flat.flat(kind, one)).shape[1]
        shown = around.words(last.prepared.x) if plan.task.every_step else flat.words(kind, last.prepared.x)
        words |= {LAST: "says that everything stays as it was at the last step"} if plan.task.horizon else {}
        assert dataset.y is not None, "rows to score have targets"
        learned = last.prepared.fold.train
        count = int(known(dataset.y[learned]).sum()) if plan.task.every_step else len(learned)
        words |= baselines.words(plan.task.kind, count, features, shown)
    words |= {DEFAULT: "the same training without a search, as photic fit does it"} if default else {}
    return outcome(
        plan.task,
        tests[0] if tests else None,
        folds,
        words=words,
        rows=rows,
        split={"method": parts.method, "why": parts.why},
        repeats=_repeats(rows_of_folds),
        seed=plan.seed,
    )


def _part(dataset: Dataset, scored: Scored, beside: Mapping[str, np.ndarray]) -> Part:
    fold = scored.prepared.fold
    assert dataset.y is not None, "rows to score have targets"
    take = lambda role: None if role is None else role[fold.score]
    return Part(
        dataset.y[fold.score],
        {NETWORK: scored.prediction, **beside},
        take(dataset.weight),
        take(dataset.groups),
    )


def _repeats(scored: Sequence[Rows]) -> float:
    """How often a row was scored, on average."""
    rows = np.concatenate([*scored, np.empty(0, int)])
    return len(rows) / max(1, len(np.unique(rows)))


def _baselines(
    plan: Plan, dataset: Dataset, prepared: Sequence[Prepared], interrupt: Interrupt
) -> list[dict[str, np.ndarray]] | None:
    """What the baselines predict on every fold, a fold a core; None when Ctrl-C came first."""
    pool = ThreadPoolExecutor(min(len(prepared), os.cpu_count() or 1))
    futures: list[Future] = [pool.submit(_one_fold, plan, dataset, each) for each in prepared]
    pending = set(futures)
    while pending and not interrupt.asked:
        _, pending = wait(pending, timeout=0.1)
    pool.shutdown(wait=not interrupt.asked, cancel_futures=True)
    return None if interrupt.asked else [future.result() for future in futures]


def _one_fold(plan: Plan, dataset: Dataset, each: Prepared) -> dict[str, np.ndarray]:
    train, classes, weight = each.fold.train, len(plan.task.classes), dataset.weight
    assert dataset.y is not None, "rows to score have targets"
    if not len(each.fold.score):
        return {}
    y = dataset.y[train]
    if plan.task.unit:
        cut = lambda rows: (dataset.numbers[rows], dataset.y[rows])
        fold = each.fold
        return symbols.baselines(cut(fold.fit), cut(fold.stop), cut(fold.score), plan.task.classes)
    if plan.task.every_step:
        of_rows = None if weight is None else weight[train]
        x, asked = each.x[train], each.x[each.fold.score]
        return around.at_places(plan.task.kind, x, y, asked, classes=classes or 2, weight=of_rows, seed=plan.seed)
    of_class = None
    if plan.class_weight == "balanced" and classes:
        of_class = losses.class_weights(y, classes, np.ones(len(y)) if weight is None else weight[train])
    forecast = _last_value(dataset, each.fold.score) if plan.task.horizon else {}
    kind = "windows" if plan.task.horizon else dataset.kind
    part = lambda rows: flat.Shown(kind, each.x, rows, each.lengths)
    return forecast | baselines.baselines(
        plan.task.kind,
        part(train),
        y if plan.task.kind == "multiclass" else y.reshape(len(y), -1),
        part(each.fold.score),
        classes=classes or 2,
        weight=None if weight is None else weight[train],
        class_weight=of_class,
        seed=plan.seed,
    )


def _last_value(dataset: Dataset, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The target as it was at the last step where it is known, for every step ahead."""
    assert isinstance(dataset.form, Form), "a forecast has a form"
    assert dataset.y is not None
    place = [column.name for column in dataset.columns].index(str(dataset.form.target))
    values = dataset.numbers[rows, :, place].astype(float)
    known = np.isfinite(values)
    at = values.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
    last = np.where(known.any(axis=1), values[np.arange(len(rows)), at], np.nanmean(dataset.numbers[..., place]))
    return {LAST: np.tile(last[:, None], (1, dataset.y.shape[1]))}
