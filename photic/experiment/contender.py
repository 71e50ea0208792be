"""Contenders: the network and its baselines with what they scored, and how the network stands beside one of them.

The claim never goes further than an interval: ahead or behind is said only when the interval of the paired difference
leaves zero out, and the other place of proof (folds or test part) does not prove the opposite.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from photic.experiment.folded import Folded
from photic.experiment.interval import Score
from photic.experiment.scored import Scored
from photic.maths.metrics import METRICS

NETWORK = "network"
#: The network as it is without a search: it stands beside one that was searched for, and is no simple model.
DEFAULT = "default network"

Standing = Literal["ahead", "level", "behind", "lost"]

#: With fewer test rows (or groups) than this the folds decide, where there are folds.
ENOUGH = 200


@dataclasses.dataclass(frozen=True)
class Contender:
    """The network or a baseline, and what it scored.

    Args:
        name: "network", "majority", "mean", "logistic", "ridge", "boosted trees" or "default network".
        words: what it is.
        test: score by metric on the locked test part; None without one.
        folds: by metric one number a fold, NaN where it is not defined.
        validation: by metric the mean over the folds, with its interval.
    """

    name: str
    words: str
    test: dict[str, Score] | None
    folds: dict[str, tuple[float, ...]]
    validation: dict[str, Score]

    def score(self, metric: str) -> Score:
        """The score on the locked test part, over the folds where there is none, NaN where there are neither."""
        return (self.validation if self.test is None else self.test).get(metric, Score(math.nan))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Contender:
        """The contender that `Outcome.to_json` wrote."""
        test = data["test"]
        folds = {metric: tuple(map(_number, values)) for metric, values in data["folds"].items()}
        return cls(data["name"], data["words"], test and _scores(test), folds, _scores(data["validation"]))


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The network minus a baseline, on the same rows.

    Args:
        against: the name of the baseline.
        metric: what was measured.
        difference, low, high: network minus baseline, with the interval.
        where: "test" or "folds": which of the two decides.
        standing: of the network; "lost" when its predictions are not numbers.
    """

    against: str
    metric: str
    difference: float
    low: float
    high: float
    where: Literal["test", "folds"]
    standing: Standing

    @property
    def advantage(self) -> Score:
        """How much better the network is, above 0 whichever way the metric points."""
        if METRICS[self.metric].better == "higher":
            return Score(self.difference, self.low, self.high)
        return Score(-self.difference, -self.high, -self.low)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Comparison:
        """The comparison that `Outcome.to_json` wrote."""
        difference, low, high = (_number(data[name]) for name in ("difference", "low", "high"))
        return cls(data["against"], data["metric"], difference, low, high, data["where"], data["standing"])


def best(metric: str, baselines: Sequence[Contender]) -> Contender | None:
    """The baseline to compare with: the best over the folds, where there are some, so that no test row chooses it.

    >>> trees = Contender("boosted trees", "", None, {}, {"rmse": Score(2.0)})
    >>> best("rmse", [Contender("mean", "", None, {}, {"rmse": Score(3.0)}), trees]).name
    'boosted trees'
    """
    sign = 1 if METRICS[metric].better == "lower" else -1
    scored = {id(each): sign * each.validation.get(metric, each.score(metric)).value for each in baselines}
    known = [each for each in baselines if math.isfinite(scored[id(each)]) and each.name != DEFAULT]
    return min(known, key=lambda each: scored[id(each)], default=None)


def compare(
    metric: str, network: Contender, other: Contender, scored: Scored | None, folded: Folded | None
) -> Comparison:
    """How the network stands beside another contender: on the test part, or over the folds when test rows are few.

    Args:
        scored: the test part; None without one.
        folded: the folds; None without any.
    """
    folds = None if folded is None else folded.difference(network.name, other.name, metric)
    test = None if scored is None else scored.difference(network.name, other.name, metric)
    units = 0 if scored is None else scored.units.count
    if test is not None and (folds is None or units >= ENOUGH):
        found, elsewhere, where = test, folds, "test"
    else:
        found, elsewhere, where = folds or Score(math.nan), test, "folds"
    standing = _standing(metric, found)
    if elsewhere is not None and {standing, _standing(metric, elsewhere)} == {"ahead", "behind"}:
        standing = "level"
    return Comparison(other.name, metric, found.value, found.low, found.high, where, standing)


def _standing(metric: str, difference: Score) -> Standing:
    if not math.isfinite(difference.value):
        return "lost"
    above, below = difference.low > 0, difference.high < 0
    ahead, behind = (above, below) if METRICS[metric].better == "higher" else (below, above)
    return "ahead" if ahead else "behind" if behind else "level"


def _scores(data: Mapping[str, Any]) -> dict[str, Score]:
    return {
        metric: Score(*(_number(score[part]) for part in ("value", "low", "high"))) for metric, score in data.items()
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
