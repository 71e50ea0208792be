"""Folds scored together: the mean score of every contender over the folds, and how sure that mean is.

Reference: as in `interval.spread`, which says where chance comes in, and `sums.pulls`, by which the rows tell theirs.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from photic.experiment import interval, sums
from photic.experiment.interval import Score
from photic.experiment.scored import OF_CLASSES, OF_ROWS, SHARE, Part, in_part
from photic.maths.metrics import METRICS

_Pulls = Mapping[str, Mapping[str, Float[np.ndarray, " _"]]]  # folds differ in how many rows they have


@dataclasses.dataclass(frozen=True, eq=False)
class Folded:
    """Every metric of every contender in every fold.

    Args:
        value: by contender and metric, one number a fold.
        pulls: a fold each, by contender and metric: `[u]` how fast the score grows with the weight of a row or group.
        units: how many rows or groups were scored in all, each counted once.
        rarest: by contender, how many of them have the rarest of the classes that are there or are said.
        repeats: how often each row was scored.
        shares: whether a row can be right in part, as `in_part` says.

    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, (5, 40))
    >>> said = np.where(rng.random((5, 40)) < 0.8, y, 1 - y)[:, :, None] * 0.8 + 0.1
    >>> half = np.full((40, 1), 0.4)
    >>> folds = [Part(y[i], {"network": said[i], "majority": half}) for i in range(5)]
    >>> folded = Folded.of("binary", folds)
    >>> print(folded.score("network", "accuracy"), folded.difference("network", "majority", "accuracy"))
    0.74 (0.67 to 0.80) 0.29 (0.20 to 0.38)
    """

    value: Mapping[str, Mapping[str, tuple[float, ...]]]
    pulls: Sequence[_Pulls]
    units: float
    rarest: Mapping[str, float]
    repeats: float = 1
    shares: bool = False

    @classmethod
    def of(cls, kind: str, folds: Sequence[Part], *, repeats: float = 1, seed: int = 0) -> Folded:
        """Score every fold.

        Args:
            repeats: how often each row is scored; 1 for folds that are dealt once.
            seed: of how rows are put together, where there are many.
        """
        units = [interval.Units.of(part.weights, part.groups, seed=seed) for part in folds]
        found = [
            {name: sums.columns(kind, p, part.targets(kind), part.weights) for name, p in part.p.items()}
            for part in folds
        ]
        parts = [
            {name: {which: drawn.sum(f) for which, f in each.items()} for name, each in fold.items()}
            for drawn, fold in zip(units, found, strict=True)
        ]
        scored = [{name: _scores(kind, each) for name, each in fold.items()} for fold in parts]
        names = list(folds[0].p) if folds else []
        value = {
            name: {metric: tuple(fold[name][metric] for fold in scored) for metric in scored[0][name]} for name in names
        }
        pulls = [{name: sums.pulls(kind, each) for name, each in fold.items()} for fold in parts]
        rarest = {name: sum(sums.rarest(fold[name]) for fold in parts) / repeats for name in names}
        return cls(value, pulls, sum(each.count for each in units) / repeats, rarest, repeats, in_part(kind))

    def score(self, name: str, metric: str) -> Score:
        """The mean of a contender's score over the folds, with its interval; NaN when a fold has none."""
        values = self.value[name][metric]
        mean, variance, freedom = self._spread(values, [fold[name][metric] for fold in self.pulls])
        if not math.isfinite(variance):
            return Score(mean)
        if metric in (SHARE, *OF_ROWS, *OF_CLASSES):
            units = self.rarest[name] if metric in OF_CLASSES else self.units
            return Score(mean, *interval.share(mean, variance, units, freedom=freedom))
        low, high = interval.around(mean, variance, freedom)
        return Score(mean, *_within(metric, low, high))

    def difference(self, name: str, other: str, metric: str) -> Score:
        """One contender's score minus another's, fold by fold, with the interval of the mean."""
        values = np.subtract(self.value[name][metric], self.value[other][metric])
        mean, variance, freedom = self._spread(
            values, [fold[name][metric] - fold[other][metric] for fold in self.pulls]
        )
        if not math.isfinite(variance):
            return Score(mean)
        if metric == SHARE and not self.shares:
            return Score(mean, *interval.share_difference(mean, variance, self.units, freedom=freedom))
        return Score(mean, *interval.around(mean, variance, freedom))

    def _spread(
        self, values: Sequence[float] | np.ndarray, pulls: Sequence[Float[np.ndarray, " _"]]
    ) -> tuple[float, float, float]:
        """The mean over the folds, its variance and the degrees of freedom of that."""
        mean = float(np.mean(values)) if len(values) else math.nan
        variances = [
            float((pull**2).sum()) * len(pull) / (len(pull) - 1) if len(pull) > 1 else math.nan for pull in pulls
        ]
        return mean, *interval.spread(list(values), variances, self.units, self.repeats)


def _scores(kind: str, parts: Mapping[str, Float[np.ndarray, "u _"]]) -> dict[str, float]:
    whole = sums.scores(kind, {name: each.sum(axis=0) for name, each in parts.items()})
    return {metric: float(score) for metric, score in whole.items()}


def _within(metric: str, low: float, high: float) -> interval.Interval:
    """An interval that ends where the metric ends: no error is below 0, no R2 above 1."""
    least = -math.inf if metric == "r2" else 0.0
    most = 1.0 if METRICS[metric].better == "higher" else math.inf
    return max(low, least), min(high, most)
