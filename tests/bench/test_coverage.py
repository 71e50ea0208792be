"""Intervals beside the truth: what is counted, where rows come from, and small runs of both rows."""

from __future__ import annotations

import numpy as np
import pytest

from bench import coverage, searches
from bench.coverage import Seen
from bench.rows.coverage import _bar
from bench.worlds import World, noise, simulated
from photic.experiment.interval import Score


def seen(*scores, truths, metric="auc"):
    return Seen("a world", 100, "folds", metric, scores, truths)


def test_an_interval_holds_what_lies_between_its_ends():
    found = seen(Score(0.5, 0.4, 0.6), Score(0.5, 0.4, 0.45), Score(0.5), truths=(0.6, 0.5, 0.5))
    assert (found.held, found.below) == (1, 1)  # an interval that is not known holds nothing
    assert found.width == pytest.approx(0.125)


def test_the_bar_counts_over_all_lines_of_the_named_scores():
    sure, wide = Score(0.5, 0.49, 0.51), Score(0.5, 0.0, 1.0)
    lines = [seen(*[wide] * 95, *[sure] * 5, truths=(0.6,) * 100), seen(sure, truths=(0.6,), metric="f1")]
    bar = _bar("folds", lines)
    assert bar.met and bar.measured.startswith("95.0%; single lines 95.0% to 95.0%, 1 of 1 within")
    assert not _bar("folds", [seen(*[wide] * 100, truths=(0.6,) * 100)]).met  # too wide is a miss too


def test_the_truth_of_a_sample_is_measured_on_other_rows():
    x = np.arange(40.0)[:, None]
    table = World("a table", "regression", ("rmse",), x, x[:, 0])
    drawn, y, others = table.sample(np.random.default_rng(0), 10)
    assert len(drawn) == len(y) == 10 and len(others) == 30
    assert not set(drawn[:, 0]) & set(table.x[others, 0])


def test_simulated_worlds_are_drawn_anew_and_noise_has_nothing_to_learn():
    for world in [*simulated(), *noise()]:
        x, y, _ = world.sample(np.random.default_rng(0), 4_000)
        assert len(x) == len(y) == 4_000 and not (x[:100] == world.x[:100]).all()
    for world in noise():
        found = np.corrcoef(np.column_stack([world.x, world.y]).T)[-1, :-1]
        assert np.abs(found).max() < 4 / np.sqrt(len(world.y))  # four standard errors of no correlation


@pytest.mark.slow
def test_a_few_experiments_have_all_places_and_scores():
    found = coverage.look(noise()[0], 100, 3)
    assert [(each.place, each.metric) for each in found[:4]] == [
        ("test part", metric) for metric in ("accuracy", "auc", "f1", "log_loss")
    ]
    assert {each.place for each in found} == {"test part", "folds", "repeated folds"}
    accuracy = {each.place: each for each in found if each.metric == "accuracy"}
    assert all(0.45 < truth < 0.55 for each in accuracy.values() for truth in each.truths)
    assert accuracy["test part"].width > accuracy["repeated folds"].width


@pytest.mark.slow
def test_of_pure_noise_the_best_inner_score_is_flattered_and_the_printed_one_is_not_by_design():
    found = searches.look(noise()[0], 100, 2)
    assert len(found) == 2
    for told in found:
        assert 0.45 < told.truth < 0.55 and told.best > told.truth
