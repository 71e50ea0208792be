"""Splitting: which rows train, which choose the epoch, which are scored, and which stay locked until the end.

A score is only worth something on rows that had no part in making the network. So every lane has three disjoint sets:
**fit** rows change the weights, **stop** rows say when to stop and which epoch was best, **score** rows are touched
once. k-fold cross-validation lets every row outside the locked test part be scored exactly once. How the rows are cut
must suit the data, or the score flatters: see `METHODS`.

Reference: Kohavi, "A study of cross-validation and bootstrap", 1995, https://www.ijcai.org/Proceedings/95-2/Papers/016.pdf;
Kapoor and Narayanan, "Leakage and the reproducibility crisis", 2023, https://doi.org/10.1016/j.patter.2023.100804.
Lesson 12.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from photic.data.dataset import Dataset
from photic.data.holdout import Rows, Ties, cut, hold_out
from photic.errors import DataError, PlanError, nearest

#: The ways to cut, and what each is for.
METHODS: dict[str, str] = {
    "plain": "rows are drawn at random",
    "stratified": "rows are drawn at random, every class in the same proportion",
    "grouped": "rows of one group (a patient, a house) stay together, so no test row has a sibling in training",
    "stratified grouped": "groups stay together, and classes in proportion as far as that allows",
    "ordered": "the past predicts the future: fit before stop before score, and never the other way",
}


@dataclasses.dataclass(frozen=True, eq=False)
class Fold:
    """The rows of one lane: three disjoint, sorted arrays of row numbers.

    >>> Fold("final", np.array([0, 1]), np.array([2]), np.array([3])).train
    array([0, 1, 2])
    """

    name: str
    fit: Rows
    stop: Rows
    score: Rows

    @property
    def train(self) -> Rows:
        """Fit and stop rows together: everything this lane's network may have learned from."""
        return np.sort(np.concatenate([self.fit, self.stop]))


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """All lanes of an experiment: the folds, and the final network whose score rows are the locked test part.

    Args:
        method: one of `METHODS`.
        why: that choice in words.
        folds: inside the rows that are not locked.
        final: trained on all of those; its `score` is the locked test part (empty without one).
    """

    method: str
    why: str
    folds: tuple[Fold, ...]
    final: Fold


def split(
    dataset: Dataset,
    *,
    test: float | int = 0.2,
    folds: int = 5,
    repeats: int = 1,
    stop: float | int = 0.15,
    method: str | None = None,
    seed: int = 0,
) -> Split:
    """Cut the rows of a dataset, in the way that suits it.

    Args:
        dataset: with the target, groups and time that decide the method.
        test: the share of all rows that is locked away until the end; 0 for none. A set that was published with a test
            part has that one locked away instead.
        folds: how many folds, at least 2; 0 for none.
        repeats: how often the folds are drawn anew.
        stop: the share of a lane's training rows that only choose the epoch; 0 for none.
        method: one of `METHODS`; None chooses: ordered when there is a time, grouped when there are groups, stratified
            when the target has classes, plain otherwise.
        seed: the same seed, the same split. Grouped and ordered splits do not depend on the order of the rows either.

    Returns:
        Score rows of the folds cover every unlocked row once per repeat; only in ordered splits the first block
        has no past and is not scored.

    Raises:
        PlanError: for shares, folds, repeats or a method that cannot be, or do not fit the data.
        DataError: when there are too few rows, groups or moments, or too few rows of a class.

    >>> from photic.data import toy
    >>> cut_up = split(toy.xor(n=100), folds=4)
    >>> cut_up.why
    "stratified, because 'different signs' has 2 classes"
    >>> [len(fold.score) for fold in cut_up.folds], len(cut_up.final.score)
    ([20, 20, 20, 20], 20)
    """
    _check_choices(test, folds, repeats, stop, seed)
    method, why = _choose(dataset, method)
    _check_repeats(method, repeats)
    ties = Ties.of(dataset, method)
    inside = 1 + (stop > 0)  # what every lane's training rows must be cut into
    needed = inside if not folds else folds + inside if method == "ordered" else max(folds, 2 * inside)
    _check_enough(dataset, ties, needed + (test > 0), folds)
    if test and dataset.given_test is not None:
        unlocked, locked = np.flatnonzero(~dataset.given_test), np.flatnonzero(dataset.given_test)
        why = f"{why}; the test part is the {len(locked):,} rows that the set was published with"
    else:
        unlocked, locked = hold_out(np.arange(dataset.n), test, ties, needed, np.random.default_rng([seed, 0]))
    _check_classes(dataset, ties, unlocked, folds, method)

    def fold(name: str, train: Rows, score: Rows, *place: int) -> Fold:
        train = _before(dataset, train, score)
        if ties.units(train) < inside or (len(place) > 1 and not len(score)):
            _refuse_empty(dataset, folds, method)
        fit, last = hold_out(train, stop, ties, 1, np.random.default_rng([seed, *place]))
        fit = _before(dataset, fit, last)
        if not len(fit):
            _refuse_empty(dataset, folds, method)
        return Fold(name, fit, last, score)

    lanes = [
        fold(f"fold {i + 1}" if repeats == 1 else f"repeat {repeat + 1} fold {i + 1}", train, score, 2, repeat, i)
        for repeat in range(repeats if folds else 0)
        for i, (train, score) in enumerate(_k_fold(unlocked, folds, ties, method, inside, [seed, 3, repeat]))
    ]
    return Split(method, why, tuple(lanes), fold("final", unlocked, locked, 1))


