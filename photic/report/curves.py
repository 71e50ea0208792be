"""Curves: what happened epoch after epoch, one line per lane, with the epoch whose weights were kept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from photic.report import svg
from photic.report.scale import Scale

Lanes = Mapping[str, Sequence[Mapping[str, Any]]]

_MOST = 300  # points of a line


def loss_curves(name: str, lanes: Lanes, final: str | None) -> Element:
    """The loss of the final network on its fit and its stop rows; the stop loss of every fold behind, or alone."""
    return _curves(name, lanes, final, "stop_loss", "loss", beside="loss")


def score_curves(name: str, lanes: Lanes, final: str | None, metric: str, *, rises: bool) -> Element:
    """The main metric of every lane on its stop rows."""
    return _curves(name, lanes, final, "stop_score", metric, low=rises)


def series(lines: Sequence[Mapping[str, Any]], key: str) -> list[tuple[int, float]]:
    """Epoch and value where the value is a number, thinned to what a line can show."""
    found = [
        (line["epoch"], float(line[key])) for line in lines if line.get(key) is not None and math.isfinite(line[key])
    ]
    step = max(1, -(-len(found) // _MOST))
    return found[::step] if step == 1 or not found else [*found[:-1:step], found[-1]]


def best_epoch(lines: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The line of the epoch whose weights were kept."""
    return next((line for line in reversed(lines) if line.get("best")), None)


def _curves(
    name: str, lanes: Lanes, final: str | None, key: str, words: str, *, beside: str | None = None, low: bool = False
) -> Element:
    drawn = {lane: series(lines, key) for lane, lines in lanes.items()}
    own = lanes[final] if final else []
    more = series(own, beside) if beside else []
    values = [value for points in (*drawn.values(), more) for _, value in points]
    last = max((line["epoch"] for lines in lanes.values() for line in lines), default=1)
    right = svg.WIDTH - svg.RIGHT - (48 if more else 0)
    log = beside is not None and bool(values) and min(values) > 0 and max(values) > 12 * min(values)
    x = Scale(1.0, float(max(last, 2)), svg.LEFT, right)
    y = Scale.of(values, svg.HEIGHT - svg.BOTTOM, svg.TOP, log=log)
    ticks = [at for at in x.ticks(6) if at >= 1 and at == int(at)]
    marks = svg.frame(x, y, "epoch", words + (" (logarithmic)" if log else ""), x_ticks=ticks)
    place = lambda points: [(x(epoch), y(value)) for epoch, value in points]
    for lane, points in drawn.items():
        if lane != final and len(points) > 1:
            marks.append(svg.path(place(points), "curve fold" if final else "curve stop thin"))
    best = best_epoch(own)
    if best is not None:
        at = x(best["epoch"])
        marks.append(svg.line((at, svg.TOP), (at, svg.HEIGHT - svg.BOTTOM), "best"))
        side, upward = ("end", -6) if at > (svg.LEFT + right) / 2 else ("start", 6)
        height = svg.HEIGHT - svg.BOTTOM - 8 if low else svg.TOP + 10
        marks.append(svg.text((at + upward, height), f"kept: epoch {best['epoch']}", f"label best {side}"))
    if more:
        marks += _labelled(place(more), "fit rows", "curve fit", -1)
    if final and drawn[final]:
        marks += _labelled(place(drawn[final]), "stop rows" if beside else "", "curve stop", 1)
    if best is not None and best.get(key) is not None:
        marks.append(svg.dot((x(best["epoch"]), y(float(best[key]))), "best", f"{words} {best[key]:.4g}"))
    told = "; ".join(_told(lane, lines, key) for lane, lines in lanes.items())
    return svg.drawing(name, f"{words} by epoch", told, marks)


def _labelled(points: list[svg.Point], words: str, class_: str, side: int) -> list[Element]:
    marks = [svg.path(points, class_)] if len(points) > 1 else [svg.dot(points[0], class_)]
    end = (points[-1][0] + 6, points[-1][1] + 4 + (3 * side))
    return [*marks, svg.text(end, words, f"label {class_}")] if words else marks


def _told(lane: str, lines: Sequence[Mapping[str, Any]], key: str) -> str:
    points, best = series(lines, key), best_epoch(lines)
    if not points:
        return f"{lane}: {len(lines)} epochs"
    kept = f", kept epoch {best['epoch']}" if best else ""
    return f"{lane}: from {points[0][1]:.3g} to {points[-1][1]:.3g} in {lines[-1]['epoch']} epochs{kept}"
