"""A track: the axis of one hyperparameter, with a place for each value it can have."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from photic.report.choices import words
from photic.report.scale import Scale, labels


@dataclasses.dataclass(frozen=True)
class Track:
    """From a value to its place on the page.

    Args:
        name: of the hyperparameter.
        scale: of numbers; None for choices.
        options: the choices in words; empty for numbers.
        whole: whether only whole numbers are searched.
        start, end: the places of the ends.

    >>> track = Track.of("width", {"type": "choice", "options": [32, 64]}, [], 0.0, 100.0)
    >>> track(32), track(64), track.ticks()
    (25.0, 75.0, [(25.0, '32'), (75.0, '64')])
    """

    name: str
    scale: Scale | None
    options: tuple[str, ...]
    start: float
    end: float
    whole: bool = False

    @classmethod
    def of(cls, name: str, searched: Mapping[str, Any], values: Iterable[Any], start: float, end: float) -> Track:
        """The track of what was searched, wide enough for these values too (a default may lie outside)."""
        if searched["type"] == "choice":
            told = [told_as(option) for option in (*searched["options"], *values)]
            return cls(name, None, tuple(dict.fromkeys(told)), start, end)
        numbers = [float(searched["low"]), float(searched["high"]), *map(float, values)]
        log = searched["type"] == "log_uniform" or bool(searched.get("log"))
        low, high = min(numbers), max(numbers)
        scale = Scale(low, high if high > low else low + 1.0, start, end, log and low > 0)
        return cls(name, scale, (), start, end, searched["type"] == "integer")

    def __call__(self, value: Any, aside: float = 0.0) -> float:
        """The place of a value; choices have some width, and `aside` (-0.5 to 0.5) is where in it."""
        if self.scale is not None:
            return self.scale(float(value))
        wide = (self.end - self.start) / len(self.options)
        return self.start + wide * (self.options.index(told_as(value)) + 0.5 + 0.5 * aside)

    @property
    def title(self) -> str:
        """The name, and whether equal ratios are equally far apart."""
        return plain(self.name) + (" (logarithmic)" if self.scale is not None and self.scale.log else "")

    def ticks(self) -> list[tuple[float, str]]:
        """Places and words along it."""
        if self.scale is None:
            return [(self(option), option) for option in self.options]
        found = [tick for tick in self.scale.ticks(4) if tick == int(tick) or not self.whole]
        return list(zip(map(self.scale, found), labels(found), strict=True))


def told_as(value: Any) -> str:
    """A value of a hyperparameter in words.

    >>> told_as(0.0031284), told_as(64), told_as([64, 32]), told_as(None)
    ('0.00313', '64', '64, 32', 'none')
    """
    if isinstance(value, float):
        return f"{value:.3g}"
    return words(value)


def plain(name: str) -> str:
    """The name of a hyperparameter as it is read: learning rate."""
    return name.replace("_", " ")


def searched_words(searched: Mapping[str, Any]) -> str:
    """What was searched of one hyperparameter.

    >>> searched_words({"type": "log_uniform", "low": 1e-4, "high": 0.1, "when": {"optimizer": ["sgd"]}})
    '0.0001 to 0.1, logarithmic; only with optimizer sgd'
    >>> searched_words({"type": "choice", "options": [32, 64, 128]})
    '32, 64 or 128'
    """
    if searched["type"] == "choice":
        told = [told_as(option) for option in searched["options"]]
        said = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} or {told[-1]}"
    else:
        said = f"{told_as(searched['low'])} to {told_as(searched['high'])}"
        said += ", logarithmic" if searched["type"] == "log_uniform" or searched.get("log") else ""
        said += ", whole numbers" if searched["type"] == "integer" else ""
    for other, values in (searched.get("when") or {}).items():
        said += f"; only with {plain(other)} {' or '.join(map(told_as, values))}"
    return said
