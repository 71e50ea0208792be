"""Bars: histograms, counts of categories, small bars inside a table, and the split of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from photic.report import svg
from photic.report.scale import Scale
from photic.report.tag import tag

_SMALL = (112.0, 24.0)


def histogram(name: str, edges: Sequence[float], counts: Sequence[int], label: str, *, zero: bool = False) -> Element:
    """How many rows lie in each interval; with `zero`, a line at 0."""
    x = Scale(edges[0], edges[-1], svg.LEFT, svg.WIDTH - svg.RIGHT)
    y = Scale(0.0, max(counts) * 1.05, svg.HEIGHT - svg.BOTTOM, svg.TOP)
    marks = svg.frame(x, y, label, "rows")
    for low, high, count in zip(edges, edges[1:], counts, strict=False):
        width = max(x(high) - x(low) - 1, 0.5)
        told = f"{low:.4g} to {high:.4g}: {count} rows"
        marks.append(svg.box((x(low) + 0.5, y(count)), width, y(0.0) - y(count), "bar", told))
    if zero and edges[0] < 0 < edges[-1]:
        marks.append(svg.line((x(0.0), svg.TOP), (x(0.0), y(0.0)), "zero"))
    told = f"{sum(counts)} rows from {edges[0]:.4g} to {edges[-1]:.4g}, most in one interval {max(counts)}"
    return svg.drawing(name, f"Histogram of {label}", told, marks)


def categories(name: str, levels: Sequence[tuple[str, int]], label: str) -> Element:
    """A bar for each level, the longest first, with its number of rows."""
    row, left = 26.0, 120.0
    most = max((count for _, count in levels), default=1)
    wide = svg.WIDTH - left - 56
    marks: list[Element] = []
    for place, (level, count) in enumerate(levels):
        y = 6 + place * row
        marks.append(svg.text((left - 8, y + 16), level, "name end", most=16))
        marks.append(svg.box((left, y + 4), max(wide * count / most, 1.0), row - 9, "bar", f"{level}: {count} rows"))
        marks.append(svg.text((left + wide * count / most + 6, y + 16), f"{count:,}", "value"))
    told = "; ".join(f"{level}: {count}" for level, count in levels)
    return svg.drawing(name, f"Rows of each {label}", told, marks, height=12 + row * len(levels))


def shares(name: str, parts: Sequence[tuple[str, float]], label: str) -> Element:
    """A bar for the share that goes to each part, with its percent."""
    row, left = 26.0, 130.0
    most = max((share for _, share in parts), default=1.0) or 1.0
    wide = svg.WIDTH - left - 56
    marks: list[Element] = []
    for place, (part, share) in enumerate(parts):
        y = 6 + place * row
        marks.append(svg.text((left - 8, y + 16), part, "name end", most=18))
        marks.append(svg.box((left, y + 4), max(wide * share / most, 1.0), row - 9, "bar", f"{part}: {share:.1%}"))
        marks.append(svg.text((left + wide * share / most + 6, y + 16), f"{100 * share:.0f} %", "value"))
    told = "; ".join(f"{part}: {share:.0%}" for part, share in parts)
    return svg.drawing(name, f"Share of each {label}", told, marks, height=12 + row * len(parts))


def small_bars(counts: Sequence[int], told: str) -> Element:
    """A histogram the size of a word."""
    width, height = _SMALL
    most, step = max([*counts, 1]), width / max(len(counts), 1)
    bars = [
        svg.box((i * step, height - 22 * count / most), max(step - 1, 0.6), 22 * count / most, "bar")
        for i, count in enumerate(counts)
        if count
    ]
    title = tag("title", told)
    base = svg.line((0, height), (width, height), "base")
    return tag(
        "svg", title, bars, base, viewBox=f"0 0 {width:g} {height:g}", role="img", class_="small", aria_label=told
    )


def split_bar(name: str, parts: Mapping[str, int]) -> Element:
    """One bar for all rows, cut into what each part is used for."""
    whole, wide, top = sum(parts.values()), svg.WIDTH - 4, 6.0
    marks: list[Element] = []
    x = 2.0
    for key, rows in parts.items():
        width = wide * rows / whole
        marks.append(svg.box((x, top), max(width - 2, 0.5), 30, f"part {key}", f"{rows:,} {key} rows"))
        if width > 26:
            marks.append(svg.text((x + width / 2 - 1, top + 20), f"{rows:,}", f"count middle on {key}"))
        x += width
    told = ", ".join(f"{rows:,} {key} rows" for key, rows in parts.items())
    return svg.drawing(name, "How the rows are split", told, marks, height=42)
