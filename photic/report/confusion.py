"""The confusion matrix: rows are what was true, columns what was said; the shade is the share of a true class."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np
from jaxtyping import Float, Int

from photic.report import svg

MOST = 40  # classes that can be told apart as cells
_NUMBERED = 12  # classes whose cells have room for a number
_SIDE = 300.0


def counts(true: Int[np.ndarray, " n"], said: Int[np.ndarray, " n"], classes: int) -> Int[np.ndarray, "c c"]:
    """How many rows of each true class were said to be of each class.

    >>> counts(np.array([0, 1, 1]), np.array([1, 1, 1]), 2).tolist()
    [[0, 1], [0, 2]]
    """
    return np.bincount(true * classes + said, minlength=classes**2).reshape(classes, classes)


def mistakes(table: Int[np.ndarray, "c c"], most: int = 6) -> list[tuple[int, int, int, float]]:
    """The most frequent mistakes: true class, class said, rows, and their share of the true class.

    >>> mistakes(np.array([[8, 2], [1, 9]]))
    [(0, 1, 2, 0.2), (1, 0, 1, 0.1)]
    """
    wrong = table * (1 - np.eye(len(table), dtype=int))
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [divmod(int(place), len(table)) for place in order]
    return [(i, j, int(wrong[i, j]), float(wrong[i, j] / table[i].sum())) for i, j in pairs if wrong[i, j]]


def heat_map(name: str, table: Int[np.ndarray, "c c"], classes: Sequence[str]) -> Element:
    """The matrix as squares; with few classes every square has its number of rows."""
    shares: Float[np.ndarray, "c c"] = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    cell = _SIDE / len(classes)
    left, top = svg.WIDTH - _SIDE - 6, 64.0
    marks: list[Element] = []
    for i, of_class in enumerate(classes):
        y = top + i * cell
        marks.append(svg.text((left - 8, y + cell / 2 + 4), of_class, "tick end", most=13))
        turned = f"translate({left + (i + 0.5) * cell:g} {top - 8:g}) rotate(-35)"
        marks.append(_turned(of_class, turned))
        for j, said in enumerate(classes):
            told = f"{table[i, j]} rows of {of_class} said to be {said}, {shares[i, j]:.0%}"
            x, share = left + j * cell, float(shares[i, j])
            kind = "right" if i == j else "wrong"
            marks.append(svg.box((x, y), cell - 1.5, cell - 1.5, "cell empty", told))
            marks.append(svg.box((x, y), cell - 1.5, cell - 1.5, f"cell {kind}", fill_opacity=float(np.sqrt(share))))
            if len(classes) <= _NUMBERED and table[i, j]:
                ink = "on" if share > 0.4 else "off"
                marks.append(svg.text((x + cell / 2, y + cell / 2 + 4), str(table[i, j]), f"count middle {ink}"))
    marks.append(svg.text((left + _SIDE / 2, 14), "said", "axis middle"))
    marks.append(svg.text((left - 8, top - 12), "true", "axis end"))
    told = "; ".join(f"{classes[i]}: {table[i, i]} of {table[i].sum()} right" for i in range(len(classes)))
    return svg.drawing(name, "Confusion matrix", told, marks, height=top + _SIDE + 6)


def _turned(words: str, place: str) -> Element:
    return svg.text((0, 0), words, "tick", most=11, turn=place)
