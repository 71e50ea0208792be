"""What every layer did while it learned: outputs on their way forward, gradients on their way back, and steps.

Drawn from the inspections that training makes always (`train/inspect.py`). Chapter: "Backpropagation". Lesson 7.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from photic.report import svg
from photic.report.record import Record
from photic.report.scale import Scale
from photic.report.tag import tag
from photic.train.inspect import MEASURES

Line = Mapping[str, Any]


def section(record: Record) -> Element | None:
    """The section; None when nothing was inspected."""
    lane = record.final or next(iter(record.lanes), None)
    lines = [line for line in record.inspection if line.get("lane") == lane]
    if not lines:
        return None
    figures = [_forward(lines), _backward(lines), _steps(lines), _silent(lines)]
    return tag("section", tag("h2", "What every layer did", id="layers"), tag("div", figures, class_="figures"))


def values(line: Line, measure: str) -> dict[int, float]:
    """One measure of every layer that has it, by the layer's place in the order of the walk.

    >>> line = {"layers": {"layers.0": {"mean": 1.0, "update": 0.1}, "layers.1": {"mean": 2.0}}}
    >>> values(line, "mean"), values(line, "update")
    ({0: 1.0, 1: 2.0}, {0: 0.1})
    """
    found = ((place, each.get(measure)) for place, each in enumerate(line["layers"].values()))
    return {place: float(value) for place, value in found if value is not None and math.isfinite(value)}


def _forward(lines: Sequence[Line]) -> Element | None:
    spread = list(values(lines[-1], "spread").values())
    if not spread:
        return None
    hidden = spread[:-1] or spread  # the answer has the size that the target asks for
    low, high = min(hidden), max(hidden)
    title = "Outputs keep their size from layer to layer"
    if low > 0 and high > 10 * low:
        title = f"Outputs differ in size {high / low:,.0f} times between layers"
    elif low == 0:
        title = "A layer says the same to every row"
    return _by_layer("spread", title, lines, "spread of the outputs")


def _backward(lines: Sequence[Line]) -> Element | None:
    gradient = [value for value in values(lines[-1], "gradient").values() if value > 0]
    if not gradient:
        return None
    ratio = gradient[0] / gradient[-1]
    title = "Gradients reach the first layer at much the same size"
    if ratio < 1 / 3:
        title = f"On its way back to the first layer the gradient shrinks {1 / ratio:,.0f} times"
    elif ratio > 3:
        title = f"On its way back to the first layer the gradient grows {ratio:,.0f} times"
    return _by_layer("gradient", title, lines, "size of the gradient")


def _by_layer(measure: str, title: str, lines: Sequence[Line], words: str) -> Element:
    """A measure over the layers, from the input on the left to the answer on the right, at first and at last."""
    first, last = values(lines[0], measure), values(lines[-1], measure)
    shown = [value for value in (*first.values(), *last.values()) if value > 0]
    x = Scale(0.0, float(max(1, *first, *last)), svg.LEFT, svg.WIDTH - svg.RIGHT - 52)
    y = Scale.of(shown, svg.HEIGHT - svg.BOTTOM, svg.TOP, log=bool(shown))
    ticks = [at for at in x.ticks(8) if at == int(at)]
    marks = svg.frame(x, y, "layer", f"{words} (logarithmic)", x_ticks=ticks)
    marks += svg.lines(x, y, first, first.values(), "fit", f"epoch {lines[0]['epoch']}" if len(lines) > 1 else None)
    marks += svg.lines(x, y, last, last.values(), "stop", f"epoch {lines[-1]['epoch']}")
    caption = f"{MEASURES[measure][0].upper()}{MEASURES[measure][1:]}. Layers are numbered as in the list below."
    rows = [[str(at), f"{first.get(at, math.nan):.3g}", f"{last[at]:.3g}"] for at in last]
    numbers = svg.table(["layer", f"epoch {lines[0]['epoch']}", f"epoch {lines[-1]['epoch']}"], rows)
    return svg.figure(title, svg.drawing(f"layers-{measure}", words, title, marks), caption, numbers)


def _steps(lines: Sequence[Line]) -> Element | None:
    """How far a step moves the weights of each layer, over the epochs."""
    moved = {at: [values(line, "update").get(at, math.nan) for line in lines] for at in values(lines[0], "update")}
    shown = [value for row in moved.values() for value in row if value > 0]
    if all(sum(value > 0 for value in row) < 2 for row in moved.values()):
        return None  # a falling rate ends at 0
    epochs = [line["epoch"] for line in lines]
    x = Scale(1.0, float(max(2, epochs[-1])), svg.LEFT, svg.WIDTH - svg.RIGHT - 52)
    y = Scale.of(shown, svg.HEIGHT - svg.BOTTOM, svg.TOP, log=True)
    marks = svg.frame(x, y, "epoch", "a step, as a share (logarithmic)")
    for index, (at, row) in enumerate(moved.items()):
        marks += svg.lines(x, y, epochs, row, f"way way-{index % 6}", f"layer {at}")
    start = sorted(row[0] for row in moved.values() if row[0] > 0)
    title = f"The first step moves the weights by {start[len(start) // 2]:.2%} of their size" if start else "Steps"
    caption = f"{MEASURES['update'][0].upper()}{MEASURES['update'][1:]}, at the epochs that were inspected."
    return svg.figure(title, svg.drawing("layers-update", "steps of the weights", title, marks), caption)


def _silent(lines: Sequence[Line]) -> Element | None:
    """Where units say nothing, or inputs lie where an activation is flat: a table, for most layers have none."""
    dead, flat = values(lines[-1], "dead"), values(lines[-1], "saturated")
    names = list(lines[-1]["layers"])
    dead = {at: share for at, share in dead.items() if at in flat}  # only an activation can silence a unit
    rows = [[names[at], f"{dead[at]:.0%}", f"{flat[at]:.0%}"] for at in dead if max(dead[at], flat[at]) >= 0.005]
    if not rows:
        return None
    worst = max(dead.values())
    title = f"In one layer {worst:.0%} of the units are silent" if worst >= 0.005 else "No unit is silent"
    table = svg.table(["layer", "silent units", "flat inputs"], rows)
    caption = (
        f"At epoch {lines[-1]['epoch']}. A silent unit says the same to every row of a batch. Flat inputs lie where "
        "the activation has no slope; for ReLU about half of them is normal."
    )
    return tag(
        "figure", tag("figcaption", tag("strong", title)), svg.scrolled(table), tag("p", caption, class_="caption")
    )
