"""Prose: of a network on text, what it writes, and where in a text it had never seen it was surprised."""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element

import numpy as np

from photic.report.record import Record
from photic.report.tag import tag

#: Windows of the test part that are shown.
WINDOWS = 8
_SHADES = (1.0, 2.0, 4.0, 7.0)  # bits at which a deeper shade begins


def section(record: Record) -> Element | None:
    """The section; None for a run that is not on text."""
    if record.task is None or not record.task.unit:
        return None
    parts = [tag("h2", "What it writes, and what surprised it", id="prose")]
    for each in record.examples:
        if "sample" in each["kinds"]:
            heading = tag("h3", f"Drawn at temperature {each['temperature']:g}")
            parts.append(tag("div", heading, tag("pre", str(each["text"]), class_="prose")))
    return tag("section", parts, _surprise(record))


def _surprise(record: Record) -> list[Element]:
    """The beginning of the test part, each symbol shaded by the bits it cost."""
    assert record.task is not None
    if not len(record.test.get("target", ())):
        return []
    y, chance = record.test["target"][:WINDOWS], record.test["prediction"][:WINDOWS, :, 0]
    bits = -np.log2(np.maximum(chance.astype(float), 2.0**-23))[y >= 0]
    symbols = [record.task.classes[code] for code in y[y >= 0]]
    runs: list[Element] = []
    start = 0
    depth = [sum(cost >= edge for edge in _SHADES) for cost in bits]
    for at in range(1, len(symbols) + 1):
        if at == len(symbols) or depth[at] != depth[start]:
            words = "".join(symbols[start:at])
            runs.append(tag("span", words, class_=f"cost-{depth[start]}", title=f"{bits[start:at].mean():.1f} bits"))
            start = at
    told = (
        f"The first {len(symbols):,} symbols of the test part. The deeper the shade, the more bits a symbol cost: "
        f"from {', '.join(f'{edge:g}' for edge in _SHADES)} bits on. Here it is {bits.mean():.2f} bits on average; "
        f"with {len(record.task.classes)} symbols all alike it would be "
        f"{math.log2(len(record.task.classes)):.2f}."
    )
    return [tag("h3", "Where it was surprised"), tag("p", told), tag("pre", runs, class_="prose")]
