"""Scored rows: what every contender predicted for the same rows, and the scores and paired differences that follow.

Reference: as in `interval.py` and `sums.py`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Shaped

from photic.experiment import interval, sums
from photic.experiment.interval import Score
from photic.maths.metrics import PLACES
from photic.maths.places import as_numbers, known

#: A share of rows; of the difference of two there is a better interval than the percentiles.
SHARE = "accuracy"
#: Shares of rows too.
OF_ROWS = ("subset_accuracy", "hamming_loss")
#: Shares of the rows of some class.
OF_CLASSES = ("auc", "balanced_accuracy", "f1", "precision", "recall", "iou")
_ERRORS = ("mse", "mae", "log_loss", "brier", "bits")  # means of what every row errs


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """Rows that were scored, and what every contender predicted for them without having seen them.

    Args:
        y: `[n]` or `[n, k]` targets in the user's units, or class codes; `[n, *places]` with a target at every place.
        p: predictions by contender, the network's first, as in `photic.maths.metrics`, or `[n, *places, k]`.
        weight: `[n]` weights of the rows; not those of classes.
        groups: `[n]` labels of rows that belong together.
    """

    y: Shaped[np.ndarray, "n ..."]
    p: Mapping[str, Float[np.ndarray, "n *places k"]]
    weight: Float[np.ndarray, " n"] | None = None
    groups: Shaped[np.ndarray, " n"] | None = None

    @property
    def weights(self) -> Float[np.ndarray, " n"]:
        """`[n]` the weights; ones where none are given."""
        return np.ones(len(self.y)) if self.weight is None else np.asarray(self.weight, float)

    def targets(self, kind: str) -> Shaped[np.ndarray, "n ..."]:
        """The targets in the shape that metrics take: `[n, k]` numbers, `[n, 1]` of 0 and 1, or `[n]` class codes.

        With a target at every place that is `[n, *places, 1]`, or `[n, *places]` class codes.
        """
        if kind == "text":
            return np.asarray(self.y)
        if kind.endswith(PLACES):
            return np.asarray(self.y) if kind.startswith("multiclass") else as_numbers(self.y)
        return np.asarray(self.y).reshape(-1) if kind == "multiclass" else np.asarray(self.y).reshape(len(self.y), -1)

    def of_target(self, place: int) -> Part:
        """The same rows and contenders, asked about one of several targets alone."""
        p = {name: each[:, place : place + 1] for name, each in self.p.items()}
        return dataclasses.replace(self, y=np.asarray(self.y)[:, place], p=p)

    @property
    def places(self) -> int:
        """How many targets there are; the number of rows where each has one."""
        return int(known(np.asarray(self.y)).sum()) if np.ndim(self.y) > 1 else len(self.y)

    def measure(self, kind: str) -> dict[str, dict[str, float]]:
        """Every metric of every contender, without intervals."""
        return {name: sums.measure(kind, p, self.targets(kind), self.weights) for name, p in self.p.items()}


@dataclasses.dataclass(frozen=True, eq=False)
class Scored:
    """Every metric of every contender on one part, and on the same random draws of its rows.

    Args:
        units: what is drawn.
        value: by contender and metric, on all rows.
        draws: by contender and metric, `[b]`.
        strays: by contender, `[u]` what each drawn part adds to the accuracy beyond its due; the sum of their squares
            is the variance. Of classes and text only.
        errors: by contender and metric, of errors only: the standard error, and `[b]` that of every draw.
        rarest: by contender, how many units have the rarest of the classes that are there or are said.
        shares: whether a row can be right in part, as `in_part` says.

    >>> p = {"network": np.array([[0.1], [0.9]] * 50), "majority": np.full((100, 1), 0.4)}
    >>> part = Part(np.array([0, 1] * 50), p)
    >>> scored = Scored.of("binary", part)
    >>> print(scored.score("network", "accuracy"), scored.difference("network", "majority", "accuracy"))
    1.000 (0.963 to 1.000) 0.50 (0.39 to 0.59)
    """

    units: interval.Units
    value: Mapping[str, Mapping[str, float]]
    draws: Mapping[str, Mapping[str, Float[np.ndarray, " b"]]]
    strays: Mapping[str, Float[np.ndarray, " u"]]
    errors: Mapping[str, Mapping[str, tuple[float, Float[np.ndarray, " b"]]]]
    rarest: Mapping[str, int]
    shares: bool = False

    @classmethod
    def of(cls, kind: str, part: Part, *, seed: int = 0) -> Scored:
        """Score a part and a thousand draws of its rows (whole groups, if there are some)."""
        units = interval.Units.of(part.weights, part.groups, seed=seed)
        sizes: dict[str, int] = {}
        parts: list[np.ndarray] = []
        for p in part.p.values():
            columns = sums.columns(kind, p, part.targets(kind), part.weights)
            sizes = {name: found.shape[1] for name, found in columns.items()}
            parts.append(units.sum(np.concatenate([*columns.values()], axis=1)))
        places = np.cumsum([*sizes.values()])[:-1]
        cut = lambda rows: dict(zip(sizes, np.split(rows, places, axis=-1), strict=True))
        pulled = [sums.pulls(kind, cut(each)) for each in parts]
        pulls = [{name: each[name] for name in _ERRORS if name in each} for each in pulled]
        spread = [_spread(pull, len(each)) for pull, each in zip(pulls, parts, strict=True)]
        ends = np.cumsum([each.shape[1] for each in (*parts, *spread)])[:-1]
        drawn = np.split(units.draw(np.concatenate([*parts, *spread], axis=1)), ends, axis=1)
        draws = [sums.scores(kind, cut(rows)) for rows in drawn[: len(parts)]]
        whole = [sums.scores(kind, cut(each.sum(axis=0))) for each in parts]
        value = [{metric: float(score) for metric, score in scores.items()} for scores in whole]
        errors = [_errors(*found, len(units.starts)) for found in zip(pulls, drawn[len(parts) :], strict=True)]
        plain = kind.removesuffix(PLACES)
        strays = [_strays(cut(each)) for each in parts if plain in {"binary", "multiclass", "text"}]
        rarest = [sums.rarest(cut(each)) for each in parts]
        by_name = lambda listed: dict(zip(part.p, listed, strict=False))
        return cls(
            units, by_name(value), by_name(draws), by_name(strays), by_name(errors), by_name(rarest), in_part(kind)
        )

    def score(self, name: str, metric: str) -> Score:
        """A contender's score with its interval."""
        value, count = self.value[name][metric], self.units.count
        if count < 2:
            return Score(value)
        if metric == SHARE:
            return Score(value, *interval.share(value, float((self.strays[name] ** 2).sum()), count))
        draws = self.draws[name][metric]
        if metric in (*OF_ROWS, *OF_CLASSES):
            units = count if metric in OF_ROWS else self.rarest[name]
            return Score(value, *interval.share_of_draws(value, draws, count, units))
        if metric == "rmse" and "mse" in self.errors[name]:
            squared = self.score(name, "mse")
            return Score(value, math.sqrt(squared.low), math.sqrt(squared.high))
        if metric in self.errors[name]:
            error, errors = self.errors[name][metric]
            return Score(value, *interval.studentized(value, error, draws, errors))
        return Score(value, *interval.percentile(draws))

    def difference(self, name: str, other: str, metric: str) -> Score:
        """One contender's score minus another's, with the interval of the paired difference."""
        value, count = self.value[name][metric] - self.value[other][metric], self.units.count
        if count < 2:
            return Score(value)
        if metric == SHARE and not self.shares:
            variance = float(((self.strays[name] - self.strays[other]) ** 2).sum())
            return Score(value, *interval.share_difference(value, variance, count))
        return Score(value, *interval.percentile(self.draws[name][metric] - self.draws[other][metric]))


