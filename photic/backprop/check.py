"""Finite differences: the slow, sure check of any gradient, whoever worked it out.

Move one number a little up, then a little down, and see by how much the function differs: that is its slope. It needs
two evaluations for every number, but nothing that could be derived wrongly. Chapter: "Backpropagation".

Reference: Nocedal and Wright, "Numerical optimization", 2006, section 8.1 (equations 8.6 to 8.8); as a check of
backpropagation: Bishop, "Pattern recognition and machine learning", 2006, section 5.3.3. Lesson 7.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from photic import tree
from photic.errors import RequestError

Leaves = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Report:
    """What `check` found: the entry where both differ most, and whether that can be rounding.

    Args:
        where: the worst entry, "layers.0.w[1, 2]".
        given: its gradient as it was handed in.
        measured: its slope by finite differences.
        error: |given - measured|, relative to the larger of the two; but differences that rounding of the function
            alone can make count as less than `tolerance`.
        tolerance: up to here they agree.
        checked, entries: how many entries were measured, and how many there are.
    """

    where: str
    given: float
    measured: float
    error: float
    tolerance: float
    checked: int
    entries: int

    @property
    def agrees(self) -> bool:
        """Whether the worst error is within the tolerance; NaN never is."""
        return self.error <= self.tolerance

    def __str__(self) -> str:
        verdict = "agrees" if self.agrees else "does not agree"
        count = (
            f"{self.checked} of {self.entries} entries" if self.checked < self.entries else f"{self.entries} entries"
        )
        return (
            f"The gradient {verdict} with finite differences in {count}. Worst: {self.where} is given as "
            f"{self.given:.6g} and measured as {self.measured:.6g}, a relative error of {self.error:.2g}."
        )


def check(
    function: Callable[[Any], Any],
    point: Any,
    gradient: Any,
    *,
    step: float | None = None,
    tolerance: float | None = None,
    most: int | None = None,
    seed: int = 0,
) -> Report:
    """Compare a gradient with central differences, (f(x + h) - f(x - h)) / 2h, entry by entry.

    Args:
        function: from a point to one number.
        point: an array, or a nested dict of arrays such as params. In 64-bit numbers differences are good to about
            nine digits, in 32-bit ones to about three.
        gradient: of the same form as the point.
        step: h for a number of size 1; None takes the cube root of the precision, which balances both errors.
        tolerance: the relative error up to which they agree; None takes twice that cube root.
        most: measure only so many entries, drawn with `seed`; None measures all.

    Raises:
        RequestError: when the gradient has another form than the point, or the point is empty.

    >>> report = check(lambda x: (x**2).sum(), np.array([1.0, 3.0]), np.array([2.0, 7.0]))
    >>> report.agrees, report.where, round(report.measured, 6)
    (False, '[1]', 6.0)
    """
    points, gradients = _leaves(point), _leaves(gradient)
    _need_same_form(points, gradients)
    entries = [(path, index) for path, leaf in points.items() for index in np.ndindex(leaf.shape)]
    chosen = entries
    if most is not None and most < len(entries):
        rows = np.random.default_rng(seed).choice(len(entries), most, replace=False)
        chosen = [entries[row] for row in sorted(rows)]
    measure = _measure(function, isinstance(point, Mapping))
    precision = max(float(np.finfo(leaf.dtype).eps) for leaf in (*points.values(), measure(points)))
    h = precision ** (1 / 3) if step is None else step
    allowed = 2 * precision ** (1 / 3) if tolerance is None else tolerance
    worst = Report("", 0.0, 0.0, -1.0, allowed, len(chosen), len(entries))
    for path, index in chosen:
        measured, noise = _slope(measure, points, path, index, h, precision)
        given = float(gradients[path][index])
        size = max(abs(given), abs(measured), noise / allowed)
        error = abs(given - measured) / size if size else 0.0
        if not error <= worst.error:  # so that NaN is the worst of all
            place = f"{path}[{', '.join(map(str, index))}]" if index else path or "the number"
            worst = dataclasses.replace(worst, where=place, given=given, measured=measured, error=error)
            if np.isnan(error):
                break
    return worst


def _measure(function: Callable[[Any], Any], nested: bool) -> Callable[[Leaves], np.ndarray]:
    """The function of the leaves by path; a result that is not a float counts as one of 64 bits."""

    def measure(points: Leaves) -> np.ndarray:
        result = np.asarray(function(tree.unflatten(points) if nested else points[""]))
        return result if result.dtype.kind == "f" else result.astype(np.float64)

    return measure


def _slope(
    measure: Callable[[Leaves], np.ndarray],
    points: Leaves,
    path: str,
    index: tuple[int, ...],
    h: float,
    precision: float,
) -> tuple[float, float]:
    """The slope for one entry, and how much of it rounding of the function can be."""
    results, places = [], []
    for sign in (1, -1):
        moved = points[path].copy()
        moved[index] += sign * h * max(1.0, abs(float(moved[index])))
        results.append(float(measure({**points, path: moved})))
        places.append(float(moved[index]))  # as it is after rounding
    apart = places[0] - places[1]
    return (results[0] - results[1]) / apart, 4 * precision * max(map(abs, results)) / abs(apart)


def _leaves(point: Any) -> Leaves:
    leaves = tree.flatten(point) if isinstance(point, Mapping) else {"": point}
    wide = {path: np.asarray(leaf) for path, leaf in leaves.items()}
    return {path: leaf if leaf.dtype.kind == "f" else leaf.astype(np.float64) for path, leaf in wide.items()}


def _need_same_form(points: Leaves, gradients: Leaves) -> None:
    forms = [{path: leaf.shape for path, leaf in leaves.items()} for leaves in (points, gradients)]
    if forms[0] != forms[1] or not any(leaf.size for leaf in points.values()):
        required, fix = f"gradient needs the form of the point, {forms[0]}", "give one gradient for every number"
        raise RequestError("check", required, str(forms[1]), source="the argument gradient", fix=fix)
