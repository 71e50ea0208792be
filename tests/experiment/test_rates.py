"""The finder: on a bowl whose best rate is known, on lanes of their own, with divergence as a result."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from photic.experiment import lanes, program, rates
from photic.experiment.assignment import Assignment
from photic.experiment.rates import Found
from photic.layers import Dense, Dropout, ReLU
from photic.maths.losses import MSE, CrossEntropy
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import SGD, Adam
from photic.train.history import Progress
from photic.train.interrupt import Interrupt
from photic.train.objective import Objective
from photic.train.run import Table, Training

RNG = np.random.default_rng(4)
# Columns at right angles and of mean square 1: the squared error falls as (1 - 2 rate) ** (2 steps), best at 1/2.
X = np.linalg.qr(RNG.normal(size=(64, 3)))[0].astype(np.float32) * 8
TABLE = Table(X, X @ np.array([[1.0], [-2.0], [0.5]], np.float32), np.ones(64, np.float32))
ROWS = np.arange(64)
FINAL = Assignment("final", 0, ROWS, ROWS[:20], ROWS[:0])
BOWL = Training(
    Objective(Model(Dense(3, bias=False), Dense(1, bias=False)), MSE()), Descent(SGD(0.1)), 64, 48, 48, "rmse"
)
LINE = dataclasses.replace(BOWL, objective=Objective(Model(Dense(1, bias=False)), MSE()))


def test_on_a_bowl_the_losses_are_those_by_hand_and_the_best_rate_is_found() -> None:
    (found,) = rates.find(dataclasses.replace(LINE, epochs=4), TABLE, [FINAL])
    assert (found.lane, found.epochs) == ("final", 4), "one step an epoch: fifty steps are more than there are"
    assert found.rate == 0.46, "of the rates tried the nearest to 1/2"
    first = found.loss[found.tried.index(1e-6)]  # hardly moved
    for rate, loss in zip(found.tried, found.loss, strict=True):
        # Before the fourth step three are done; 1e-6 of the first loss is what 32 bits leave of it.
        assert loss == pytest.approx(first * (1 - 2 * rate) ** 6, rel=1e-3, abs=1e-6 * first)


def test_beyond_the_edge_of_stability_a_rate_diverges_and_that_is_a_result() -> None:
    (found,) = rates.find(LINE, TABLE, [FINAL])
    lost = [rate for rate, loss in zip(found.tried, found.loss, strict=True) if loss is None]
    assert 10.0 in lost and all(rate > 1 for rate in lost)
    assert found.tried == tuple(sorted(found.tried)) and len(found.tried) == 12 and found.rate < 1


def test_what_is_tried_is_the_beginning_of_the_training_itself() -> None:
    (found,) = rates.find(BOWL, TABLE, [FINAL])
    at = found.tried.index(0.01)
    alone = dataclasses.replace(BOWL, descent=Descent(SGD(0.01)))
    trained = lanes.train(alone, TABLE, [FINAL], inspects=False)
    told = next(line["loss"] for line in trained.history if line["epoch"] == found.epochs)
    assert found.loss[at] == pytest.approx(told, rel=1e-4)


def test_nothing_is_compiled_for_it_that_the_training_does_not_need() -> None:
    rates.find(BOWL, TABLE, [FINAL])
    before = dict(program._COMPILED)
    knobs = {rates.KNOB: 0.1}
    ready = dataclasses.replace(BOWL, descent=rates.knobbed(BOWL.descent))
    lanes.train(ready, TABLE, [dataclasses.replace(FINAL, knobs=knobs)])
    assert before == program._COMPILED


@pytest.fixture(scope="module")
def several() -> tuple[Training, Table, list[Assignment]]:
    x = RNG.normal(size=(90, 4)).astype(np.float32)
    y = (x[:, 0] + x[:, 1] ** 2 > 1).astype(np.int32)
    parts = np.array_split(RNG.permutation(90), 3)
    training = Training(
        Objective(Model(Dense(8), ReLU(), Dropout(0.2), Dense(2)), CrossEntropy()),
        Descent(Adam()),
        16,
        40,
        40,
        "accuracy",
    )
    made = [
        Assignment(f"fold {i + 1}", 0, np.concatenate([parts[i], parts[i - 1][:20]]), parts[i - 1][20:], parts[i - 2])
        for i in range(3)
    ]
    return training, Table(x, y, np.ones(90, np.float32)), made


def test_score_rows_have_no_say(several: tuple[Training, Table, list[Assignment]]) -> None:
    training, table, given = several
    found = rates.find(training, table, given)
    y, x = table.y.copy(), table.x.copy()
    y[given[0].score], x[given[0].score] = 1 - y[given[0].score], 1e6
    spoilt = rates.find(training, table._replace(x=x, y=y), given)
    assert spoilt[0] == found[0], "fold 1 never looks at its score rows"
    assert spoilt[1:] != found[1:], "the others train on them"


def test_a_lane_finds_what_it_finds_alone(several: tuple[Training, Table, list[Assignment]]) -> None:
    training, table, given = several
    together, alone = rates.find(training, table, given), rates.find(training, table, given[1:2])
    assert together[1].rate == alone[0].rate and together[1].tried == alone[0].tried
    known = [(a, b) for a, b in zip(together[1].loss, alone[0].loss, strict=True) if a is not None and b is not None]
    np.testing.assert_allclose(*zip(*known, strict=True), rtol=1e-3)  # another program of other lanes


def test_progress_counts_the_rates(several: tuple[Training, Table, list[Assignment]]) -> None:
    told: list[Progress] = []
    rates.find(*several, watch=told.append)
    assert [each.epoch for each in told if each.phase == "rates"] == list(range(1, 13))
    assert {each.epochs for each in told if each.phase == "rates"} == {12}


def test_after_ctrl_c_nothing_more_is_tried(several: tuple[Training, Table, list[Assignment]]) -> None:
    stopped = Interrupt()
    stopped.asked = True
    found = rates.find(*several, interrupt=stopped)
    assert {each.rate for each in found} == {None} and found[0].tried == ()
    assert rates.central(found) is None
    assert rates.words(found, 0.01).startswith("Learning rate: 0.01 as usual")


def test_a_lane_that_falls_asleep_is_judged_by_its_last_loss() -> None:
    story = [(0.9, 1.0, True), (0.5, 1.1, True), (0.0, math.nan, False)]  # a sleeping lane reports no loss of its own
    told = [{"loss": [a], "stop_loss": [b], "active": [c]} for a, b, c in story]
    assert rates._last(told, 0) == 0.5
    assert rates._last([{"loss": [0.9], "stop_loss": [math.nan], "active": [True]}], 0) == 0.9, "without stop rows"
    for loss, stop in ((math.nan, 1.0), (0.5, math.inf)):
        assert math.isnan(rates._last([*told[:2], {"loss": [loss], "stop_loss": [stop], "active": [True]}], 0))


def test_of_rates_as_good_as_each_other_the_lowest_is_taken() -> None:
    losses = {1e-6: 2.0, 0.01: 1.02, 0.1: 1.009, 1.0: 1.0, 10.0: math.inf}  # the deepest fall is 1
    assert Found.of("final", 3, losses).rate == 0.1
    assert Found.of("final", 3, losses | {0.01: 1.0}).rate == 0.01


@pytest.mark.parametrize("losses", [{}, {1.0: math.nan}, {1e-6: 2.0, 0.1: 1.99}, {1e-6: 2.0, 0.1: 3.0}])
def test_where_the_loss_falls_nowhere_no_rate_is_found(losses: dict[float, float]) -> None:
    assert Found.of("final", 3, losses).rate is None


def test_found_rates_survive_json() -> None:
    found = Found.of("fold 1", 3, {1.0: math.nan, 0.1: 0.5, 0.001: 2.0})
    assert Found.from_json(dataclasses.asdict(found)) == found


@pytest.mark.parametrize(
    ("epochs", "rows", "tried"), [(200, 320, 12), (200, 32, 50), (16, 3200, 1), (3, 32, 3), (160, 3200, 10)]
)
def test_a_rate_is_tried_for_a_sixteenth_of_the_epochs_and_at_least_fifty_steps(
    epochs: int, rows: int, tried: int
) -> None:
    training = dataclasses.replace(BOWL, batch_size=32, epochs=epochs)
    assert rates.short(training, rows) == tried


def test_the_sentence_says_whose_rate_and_how_it_was_found() -> None:
    final, one, two = (
        Found.of(name, 12, {1e-6: 1.0, rate: 0.5})
        for name, rate in (("final", 0.01), ("fold 1", 0.02), ("fold 2", 0.04))
    )
    assert rates.words((one, two, final), 1.0) == (
        "Learning rate: 0.01, found: of 2 rates from 1e-06 to 0.01, each tried for 12 epochs from the same first "
        "weights, it is the lowest at which the loss on the fit rows fell as deep as anywhere. Every fold found its "
        "own on its own fit rows: 0.02 to 0.04."
    )
    assert rates.words((one, two), 1.0).startswith(
        "Learning rate: 0.02 to 0.04, found by every fold on its own fit rows"
    )
    assert rates.central((one, two, final)) == 0.01
    assert rates.central((one, two)) == 0.028, "the geometric mean, to two digits"
