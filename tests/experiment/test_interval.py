"""Intervals against SciPy, formulas by hand, and simulation."""

import numpy as np
import pytest
from scipy import stats

from photic.experiment.interval import (
    Score,
    Units,
    around,
    percentile,
    share,
    share_difference,
    share_of_draws,
    spread,
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


def test_folds_that_differ_by_their_rows_alone_are_as_sure_as_their_rows():
    rng = np.random.default_rng(0)
    runs = rng.normal(0.8, 0.04, (4_000, 5))  # folds of 100 rows each with a spread of 0.4, and networks that are alike
    found = [spread(list(values), [0.4**2 / 100] * 5, units=500) for values in runs]
    assert np.median([variance for variance, _ in found]) == pytest.approx(0.4**2 / 500, rel=0.6)
    held = [low <= 0.8 <= high for low, high in (around(v.mean(), *s) for v, s in zip(runs, found, strict=True))]
    assert 0.94 < np.mean(held) < 0.99


def test_what_networks_differ_by_is_not_divided_by_the_folds():
    values = [0.70, 0.90, 0.75, 0.95, 0.80]  # of folds whose rows are known to a thousandth
    variance, freedom = spread(values, [1e-6] * 5, units=500)
    assert variance == pytest.approx(np.var(values, ddof=1), rel=1e-3)
    assert freedom == pytest.approx(4, rel=1e-3)


def test_rows_that_are_scored_again_do_not_count_again():
    once, _ = spread([0.8] * 5, [0.002] * 5, units=500)
    thrice, freedom = spread([0.8] * 15, [0.002] * 15, units=500, repeats=3)
    assert thrice == pytest.approx(once) == 0.002 / 5
    assert freedom == pytest.approx(499)


def test_folds_of_one_row_are_as_sure_as_their_plain_mean():
    values = [1.0, 0.0, 1.0, 1.0]
    variance, freedom = spread(values, [np.nan] * 4, units=4)
    assert variance == pytest.approx(np.var(values, ddof=1) / 4) and freedom == pytest.approx(3)


def test_one_fold_alone_and_one_that_failed_have_no_spread():
    assert np.isnan(spread([0.9, np.nan, 0.8], [0.001] * 3, units=300)).all()
    assert np.isnan(spread([0.9], [0.001], units=100)).all()
    assert np.isnan(spread([], [], units=0)).all()


def test_an_interval_of_few_degrees_of_freedom_is_students():
    assert around(0.0, 4.0, 4) == pytest.approx(stats.t.interval(0.95, 4, scale=2))
    assert around(0.0, 4.0, np.inf) == pytest.approx(stats.norm.interval(0.95, scale=2))
    assert share(0.9, 0.001, 100, freedom=4)[0] < share(0.9, 0.001, 100)[0]
    assert share_difference(0.1, 0.001, 100, freedom=4)[0] < share_difference(0.1, 0.001, 100)[0]


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
