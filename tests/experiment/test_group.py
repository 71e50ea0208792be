"""Groups: lanes trained in pieces are lanes trained in one go, whatever is gathered, kept or taken up between."""

from __future__ import annotations

import dataclasses
import functools
import math

import jax
import numpy as np
import pytest

from photic.data import toy
from photic.experiment import group as module
from photic.experiment.assignment import Assignment
from photic.experiment.group import Group, Point, best, dealt, width
from photic.layers import Dense, ReLU
from photic.maths.losses import BinaryCrossEntropy
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import SGD
from photic.spec import Knob
from photic.train.objective import Objective
from photic.train.run import Table, Training

NO_ROWS = np.zeros(0, int)


@functools.cache
def parts():
    data = toy.xor(n=60)
    table = Table(data.numbers.astype(np.float32), data.y.astype(np.float32).reshape(-1, 1), np.ones(60, np.float32))
    model = Model(Dense(4), ReLU(), Dense(1))
    training = Training(Objective(model, BinaryCrossEntropy()), Descent(SGD(Knob("rate", 0.1))), 10, 8, 8, "accuracy")
    return training, table


def lanes(count=5, rate=0.1):
    return [
        Assignment(f"lane {i}", 0, np.arange(40 - i), np.arange(40, 60), NO_ROWS, {"rate": rate * (i + 1)})
        for i in range(count)
    ]


def group(assignments=None):
    training, table = parts()
    made = Group(training, table, assignments or lanes(), (40, 20))
    made.compile()
    return made


quiet = lambda epoch, awake: None


def test_in_pieces_as_in_one_go():
    whole, pieces = group(), group()
    whole.advance(8, quiet)
    for until in (3, 4, 8):
        assert pieces.advance(until, quiet)
    assert pieces.curves == whole.curves
    assert [len(points) for points in whole.curves.values()] == [8] * 5


def test_those_who_go_on_are_not_touched_by_those_who_do_not():
    whole, some = group(), group()
    whole.advance(8, quiet)
    some.advance(3, quiet)
    some.keep({"lane 1", "lane 4"})
    some.advance(8, quiet)
    for name, points in some.curves.items():
        assert points == whole.curves[name][: len(points)], name
        assert len(points) == (8 if name in ("lane 1", "lane 4") else 3)
    assert some.dropped == {"lane 0", "lane 2", "lane 3"}


@pytest.mark.parametrize(("speed", "moves"), [(1e30, True), (1e-30, False)])
def test_lanes_are_moved_only_where_it_pays_and_come_to_the_same(monkeypatch, speed, moves):
    monkeypatch.setattr(module, "_MOVED", speed)
    whole, some = group(), group()
    whole.advance(8, quiet)
    some.advance(3, quiet)
    names = some.program.names
    own = [name for name in names[: len(names) // len(jax.local_devices())] if name in some.awake]  # of one device
    some.keep(own)
    alone = len(jax.local_devices()) == 1
    assert (some.program.names.index(own[1]) != names.index(own[1])) == (moves and not alone)
    some.advance(8, quiet)
    assert {name: some.curves[name] for name in own} == {name: whole.curves[name] for name in own}


def test_a_checkpoint_is_taken_up_where_it_was_made():
    first = group()
    first.advance(3, quiet)
    first.keep({"lane 0", "lane 2", "lane 3"})
    first.advance(5, quiet)
    kept, story = first.arrays(), first.story()
    assert {len(array) for array in kept.values()} == {3}  # nothing of those that were given up
    first.advance(8, quiet)
    second = group()
    second.restore(kept, story)
    second.advance(8, quiet)
    assert second.curves == first.curves


def test_a_lane_that_diverges_hurts_no_other():
    calm = group(lanes(4))
    wild = group([*lanes(4), dataclasses.replace(lanes(5)[4], knobs={"rate": 1e30})])
    calm.advance(8, quiet)
    wild.advance(8, quiet)
    for name, points in calm.curves.items():
        np.testing.assert_allclose([p.loss for p in wild.curves[name]], [p.loss for p in points], rtol=1e-5)
    lost = wild.curves["lane 4"]
    assert len(lost) < 8
    assert not math.isfinite(lost[-1].loss)
    assert "lane 4" not in wild.awake


def test_it_ends_when_told_to_and_says_so():
    made, seen = group(), []
    assert not made.advance(8, lambda epoch, awake: seen.append((epoch, awake)), lambda: len(seen) >= 2)
    assert made.epoch < 8
    assert seen == [(number, 5) for number in range(1, made.epoch + 1)]
    assert made.advance(8, quiet)


def test_the_memory_of_a_lane_holds_its_weights_several_times():
    weights = (2 * 4 + 4 + 4 + 1) * 4
    assert 2 * weights < group().memory() < 100_000


@pytest.mark.parametrize(("lanes", "expected"), [(1, 4), (4, 4), (5, 16), (60, 64), (65, 256)])
def test_widths_are_few(lanes, expected):
    assert width(lanes) == expected


def test_lanes_are_dealt_out_evenly():
    assert dealt(["a", "b", "c"], 8) == ["a", "c", "idle 0", "idle 1", "b", "idle 2", "idle 3", "idle 4"]


def test_the_best_epoch_has_the_smallest_loss_that_is_a_number():
    points = [Point(1, 0.5, 0.8), Point(2, 0.3, 0.7), Point(3, math.nan, 0.9), Point(4, 0.1, math.nan)]
    assert best(points) == points[1]
    assert best([Point(1, math.inf, 0.5)]) is None
