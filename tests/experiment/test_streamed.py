"""Streamed: the law that an epoch in super-batches is the epoch in memory, for the same order of rows."""

from __future__ import annotations

import dataclasses
import signal
import threading

import jax
import numpy as np
import pytest

from photic.data import maps
from photic.errors import PlanError
from photic.experiment import feed, lanes, rates
from photic.experiment.assignment import Assignment
from photic.experiment.streamed import Streamed, steps_of
from photic.layers import LSTM, BatchNorm, Conv, Dense, Dropout, Flatten, Layer, ReLU, Rescale, Shift
from photic.maths.losses import MSE, CrossEntropy
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import Adam
from photic.optim.schedules import Cosine
from photic.train.history import Progress
from photic.train.objective import Objective
from photic.train.run import Table, Training

RNG = np.random.default_rng(3)
N = 230
CODES = RNG.integers(0, 3, N).astype(np.int32)
WEIGHT = RNG.uniform(0.5, 2.0, N).astype(np.float32)
ORDER = RNG.permutation(N)
LANE = Assignment("final", 7, ORDER[:151], ORDER[151:190], ORDER[190:])


def _case(x: np.ndarray, *layers: Layer, lengths: np.ndarray | None = None) -> tuple[Training, Table]:
    training = Training(
        Objective(Model(*layers, Dense(3)), CrossEntropy()), Descent(Adam(0.01), Cosine()), 16, 4, 4, "accuracy"
    )
    return training, Table(x, CODES, WEIGHT, lengths)


ROWS = RNG.normal(size=(N, 5)).astype(np.float32)
SERIES = RNG.normal(size=(N, 6, 2)).astype(np.float32)
PICTURES = RNG.integers(0, 256, (N, 8, 8, 1), dtype=np.uint8)
CASES = {
    # No bias before BatchNorm: its gradient is rounding noise, which Adam would blow up.
    "table": _case(ROWS, Dense(8, bias=False), BatchNorm(), ReLU(), Dropout(0.3)),
    "pictures": _case(PICTURES, Rescale(), Shift(1), Conv(4, 3, bias=False), BatchNorm(), ReLU(), Flatten()),
    "series": _case(SERIES, LSTM(4), lengths=RNG.integers(2, 7, N).astype(np.int32)),
}


def _mapped(table: Table) -> Table:
    """The same table in files."""
    arrays = []
    for array in table:
        if array is None:
            arrays.append(None)
            continue
        with maps.Writer(array.dtype) as writer:
            writer.put(array)
            arrays.append(writer.open(array.shape))
    return Table(*arrays)


def _row(table: Table) -> int:
    return sum(array[:1].nbytes for array in table if array is not None)