def in_part(kind: str) -> bool:
    """Whether a row can be right in part, at some of its places: half a row added would then be far too much."""
    return kind.endswith(PLACES) or kind == "text"


def _spread(pulls: Mapping[str, Float[np.ndarray, " u"]], units: int) -> Float[np.ndarray, "u s"]:
    """The pulls and their squares side by side, to be drawn with the parts; nothing where there are no errors."""
    columns = [*pulls.values(), *(values**2 for values in pulls.values())]
    return np.stack(columns, axis=1) if columns else np.zeros((units, 0))


def _errors(
    pulls: Mapping[str, Float[np.ndarray, " u"]], drawn: Float[np.ndarray, "b s"], units: int
) -> dict[str, tuple[float, Float[np.ndarray, " b"]]]:
    """The standard error of every error, and that of each draw, from the drawn sums of pulls and of their squares."""
    firsts, squares = np.split(drawn, 2, axis=1)
    each = np.sqrt(np.maximum(squares - firsts**2 / units, 0.0))
    return {name: (float(np.sqrt((pull**2).sum())), each[:, place]) for place, (name, pull) in enumerate(pulls.items())}


def _strays(columns: Mapping[str, Float[np.ndarray, "u _"]]) -> Float[np.ndarray, " u"]:
    right, rows = columns["hits"].sum(axis=1), columns["rows"][:, 0]
    return (right - right.sum() / rows.sum() * rows) / rows.sum()
