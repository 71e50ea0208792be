"""Scatters of a regression: what was predicted against what was true, and the errors against what was predicted."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np
from jaxtyping import Float, Int

from photic.report import svg
from photic.report.scale import Scale

MOST = 2_000  # points that are drawn

Numbers = Float[np.ndarray, " n"]


def some(n: int) -> Int[np.ndarray, " m"]:
    """At most 2,000 of n rows, evenly spread over them.

    >>> some(5).tolist(), len(some(100_000))
    ([0, 1, 2, 3, 4], 2000)
    """
    return np.arange(n) if n <= MOST else np.linspace(0, n - 1, MOST).round().astype(int)


def against_truth(name: str, true: Numbers, said: Numbers, target: str) -> Element:
    """Predicted across, true upwards; on the line both are equal."""
    x = Scale.of([*said, *true], svg.LEFT, svg.WIDTH - svg.RIGHT)
    y = Scale(x.low, x.high, svg.HEIGHT - svg.BOTTOM, svg.TOP)
    rows = some(len(true))
    marks = svg.frame(x, y, f"{_short(target)}, predicted", "true")
    marks.append(svg.line((x(x.low), y(x.low)), (x(x.high), y(x.high)), "ideal"))
    marks.append(svg.dust([(x(float(said[i])), y(float(true[i]))) for i in rows], _dust(len(rows))))
    told = f"{len(rows)} of {len(true)} rows; true values from {true.min():.4g} to {true.max():.4g}"
    return svg.drawing(name, "Predicted against true values", told, marks)


def errors(name: str, true: Numbers, said: Numbers, target: str) -> Element:
    """Predicted across, true minus predicted upwards; a pattern here is something the network has not learned."""
    rows, left = some(len(true)), true - said
    x = Scale.of(said, svg.LEFT, svg.WIDTH - svg.RIGHT)
    most = float(np.abs(left).max()) or 1.0
    y = Scale(-1.05 * most, 1.05 * most, svg.HEIGHT - svg.BOTTOM, svg.TOP)
    marks = svg.frame(x, y, f"{_short(target)}, predicted", "true − predicted")
    marks.append(svg.line((svg.LEFT, y(0.0)), (svg.WIDTH - svg.RIGHT, y(0.0)), "ideal"))
    marks.append(svg.dust([(x(float(said[i])), y(float(left[i]))) for i in rows], _dust(len(rows))))
    told = f"{len(rows)} of {len(true)} rows; errors from {left.min():.4g} to {left.max():.4g}"
    return svg.drawing(name, "Errors against predicted values", told, marks)


def _dust(points: int) -> str:
    return "dust" if points > 300 else "dust few"


def _short(words: str) -> str:
    return words if len(words) <= 40 else words[:39] + "…"
