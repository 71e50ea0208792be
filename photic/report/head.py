"""The head of the page: what is predicted, the verdict, and the few numbers it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from photic.experiment.figures import figure, label, percent
from photic.experiment.interval import Score
from photic.report.record import Record
from photic.report.tag import Child, tag

_STANDING = {
    "ahead": "ahead of the best simple model",
    "level": "level with the best simple model",
    "behind": "behind the best simple model",
    "lost": "training diverged",
}


def head(record: Record) -> Element:
    """The title, the verdict, and the key numbers."""
    target = record.task.target if record.task else "a table"
    outcome = record.outcome
    comparison = outcome.comparison if outcome else None
    standing = comparison.standing if comparison else None
    chip = None if standing is None else tag("span", _STANDING[standing], class_=f"chip {standing}")
    verdict = outcome.verdict if outcome else "This network was never scored."
    return tag(
        "header",
        tag("p", "Photic run ", tag("code", record.place), chip, class_="kicker"),
        tag("h1", tag("em", target), f", predicted from {record.name}"),
        tag("p", verdict, class_="verdict"),
        tag("dl", [tag("div", tag("dt", word), tag("dd", *told)) for word, told in _facts(record)], class_="facts"),
    )


def _facts(record: Record) -> Iterator[tuple[str, tuple[Child, ...]]]:
    outcome, task = record.outcome, record.task
    if outcome is not None:
        main = outcome.main
        place = "on locked test rows" if outcome.network.test is not None else "over the folds"
        yield f"{label(main)} {place}", _score(main, outcome.network.score(main))
        rival = next((each for each in outcome.contenders if _is_rival(outcome.comparison, each.name)), None)
        if rival is not None:
            yield f"best simple model: {rival.name}", _score(main, rival.score(main))
        rows = outcome.rows
        parts = ", ".join(f"{rows[key]:,} {key}" for key in ("fit", "stop", "test") if rows.get(key))
        yield "rows", (tag("b", f"{rows.get('all', 0):,}"), tag("small", parts))
    if task is not None and task.classes and not task.unit:
        listed = ", ".join(task.classes[:4]) + (", …" if len(task.classes) > 4 else "")
        yield "classes", (tag("b", str(len(task.classes))), tag("small", listed))
    if record.columns:
        width = math.prod(record.model.get("input", [])) if record.model else 0
        inputs = tag("small", f"{width:,} numbers into the network") if width else None
        if record.form.get("kind") == "images":
            height, width = record.form["size"]
            colour = "grey" if record.form["channels"] == 1 else "colour"
            yield "pictures", (tag("b", f"{width} x {height}"), tag("small", f"pixels, {colour}"))
        elif task is not None and task.unit:
            yield "symbols", (tag("b", f"{len(task.classes):,}"), tag("small", f"{task.unit}s that are told apart"))
        elif record.form:
            shape = record.model.get("input", [0, 0]) if record.model else [0, 0]
            channels = "1 channel" if shape[-1] == 1 else f"{shape[-1]} channels"
            yield "steps of a series", (tag("b", f"{shape[0]:,}"), tag("small", f"at most, of {channels}"))
        else:
            yield "columns learned from", (tag("b", f"{len(record.columns):,}"), inputs)


def _is_rival(comparison: object, name: str) -> bool:
    return getattr(comparison, "against", None) == name


def _score(metric: str, score: Score) -> tuple[Child, ...]:
    width = score.high - score.low
    if metric == "accuracy" and math.isfinite(score.value):
        value, ends = f"{percent(score.value, width)} %", f"{percent(score.low)} to {percent(score.high)} %"
    else:
        value, ends = figure(score.value, width), f"{figure(score.low, width)} to {figure(score.high, width)}"
    return tag("b", value), tag("small", ends) if math.isfinite(width) else None
