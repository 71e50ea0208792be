"""The verdict: what the comparison of the network with the best baseline means, in two or three plain sentences.

Between equals the simpler model wins; a network that is not better than always saying the same has learned nothing.
"""

from __future__ import annotations

import math

from photic.experiment.contender import Comparison, Contender
from photic.experiment.figures import figure, label, percent
from photic.experiment.interval import Score

_CALLED = {
    "majority": "always saying the most frequent class",
    "mean": "always saying the mean",
    "logistic": "logistic regression",
    "ridge": "ridge regression",
    "last value": "repeating the last value",
    "frequencies": "knowing how often each symbol comes",
    "n-gram": "counting what follows the last symbols",
    "lzma": "the compressor lzma",
}
_CONSTANT = ("majority", "mean", "frequencies")


def words(
    metric: str,
    network: Contender,
    rival: Contender | None,
    comparison: Comparison | None,
    *,
    learned: bool = True,
    test: int = 0,
    folds: int = 0,
    places: int = 0,
) -> str:
    """What was scored, how it stands beside the best simple model, and what to do.

    Args:
        metric: the main metric.
        rival: the best baseline; `comparison` of the network with it.
        learned: whether the network is ahead of always saying the same.
        test, folds: how many rows and folds were scored.
        places: how many targets the test rows have, where each has one at every place.

    >>> network = Contender("network", "", {"rmse": Score(54.2, 49.8, 58.9)}, {}, {})
    >>> ridge = Contender("ridge", "", {"rmse": Score(63.0)}, {}, {})
    >>> print(words("rmse", network, ridge, Comparison("ridge", "rmse", -8.8, -13.0, -4.6, "test", "ahead"), test=89))
    The network has an RMSE of 54.2 on 89 test rows (95 % interval 49.8 to 58.9). It beats the best simple model, \
ridge regression (RMSE 63.0): the difference of 8.8 (4.6 to 13.0) is more than chance explains.
    """
    score = network.score(metric)
    if network.test is None and not folds:
        return "Nothing was scored: there are neither test rows nor folds."
    if not math.isfinite(score.value):
        instead = f"use {called(rival.name)}, or set a lower learning rate" if rival else "set a lower learning rate"
        return f"The network's predictions are not numbers: its training diverged. {instead.capitalize()}."
    at = f"{places:,} places of " if places else ""
    place = f"{at}{test:,} test rows" if network.test is not None else f"the rows of {folds} folds"
    if metric == "bits" and network.test is not None:
        place = f"the {places:,} symbols at the end of the text"
    first = f"The network {_headline(metric, score, place)}."
    if rival is None or comparison is None:
        return f"{first} No simple model was scored beside it, so nothing says whether one would do as well."
    over = f" over {folds} folds" if comparison.where == "folds" and network.test is not None else ""
    return _beside(first, rival, rival.score(metric), comparison, over, learned)


def _beside(first: str, rival: Contender, theirs: Score, comparison: Comparison, over: str, learned: bool) -> str:
    name, size = called(rival.name), f"the difference of {_gap(comparison)}"
    gap = f"{size}{over}"
    if comparison.standing == "lost":
        return f"{first} But in a fold its training diverged: use {name}, or set a lower learning rate."
    best = f"the best simple model, {name} ({_value(comparison.metric, theirs)})"
    if comparison.standing == "ahead":
        return f"{first} It beats {best}: {gap} is more than chance explains."
    nor = "" if learned or rival.name in _CONSTANT else " Nor is it proven to be better than always saying the same."
    if comparison.standing == "behind":
        plural = rival.name == "boosted trees"
        do, them = ("do", "them") if plural else ("does", "it")
        use = f"{name[0].upper()}{name[1:]} {do} better here: use {them}."
        reach = f"{'They reach' if plural else 'It reaches'} {_value(comparison.metric, theirs)} on the same rows"
        return f"{use} {first} {reach}, and {gap} is more than chance explains.{nor}"
    if rival.name in _CONSTANT:
        same = f"That is level with {name} ({_value(comparison.metric, theirs)})"
        return f"{first} {same}: {gap} is within chance, so nothing was learned that holds on new rows."
    favour = "the network" if comparison.advantage.value > 0 else name
    size += f" for {favour}" if comparison.difference else ""
    return f"{first} It is level with {best}: {size}{over} is within chance. Between equals, prefer the simpler.{nor}"


def called(name: str) -> str:
    """A contender's name within a sentence.

    >>> called("logistic"), called("boosted trees")
    ('logistic regression', 'boosted trees')
    """
    return _CALLED.get(name, name)


def _headline(metric: str, score: Score, place: str) -> str:
    width = score.high - score.low
    if metric == "accuracy":
        ends = f"{percent(score.low)} to {percent(score.high)} %"
        value = f"is right on {percent(score.value, width)} % of {place}"
    elif metric == "bits":
        ends = f"{figure(score.low, width)} to {figure(score.high, width)}"
        value = f"needs {figure(score.value, width)} bits per character on {place}"
    else:
        ends = f"{figure(score.low, width)} to {figure(score.high, width)}"
        article = "a" if metric in {"hamming_loss", "subset_accuracy"} else "an"
        value = f"has {article} {label(metric)} of {figure(score.value, width)} on {place}"
    return f"{value} (95 % interval {ends})" if math.isfinite(width) else value


def _value(metric: str, score: Score) -> str:
    if metric == "accuracy":
        return f"{percent(score.value)} %"
    number = figure(score.value, score.high - score.low)
    return f"{number} bits" if metric == "bits" else f"{label(metric)} {number}"


def _gap(comparison: Comparison) -> str:
    """The size of the difference, with its interval, for whoever is ahead in it."""
    found = comparison.advantage
    if found.value < 0:
        found = Score(-found.value, -found.high, -found.low)
    if comparison.metric != "accuracy":
        return str(found)
    value = percent(found.value)
    ends = " to ".join(f"{100 * end:.1f}" for end in (found.low, found.high)).replace("-", "−")
    return f"{value} points" + (f" ({ends})" if math.isfinite(found.low) else "")
