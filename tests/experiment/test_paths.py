"""A path: its last point is what training left behind, its history that of the run, its epochs those asked for."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photic.experiment import lanes
from photic.experiment.assignment import Assignment
from photic.experiment.paths import picked, walk
from photic.layers import Dense, Dropout, ReLU
from photic.maths.losses import MSE, CrossEntropy
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.landscape import ravel
from photic.optim.rules import SGD, Adam
from photic.train.objective import Objective
from photic.train.run import Table, Training

RNG = np.random.default_rng(1)
X = RNG.normal(size=(90, 4)).astype(np.float32)
Y = (X[:, 0] + X[:, 1] ** 2 > 1).astype(np.int32)
TABLE = Table(X, Y, np.ones(90, np.float32))
MODEL = Model(Dense(8), ReLU(), Dropout(0.2), Dense(2))
TRAINING = Training(Objective(MODEL, CrossEntropy()), Descent(Adam(0.01)), 16, 5, 9, "accuracy")
PARTS = np.array_split(RNG.permutation(90), 5)
LANES = [
    Assignment("fold 1", 0, np.concatenate(PARTS[:3]), PARTS[3], PARTS[4]),
    Assignment("final", 0, np.concatenate(PARTS[1:4]), PARTS[0], PARTS[4]),
]


def test_the_last_point_is_what_training_left_behind() -> None:
    trained = lanes.train(dataclasses.replace(TRAINING, best=False), TABLE, LANES, inspects=False)
    walked = walk("this run", TRAINING, TABLE, LANES, "final", (1, 2, 3, 4, 5))
    last = next(each for each in trained.lanes if each.name == "final")
    # Another compiled program (it keeps other weights), so a rounding or two apart.
    np.testing.assert_allclose(walked.weights[-1], ravel(last.params), rtol=1e-4, atol=1e-6)
    told = [line["stop_loss"] for line in trained.history if line["lane"] == "final"]
    assert [line["stop_loss"] for line in walked.history] == pytest.approx(told, rel=1e-5)
    assert walked.epochs == (0, 1, 2, 3, 4, 5) and walked.diverged is None


def test_only_the_epochs_asked_for_are_kept_and_all_are_told() -> None:
    walked = walk("this run", TRAINING, TABLE, LANES, "fold 1", (2, 4))
    assert walked.epochs == (0, 2, 4) and len(walked.weights) == 3
    assert [line["epoch"] for line in walked.history] == [1, 2, 3, 4]


def test_a_path_that_leaves_the_numbers_ends_there_and_says_when() -> None:
    y = X[:, :1] * 1e3
    wild = Training(Objective(Model(Dense(8), Dense(1)), MSE()), Descent(SGD(10.0)), 16, 5, 9, "rmse")
    walked = walk("sgd", wild, Table(X, y, np.ones(90, np.float32)), LANES, "final", (1, 2, 3, 4, 5))
    assert walked.diverged == 1 and np.isfinite(walked.weights).all()
    assert len(walked.epochs) == len(walked.weights) == walked.diverged


@pytest.mark.parametrize("ran", [1, 59, 60, 61, 500])
def test_the_epochs_shown_begin_early_end_late_and_hold_the_kept_one(ran: int) -> None:
    kept = max(1, ran // 3)
    found = picked(ran, 100, kept)
    assert found[0] == 1 and found[-1] == ran and kept in found
    assert list(found) == sorted(set(found)) and len(found) <= 61


def test_a_large_network_is_shown_at_fewer_epochs() -> None:
    assert len(picked(500, 2_000_000)) < len(picked(500, 1000))