def _before(dataset: Dataset, rows: Rows, later: Rows) -> Rows:
    """The rows whose target looks at nothing that the later rows begin with; all where targets do not look on."""
    if dataset.until is None or dataset.time is None or not len(later):
        return rows
    return rows[dataset.until[rows] <= dataset.time[later].min()]


def _k_fold(
    rows: Rows, folds: int, ties: Ties, method: str, first: int, seed: list[int]
) -> Iterator[tuple[Rows, Rows]]:
    """Training and score rows of each fold; in time, the first block must hold `first` moments."""
    if ties.time is not None:
        blocks = cut(ties.time[rows], [1 / (folds + 1)] * (folds + 1), [first] + [1] * folds)
        for i in range(1, folds + 1):
            yield np.sort(rows[np.concatenate(blocks[:i])]), np.sort(rows[blocks[i]])
        return
    from sklearn import model_selection  # imported here: it takes a second or two, and a single split needs none of it

    kinds: dict[str, Any] = {
        "plain": model_selection.KFold,
        "stratified": model_selection.StratifiedKFold,
        "grouped": model_selection.GroupKFold,
        "stratified grouped": model_selection.StratifiedGroupKFold,
    }
    groups = None if ties.groups is None else ties.groups[rows]
    cutter = kinds[method](folds, shuffle=True, random_state=int(np.random.default_rng(seed).integers(2**32)))
    for train, score in cutter.split(rows, ties.classes[rows], groups):
        yield rows[train], rows[score]


def _choose(dataset: Dataset, asked: str | None) -> tuple[str, str]:
    """The method and the reason in words."""
    every = dataset.task is not None and dataset.task.every_step
    classes = len(dataset.task.classes) if dataset.task and not every else 0
    given = [role for role in ("groups", "time") if getattr(dataset, role) is not None]
    if asked is not None:
        method = asked.lower().replace("-", " ").replace("_", " ")
        _check_method(dataset, method, asked, classes)
        unused = [
            role
            for role in given
            if role not in {"groups" if "grouped" in method else "", "time" if method == "ordered" else ""}
        ]
        return method, f"{method}, as asked" + "".join(f"; the {role} given is not looked at" for role in unused)
    if len(given) == 2:
        raise PlanError(
            "split",
            "needs groups or a time to cut by",
            "both",
            source="groups and time",
            fix="choose with method='grouped' or method='ordered'",
        )
    counted = f"{dataset.task.target!r} has {classes} classes" if dataset.task else ""
    if dataset.time is not None:
        return "ordered", "ordered, because a time was given: the past predicts the future"
    if dataset.groups is not None and classes:
        return "stratified grouped", f"stratified and grouped, because {counted} and groups were given"
    if dataset.groups is not None:
        return "grouped", "grouped, because groups were given: rows of one group stay together"
    if classes:
        return "stratified", f"stratified, because {counted}"
    what = "there are several targets" if dataset.task and dataset.task.targets else "the target is a number"
    what = "every row has a target at every place" if every else what
    return "plain", f"plain, because {what} and neither groups nor a time were given"


