"""Worlds whose truth is known: three simulated ones, and a real table of 54,000 rows of which samples are drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

Rows = tuple[np.ndarray, np.ndarray]

_FRESH = 50_000  # rows on which the truth about a simulated world is measured


@dataclasses.dataclass(frozen=True, eq=False)
class World:
    """Where rows come from.

    Args:
        kind: of the task, "binary" or "regression".
        metrics: whose intervals are looked at.
        x, y: `[m, d]`, `[m]` rows to measure the truth on; of a real table all there are.
        draw: new rows from a generator; None where samples are drawn from `x` and `y`.
    """

    name: str
    kind: str
    metrics: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray
    draw: Callable[[np.random.Generator, int], Rows] | None = None

    def sample(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`n` rows, and which rows of `x` and `y` are not among them, so that the truth is measured on others."""
        if self.draw is not None:
            return *self.draw(rng, n), np.arange(len(self.y))
        taken = rng.choice(len(self.y), n, replace=False)
        return self.x[taken], self.y[taken], np.delete(np.arange(len(self.y)), taken)


def worlds() -> tuple[list[World], list[str]]:
    """All of them that are at hand, and what is missing."""
    from photic.data import sources  # imported here: naming the rows needs no JAX

    if sources.cached("diamonds") is None:
        return simulated(), ["the set diamonds"]
    return [*simulated(), *_diamonds()], []


def simulated() -> list[World]:
    """Two classes that a line tells apart, two that none does, and a number with heavy tails."""
    return [
        _simulated("linear", "binary", _linear),
        _simulated("moons", "binary", _moons),
        _simulated("heavy tails", "regression", _heavy),
    ]


def noise() -> list[World]:
    """Worlds without anything to learn: the target does not depend on the numbers beside it."""
    normal = lambda rng, n: rng.normal(size=(n, 5)).astype(np.float32)
    return [
        _simulated("pure noise, classes", "binary", lambda rng, n: (normal(rng, n), rng.integers(0, 2, n))),
        _simulated("pure noise, numbers", "regression", lambda rng, n: (normal(rng, n), rng.normal(size=n))),
    ]


_METRICS = {"binary": ("accuracy", "auc", "f1", "log_loss"), "regression": ("rmse", "mae", "r2")}


def _simulated(name: str, kind: str, draw: Callable[[np.random.Generator, int], Rows]) -> World:
    x, y = draw(np.random.default_rng([0, len(name)]), _FRESH)
    return World(name, kind, _METRICS[kind], x, y, draw)


def _linear(rng: np.random.Generator, n: int) -> Rows:
    """Two classes whose log odds are a weighted sum of five numbers."""
    x = rng.normal(size=(n, 5))
    odds = x @ np.array([1.5, -1.0, 0.5, 0.25, 0.0])
    return x.astype(np.float32), (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int)


def _moons(rng: np.random.Generator, n: int) -> Rows:
    """Two half circles that reach into each other, with so much noise that one row in ten is on the wrong side."""
    y, angle = rng.integers(0, 2, n), rng.uniform(0, np.pi, n)
    x = np.where(y[:, None] == 1, np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1),
                 np.stack([np.cos(angle), np.sin(angle)], axis=1))  # fmt: skip
    return (x + 0.35 * rng.normal(size=(n, 2))).astype(np.float32), y


def _heavy(rng: np.random.Generator, n: int) -> Rows:
    """A number that bends with one column and falls with another, and errors of Student's t with five degrees."""
    x = rng.normal(size=(n, 5))
    return x.astype(np.float32), np.sin(2 * x[:, 0]) + 0.5 * x[:, 1] + 0.4 * rng.standard_t(5, n)


def _diamonds() -> list[World]:
    """Prices of diamonds, and whether the cut is ideal; columns as a preparation makes them, price in deviations."""
    from photic.data.prepare import Preparation  # imported here: naming the rows needs no JAX
    from photic.data.read import read

    price, cut = read("diamonds"), read("diamonds", target="cut")
    fitted = np.random.default_rng(0).choice(price.n, 5_000, replace=False)
    x = Preparation.fit(price, fitted).transform(price)
    assert price.y is not None and cut.y is not None and cut.task is not None
    y = (price.y - price.y.mean()) / price.y.std()
    others = Preparation.fit(cut, fitted).transform(cut)
    ideal = (cut.y == cut.task.classes.index("Ideal")).astype(int)
    return [
        World("diamonds: price", "regression", _METRICS["regression"], x, y),
        World("diamonds: ideal cut", "binary", _METRICS["binary"], others, ideal),
    ]
