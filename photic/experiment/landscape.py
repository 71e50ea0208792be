"""The landscape of a training: the loss of the user's own network around the path it took. Chapter: "Gradient descent".

A plane through the two leading directions of the path, with the path on it; and slices along directions that mean
something: the straight line from the first weights to the kept ones, straight down the first gradient, and the
gradient at the end. Lesson 8.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from photic.experiment.paths import Walked
from photic.experiment.surface import Losses, Surface
from photic.optim.landscape import Basis, Direction, Points, leading, reach

_SLICE = 41  # points of a slice
_STRAIGHT = 71  # of the straight one, so that its two ends are among them
_WORK = 3e11  # multiplications that a plane may cost
_SIZES = (41, 31, 21, 13)  # points along each side of a plane, from the best that the work allows


@dataclasses.dataclass(frozen=True, eq=False)
class Path:
    """A path on the plane.

    Args:
        name: "this run", or the rule that made it.
        epochs: `[e]`, 0 is before the first step.
        x, y: `[e]`, where it is on the plane.
        fit, stop: `[e]`, the loss at its points themselves (not at their shadow on the plane).
        walked, away: the length of the way, and the straight distance from its first point to its last.
        kept: the epoch whose weights were kept; None where no epoch was chosen.
        diverged: the epoch after which the weights were no longer numbers.
        history: the losses of every epoch as training saw them.
    """

    name: str
    epochs: tuple[int, ...]
    x: Float[np.ndarray, " e"]
    y: Float[np.ndarray, " e"]
    fit: Float[np.ndarray, " e"]
    stop: Float[np.ndarray, " e"]
    walked: float
    away: float
    kept: int | None
    diverged: int | None
    history: list[dict[str, float]]


@dataclasses.dataclass(frozen=True, eq=False)
class Slice:
    """The loss along one direction.

    Args:
        name: "straight", "downhill", "gradient", "first" or "second".
        at: `[n]`, the distance along it, in the length of weights; of "straight" the share of the way.
        fit, stop: `[n]`.
        marks: named places on it.
    """

    name: str
    at: Float[np.ndarray, " n"]
    fit: Float[np.ndarray, " n"]
    stop: Float[np.ndarray, " n"]
    marks: dict[str, float]


@dataclasses.dataclass(frozen=True, eq=False)
class Plane:
    """The loss over the plane of the two leading directions: `fit[j, i]` is at `(x[i], y[j])`.

    Args:
        shares: of the paths' variance that lie along x and along y.
    """

    x: Float[np.ndarray, " a"]
    y: Float[np.ndarray, " b"]
    fit: Float[np.ndarray, "b a"]
    stop: Float[np.ndarray, "b a"]
    shares: tuple[float, float]


@dataclasses.dataclass(frozen=True, eq=False)
class Landscape:
    """Paths, the plane under them, and slices; what it shows is said by `photic.report.landscape`.

    Args:
        rows: how many fit and stop rows the loss was taken on.
        statistics: whether the network keeps statistics, which were then taken anew at every point.
    """

    paths: tuple[Path, ...]
    plane: Plane
    slices: tuple[Slice, ...]
    rows: dict[str, int]
    statistics: bool

    def to_json(self) -> dict[str, Any]:
        """All numbers as JSON values."""
        return dataclasses.asdict(self)


def survey(
    surface: Surface, walks: Sequence[Walked], kept: int | None = None, *, points: int | None = None
) -> Landscape:
    """The landscape around one path, or under several that begin at the same weights.

    The plane is laid through the paths that did not diverge; the others are on it as far as it reaches.

    Args:
        walks: what was recorded of each.
        kept: the epoch of the first whose weights were kept; slices are cut only then.
        points: along each side of the plane; None for as many as take a few seconds.
    """
    start = walks[0].weights[0]
    ends = [i for i, each in enumerate(walks) for _ in each.epochs]
    steps = np.concatenate([each.weights - start for each in walks])
    centre = _place(walks[0], kept) if kept is not None else _best(walks)
    slopes = surface.gradients(np.stack([start, start + steps[centre]]))
    sizes = np.linalg.norm(slopes, axis=1, keepdims=True)
    basis = Basis(np.concatenate([steps, -slopes / np.where(sizes > 0, sizes, 1.0)]).astype(np.float32))
    own = np.eye(len(basis.rows))
    on_path, downhill, here = own[: len(steps)], own[-2], own[centre]
    shown = np.array([walks[i].diverged is None or all(each.diverged for each in walks) for i in ends])
    found = leading(basis, on_path[shown], downhill)
    size = points or _affordable(surface, basis)
    flat = np.stack([basis.along(axis, on_path - here) for axis in (found.first, found.second)])
    x, y = (np.linspace(*reach(values[shown]), size) for values in flat)
    grid = here + x[None, :, None] * found.first + y[:, None, None] * found.second
    cuts = _cuts(basis, here, (found.first, found.second), (x, y)) if kept is not None else {}
    asked = [on_path, grid.reshape(-1, grid.shape[-1]), *(points for _, points, _ in cuts.values())]
    at_path, at_plane, *at_cuts = _split(surface.losses(start, basis.rows, np.concatenate(asked)), asked)
    fit, stop = (values.reshape(size, size) for values in at_plane)
    plane = Plane(x, y, fit, stop, found.shares)
    paths = [
        _path(each, flat[:, np.array(ends) == i], [values[np.array(ends) == i] for values in at_path], kept)
        for i, each in enumerate(walks)
    ]
    slices = [Slice(name, at, *lost, marks) for (name, (at, _, marks)), lost in zip(cuts.items(), at_cuts, strict=True)]
    rows = {"fit": len(surface.fit.x), "stop": len(surface.stop.x)}
    return Landscape(tuple(paths), plane, tuple(slices), rows, bool(surface.state))


def _cuts(
    basis: Basis, here: Direction, axes: tuple[Direction, Direction], ends: tuple[np.ndarray, np.ndarray]
) -> dict[str, tuple[np.ndarray, Points, dict[str, float]]]:
    """Every slice by name: where its points are, as numbers and as combinations, and its marks.

    The first weights are the combination of nothing.
    """
    way = basis.length(here) or 1.0
    share = np.linspace(-0.25, 1.5, _STRAIGHT)
    far = np.geomspace(way / 1000, 3 * way, _SLICE)
    near = np.linspace(-way / 2, way / 2, _SLICE)
    downhill, gradient = np.eye(len(basis.rows))[-2:]
    found = {
        "straight": (share, share[:, None] * here, {"first": 0.0, "kept": 1.0}),
        "downhill": (far, far[:, None] * downhill, {"distance to the kept weights": way}),
        "gradient": (near, here + near[:, None] * gradient, {"kept": 0.0}),
    }
    for name, axis, values in zip(("first", "second"), axes, ends, strict=True):
        at = np.union1d(np.linspace(values[0], values[-1], _SLICE), 0.0)
        found[name] = (at, here + at[:, None] * axis, {"kept": 0.0})
    return found


def _path(walked: Walked, place: np.ndarray, losses: Sequence[np.ndarray], kept: int | None) -> Path:
    steps = np.diff(walked.weights, axis=0)
    return Path(
        walked.name,
        walked.epochs,
        *place,
        *losses,
        walked=float(np.linalg.norm(steps, axis=1).sum()),
        away=float(np.linalg.norm(walked.weights[-1] - walked.weights[0])),
        kept=kept,
        diverged=walked.diverged,
        history=walked.history,
    )


def _split(losses: Losses, asked: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    ends = np.cumsum([len(each) for each in asked])[:-1]
    return list(zip(*(np.split(values, ends) for values in losses), strict=True))


def _place(walked: Walked, epoch: int) -> int:
    """Which point of a path is an epoch; the last one before it, where that was not recorded."""
    return int(np.searchsorted(walked.epochs, epoch, side="right")) - 1


def _best(walks: Sequence[Walked]) -> int:
    """Of all paths' ends, the point that the lowest loss belongs to."""
    last = [(each.history[-1]["stop_loss"], each.history[-1]["loss"]) for each in walks]
    worth = [np.inf if each.diverged else _number(*pair) for each, pair in zip(walks, last, strict=True)]
    return sum(len(each.epochs) for each in walks[: int(np.argmin(worth)) + 1]) - 1


def _number(stop: float, fit: float) -> float:
    return next((value for value in (stop, fit) if np.isfinite(value)), np.inf)


def _affordable(surface: Surface, basis: Basis) -> int:
    one = basis.rows.shape[1] * (len(surface.fit.x) + len(surface.stop.x) + len(basis.rows))
    return next((size for size in _SIZES if one * size**2 <= _WORK), _SIZES[-1])