def _check_choices(test: float | int, folds: int, repeats: int, stop: float | int, seed: int) -> None:
    for name, share in (("test", test), ("stop", stop)):
        if not 0 <= share < 1:
            fix = f"give a share of the rows such as {name}=0.2"
            raise PlanError(
                f"{name} share", "needs a number from 0 to below 1", repr(share), source=f"{name}=", fix=fix
            )
    for name, value, fits, words, fix in (
        ("folds", folds, folds == 0 or folds >= 2, "need to be 0 or at least 2", "use folds=5, or folds=0 for none"),
        ("repeats", repeats, repeats >= 1, "need to be at least 1", "use repeats=1"),
        ("seed", seed, seed >= 0, "needs to be 0 or more", "use seed=0"),
    ):
        if not fits:
            raise PlanError(name, words, repr(value), source=f"{name}=", fix=fix)


def _check_method(dataset: Dataset, method: str, asked: str, classes: int) -> None:
    if method not in METHODS:
        raise PlanError(
            "method", "needs a known way to split", repr(asked), source="method=", fix=nearest(method, METHODS)
        )
    for word, has, needs, got, fix in (
        ("stratified", classes, "needs one target with classes", "numbers, or several targets", "use method='plain'"),
        ("grouped", dataset.groups is not None, "needs groups", "none", "name their column (--groups)"),
        ("ordered", dataset.time is not None, "needs a time", "none", "name its column (--time)"),
    ):
        if word in method and not has:
            raise PlanError(f"method {method!r}", needs, got, source=dataset.source, fix=fix)


def _check_repeats(method: str, repeats: int) -> None:
    if method == "ordered" and repeats > 1:
        raise PlanError(
            "repeats",
            "need a method that draws at random",
            f"{repeats} repeats of an ordered split",
            source="the time given",
            fix="use repeats=1",
        )


def _refuse_empty(dataset: Dataset, folds: int, method: str) -> None:
    if method == "ordered":
        raise DataError(
            f"{dataset.name} times",
            f"need to reach further for {folds} ordered folds and their parts",
            "a fold without rows to train, or whose targets reach into the next part",
            source=dataset.source,
            fix="use fewer folds (folds=0 for none), a smaller horizon or window, or more steps",
        )
    raise DataError(
        f"{dataset.name} groups",
        f"need to be of similar size, or more, for {folds} {method} folds",
        "a fold without rows to train or to score",
        source=dataset.source,
        fix="use another number of folds, or method='grouped'",
    )


def _check_enough(dataset: Dataset, ties: Ties, needed: int, folds: int) -> None:
    found = ties.units(np.arange(dataset.n))
    if found < needed:
        purpose = f"{folds} folds" if folds else "a split"
        few = f"use fewer folds (folds=0 for none), or give more {ties.unit}"
        raise DataError(
            dataset.name,
            f"needs at least {needed} {ties.unit} for {purpose} and their parts",
            f"{found} {ties.unit if found != 1 else ties.unit.removesuffix('s')}",
            source=dataset.source,
            fix=few if folds else f"give more {ties.unit}",
        )


def _check_classes(dataset: Dataset, ties: Ties, unlocked: Rows, folds: int, method: str) -> None:
    if dataset.task is None or dataset.task.every_step or "stratified" not in method:
        return
    counts = np.bincount(ties.classes[unlocked])
    for code in np.flatnonzero((counts > 0) & (counts < folds)):
        name, total = dataset.task.classes[code], int((ties.classes == code).sum())
        fewer = f"use folds={counts[code]}" if counts[code] >= 2 else "use folds=0"
        raise DataError(
            f"class {name!r} of {dataset.task.target!r}",
            f"needs at least {folds} rows outside the test part for {folds} folds",
            f"{counts[code]} of its {total}",
            source=dataset.source,
            fix=f"{fewer}, give more rows of it, or join it with another class",
        )
