"""The arithmetic of the row `tables`: what a skill is, what counts as a win, and what is taken from a file."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from bench import tables
from bench.outcome import Choice, Session
from bench.rows import tables as row
from bench.tables import LINEAR, PHOTIC, STOPPED, TREES, WHOLE, Learned
from photic.data import toy
from photic.data.split import Fold
from photic.data.task import Task

FOLD = Fold("one", np.arange(4), np.arange(0), np.arange(4, 8))


def dataset(kind, y, classes=()):
    data = toy.xor(n=8)
    return dataclasses.replace(data, task=Task(kind, "y", classes), y=np.array(y))


def test_of_two_classes_skill_is_twice_the_area_beyond_chance():
    data = dataset("binary", [0, 1, 0, 1, 0, 0, 1, 1], ("no", "yes"))
    p = np.array([[0.1], [0.6], [0.5], [0.9]])  # of four pairs one is the wrong way round: an area of 3/4
    assert tables.skill(data, FOLD, p) == pytest.approx(0.5)
    assert tables.right(data, FOLD, p) == 0.5


def test_of_more_classes_skill_is_the_surprise_saved():
    data = dataset("multiclass", [0, 0, 1, 2, 0, 1, 2, 0], ("a", "b", "c"))
    p = np.full((4, 3), 1 / 3)
    shares = -(2 * math.log(0.5) + 2 * math.log(0.25)) / 4
    assert tables.skill(data, FOLD, p) == pytest.approx(1 - math.log(3) / shares)
    assert tables.right(data, FOLD, np.eye(3)[[0, 1, 2, 1]]) == 0.75


def test_of_numbers_skill_is_the_error_saved():
    data = dataset("regression", [1.0, 3.0, 1.0, 3.0, 2.0, 4.0, 0.0, 2.0])
    assert tables.skill(data, FOLD, np.full((4, 1), 2.0)) == pytest.approx(0.0)
    assert tables.skill(data, FOLD, np.array([[2.0], [3.0], [1.0], [2.0]])) == pytest.approx(0.5)
    assert tables.right(data, FOLD, np.array([[2.0], [3.0], [1.0], [2.0]])) == pytest.approx(0.75)


def test_the_halves_share_no_table():
    assert not set(tables.TUNE) & set(tables.REPORT)
    assert len(tables.TUNE) + len(tables.REPORT) >= 12


def scores(photic, stopped, whole, trees, linear=0.1):
    each = zip((PHOTIC, STOPPED, WHOLE, TREES, LINEAR), (photic, stopped, whole, trees, linear), strict=True)
    return {who: Learned((value,), (value,), 1.0) for who, value in each}


def test_bars_count_the_better_mlp_and_normalise_by_the_best():
    found = {"a": scores(0.8, 0.5, 0.7, 0.4), "b": scores(0.3, 0.2, 0.4, -0.5)}
    bars = row._bars("all", found)
    assert [bar.measured for bar in bars] == ["1 of 2", "0.875 against 0.250"]
    assert [bar.met for bar in bars] == [False, True]


def test_peers_are_taken_from_the_file_that_keeps_them(tmp_path, monkeypatch):
    calls = []

    def work(contender, *_):
        return lambda: calls.append(contender) or [np.zeros((len(fold.score), 1)) for fold in folds]

    data = toy.linear(n=40)
    folds = tables.cut(tables.plan(data, 2), data).folds
    monkeypatch.setattr(tables, "load", lambda name: data)
    monkeypatch.setattr(row, "_work", work)
    session = Session(1, tmp_path, lambda words: None, Choice(keep=tmp_path / "kept.jsonl"))
    first, _ = row._contest("a", session)
    again, about = row._contest("a", session)
    assert again.keys() == first.keys() == {PHOTIC, *tables.PEERS}
    assert calls == [PHOTIC, *tables.PEERS, PHOTIC]
    assert about == {"rows": "40", "by": "RMSE"}
    assert len((tmp_path / "kept.jsonl").read_text().splitlines()) == 6
    assert json.loads((tmp_path / "kept.jsonl").read_text().splitlines()[0])["table"] == "a"


@pytest.mark.slow
def test_photic_answers_for_every_fold():
    data = toy.xor(n=40)
    plan = dataclasses.replace(tables.plan(data, 1), epochs=1)
    folds = tables.cut(plan, data).folds
    learned = tables.learned(data, folds, lambda: tables.photic(data, plan))
    assert len(learned.skill) == len(folds) == 5
    assert all(-1 <= skill <= 1 for skill in learned.skill)


@pytest.mark.slow
def test_every_peer_learns_a_table_with_categories_and_missing_values():
    data = tables.load("penguins")
    plan = tables.plan(data, 1)
    folds = tables.cut(plan, data).folds[:1]
    for name, make in tables.PEERS.items():
        (p,) = tables.peer(make, data, folds)
        assert p.shape == (len(folds[0].score), 3), name
        assert tables.right(data, folds[0], p) > 0.75, name  # the early stopping of 276 rows stops too early
