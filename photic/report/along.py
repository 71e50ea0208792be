"""Along: series and pictures of the test part with what is true and what is said at every place of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from photic.experiment.figures import figure, percent
from photic.report import svg
from photic.report.record import Record
from photic.report.tag import tag

_STRIPS = {"Some test {}, drawn at random": "random", "The test {} with the largest errors": "wrong"}
_WIDE, _TALL, _BAND = 260.0, 70.0, 10.0


def section(record: Record) -> Element | None:
    """The section; the examples of the record hold `true` and `said`."""
    pictures = "png" in record.examples[0]
    things = "pictures" if pictures else "series"
    told = (
        "Each time the picture, the true mask, and the mask that the network gives."
        if pictures
        else "The series above; below it what is true (upper) and what the network says (lower) at every step."
    )
    parts = [
        tag(
            "div",
            tag("h3", title.format(things)),
            tag("div", [_cell(record, each) for each in some], class_="pictures"),
        )
        for title, kind in _STRIPS.items()
        if (some := _chosen(record.examples, kind))
    ]
    return tag(
        "section", tag("h2", "What it saw and what it said, place by place", id="pictures"), tag("p", told), parts
    )


def _chosen(examples: Sequence[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    some = [each for each in examples if kind in each["kinds"]]
    return sorted(some, key=lambda each: -each["wrong"]) if kind == "wrong" else some


def _cell(record: Record, each: Mapping[str, Any]) -> Element:
    assert record.task is not None
    if record.task.kind == "regression":
        words = f"{each['name']}: mean error {figure(each['wrong'])}"
    else:
        words = f"{each['name']}: {percent(1 - each['wrong'])} % right"
    if "png" in each:
        shown = [_image(each[part], f"{words}, {part}") for part in ("png", "true", "said")]
        return tag("figure", tag("span", shown, class_="beside"), tag("figcaption", words))
    return tag("figure", _series(record, each, words), tag("figcaption", words))


def _image(png: str, words: str) -> Element:
    return tag("img", src=f"data:image/png;base64,{png}", alt=words, title=words)


def _series(record: Record, each: Mapping[str, Any], words: str) -> Element:
    """The channels as lines, each on a scale of its own, and two bands of classes, or two lines of numbers, below."""
    assert record.task is not None
    marks = [
        svg.path(_points(channel, 2.0, _TALL - 4), f"way way-{place % 6}")
        for place, channel in enumerate(each["channels"])
    ]
    numbers = record.task.kind == "regression"
    if numbers:
        both = [*each["true"], *each["said"]]
        marks += [
            svg.path(_points(each[part], _TALL + 4, _TALL, both), f"way way-{place}")
            for place, part in enumerate(("true", "said"))
        ]
    else:
        for place, part in enumerate(("true", "said")):
            marks += _band(each[part], _TALL + 4 + place * (_BAND + 3), record.task.classes)
    height = _TALL + 8 + (_TALL if numbers else 2 * _BAND + 3)
    return tag("svg", tag("title", words), marks, viewBox=f"0 0 {_WIDE:g} {height:g}", role="img", class_="along")


def _points(
    values: Sequence[float | None], top: float, height: float, all_of: Sequence[float | None] | None = None
) -> list[tuple[float, float]]:
    numbers = np.array([np.nan if value is None else value for value in values], float)
    whole = numbers if all_of is None else np.array([np.nan if value is None else value for value in all_of], float)
    known = whole[np.isfinite(whole)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    x = np.linspace(2, _WIDE - 2, len(numbers)) if len(numbers) > 1 else np.array([_WIDE / 2])
    y = top + height * (1 - ((numbers - low) / (high - low) if high > low else np.full(len(numbers), 0.5)))
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True) if np.isfinite(b)]


def _band(codes: Sequence[float | None], top: float, classes: Sequence[str]) -> list[Element]:
    """Runs of one class as boxes of its colour."""
    step, marks, start = (_WIDE - 4) / len(codes), [], 0
    for at in range(1, len(codes) + 1):
        if at < len(codes) and codes[at] == codes[start]:
            continue
        code = codes[start]
        if code is not None and code >= 0:
            told = f"{classes[int(code)]}, {at - start} steps"
            marks.append(
                svg.box((2 + start * step, top), (at - start) * step, _BAND, f"fill fill-{int(code) % 6}", told)
            )
        start = at
    return marks
