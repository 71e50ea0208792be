"""A landscape: over two weights every number of it is known by hand; slices begin and end where the path does."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from photic.experiment.assignment import Assignment
from photic.experiment.landscape import Landscape, survey
from photic.experiment.paths import Walked, walk
from photic.experiment.surface import Surface
from photic.export import strict_json
from photic.layers import BatchNorm, Dense, ReLU
from photic.maths.losses import MSE
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.landscape import hill
from photic.optim.rules import SGD, Adam
from photic.train.objective import Objective
from photic.train.run import Table, Training

RNG = np.random.default_rng(2)
X = RNG.normal(size=(60, 1)).astype(np.float32)
Y = 2 * X - 1 + 0.1 * RNG.normal(size=(60, 1)).astype(np.float32)
TABLE = Table(X, Y, np.ones(60, np.float32))
FIT, STOP = np.arange(40), np.arange(40, 60)
FINAL = Assignment("final", 0, FIT, STOP, STOP[:0])
LINE = Model(Dense(1))


def _walk(name: str = "this run", rule: SGD | Adam = SGD(0.03), model: Model = LINE, epochs: int = 8) -> Walked:  # noqa: B008 - a frozen spec
    training = Training(Objective(model, MSE()), Descent(rule), 20, epochs, epochs, "rmse")
    return walk(name, training, TABLE, [FINAL], "final", tuple(range(1, epochs + 1)))


def _surface(walked: Walked, model: Model = LINE) -> Surface:
    return Surface.of(Objective(model, MSE()), TABLE, FIT, STOP, walked.state)


@pytest.fixture(scope="module")
def bowl() -> tuple[Walked, Landscape]:
    walked = _walk()
    return walked, survey(_surface(walked), [walked], 7, points=9)


def _loss(b: float, w: float, rows: np.ndarray) -> float:
    return float(np.mean((w * X[rows] + b - Y[rows]) ** 2))


def test_every_point_of_the_plane_of_two_weights_is_known_by_hand(bowl: tuple[Walked, Landscape]) -> None:
    walked, seen = bowl
    away = walked.weights - walked.weights[7]
    here = np.stack([seen.paths[0].x, seen.paths[0].y], axis=1)
    axes, *_ = np.linalg.lstsq(here, away.astype(np.float64), rcond=None)  # how the plane lies among the two weights
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-4)
    for j, y in enumerate(seen.plane.y):
        for i, x in enumerate(seen.plane.x):
            b, w = walked.weights[7] + np.array([x, y]) @ axes
            assert seen.plane.fit[j, i] == pytest.approx(_loss(b, w, FIT), rel=1e-3)
            assert seen.plane.stop[j, i] == pytest.approx(_loss(b, w, STOP), rel=1e-3)


def test_a_quadratic_bowl_has_no_hill_on_the_straight_way(bowl: tuple[Walked, Landscape]) -> None:
    straight = next(each for each in bowl[1].slices if each.name == "straight")
    inside = (straight.at >= 0) & (straight.at <= 1)
    assert hill(straight.fit[inside]) == 0.0
    bend = np.diff(straight.fit, 2)
    np.testing.assert_allclose(bend, bend.mean(), rtol=0.05)  # a parabola; second differences of 32-bit losses


def test_the_straight_slice_begins_at_the_first_weights_and_ends_at_the_kept(bowl: tuple[Walked, Landscape]) -> None:
    walked, seen = bowl
    straight = next(each for each in seen.slices if each.name == "straight")
    for share, epoch in ((0.0, 0), (1.0, 7)):
        at = int(np.argmin(np.abs(straight.at - share)))
        assert straight.at[at] == pytest.approx(share, abs=1e-9), "the two ends are points of the slice"
        b, w = walked.weights[epoch]
        assert straight.fit[at] == pytest.approx(_loss(b, w, FIT), rel=1e-5)
        assert straight.stop[at] == pytest.approx(seen.paths[0].stop[epoch], rel=1e-5)
    assert straight.marks == {"first": 0.0, "kept": 1.0}


def test_every_other_slice_goes_through_its_own_point(bowl: tuple[Walked, Landscape]) -> None:
    walked, seen = bowl
    kept = _loss(*walked.weights[7], FIT)
    for name in ("gradient", "first", "second"):
        cut = next(each for each in seen.slices if each.name == name)
        assert cut.fit[cut.at == 0] == pytest.approx([kept], rel=1e-5), name
    downhill = next(each for each in seen.slices if each.name == "downhill")
    assert downhill.fit[0] < _loss(*walked.weights[0], FIT), "the first small step down the gradient gains"


def test_a_path_says_how_long_it_was(bowl: tuple[Walked, Landscape]) -> None:
    walked, seen = bowl
    path = seen.paths[0]
    steps = np.sqrt(((walked.weights[1:] - walked.weights[:-1]).astype(np.float64) ** 2).sum(axis=1))
    assert path.walked == pytest.approx(steps.sum(), rel=1e-5)
    assert path.away == pytest.approx(np.linalg.norm(walked.weights[-1] - walked.weights[0]), rel=1e-5)
    assert path.walked >= path.away and path.kept == 7 and path.epochs == tuple(range(9))
    np.testing.assert_allclose(path.fit, [_loss(b, w, FIT) for b, w in walked.weights], rtol=1e-5)
    assert (path.x[7], path.y[7]) == pytest.approx((0.0, 0.0), abs=1e-6), "the kept weights are the middle"


def test_several_paths_share_a_start_and_a_plane_around_the_best_end() -> None:
    walks = [_walk("slow", SGD(0.001)), _walk("fast", SGD(0.1)), _walk("adam", Adam(0.05))]
    seen = survey(_surface(walks[0]), walks, points=5)
    assert [path.name for path in seen.paths] == ["slow", "fast", "adam"] and not seen.slices
    starts = np.array([(path.x[0], path.y[0]) for path in seen.paths])
    np.testing.assert_allclose(starts, starts[:1].repeat(3, axis=0), atol=1e-6)
    best = min(seen.paths, key=lambda path: path.stop[-1])
    assert (best.x[-1], best.y[-1]) == pytest.approx((0.0, 0.0), abs=1e-6)
    for path in seen.paths:
        assert seen.plane.x[0] < path.x.min() and path.x.max() < seen.plane.x[-1]


def test_a_path_that_left_the_numbers_is_never_the_middle() -> None:
    walks = [_walk("wild", SGD(1e6)), _walk("calm", SGD(0.05))]
    seen = survey(_surface(walks[0]), walks, points=3)
    assert seen.paths[0].diverged is not None and np.isfinite(seen.plane.fit).all()
    assert (seen.paths[1].x[-1], seen.paths[1].y[-1]) == pytest.approx((0.0, 0.0), abs=1e-6)


def test_it_says_whether_statistics_were_taken_anew() -> None:
    model = Model(Dense(4, bias=False), BatchNorm(), ReLU(), Dense(1))
    walked = _walk(model=model, epochs=2)
    assert survey(_surface(walked, model), [walked], 2, points=3).statistics


def test_all_numbers_are_json(bowl: tuple[Walked, Landscape]) -> None:
    seen = bowl[1]
    told = json.loads(strict_json.dump(seen.to_json(), "a test", results=True))
    assert told["plane"]["fit"] == seen.plane.fit.tolist()
    assert told["rows"] == {"fit": 40, "stop": 20} and len(told["slices"]) == 5
    assert {field.name for field in dataclasses.fields(seen)} == set(told)