def _alike(streamed: lanes.Result, whole: lanes.Result) -> None:
    ours, theirs = streamed.lanes[0], whole.lanes[0]
    assert ours.best_epoch == theirs.best_epoch
    for one, other in zip(*(jax.tree.leaves((each.params, each.state)) for each in (ours, theirs)), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)  # another program may round in another order
    np.testing.assert_allclose(ours.z, theirs.z, atol=1e-4)
    assert len(streamed.history) == len(whole.history)
    for one, other in zip(streamed.history, whole.history, strict=True):
        assert one == pytest.approx(other, abs=1e-4, nan_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("steps", [3, 100])
@pytest.mark.parametrize("case", CASES)
def test_streamed_equals_in_memory_for_the_same_order_of_rows(case: str, steps: int) -> None:
    training, table = CASES[case]
    whole = lanes.train(training, table, [LANE])
    streamed = lanes.train(training, _mapped(table), [LANE], super_batch=steps * 16 * _row(table))
    _alike(streamed, whole)
    for ours, theirs in zip(streamed.inspection, whole.inspection, strict=True):
        for path, measures in theirs["layers"].items():
            assert ours["layers"][path] == pytest.approx(measures, rel=1e-2, abs=1e-4)  # noise over slope: ratios


@pytest.mark.slow
def test_without_stop_rows_and_in_the_order_given() -> None:
    training, table = CASES["table"]
    lane = dataclasses.replace(LANE, stop=ORDER[:0], shuffled=False)
    whole = lanes.train(training, table, [lane])
    _alike(lanes.train(training, table, [lane], super_batch=2 * 16 * _row(table)), whole)


@pytest.mark.slow
def test_training_ends_at_the_same_epoch() -> None:
    training, table = CASES["table"]
    impatient = dataclasses.replace(training, descent=Descent(Adam(0.5)), epochs=30, patience=2)
    whole = lanes.train(impatient, table, [LANE])
    streamed = lanes.train(impatient, table, [LANE], super_batch=2 * 16 * _row(table))
    assert len(whole.history) < 30
    assert len(streamed.history) == len(whole.history)
    assert streamed.lanes[0].best_epoch == whole.lanes[0].best_epoch


class _Memory:
    def __init__(self, offer: int | None, saved: list) -> None:
        self.offer, self.saved = offer, saved

    def due(self) -> bool:
        return True

    def save(self, arrays: dict, meta: dict) -> None:
        self.saved.append((arrays, meta))

    def load(self) -> tuple[dict, dict] | None:
        return None if self.offer is None else self.saved[self.offer]


@pytest.mark.slow
def test_a_checkpoint_goes_on_to_the_same_network() -> None:
    training, table = CASES["table"]
    saved: list = []
    straight = lanes.train(training, table, [LANE], super_batch=4000, keeper=_Memory(None, saved))
    _alike(lanes.train(training, table, [LANE], super_batch=4000, keeper=_Memory(1, saved)), straight)


@pytest.mark.slow
def test_ctrl_c_ends_the_training_after_the_epoch() -> None:
    training, table = CASES["table"]

    def watch(progress: Progress) -> None:
        if progress.phase == "training" and progress.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    result = lanes.train(training, table, [LANE], super_batch=4000, watch=watch)
    assert result.interrupted
    assert result.history[-1]["epoch"] == 2
    assert np.isfinite(result.lanes[0].z).all()


@pytest.mark.slow
def test_the_rate_finder_finds_the_same_rate() -> None:
    training, table = CASES["table"]
    whole = rates.find(training, table, [LANE])
    streamed = rates.find(training, table, [LANE], super_batch=4000)
    assert streamed[0].rate == whole[0].rate
    assert streamed[0].tried == whole[0].tried


def test_a_budget_smaller_than_one_batch_is_refused_before_anything_compiles() -> None:
    training, table = CASES["table"]
    with pytest.raises(PlanError) as problem:
        Streamed(training, table, [LANE], 16 * _row(table) - 1)
    assert str(problem.value) == (
        "memory: needs room for 3 batches of 16 rows, 1,344 bytes, got 1,341\n"
        "from the memory option; give more, or make the batches smaller."
    )


def test_a_super_batch_is_never_larger_than_the_table() -> None:
    _, table = CASES["table"]
    assert steps_of(1 << 40, table, 16) == 15


def test_a_feed_gives_rows_in_the_order_wanted_and_stops_when_closed() -> None:
    table = Table(np.arange(100.0), np.arange(100), np.ones(100))
    wanted = [RNG.permutation(100)[:7] for _ in range(9)]
    given = feed.Feed(table, 7, wanted)
    for rows in wanted[:6]:
        load = given.next()
        assert load.part.x.tolist() == rows.tolist()
        given.give_back(load)
    given.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("photic feed")]


def test_rows_that_can_no_longer_be_read_are_an_error_where_they_are_waited_for() -> None:
    table = Table(np.arange(3.0), np.arange(3), np.ones(3))

    def wanted() -> object:
        yield np.array([1])
        raise OSError(5, "Input/output error")

    given = feed.Feed(table, 2, wanted())
    assert given.next().rows == 1
    with pytest.raises(OSError, match="Input/output"):
        given.next()
    given.close()


def test_a_regression_streams_too() -> None:
    _, table = CASES["table"]
    y = ROWS[:, :1] * 2
    model = Training(Objective(Model(Dense(1)), MSE()), Descent(Adam(0.1)), 16, 3, 3, "rmse")
    table = table._replace(y=y.astype(np.float32))
    _alike(lanes.train(model, table, [LANE], super_batch=4000), lanes.train(model, table, [LANE]))
