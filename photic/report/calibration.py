"""Calibration: how often what was said with some probability came true."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np
from jaxtyping import Float

from photic.report import svg
from photic.report.scale import Scale

_BINS = 10
_FEW = 10  # rows below which a point is mostly chance

Bin = tuple[float, float, int]


def bins(stated: Float[np.ndarray, " n"], came: Float[np.ndarray, " n"]) -> list[Bin]:
    """For each tenth that holds rows: the mean probability stated, the share that came true, and how many rows.

    >>> bins(np.array([0.5, 0.5, 0.25]), np.array([1.0, 0.0, 0.0]))
    [(0.25, 0.0, 1), (0.5, 0.5, 2)]
    """
    place = np.clip((stated * _BINS).astype(int), 0, _BINS - 1)
    held = [place == each for each in range(_BINS)]
    return [(float(stated[rows].mean()), float(came[rows].mean()), int(rows.sum())) for rows in held if rows.any()]


def calibration_curve(name: str, points: list[Bin], what: str) -> Element:
    """Stated probability across, share that came true upwards; below, how many rows were said so."""
    x = Scale(0.0, 1.0, svg.LEFT, svg.WIDTH - svg.RIGHT)
    y = Scale(0.0, 1.0, svg.HEIGHT - svg.BOTTOM, svg.TOP)
    marks = svg.frame(x, y, f"probability said of {what}", "share that came true")
    most, wide = max(rows for *_, rows in points), (x(0.1) - x(0.0)) - 2
    for stated, _, rows in points:
        start, tall = x(min(int(stated * _BINS), _BINS - 1) / _BINS) + 1, 40 * rows / most
        marks.append(svg.box((start, y(0.0) - tall), wide, tall, "bar faint", f"{rows} rows"))
    marks.append(svg.line((x(0.0), y(0.0)), (x(1.0), y(1.0)), "ideal"))
    sure = [(x(stated), y(came)) for stated, came, rows in points if rows >= _FEW]
    marks += [svg.path(sure, "curve stop thin")] if len(sure) > 1 else []
    for stated, came, rows in points:
        told = f"said {stated:.0%}, came true {came:.0%}, {rows} rows"
        marks.append(svg.dot((x(stated), y(came)), "network" if rows >= _FEW else "network hollow", told, size=5.0))
    said = "; ".join(f"said {stated:.0%}, came true {came:.0%} ({rows} rows)" for stated, came, rows in points)
    return svg.drawing(name, "Calibration curve", said, marks)
