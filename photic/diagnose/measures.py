"""Measures: numbers that several rules draw from the evidence, each the median over lanes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from photic import spec
from photic.diagnose.evidence import Evidence
from photic.diagnose.network import Sum, sums
from photic.optim.rules import SGD, Adam, AdamW, RMSProp

Layers = dict[str, dict[str, float]]


class Curve(NamedTuple):
    """The losses of one lane, epoch after epoch; `stop` is NaN without stop rows."""

    fit: np.ndarray
    stop: np.ndarray

    @property
    def seen(self) -> np.ndarray:
        """The loss on stop rows, or on fit rows where there are none."""
        return self.stop if np.isfinite(self.stop).any() else self.fit


def curves(evidence: Evidence) -> list[Curve]:
    """The curves of every lane."""
    take = lambda lines, name: np.array([_number(line.get(name)) for line in lines])
    return [Curve(take(lines, "loss"), take(lines, "stop_loss")) for lines in evidence.lanes.values()]


def middle(values: Iterable[float]) -> float:
    """The median of the numbers that are finite; NaN when most are not."""
    given = list(values)
    finite = [value for value in given if math.isfinite(value)]
    return statistics.median(finite) if finite and 2 * len(finite) >= len(given) else math.nan


def most(lanes: Sequence[bool]) -> bool:
    """Whether it holds in more than half of the lanes."""
    return bool(lanes) and 2 * sum(lanes) > len(lanes)


def at_first(evidence: Evidence) -> Layers:
    """Every layer's measures before the first step."""
    return _layers([lines[0]["layers"] for lines in evidence.inspected.values()])


def at_last(evidence: Evidence) -> Layers:
    """Every layer's measures at the last inspection."""
    return _layers([lines[-1]["layers"] for lines in evidence.inspected.values()])


def width(evidence: Evidence) -> int | None:
    """How many numbers go into the network, where it is known."""
    return len(evidence.x.names) if evidence.x is not None else None


def dense(evidence: Evidence) -> tuple[Sum, ...]:
    """The Dense layers of the network."""
    return sums(evidence.setup, width(evidence))


