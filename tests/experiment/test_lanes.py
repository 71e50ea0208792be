"""Lanes: each equals its solo run, spread over devices or not; they resume, stop early, and can be interrupted."""

from __future__ import annotations

import dataclasses
import signal

import jax
import numpy as np
import pytest

from photic.experiment import lanes, work
from photic.experiment.assignment import Assignment
from photic.experiment.program import Program
from photic.layers import GRU, LSTM, BatchNorm, Dense, Dropout, ReLU
from photic.maths.losses import MSE, CrossEntropy
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import Adam
from photic.spec import Knob
from photic.train.history import Progress
from photic.train.objective import Objective
from photic.train.run import Table, Training

RNG = np.random.default_rng(1)
X = RNG.normal(size=(90, 4)).astype(np.float32)
Y = (X[:, 0] + X[:, 1] ** 2 > 1).astype(np.int32) + (X[:, 2] > 1).astype(np.int32)
TABLE = Table(X, Y, np.ones(90, np.float32))
# No bias before BatchNorm: its gradient is rounding noise, which Adam would blow up.
MODEL = Model(Dense(8, bias=False), BatchNorm(), ReLU(), Dropout(0.2), Dense(3))
TRAINING = Training(Objective(MODEL, CrossEntropy()), Descent(Adam(Knob("rate", 0.01))), 16, 6, 3, "accuracy")
PARTS = np.array_split(RNG.permutation(90), 5)
LANES = [
    Assignment("fold 1", 0, np.concatenate(PARTS[:3]), PARTS[3], PARTS[4]),
    Assignment("fold 2", 0, np.concatenate(PARTS[2:])[:41], PARTS[0], PARTS[1], {"rate": 0.03}),
    Assignment("fold 3", 5, PARTS[2], PARTS[0][:3], PARTS[1][:2], {"rate": 0.001}),
]
LANES = [dataclasses.replace(lane, knobs={"rate": lane.knobs.get("rate", 0.01)}) for lane in LANES]


@pytest.fixture(scope="module")
def together() -> lanes.Result:
    return lanes.train(TRAINING, TABLE, LANES)


class Memory:
    """A keeper that keeps every checkpoint it is given, and offers one of them."""

    def __init__(self, offer: int | None = None, saved: list | None = None) -> None:
        self.saved = [] if saved is None else saved
        self.offer = offer

    def due(self) -> bool:
        return True

    def save(self, arrays: dict, meta: dict) -> None:
        self.saved.append((arrays, meta))

    def load(self) -> tuple[dict, dict] | None:
        return None if self.offer is None else self.saved[self.offer]


@pytest.mark.parametrize("index", range(3))
def test_a_lane_equals_its_solo_run(together: lanes.Result, index: int) -> None:
    alone = lanes.train(TRAINING, TABLE, [LANES[index]]).lanes[0]
    among = together.lanes[index]
    assert among.best_epoch == alone.best_epoch
    leaves = [jax.tree.leaves((lane.params, lane.state)) for lane in (among, alone)]
    for ours, theirs in zip(*leaves, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)  # another program rounds in another order
    np.testing.assert_allclose(among.z, alone.z, atol=1e-4)


@pytest.mark.parametrize("rows", [54, 41], ids=["whole batches", "odd batches"])
def test_a_lane_with_its_rows_split_over_devices_equals_the_same_whole(monkeypatch, rows: int) -> None:
    results = []
    for least in (0.0, np.inf):
        monkeypatch.setattr(work, "LEAST", least)
        monkeypatch.setattr(work, "LEAST_EACH", 0.0)
        alone = dataclasses.replace(LANES[0], fit=LANES[0].fit[:rows])
        program = Program(lanes.balanced(TRAINING, [alone]), TABLE, [alone])
        assert program.layout.mesh.shape == {"lane": 1, "row": 1 if least else 2}
        results.append(lanes.train(TRAINING, TABLE, [alone]))
    split, whole = results
    # batch norm sees the whole batch, dropout draws the same: only the order of the sums differs
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=2e-5), *(each.lanes[0].params for each in results))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=2e-5), *(each.lanes[0].state for each in results))
    np.testing.assert_allclose(split.lanes[0].z, whole.lanes[0].z, atol=1e-4)
    losses = [[line["loss"] for line in each.history] for each in results]
    np.testing.assert_allclose(*losses, atol=2e-5)


def test_sequences_of_unequal_lengths_split_over_devices_equal_the_same_whole(monkeypatch) -> None:
    rng = np.random.default_rng(3)
    x, lengths = rng.normal(size=(40, 7, 2)).astype(np.float32), rng.integers(1, 8, 40).astype(np.int32)
    table = Table(x, x[:, 0, :1], np.ones(40, np.float32), lengths)
    model = Model(LSTM(4, "both", "all"), GRU(3), Dense(1))
    training = Training(Objective(model, MSE()), Descent(Adam(0.01)), 10, 3, 3, "rmse")
    lane = Assignment("all", 0, np.arange(30), np.arange(30, 40), np.arange(30, 40))
    found = []
    for least in (0.0, np.inf):
        monkeypatch.setattr(work, "LEAST", least)
        monkeypatch.setattr(work, "LEAST_EACH", 0.0)
        found.append(lanes.train(training, table, [lane]).lanes[0])
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=2e-5), found[0].params, found[1].params)
    np.testing.assert_allclose(found[0].z, found[1].z, atol=1e-4)


def test_two_devices_are_used_and_scores_come_for_every_score_row(together: lanes.Result) -> None:
    assert jax.local_device_count() == 2
    assert [lane.z.shape for lane in together.lanes] == [(18, 3), (18, 3), (2, 3)]
    assert {"compile", "train", "score"} <= set(together.seconds)


