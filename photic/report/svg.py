"""What all charts share: the drawing with its title and description, the frame of axes, and the simplest marks.

Colours, strokes and fonts are in report.css, so that a chart follows the page into the dark. A chart is drawn on a page
of 460 units, which stays readable on a phone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from photic.report.scale import Scale, labels
from photic.report.tag import Child, tag

WIDTH, HEIGHT = 460.0, 290.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 14.0, 12.0, 42.0

Point = tuple[float, float]


def drawing(
    name: str, title: str, told: str, marks: Iterable[Child], *, height: float = HEIGHT, width: float = WIDTH
) -> Element:
    """A chart, named and described for those who cannot see it.

    Args:
        name: of the chart on its page; no other may have it.
        title, told: what it is, and what there is to see in it.
        marks: what is drawn.
    """
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", told, id=f"{name}-told"),
        marks,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_labelledby=f"{name}-title {name}-told",
    )


def figure(title: str, chart: Element, caption: Child | Iterable[Child], table: Element | None = None) -> Element:
    """A chart under a title that says what is seen, with a caption and the numbers as a table."""
    numbers = None if table is None else tag("details", tag("summary", "The numbers"), scrolled(table))
    return tag("figure", tag("figcaption", tag("strong", title)), chart, tag("p", caption, class_="caption"), numbers)


def table(heading: Sequence[Child], rows: Iterable[Sequence[Child]], **attributes: object) -> Element:
    """A table whose first column names its rows."""
    head = tag("thead", tag("tr", [tag("th", cell, scope="col") for cell in heading]))
    body = [
        tag("tr", tag("th", row[0], scope="row"), [tag("td", cell) for cell in row[1:]]) for row in rows if len(row)
    ]
    return tag("table", head, tag("tbody", body), **attributes)


def scrolled(table: Element) -> Element:
    """A wide table in a box of its own, so that the page itself never scrolls sideways."""
    return tag("div", table, class_="scroll", tabindex="0", role="region", aria_label="table")


def frame(
    x: Scale, y: Scale, x_label: str, y_label: str, *, x_ticks: Sequence[float] | None = None, height: float = HEIGHT
) -> list[Element]:
    """Axes with round numbers, faint lines across, and what they measure."""
    across = x.ticks(6) if x_ticks is None else x_ticks
    bottom, right = height - BOTTOM, WIDTH - RIGHT
    marks = [line((x(at), TOP), (x(at), bottom), "grid") for at in across]
    marks += [line((LEFT, y(at)), (right, y(at)), "grid") for at in y.ticks()]
    marks += [
        text((x(at), bottom + 16), words, "tick middle") for at, words in zip(across, labels(across), strict=True)
    ]
    upward = zip(y.ticks(), labels(y.ticks()), strict=True)
    marks += [text((LEFT - 7, y(at) + 4), words, "tick end") for at, words in upward]
    marks.append(text(((LEFT + right) / 2, height - 6), x_label, "axis middle"))
    middle = (TOP + bottom) / 2
    marks.append(tag("text", y_label, class_="axis middle", transform=f"translate(12 {middle:g}) rotate(-90)"))
    return marks


def line(start: Point, end: Point, class_: str) -> Element:
    """A straight line."""
    return tag("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=class_)


def text(at: Point, words: str, class_: str, *, most: int = 0, turn: str | None = None) -> Element:
    """Words at a place; cut after `most` characters, with the whole in a tooltip."""
    cut = bool(most) and len(words) > most
    shown = words[: most - 1].rstrip() + "…" if cut else words
    return tag("text", shown, tag("title", words) if cut else None, x=at[0], y=at[1], class_=class_, transform=turn)


def dot(at: Point, class_: str, told: str | None = None, *, size: float = 4.5) -> Element:
    """A filled circle, with a tooltip."""
    return tag("circle", None if told is None else tag("title", told), cx=at[0], cy=at[1], r=size, class_=class_)


def box(at: Point, width: float, height: float, class_: str, told: str | None = None, **attributes: object) -> Element:
    """A filled rectangle, with a tooltip."""
    title = None if told is None else tag("title", told)
    return tag("rect", title, x=at[0], y=at[1], width=width, height=height, class_=class_, **attributes)


def path(points: Iterable[Point], class_: str) -> Element:
    """A line through points."""
    return tag("path", d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points), class_=class_)


def lines(
    x: Scale, y: Scale, at: Iterable[float], values: Iterable[float], class_: str, words: str | None = None
) -> list[Element]:
    """A line through what a scale can show, in pieces where a value is no number; at its end a few words."""
    pieces: list[list[Point]] = [[]]
    for across, value in zip(at, values, strict=True):
        if math.isfinite(value) and (value > 0 or not y.log):
            pieces[-1].append((x(across), y(value)))
        elif pieces[-1]:
            pieces.append([])
    drawn = [path(piece, f"curve {class_}") for piece in pieces if len(piece) > 1]
    if words and any(pieces):
        end = next(piece for piece in reversed(pieces) if piece)[-1]
        drawn.append(text((end[0] + 6, end[1] + 4), words, f"label curve {class_}"))
    return drawn


def dust(points: Iterable[Point], class_: str) -> Element:
    """Thousands of small dots as one element."""
    return tag("path", d="".join(f"M{x:.1f} {y:.1f}h0" for x, y in points), class_=class_)
