"""Arenas: the rows that one search may look at, and how they are cut to judge a setting. Chapter: "Cross-validation".

For every outer fold, and for the final network, the training rows are cut once more: a setting is trained on some
inner folds and judged on the rows left out of them. Everything that learns from data learns inside each inner fold.

Reference: Stone, "Cross-validatory choice and assessment of statistical predictions", 1974,
https://doi.org/10.1111/j.2517-6161.1974.tb00994.x (one cross-validation inside another). Lesson 13.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from photic.data.dataset import Dataset
from photic.data.split import Fold, split
from photic.experiment.assignment import NO_ROWS
from photic.experiment.recipe import Recipe
from photic.experiment.validate import Prepared, prepare


@dataclasses.dataclass(frozen=True, eq=False)
class Arena:
    """Rows that one search may look at.

    Args:
        fold: the outer fold; its score rows are not looked at.
        inner: how its training rows are cut to judge a setting, each prepared on its own fit rows.
        first: the place of the first of them in the table of all.
    """

    fold: Fold
    inner: tuple[Prepared, ...]
    first: int

    @property
    def name(self) -> str:
        """The name of the outer fold, or "final"."""
        return self.fold.name


def arenas(recipe: Recipe, dataset: Dataset, folds: Sequence[Fold], inner: int, method: str) -> tuple[Arena, ...]:
    """An arena for every outer fold, its training rows cut into inner folds and prepared.

    Args:
        inner: how many inner folds; 1 holds a fifth of the rows back once.
        method: how rows are cut, as outside.

    Raises:
        DataError, PlanError: when the rows are too few for that.
    """
    plan = recipe.plan
    pieces = [_inside(dataset, fold, inner, method, plan.seed) for fold in folds]
    prepared = iter(prepare(plan, dataset, [each for parts in pieces for each in parts]))  # all of the same width
    firsts = np.cumsum([0, *(len(parts) for parts in pieces)])
    return tuple(
        Arena(fold, tuple(next(prepared) for _ in parts), int(first))
        for fold, parts, first in zip(folds, pieces, firsts[:-1], strict=True)
    )


def _inside(dataset: Dataset, outer: Fold, inner: int, method: str, seed: int) -> list[Fold]:
    """The training rows of an outer fold, cut into inner folds."""
    rows = outer.train
    inside = dataset.take(rows)
    if inner > 1:
        cuts = split(inside, test=0, folds=inner, stop=0, method=method, seed=seed).folds
        return [Fold(f"{outer.name} / {each.name}", rows[each.fit], rows[each.score], NO_ROWS) for each in cuts]
    final = split(inside, test=0, folds=0, stop=0.2, method=method, seed=seed).final
    return [Fold(f"{outer.name} / held out", rows[final.fit], rows[final.stop], NO_ROWS)]
