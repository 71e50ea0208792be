"""How good it is: the network beside its baselines, on the locked test part and over the folds, with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from photic.experiment.contender import NETWORK, Comparison, Contender
from photic.experiment.figures import label
from photic.experiment.interval import Score
from photic.experiment.outcome import Outcome
from photic.experiment.verdict import called
from photic.maths import metrics
from photic.report import svg
from photic.report.ranking import ranking
from photic.report.record import Record
from photic.report.tag import Child, tag

_TEST = "Dots are scores, bars hold the true score in 95 of 100 cases: the test rows were drawn again a thousand times."
_FOLDS = (
    "Small dots are the folds, each scored on rows its network never saw; bars hold the true mean in 95 of 100 cases, "
    "allowing for folds that share training rows."
)


def section(record: Record) -> Element | None:
    """The section, or None for a run that was never scored."""
    outcome = record.outcome
    if outcome is None or not (outcome.network.test or outcome.network.folds):
        return None
    return tag(
        "section",
        tag("h2", _title(outcome), id="scores"),
        _words(outcome.comparison),
        tag("div", _figures(outcome), class_="figures"),
        svg.scrolled(_table(outcome)),
        tag("p", _who(outcome), class_="caption"),
    )


def _title(outcome: Outcome) -> str:
    comparison = outcome.comparison
    if comparison is None:
        return "What it scored"
    if comparison.standing == "lost":
        return "The network’s training diverged"
    words = {"ahead": "ahead of", "level": "level with", "behind": "behind"}[comparison.standing]
    return f"The network is {words} {called(comparison.against)}"


def _words(comparison: Comparison | None) -> Element | None:
    if comparison is None or not math.isfinite(comparison.difference):
        return None
    place = "the same locked test rows" if comparison.where == "test" else "the same folds"
    gap = str(Score(comparison.difference, comparison.low, comparison.high))
    rule = "More than chance means that this interval leaves out 0."
    words = f"The network minus {called(comparison.against)}, {label(comparison.metric)} on {place}: "
    return tag("p", words, tag("b", gap), f". {rule}")


def _figures(outcome: Outcome) -> list[Element]:
    found, main = [], outcome.main
    if outcome.network.test is not None:
        title = f"On {outcome.rows.get('test', 0):,} locked test rows, {_best(outcome.contenders, main, False)}"
        chart = ranking("test-scores", main, outcome.contenders, folds=False)
        found.append(svg.figure(title, chart, _TEST, _numbers(outcome.contenders, main, folds=False)))
    folds = len(outcome.network.folds.get(main, ()))
    if folds:
        title = f"Over {folds} folds, {_best(outcome.contenders, main, True)}"
        chart = ranking("fold-scores", main, outcome.contenders, folds=True)
        found.append(svg.figure(title, chart, _FOLDS, _numbers(outcome.contenders, main, folds=True)))
    return found


def _best(contenders: Sequence[Contender], main: str, folds: bool) -> str:
    sign = 1 if metrics.METRICS[main].better == "higher" else -1
    values = {each.name: sign * _at(each, main, folds).value for each in contenders}
    known = {name: value for name, value in values.items() if math.isfinite(value)}
    if not known:
        return "no score is defined"
    if len(known) == 1:
        return "the network alone was scored"
    most = max(known.values())
    names = [name for name, value in known.items() if value == most]
    said = ["the network" if name == NETWORK else called(name) for name in names]
    if len(said) > 1:
        return f"{' and '.join(said)} score the same"
    return f"{said[0]} {'score' if said[0].endswith('trees') else 'scores'} best"


def _at(contender: Contender, metric: str, folds: bool) -> Score:
    return (contender.validation if folds else contender.test or {}).get(metric, Score(math.nan))


def _numbers(contenders: Sequence[Contender], main: str, *, folds: bool) -> Element:
    single = [str(i + 1) for i in range(len(contenders[0].folds.get(main, ())))] if folds else []
    rows = [
        [each.name, str(_at(each, main, folds)), *(str(Score(value)) for value in each.folds.get(main, ()) if folds)]
        for each in contenders
    ]
    return svg.table(["", "mean" if folds else label(main), *(f"fold {fold}" for fold in single)], rows)


def _table(outcome: Outcome) -> Element:
    """Every metric in a row, every contender in a column: the test part, or the folds where there is none."""
    heading: list[Child] = [tag("span", "metric"), *(each.name for each in outcome.contenders)]
    rows: list[list[Child]] = []
    for metric in metrics.of(outcome.task.scoring):
        name = tag("span", label(metric.name), tag("small", f"{metric.words} {metric.better.capitalize()} is better."))
        scores = [each.score(metric.name) for each in outcome.contenders]
        best = _leading([score.value for score in scores], metric.better == "higher")
        rows.append(
            [name, *(tag("span", _cell(score), class_="lead" if i in best else None) for i, score in enumerate(scores))]
        )
    return svg.table(heading, rows, class_="scores")


def _cell(score: Score) -> list[Child]:
    shown = str(score).split(" (", 1)
    return [shown[0], tag("small", shown[1].rstrip(")")) if len(shown) > 1 else None]


def _leading(values: Sequence[float], higher: bool) -> set[int]:
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return set()
    most = max(known) if higher else min(known)
    return {i for i, value in enumerate(values) if value == most}


def _who(outcome: Outcome) -> str:
    where = "the locked test rows" if outcome.network.test is not None else "the folds"
    who = "; ".join(f"{each.name}: {each.words}" for each in outcome.contenders)
    return f"All metrics on {where}, the best in bold, which alone is no proof. {who}."
