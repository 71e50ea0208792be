"""The page of one series: what the network answers, which steps decide, every unit along the way, how far it learns."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

import numpy as np
from jaxtyping import Float

from photic.backprop.distance import Reach
from photic.backprop.walk import Course, Walk
from photic.data import picture
from photic.report import svg
from photic.report.scale import Scale
from photic.report.sheet import sheet
from photic.report.sight import signed
from photic.report.tag import tag

_CHANNELS, _UNITS = 6, 32  # that are drawn
_TALL = 7  # of a unit's line on the page
_KINDS = ("stop", "fit", "fold")


def build(
    name: str,
    channels: Sequence[str],
    values: Float[np.ndarray, "t d"],
    answers: Sequence[tuple[str, str]],
    about: str,
    seen: Walk,
    reaches: Mapping[str, Reach],
) -> str:
    """The page as HTML.

    Args:
        name: of the series.
        channels: their names.
        values: the series in the user's units.
        answers: what the network says, in words and figures, the likeliest first.
        about: the answer that is explained.
        reaches: by the name of a run, how far back its gradient reaches.
    """
    head = tag(
        "header", tag("p", "Photic series", class_="kicker"), tag("h1", tag("em", name)),
        tag("p", f"The network says: {', '.join(f'{what} {how}' for what, how in answers)}.", class_="verdict"),
    )  # fmt: skip
    parts = [head, _where(channels, values, about, seen)]
    if seen.courses:
        lead = f"Steps from left to right, a line for each unit. {_COLOURS} Each picture has a scale of its own."
        drawn = [tag("h2", "What every unit does along the way"), tag("p", lead, class_="caption")]
        before = ""
        for course in seen.courses:
            drawn += [tag("h3", f"{course.path} {course.words}")] if course.path != before else []
            drawn.append(_course(course))
            before = course.path
        parts.append(tag("section", drawn))
    if reaches:
        parts.append(_far(reaches))
    return sheet(f"{name} · Photic", parts)


_COLOURS = "Blue-green is above 0, orange below, white is 0."


def _where(channels: Sequence[str], values: np.ndarray, about: str, seen: Walk) -> Element:
    """The channels whose slope is largest, over the stretches that decide."""
    order = np.argsort(-np.abs(seen.slope).sum(0), kind="stable") if seen.slope.shape == values.shape else None
    chosen = range(min(_CHANNELS, values.shape[1])) if order is None else sorted(order[:_CHANNELS].tolist())
    charts = [_channel(at, channels[at], values[:, at], seen) for at in chosen]
    most = (
        f"the largest fall is {seen.falls.max():.3g}" if np.abs(seen.falls).max() else "no stretch makes a difference"
    )
    told = (
        f"Behind each channel, how much the output for {about!r} falls when a stretch of all channels is covered by "
        f"its mean: blue-green where it falls, so where it was found, orange where it rises; {most}."
    )
    several = f" Of {values.shape[1]} channels those with the largest slopes." if len(chosen) < values.shape[1] else ""
    told_slope = (
        f"How much that output changes with each number: a line for each channel. {_COLOURS} A slope says where the "
        "output is touchy, not what it is built on; the covered stretches say that."
    )
    slope = tag("div", tag("h3", "Slope"), _heat(seen.slope.T, "slope"), tag("p", told_slope, class_="caption"))
    drawn = [tag("p", told + several, class_="caption"), tag("div", charts, class_="figures"), slope]
    return tag("section", tag("h2", f"Which steps decide for {about!r}"), drawn)


def _channel(number: int, name: str, values: np.ndarray, seen: Walk) -> Element:
    steps, falls = len(values), seen.falls / (np.abs(seen.falls).max() or 1.0)
    x = Scale(0.0, float(max(steps - 1, 1)), svg.LEFT, svg.WIDTH - svg.RIGHT)
    y = Scale.of(values, svg.HEIGHT - svg.BOTTOM, svg.TOP)
    width, high = (svg.WIDTH - svg.RIGHT - svg.LEFT) / len(falls), svg.HEIGHT - svg.BOTTOM - svg.TOP
    shades = [
        svg.box(
            (svg.LEFT + at * width, svg.TOP), width, high, f"shade {'found' if fall > 0 else 'against'}",
            f"{seen.falls[at]:.3g}", style=f"opacity:{0.55 * abs(fall):.3f}",
        )
        for at, fall in enumerate(falls)
    ]  # fmt: skip
    ticks = [at for at in x.ticks(6) if at == int(at)]
    marks = [*shades, *svg.frame(x, y, "step", name, x_ticks=ticks), *svg.lines(x, y, range(steps), values, "stop")]
    return svg.figure(name, svg.drawing(f"channel-{number}", name, f"{name} over {steps} steps", marks), "")


def _course(course: Course) -> Element:
    values = course.values
    order = np.argsort(-np.abs(values).mean(0), kind="stable")[:_UNITS]
    many = f", the {_UNITS} largest of {values.shape[1]} units" if values.shape[1] > _UNITS else ""
    low, high = values.min(), values.max()
    words = f"{course.name}{many}; from {low:.3g} to {high:.3g}."
    return tag("div", _heat(values[:, np.sort(order)].T, course.name), tag("p", words, class_="caption"))


def _heat(values: Float[np.ndarray, "u t"], told: str) -> Element:
    drawn = picture.encode(signed(values / (np.abs(values).max() or 1.0)))
    source = f"data:image/png;base64,{base64.b64encode(drawn).decode()}"
    return tag("img", src=source, alt=told, class_="course", style=f"height:{max(len(values) * _TALL, 2 * _TALL)}px")


def _far(reaches: Mapping[str, Reach]) -> Element:
    """The gradient against distance, a line for each run."""
    known = [size for each in reaches.values() for size in each.size if size > 0]
    furthest = max(len(each.size) for each in reaches.values())
    x = Scale(0.0, float(max(furthest - 1, 1)), svg.LEFT, svg.WIDTH - svg.RIGHT - 90)
    y = Scale.of(known, svg.HEIGHT - svg.BOTTOM, svg.TOP, log=True)
    marks = svg.frame(x, y, "steps before the last", "share of the largest (logarithmic)", x_ticks=x.ticks(6))
    for kind, (name, each) in zip(_KINDS * len(reaches), reaches.items(), strict=False):
        marks += svg.lines(x, y, each.distance.tolist(), each.size.tolist(), kind, name)
    told = (
        "The length of the gradient of the loss for what came in at a step, as a share of its largest in the same row, "
        "against the distance from the last step; the mean over the rows that reach so far back. Where it is near 0, "
        "training cannot learn from that step."
    )
    rows = [
        [name, f"{each.size[0]:.3g}", f"{each.size[len(each.size) // 2]:.3g}", f"{each.size[-1]:.3g}"]
        for name, each in reaches.items()
    ]
    table = svg.table(["run", "last step", "half way", "first step"], rows)
    chart = svg.drawing("reach", "gradient against distance", "; ".join(" ".join(row) for row in rows), marks)
    figure = svg.figure("The gradient against distance", chart, told, table)
    return tag("section", tag("h2", "How far back it can learn"), tag("div", figure, class_="figures"))