def steps(evidence: Evidence) -> int:
    """Steps in an epoch."""
    return max(1, -(-evidence.rows.get("fit", 0) // evidence.setup.batch_size))


def update(evidence: Evidence) -> float:
    """How far the first step goes, as a share of the weights: the median of the layers."""
    return middle(found["update"] for found in at_first(evidence).values() if found.get("update", 0) > 0)


def furthest(evidence: Evidence) -> float:
    """How far the first step goes in the layer where it goes furthest."""
    found = [each["update"] for each in at_first(evidence).values() if each.get("update", 0) > 0]
    return max(found, default=math.nan)


def rate(evidence: Evidence) -> float:
    """The learning rate as it is written, with what momentum adds to it."""
    rule = evidence.setup.descent.rule
    written = spec.plain(rule.learning_rate)
    return written / max(1e-6, 1 - spec.plain(rule.momentum)) if isinstance(rule, SGD) else written


def adaptive(evidence: Evidence) -> bool:
    """Whether every weight gets a step of its own size, so that the rate alone says how far it goes."""
    return isinstance(evidence.setup.descent.rule, Adam | AdamW | RMSProp)


def margin(evidence: Evidence) -> float:
    """How far two skills may be apart by chance, on so many stop rows."""
    rows = max(evidence.rows.get("stop", 0), evidence.rows.get("score", 0))
    return max(0.1, 1.5 / math.sqrt(max(rows, 1)))


def behind(evidence: Evidence) -> float:
    """How far the network's skill stands behind the simple model's, beyond chance; 0 when it does not."""
    own, simple = evidence.skill(evidence.score), evidence.skill(evidence.baseline)
    if math.isnan(own) or math.isnan(simple):
        return 0.0
    return max(0.0, max(simple, 0.0) - max(own, -1.0) - margin(evidence))


def unlearned(evidence: Evidence) -> float:
    """The same for the rows it was trained on: what it has not even learned there, which chance hides less."""
    own, simple = evidence.skill(evidence.fit_score), evidence.skill(evidence.baseline)
    if math.isnan(own) or math.isnan(simple):
        return behind(evidence)
    return max(0.0, max(simple, 0.0) - max(own, -1.0) - margin(evidence) / 2)


def harmed(evidence: Evidence) -> bool:
    """Whether the network knows less than a simple model, of rows held out or even of its own."""
    return behind(evidence) > 0 or unlearned(evidence) > 0


def gaining(evidence: Evidence) -> float:
    """The share of all that was gained which came in the last quarter: about 0 when done, 0.25 for a straight line."""
    return _of_curves(evidence, _late_gain)


def drop(evidence: Evidence) -> float:
    """How much of the first loss training took away: 1 all, 0 nothing, below 0 it grew."""
    start = evidence.first_loss

    def dropped(curve: Curve) -> float:
        first = start if start is not None and math.isfinite(start) else curve.fit[0]
        return 1 - float(np.nanmin(_tail(curve.fit))) / first if first > 0 else math.nan

    return _of_curves(evidence, dropped)


def rise(evidence: Evidence) -> float:
    """How far the loss on stop rows stands above its best at the end, as a share of the best and a tenth of chance."""
    floor = 0.1 * (evidence.chance or 0.0)

    def risen(curve: Curve) -> float:
        best = float(np.nanmin(curve.stop)) if np.isfinite(curve.stop).any() else math.nan
        return (float(np.nanmean(_tail(curve.stop, 5))) - best) / max(best, floor, 1e-12)

    return _of_curves(evidence, risen)


def shaking(evidence: Evidence) -> float:
    """How much the loss moves up and down in the second half of the epochs, as a share of its mean there."""

    def shaken(curve: Curve) -> float:
        half = curve.fit[len(curve.fit) // 2 :]
        if len(half) < 4 or not np.isfinite(half).all():
            return math.nan
        return float(np.median(np.abs(np.diff(half))) / max(float(np.mean(half)), 0.1 * (evidence.chance or 0), 1e-12))

    return _of_curves(evidence, shaken)


def percent(share: float) -> str:
    """A share in words.

    >>> percent(0.031), percent(float("nan")), percent(-1e9), percent(1e9)
    ('3 %', 'unknown', 'far below guessing', 'over 10,000 %')
    """
    if share < -10:
        return "far below guessing"
    if math.isnan(share) or share > 100:
        return "unknown" if math.isnan(share) else "over 10,000 %"
    return f"{share:.0%}".replace("%", " %") if abs(share) >= 0.01 or share == 0 else f"{100 * share:.2g} %"


def _of_curves(evidence: Evidence, measure: Callable[[Curve], float]) -> float:
    return middle(measure(curve) for curve in curves(evidence) if len(curve.fit))


def _late_gain(curve: Curve) -> float:
    loss = curve.seen
    if len(loss) < 2 or not np.isfinite(loss).all():
        return math.nan
    late = max(1, len(loss) // 4)
    smooth = lambda at: float(np.mean(loss[max(0, at - late // 2) : at + late // 2 + 1]))
    gained = float(loss[0]) - smooth(len(loss) - 1)
    return (smooth(len(loss) - 1 - late) - smooth(len(loss) - 1)) / gained if gained > 0 else 0.0


def _tail(values: np.ndarray, most: int = 10) -> np.ndarray:
    """The last few epochs, a tenth of them at most."""
    tail = values[-max(1, min(most, len(values) // 10)) :]
    return tail if np.isfinite(tail).any() else np.array([np.inf])


def _layers(lanes: Sequence[dict[str, dict[str, float]]]) -> Layers:
    paths = list(lanes[0]) if lanes else []
    return {
        path: {name: middle(_number(lane[path].get(name)) for lane in lanes) for name in lanes[0][path]}
        for path in paths
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
