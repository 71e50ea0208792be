"""Pictures or series of the test part with what the network said of them: some drawn at random, and the most wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from photic.data.task import Task
from photic.experiment.figures import figure
from photic.report import along, svg
from photic.report.record import Record
from photic.report.tag import tag


def section(record: Record) -> Element | None:
    """The section, or None for a run without pictures or series."""
    if not record.examples or record.task is None or record.task.unit:
        return None
    if record.task.every_step:
        return along.section(record)
    things = "pictures" if "png" in record.examples[0] else "series"
    titles = {title.format(things): kind for title, kind in _STRIPS.items()}
    strips = [made for title, kind in titles.items() if (made := _strip(record, title, kind)) is not None]
    return tag("section", tag("h2", "What it saw and what it said", id="pictures"), strips)


_NAMED = 4  # of several numbers under a picture
_STRIPS = {"Some test {}, drawn at random": "random", "The most wrong of the test {}": "wrong"}


def _strip(record: Record, title: str, kind: str) -> Element | None:
    assert record.task is not None
    some = [each for each in record.examples if kind in each["kinds"]]
    if kind == "wrong":
        some.sort(key=lambda each: -_wrongness(record, each))
    if not some:
        return tag("p", "Not one of the test rows is wrong.") if kind == "wrong" else None
    cells = [_cell(record, record.task, each) for each in some]
    return tag("div", tag("h3", title), tag("div", cells, class_="pictures"))


def _wrongness(record: Record, each: Mapping[str, Any]) -> float:
    task, place = record.task, each["place"]
    assert task is not None
    if not task.classes:
        true = record.test["target"].reshape(len(record.test["target"]), -1)
        spread = true.std(axis=0) if task.kind == "regression" else np.ones(true.shape[1])
        return float((np.abs(_p(record, place) - true[place]) / np.where(spread == 0, 1, spread)).mean())
    return 1 - float(_p(record, place)[int(record.test["target"].reshape(-1)[place])])


def _p(record: Record, place: int) -> np.ndarray:
    p = record.test["prediction"][place].reshape(-1).astype(float)
    assert record.task is not None
    return np.array([1 - p[0], p[0]]) if record.task.kind == "binary" else p


def _cell(record: Record, task: Task, each: Mapping[str, Any]) -> Element:
    words, right = said(record, task, each["place"])
    return tag("figure", image(each, words), tag("figcaption", words), class_="right" if right else "wrong")


def said(record: Record, task: Task, place: int) -> tuple[str, bool]:
    """What the network said of a test row, in words, and whether it is right; numbers are always "right"."""
    if task.targets:
        return _said_of_each(task, _p(record, place), record.test["target"][place])
    p, true = _p(record, place), record.test["target"].reshape(-1)[place]
    if task.kind == "regression":
        return f"{figure(float(p[0]))}, true {figure(float(true))}", True
    code = int(p.argmax())
    words = f"{task.classes[code]} {p[code]:.0%}"
    return (words, True) if code == int(true) else (f"{words}, true {task.classes[int(true)]}", False)


def _said_of_each(task: Task, p: np.ndarray, true: np.ndarray) -> tuple[str, bool]:
    if task.kind == "regression":
        parts = [
            f"{name} {figure(float(said))}, true {figure(float(is_so))}"
            for name, said, is_so in zip(task.targets[:_NAMED], p, true, strict=False)
        ]
        return "; ".join(parts), True
    named = lambda marks: ", ".join(name for name, mark in zip(task.targets, marks, strict=True) if mark) or "none"
    right = bool(((p > 0.5) == (true > 0.5)).all())
    return (named(p > 0.5), True) if right else (f"{named(p > 0.5)}, true {named(true > 0.5)}", False)


def image(each: Mapping[str, Any], words: str) -> Element:
    """One picture in the page itself, small ones larger, pixel by pixel; a series as a line for each channel."""
    if "channels" in each:
        return _lines(each, words)
    return tag(
        "img", src=f"data:image/png;base64,{each['png']}", alt=f"{each['name']}: {words}", title=str(each["name"])
    )


def of_pair(record: Record, true: int, answer: int) -> Iterator[Element]:
    """The kept pictures of one class that were taken for another."""
    assert record.task is not None
    for each in record.examples:
        target = record.test["target"].reshape(-1)[each["place"]]
        if int(target) == true and int(_p(record, each["place"]).argmax()) == answer:
            yield image(each, said(record, record.task, each["place"])[0])


def _lines(each: Mapping[str, Any], words: str) -> Element:
    """A series as a small drawing; every channel has a scale of its own."""
    width, height = 120.0, 60.0
    paths: list[Element] = []
    for place, channel in enumerate(each["channels"]):
        values = np.array([np.nan if value is None else value for value in channel], float)
        known = values[np.isfinite(values)]
        if not len(known):
            continue
        low, high = float(known.min()), float(known.max())
        x = np.linspace(2, width - 2, len(values)) if len(values) > 1 else np.array([width / 2])
        y = height - 4 - (height - 8) * ((values - low) / (high - low) if high > low else np.full(len(values), 0.5))
        points = [(float(a), float(b)) for a, b in zip(x, y, strict=True) if np.isfinite(b)]
        paths.append(svg.path(points, f"way way-{place % 6}"))
    told = tag("title", f"{each['name']}: {words}")
    return tag("svg", told, paths, viewBox=f"0 0 {width:g} {height:g}", role="img", class_="series")
