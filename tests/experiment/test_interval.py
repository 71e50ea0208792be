"""Intervals against SciPy, formulas by hand, and simulation."""

import numpy as np
import pytest
from scipy import stats

from photic.experiment.interval import (
    Score,
    Units,
    corrected,
    percentile,
    share,
    share_difference,
    share_of_draws,
    studentized,
)


def test_the_bootstrap_of_a_mean_agrees_with_scipy():
    values = np.random.default_rng(0).exponential(size=150)
    units = Units.of(np.ones(150))
    draws = units.draw(units.sum(np.stack([values, np.ones(150)], axis=1)))
    low, high = percentile(draws[:, 0] / draws[:, 1])
    witness = stats.bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=1).confidence_interval
    assert (low, high) == pytest.approx((witness.low, witness.high), abs=0.03)  # a tenth of the interval: Monte Carlo


def test_draws_have_as_many_rows_as_there_are_and_follow_the_seed():
    units = Units.of(np.ones(40), seed=3)
    counts = units.draw(units.sum(np.eye(40)), draws=200)
    assert (counts.sum(axis=1) == 40).all() and (counts == counts.round()).all()
    assert counts.mean() == 1 and 0.9 < counts.var() < 1.05  # the variance of a count is 1 - 1/n
    again = Units.of(np.ones(40), seed=3)
    other = Units.of(np.ones(40), seed=4)
    assert (again.draw(again.sum(np.eye(40)), draws=200) == counts).all()
    assert (other.draw(other.sum(np.eye(40)), draws=200) != counts).any()


def test_rows_of_a_group_are_drawn_together():
    groups = np.array(["a", "b", "a", "c", "b", "c", "c"])
    units = Units.of(np.ones(7), groups)
    counts = units.draw(units.sum(np.eye(7)), draws=100)
    assert units.count == 3
    for name in "abc":
        of_group = counts[:, groups == name]
        assert (of_group == of_group[:, :1]).all()
    assert counts[:, 0].max() > 1


def test_weights_multiply_and_rows_of_weight_zero_are_not_there():
    units = Units.of(np.array([2.0, 0.0, 0.5]))
    parts = units.sum(np.array([[1.0], [np.nan], [10.0]]))
    assert units.count == 2 and parts.sum() == 7.0


def test_many_rows_are_put_together_without_changing_the_spread():
    values = np.random.default_rng(0).normal(size=(50_000, 1))
    units = Units.of(np.ones(50_000))
    parts = units.sum(values)
    assert units.count == 50_000 and parts.shape == (8_192, 1) and parts.sum() == pytest.approx(values.sum())
    spread = units.draw(parts, draws=400).std() / 50_000
    assert spread == pytest.approx(1 / np.sqrt(50_000), rel=0.12)  # 400 draws know a spread to 3.5 %, three times that


def test_many_groups_are_put_together_too():
    groups = np.repeat(np.arange(10_000), 2)
    of_group = np.random.default_rng(0).normal(size=10_000)
    units = Units.of(np.ones(20_000), groups)
    spread = units.draw(units.sum(of_group[groups][:, None]), draws=400).std() / 20_000
    assert spread == pytest.approx(1 / np.sqrt(10_000), rel=0.12)


@pytest.mark.parametrize(("right", "rows"), [(0, 12), (29, 30), (180, 200), (30, 30)])
def test_a_share_has_wilsons_interval(right, rows):
    value = right / rows
    witness = stats.binomtest(right, rows).proportion_ci(method="wilson")
    assert share(value, value * (1 - value) / rows, rows) == pytest.approx((witness.low, witness.high))


def test_a_difference_of_shares_is_agresti_and_mins():
    rows, more, fewer = 100, 9, 2
    d = np.repeat([1.0, -1.0, 0.0], [more, fewer, rows - more - fewer])
    b, c, n = more + 0.5, fewer + 0.5, rows + 2
    half = 1.959964 * np.sqrt((b + c) - (b - c) ** 2 / n) / n
    expected = ((b - c) / n - half, (b - c) / n + half)
    assert share_difference(d.mean(), d.var() / rows, rows) == pytest.approx(expected, abs=1e-4)  # n for n + 2 once


def test_few_rows_of_difference_prove_nothing():
    lows = []
    for more in range(9):  # right on so many rows of 200 where the other is wrong, and never the other way
        d = np.repeat([1.0, 0.0], [more, 200 - more])
        lows.append(share_difference(d.mean(), d.var() / 200, 200)[0])
    assert [low > 0 for low in lows] == [False] * 5 + [True] * 4  # McNemar's exact test asks for six rows


def test_one_row_or_one_group_has_no_interval():
    assert np.isnan(share(1.0, 0.0, 1)).all()
    assert np.isnan(share_difference(0.0, 0.0, 1)).all()


def test_the_corrected_interval_is_nadeau_and_bengios():
    values, ratio = [0.81, 0.84, 0.79, 0.86, 0.80], 1 / 4
    half = stats.t.ppf(0.975, 4) * np.sqrt((1 / 5 + ratio) * np.var(values, ddof=1))
    assert corrected(values, ratio) == pytest.approx((0.82, 0.82 - half, 0.82 + half))
    plain = stats.t.interval(0.95, 4, loc=0.82, scale=stats.sem(values))
    assert corrected(values, ratio)[1] < plain[0]


def test_a_failed_fold_is_not_left_out():
    assert np.isnan(corrected([0.9, np.nan, 0.8], 0.5)).all()
    mean, low, high = corrected([0.9], 0.5)
    assert mean == 0.9 and np.isnan([low, high]).all()
    assert np.isnan(corrected([], 0.5)).all()


def test_percentiles_need_most_draws_to_be_defined():
    assert percentile(np.array([1.0, 2.0, 3.0, np.nan]), 0.999) == pytest.approx((1, 3), abs=0.01)
    assert np.isnan(percentile(np.array([1.0, np.nan, np.nan]))).all()


def test_a_score_is_printed_with_the_digits_its_interval_supports():
    assert str(Score(54321.9, 53120.0, 55570.0)) == "54,300 (53,100 to 55,600)"
    assert str(Score(0.97519, 0.9531, 0.9874)) == "0.975 (0.953 to 0.987)"
    assert str(Score(float("nan"))) == "—"
    assert str(Score(0.0)) == "0.000"


def test_a_share_of_draws_needs_its_units_only_where_nothing_varies():
    draws = np.random.default_rng(0).binomial(40, 0.8, 1000) / 40
    witness = stats.binomtest(32, 40).proportion_ci(method="wilson")
    found = share_of_draws(0.8, draws, 40, units=1)
    assert found == pytest.approx((witness.low, witness.high), abs=0.02)  # a thousand draws know a variance to 4.5 %
    assert np.isnan(share_of_draws(1.0, np.ones(1000), 40, units=1)).all()
    assert np.isnan(share_of_draws(0.8, np.where(np.arange(1000) < 600, np.nan, draws), 40, units=9)).all()


def test_without_a_spread_an_error_has_the_percentiles():
    draws = np.linspace(0.9, 1.1, 1001)
    assert studentized(1.0, 0.0, draws, np.ones(1001)) == percentile(draws)
    assert studentized(1.0, 0.1, draws, np.full(1001, np.nan)) == percentile(draws)
    low, high = studentized(0.1, 0.2, draws - 0.9, np.full(1001, 0.1))
    assert low == 0.0 and high > 0.1  # an error is not below 0