def test_history_has_a_line_per_lane_and_epoch_until_the_lane_sleeps(together: lanes.Result) -> None:
    for lane in together.lanes:
        mine = [line for line in together.history if line["lane"] == lane.name]
        assert [line["epoch"] for line in mine] == list(range(1, len(mine) + 1))
        best = max(line["epoch"] for line in mine if line["best"])
        assert best == lane.best_epoch
        assert min(line["stop_loss"] for line in mine) == pytest.approx(lane.stop_loss)
        assert len(mine) == 6 or len(mine) == best + 3


def test_a_resumed_experiment_comes_to_the_same_result(together: lanes.Result) -> None:
    first = Memory()
    kept = lanes.train(TRAINING, TABLE, LANES, keeper=first)
    second = lanes.train(TRAINING, TABLE, LANES, keeper=Memory(1, list(first.saved)))
    for result in (kept, second):
        assert result.history == together.history and result.inspection == together.inspection
        for ours, theirs in zip(result.lanes, together.lanes, strict=True):
            np.testing.assert_array_equal(ours.z, theirs.z)


def test_ctrl_c_ends_the_training_and_keeps_the_best_weights() -> None:
    def press(progress: Progress) -> None:
        if progress.phase == "training" and progress.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    result = lanes.train(TRAINING, TABLE, LANES, watch=press)
    assert result.interrupted
    assert max(line["epoch"] for line in result.history) < 6
    assert all(1 <= lane.best_epoch < 6 for lane in result.lanes)


def test_the_watcher_hears_of_every_epoch_with_a_time_left() -> None:
    heard: list[Progress] = []
    lanes.train(TRAINING, TABLE, LANES[:1], watch=heard.append)
    training = [progress for progress in heard if progress.phase == "training"]
    assert [progress.epoch for progress in training] == list(range(1, len(training) + 1))
    assert training[0].left > 0 and training[0].metric == "accuracy" and training[-1].left == 0
    assert heard[0].phase == "compiling"


def test_a_lane_without_rows_to_stop_or_score_is_trained_to_the_last_epoch() -> None:
    lane = dataclasses.replace(LANES[0], stop=LANES[0].stop[:0], score=LANES[0].score[:0])
    result = lanes.train(TRAINING, TABLE, [lane])
    assert result.lanes[0].best_epoch == 6 and result.lanes[0].z.shape == (0, 3)
    assert np.isnan(result.history[0]["stop_loss"])


def test_inspection_is_told_and_changes_nothing(together: lanes.Result) -> None:
    without = lanes.train(TRAINING, TABLE, LANES, inspects=False)
    assert without.inspection == [] and without.history == together.history
    last = max(line["epoch"] for line in together.history)
    assert {line["epoch"] for line in together.inspection} == {1, last}  # of few steps the beginning and the end
    first = [line for line in together.inspection if line["epoch"] == 1]
    assert [line["lane"] for line in first] == ["fold 1", "fold 2", "fold 3"]
    assert set(first[0]["layers"]) == set(MODEL.walk())


def test_a_lane_with_a_single_score_row_is_scored() -> None:
    lane = dataclasses.replace(LANES[0], score=LANES[0].score[:1])
    result = lanes.train(TRAINING, TABLE, [lane])
    assert result.lanes[0].z.shape == (1, 3) and np.abs(result.lanes[0].z).min() > 0


def test_the_order_of_the_rows_is_kept_or_new_in_every_epoch() -> None:
    kept = dataclasses.replace(LANES[0], shuffled=False)
    program = Program(TRAINING, TABLE, [kept, LANES[0]], inspects=False)
    first, second = (np.asarray(program.rows(number).order) for number in (1, 2))
    np.testing.assert_array_equal(first[0], kept.fit)
    np.testing.assert_array_equal(second[0], kept.fit)
    assert (first[1] != second[1]).any()
    np.testing.assert_array_equal(np.sort(first[1]), np.sort(kept.fit))


def test_lanes_that_differ_in_knobs_alone_take_their_rows_in_one_order() -> None:
    other = dataclasses.replace(LANES[0], knobs={"rate": 0.1})
    renamed, fewer = (dataclasses.replace(LANES[0], **way) for way in ({"name": "x"}, {"fit": LANES[0].fit[:-9]}))
    given = [dataclasses.replace(each, knobs={"rate": 0.1}) for each in (LANES[0], other, renamed, fewer)]
    order = np.asarray(Program(TRAINING, TABLE, given, inspects=False).rows(1).order)
    for row, lane in zip(order, given, strict=False):
        np.testing.assert_array_equal(row[: len(lane.fit)], lane.order(1))
    np.testing.assert_array_equal(order[0], order[1])
    assert (order[0] != order[2]).any()


def test_the_last_network_is_the_result_where_the_best_is_not_asked_for() -> None:
    training = dataclasses.replace(TRAINING, best=False, patience=1)
    found = lanes.train(training, TABLE, LANES, fresh=True)
    assert [lane.best_epoch for lane in found.lanes] == [TRAINING.epochs] * 3  # and patience is of no concern
    before, after = found.fresh[0], found.lanes[0]
    assert before.best_epoch == 0 and before.z.shape == after.z.shape
    assert np.abs(before.z - after.z).max() > 0.01


def test_a_structure_is_compiled_once_and_other_numbers_go_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[int] = []
    build = Program._build
    monkeypatch.setattr(Program, "_build", lambda self: built.append(1) or build(self))
    training = dataclasses.replace(TRAINING, epochs=2, patience=2, batch_size=30)
    slow, fast = (
        lanes.train(training, TABLE, [dataclasses.replace(LANES[0], knobs={"rate": rate})]) for rate in (1e-6, 0.05)
    )
    assert len(built) == 1
    assert slow.history[-1]["loss"] > fast.history[-1]["loss"]
