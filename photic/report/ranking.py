"""The ranking: a dot for what each contender scored, and a bar for the interval it is known to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from photic.experiment.contender import NETWORK, Contender
from photic.experiment.figures import figure, label
from photic.experiment.interval import Score
from photic.report import svg
from photic.report.scale import Scale, labels, tick_words

_ROW, _NAMES = 38.0, 104.0


def ranking(name: str, metric: str, contenders: Sequence[Contender], *, folds: bool) -> Element:
    """Contenders one below the other, on the test part or over the folds (then with a small dot for each fold).

    One far from all others (always saying the mean, often) is an arrow at the edge, so that the rest stays apart.
    """
    scores = [(each.validation if folds else each.test or {}).get(metric, Score(math.nan)) for each in contenders]
    single = [each.folds.get(metric, ()) if folds else () for each in contenders]
    shown = [[score.value, score.low, score.high, *dots] for score, dots in zip(scores, single, strict=True)]
    x = Scale.of(_near(shown), _NAMES + 12, svg.WIDTH - 24.0)
    height = svg.TOP + _ROW * len(contenders) + svg.BOTTOM
    bottom = height - svg.BOTTOM
    marks = [svg.line((x(at), svg.TOP), (x(at), bottom), "grid") for at in x.ticks(4)]
    ticks = zip(x.ticks(4), labels(x.ticks(4)), strict=True)
    marks += [svg.text((x(at), bottom + 16), words, "tick middle") for at, words in ticks]
    marks.append(svg.text(((x.start + x.end) / 2, height - 6), label(metric), "axis middle"))
    for row, (each, score, dots) in enumerate(zip(contenders, scores, single, strict=True)):
        y = svg.TOP + _ROW * (row + 0.5)
        own = "network" if each.name == NETWORK else "simple"
        marks.append(svg.text((x.start - 12, y + 4), each.name, f"name end {own}"))
        marks += _row(x, y, score, dots, own)
    told = "; ".join(f"{each.name} {score}" for each, score in zip(contenders, scores, strict=True))
    return svg.drawing(name, f"{label(metric)} of every contender, with 95 % intervals", told, marks, height=height)


def _row(x: Scale, y: float, score: Score, dots: Sequence[float], own: str) -> list[Element]:
    if not math.isfinite(score.value):
        return [svg.text((x.start, y + 4), "not defined", "tick")]
    if not x.low <= score.value <= x.high:
        left = score.value < x.low
        at = (x.start, y + 4) if left else (x.end, y + 4)
        words = f"◂ {score}" if left else f"{score} ▸"
        return [svg.text(at, words, f"value {own}" + ("" if left else " end"))]
    marks = [
        svg.dot((x(value), y), f"{own} faint", tick_words(value), size=3.5)
        for value in dots
        if x.low <= value <= x.high
    ]
    if math.isfinite(score.low):
        low, high = max(score.low, x.low), min(score.high, x.high)
        marks.append(svg.line((x(low), y), (x(high), y), f"interval {own}"))
    marks.append(svg.dot((x(score.value), y), own, str(score), size=6.0))
    shown = figure(score.value, score.high - score.low)
    marks.append(svg.text((x(score.value), y - 10), shown, f"value middle {own}"))
    return marks


def _near(shown: Sequence[Sequence[float]]) -> list[float]:
    """All numbers but those of contenders that would squeeze the others into less than half of the width."""
    kept = [[value for value in numbers if math.isfinite(value)] for numbers in shown]
    kept = [numbers for numbers in kept if numbers]
    while len(kept) > 2:
        span = lambda rows: max(max(row) for row in rows) - min(min(row) for row in rows)
        far = min(range(1, len(kept)), key=lambda i: span(kept[:i] + kept[i + 1 :]))
        rest = kept[:far] + kept[far + 1 :]
        if not 0 < span(rest) < span(kept) / 2:
            break
        kept = rest
    return [value for numbers in kept for value in numbers]
