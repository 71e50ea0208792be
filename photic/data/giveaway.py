"""Giveaways: is there a column that says the target by itself?

A column that is only known once the answer is known (the date of a payment, the target in other units) makes any score
meaningless. Every column gets the simplest rule there is, made from one half of the rows: a class is that of the equal
or nearest value, a number the mean of its bin. The other half says how often that is right. Strong honest columns stay
well below the mark.

Reference: Kaufman et al., "Leakage in data mining", 2012, https://doi.org/10.1145/2382577.2382579.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int

from photic.data.findings import Finding, Look
from photic.data.task import Task

#: What one column alone leaves open of the target: up to the first a problem, up to the second a note.
GIVEN, STRONG = 0.005, 0.03
ADVICE = "If it is only known once the answer is known, leave it out; no score means anything with it."
#: The most bins, and the rows a bin needs at least.
BINS, FILL = 64, 4
#: The rule is tried when the judging half has so many rows, and so many of them that guessing gets wrong.
ROWS, HARD = 20, 5


def find_giveaways(look: Look) -> Iterator[Finding]:
    """A column that says the target by itself; a table of one column has no other choice."""
    task, y = look.dataset.task, look.dataset.y
    if task is None or y is None or len(look.columns) < 2:
        return
    train = look.train
    y = y[look.rows][train]
    if task.targets:  # a column that gives one of them away is told once, with the target it gives away
        alone = dataclasses.replace(task, targets=(), kind="binary" if task.kind == "multilabel" else task.kind)
        for place, name in enumerate(task.targets):
            for each in _giveaways(look, alone, y[:, place]):
                yield dataclasses.replace(each, words=f"Of target {name!r}: {each.words}")
        return
    yield from _giveaways(look, task, y)


def _giveaways(look: Look, task: Task, y: np.ndarray) -> Iterator[Finding]:
    """What single columns say of one target, `y: [m]` of the training rows of the sample."""
    train = look.train
    judge = np.random.default_rng(0).random(len(y)) < 0.5
    if judge.all() or not judge.any():
        return
    ranks = rank(y.astype(np.float64)) if task.kind == "regression" else y
    for column, sampled in look.columns:
        values = sampled[train]
        if column.kind == "date":  # neighbours in time are alike without giving anything away; only a gap can
            values = np.where(np.isnan(values), np.nan, 0.0)
        if task.kind == "regression":
            rule = number_rule(values, y, ranks, judge)
            words = _number_words(column.name, rule)
        else:
            rule = class_rule(values, y, len(task.classes) or 2, judge)
            words = _class_words(column.name, rule)
        if rule.left <= GIVEN or rule.same:
            yield Finding("giveaway", "problem", f"{words} {ADVICE}", (column.name,))
        elif rule.left <= STRONG:
            yield Finding("giveaway", "note", f"{words} {ADVICE}", (column.name,))


@dataclasses.dataclass(frozen=True)
class Rule:
    """How well one column alone answers on rows it was not made from.

    Args:
        left: the share of what guessing gets wrong that stays wrong (classes), or of the variance of the target's ranks
            that stays unexplained (numbers); 0 is perfect, 1 is no better than guessing.
        right: rows answered right, for classes.
        guessed: rows that always answering the most frequent class gets right.
        rows: rows judged.
        same: for numbers, "line" when the target is this column in other units, "order" when both sort the rows alike.
    """

    left: float
    right: int = 0
    guessed: int = 0
    rows: int = 0
    same: str = ""


def class_rule(values: Float[np.ndarray, " n"], y: Int[np.ndarray, " n"], classes: int, judge: np.ndarray) -> Rule:
    """The rule of one column for a target with classes.

    Args:
        values: `[n]` the column, NaN where missing; codes of a category count as numbers.
        y: `[n]` class codes.
        classes: how many there are.
        judge: `[n]` mask of the half that judges; the other half makes the rule.

    >>> x = np.arange(100.0)
    >>> class_rule(x, (x > 50).astype(int), 2, x % 2 == 0).right
    50
    """
    places = _nearest(values, ~judge)
    table = np.bincount(places[~judge] * classes + y[~judge], minlength=(int(places.max()) + 1) * classes)
    table = table.reshape(-1, classes)
    usual = int(np.argmax(table.sum(0)))
    answers = np.where(table.any(1), table.argmax(1), usual)
    right, guessed, rows = int((answers[places] == y)[judge].sum()), int((y[judge] == usual).sum()), int(judge.sum())
    hard = rows - guessed
    return Rule((rows - right) / hard if hard >= HARD and rows >= ROWS else 1.0, right, guessed, rows)


def number_rule(
    values: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"], ranks: Float[np.ndarray, " n"], judge: np.ndarray
) -> Rule:
    """The rule of one column for a number as target, judged on the target's ranks so that a long tail does not decide.

    Args:
        values: `[n]` the column, NaN where missing; codes of a category count as numbers.
        y: `[n]` the target.
        ranks: `[n]` of the target, from `rank`.
        judge: `[n]` mask of the half that judges; the other half makes the rule.

    >>> x = np.arange(100.0)
    >>> number_rule(x, 3 * x + 1, rank(3 * x + 1), x % 2 == 0).same
    'line'
    """
    places = _bins(values, ~judge)
    size = int(places.max()) + 1
    counts = np.bincount(places[~judge], minlength=size)
    usual = ranks[~judge].mean()
    sums = np.bincount(places[~judge], ranks[~judge], minlength=size)
    answers = np.where(counts > 0, sums / np.maximum(counts, 1), usual)
    wrong, hard = (np.square(ranks - guess)[judge].sum() for guess in (answers[places], usual))
    rows = int(judge.sum())
    left = float(wrong / hard) if hard > 0 and rows >= ROWS else 1.0
    return Rule(left, rows=rows, same=_same(values, y, ranks) if left < 0.5 and rows >= ROWS else "")


def rank(y: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """The share of values below each one, equal ones sharing the middle of their places.

    >>> rank(np.array([5.0, 1.0, 5.0, 9.0]))
    array([0.5  , 0.125, 0.5  , 0.875])
    """
    _, place, counts = np.unique(y, return_inverse=True, return_counts=True)
    return ((np.cumsum(counts) - counts / 2) / len(y))[place]


def _nearest(values: Float[np.ndarray, " n"], make: np.ndarray) -> Int[np.ndarray, " n"]:
    """Which of the different values of the making half is nearest, counted from 1; 0 for missing."""
    different = np.unique(values[make & np.isfinite(values)])
    if not len(different):
        return np.zeros(len(values), np.int64)
    above = np.minimum(np.searchsorted(different, values), len(different) - 1)
    below = np.maximum(above - 1, 0)
    places = np.where(values / 2 - different[below] / 2 <= different[above] / 2 - values / 2, below, above)
    return np.where(np.isfinite(values), places + 1, 0)


def _bins(values: Float[np.ndarray, " n"], make: np.ndarray) -> Int[np.ndarray, " n"]:
    """Which quantile of the making half, counted from 1, or which value where these are few; 0 for missing."""
    known = np.sort(values[make & np.isfinite(values)])
    most = min(BINS, len(known) // FILL)
    if most < 2:
        return np.zeros(len(values), np.int64)
    edges = known[np.linspace(0, len(known) - 1, most + 1).astype(int)[1:]]
    different = np.unique(known)
    edges = different[1:] if len(different) <= most else np.unique(edges[:-1])
    return np.where(np.isfinite(values), 1 + np.searchsorted(edges, values, side="right"), 0)


def _same(values: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"], ranks: Float[np.ndarray, " n"]) -> str:
    if not np.isfinite(values).all():
        return ""
    low, high = np.argmin(values), np.argmax(values)
    with np.errstate(all="ignore"):  # what overflows is not equal either
        line = y[low] + (y[high] - y[low]) * ((values - values[low]) / (values[high] - values[low]))
        if (np.abs(line - y) <= 1e-6 * np.ptp(y)).all():
            return "line"
    alike = rank(values)
    return "order" if np.allclose(alike, ranks, atol=1e-9) or np.allclose(1 - alike, ranks, atol=1e-9) else ""


def _class_words(name: str, rule: Rule) -> str:
    return (
        f"Column {name!r} alone answers {rule.right:,} of {rule.rows:,} held-back training rows right, "
        f"where guessing gets {rule.guessed:,}."
    )


def _number_words(name: str, rule: Rule) -> str:
    if rule.same == "line":
        return f"Column {name!r} is the target in other units."
    if rule.same == "order":
        return f"Column {name!r} sorts the rows exactly as the target does."
    share = math.floor(1000 * (1 - rule.left)) / 10  # never 100 % when it is not
    return f"Column {name!r} alone explains {share}% of the order of the target in held-back training rows."
