"""Small generated sets whose truth is known exactly: for lessons, tests and first tries."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from photic.data.dataset import Column, Dataset
from photic.data.task import Task


def xor(n: int = 400, noise: float = 0.0, seed: int = 0) -> Dataset:
    """Is exactly one of two numbers positive? No straight line can tell.

    `y = [x1 > 0] xor [x2 > 0]`, x uniform in [-1, 1], then `noise` times a standard normal added to x.

    >>> data = xor(n=4, seed=1)
    >>> [bool(a * b < 0) == bool(y) for (a, b), y in zip(data.numbers, data.y, strict=True)]
    [True, True, True, True]
    """
    draw = np.random.default_rng([seed, 1])
    x = draw.uniform(-1, 1, (n, 2))
    y = (x[:, 0] > 0) != (x[:, 1] > 0)
    return _classes("xor", x + noise * draw.standard_normal((n, 2)), y, "different signs", ("no", "yes"))


def moons(n: int = 400, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two half circles of radius 1 that reach into each other; every other row is of the lower one.

    `upper: (cos a, sin a)`, `lower: (1 - cos a, 1/2 - sin a)`, a uniform in [0, pi], then normal noise.

    >>> data = moons(noise=0.0)
    >>> x1, x2 = data.numbers[data.y == 0].T
    >>> bool(np.allclose(x1**2 + x2**2, 1))
    True
    """
    draw = np.random.default_rng([seed, 2])
    angle = draw.uniform(0, np.pi, n)
    lower = np.arange(n) % 2 == 1
    x1 = np.where(lower, 1 - np.cos(angle), np.cos(angle))
    x2 = np.where(lower, 0.5 - np.sin(angle), np.sin(angle))
    x = np.stack([x1, x2], axis=1) + noise * draw.standard_normal((n, 2))
    return _classes("moons", x, lower, "moon", ("upper", "lower"))


def spirals(n: int = 600, arms: int = 3, turns: float = 0.75, noise: float = 0.02, seed: int = 0) -> Dataset:
    """Arms that wind around the origin, one class each: `radius r, angle 2 pi (turns r + arm / arms)`.

    >>> spirals(arms=3).task.classes
    ('arm 1', 'arm 2', 'arm 3')
    """
    draw = np.random.default_rng([seed, 3])
    arm = np.arange(n) % arms
    radius = draw.uniform(0.05, 1, n)
    angle = 2 * np.pi * (turns * radius + arm / arms)
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1) + noise * draw.standard_normal((n, 2))
    return _classes("spirals", x, arm, "arm", tuple(f"arm {place + 1}" for place in range(arms)))


def linear(
    n: int = 400,
    weights: tuple[float, ...] = (3.0, -2.0, 1.0, 0.0),
    bias: float = 0.5,
    noise: float = 0.1,
    seed: int = 0,
) -> Dataset:
    """A straight plane: `y = x w + bias + noise e`, x and e standard normal; the best possible RMSE is `noise`.

    >>> data = linear(noise=0.0)
    >>> bool(np.allclose(data.y, data.numbers @ [3, -2, 1, 0] + 0.5))
    True
    """
    draw = np.random.default_rng([seed, 4])
    x = draw.standard_normal((n, len(weights)))
    y = x @ np.asarray(weights) + bias + noise * draw.standard_normal(n)
    return _regression("linear", x, y)


def friedman(n: int = 800, noise: float = 1.0, seed: int = 0) -> Dataset:
    """Five columns that matter, in curves and a product, and five that do not.

    `y = 10 sin(pi x1 x2) + 20 (x3 - 1/2)^2 + 10 x4 + 5 x5 + noise e`, x uniform in [0, 1], e standard normal;
    the best possible RMSE is `noise`.

    Reference: Friedman, "Multivariate adaptive regression splines", 1991, https://doi.org/10.1214/aos/1176347963
    (section 4.3).

    >>> friedman(n=3).numbers.shape
    (3, 10)
    """
    draw = np.random.default_rng([seed, 5])
    x = draw.uniform(0, 1, (n, 10))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return _regression("friedman", x, y + noise * draw.standard_normal(n))


def blobs(n: int = 1000, share: float = 0.05, distance: float = 2.0, d: int = 2, seed: int = 0) -> Dataset:
    """Two normal clouds of very different size, `distance` apart: `share` of the rows are of the rare class.

    Both have unit variance, so the best classifier is a straight line, and with equal costs its AUC is
    `Phi(distance / sqrt 2)`, Phi the normal distribution function.

    >>> data = blobs(n=1000, share=0.05)
    >>> int(data.y.sum()), data.task.classes
    (50, ('common', 'rare'))
    """
    draw = np.random.default_rng([seed, 6])
    rare = draw.permutation(n) < round(share * n)
    x = draw.standard_normal((n, d))
    x[:, 0] += distance * rare
    return _classes("blobs", x, rare, "cloud", ("common", "rare"))


def _classes(name: str, x: Float[np.ndarray, "n d"], y: np.ndarray, target: str, classes: tuple[str, ...]) -> Dataset:
    kind = "binary" if len(classes) == 2 else "multiclass"
    return Dataset.of(name, "generated", _columns(x), x, task=Task(kind, target, classes), y=y.astype(np.int32))


def _regression(name: str, x: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"]) -> Dataset:
    return Dataset.of(name, "generated", _columns(x), x, task=Task("regression", "y"), y=y)


def _columns(x: Float[np.ndarray, "n d"]) -> list[Column]:
    return [Column(f"x{place + 1}", "number") for place in range(x.shape[1])]
