"""Scored rows: intervals of accuracy against simulation and SciPy, paired differences, groups and weights."""

import numpy as np
import pytest
from scipy import stats

from photic.experiment.scored import Part, Scored


def binary(right: np.ndarray, other: np.ndarray | None = None, **more) -> Part:
    y = np.arange(len(right)) % 2
    said = lambda hit: np.where(y ^ ~hit, 0.9, 0.1)[:, None]
    return Part(y, {"network": said(right)} | ({} if other is None else {"logistic": said(other)}), **more)


def test_accuracy_has_wilsons_interval_exactly():
    right = np.arange(60) % 10 > 0
    score = Scored.of("binary", binary(right)).score("network", "accuracy")
    witness = stats.binomtest(54, 60).proportion_ci(method="wilson")
    assert (score.value, score.low, score.high) == pytest.approx((0.9, witness.low, witness.high))


def test_accuracy_in_groups_and_with_weights_has_the_variance_of_its_draws():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 15)
    right = rng.random(600) < np.repeat(rng.uniform(0.5, 1, 40), 15)
    for more in ({"groups": groups}, {"weight": rng.exponential(size=600)}):
        scored = Scored.of("binary", binary(right, **more))
        draws = scored.draws["network"]["accuracy"]
        # a thousand draws know a variance to 4.5 %, and it is linearised
        assert (scored.strays["network"] ** 2).sum() == pytest.approx(draws.var(), rel=0.15)


def test_rows_in_groups_are_known_less_well():
    groups = np.repeat(np.arange(20), 30)
    right = (np.random.default_rng(0).random(20) < 0.8)[groups]
    alone, together = (
        Scored.of("binary", binary(right, groups=labels)).score("network", "accuracy") for labels in (None, groups)
    )
    assert together.high - together.low > 3 * (alone.high - alone.low)


def test_a_difference_is_paired():
    right = np.random.default_rng(0).random(400) < 0.7
    other = right.copy()
    other[np.flatnonzero(right)[:12]] = False  # the same rows but for twelve
    scored = Scored.of("binary", binary(right, other))
    difference = scored.difference("network", "logistic", "accuracy")
    single = [scored.score(name, "accuracy") for name in ("network", "logistic")]
    assert difference.value == pytest.approx(0.03) and difference.low > 0
    assert single[0].low < single[1].high  # the single intervals overlap widely
    assert scored.difference("network", "logistic", "log_loss").high < 0


def test_equal_predictions_have_equal_intervals():
    right = np.random.default_rng(1).random(100) < 0.8
    scored = Scored.of("binary", binary(right, right.copy()))
    for metric in ("accuracy", "auc", "brier"):
        assert scored.score("network", metric) == scored.score("logistic", metric)
    assert scored.difference("network", "logistic", "brier").low == 0


def test_one_group_has_no_interval():
    scored = Scored.of("binary", binary(np.ones(9, bool), groups=np.zeros(9)))
    score = scored.score("network", "accuracy")
    assert score.value == 1 and np.isnan([score.low, score.high]).all()
    assert np.isnan(scored.score("network", "brier").low)


def test_an_rmse_interval_covers_the_truth_about_as_often_as_it_says():
    covered = 0
    for seed in range(120):
        y = np.random.default_rng(seed).normal(size=80)
        score = Scored.of("regression", Part(y, {"network": np.zeros((80, 1))}), seed=seed).score("network", "rmse")
        covered += score.low <= 1 <= score.high
    assert covered >= 104  # 95 % of 120 is 114; below 104 the percentiles would be wrong, not unlucky


def by_hand(units, e2):
    """The bootstrap-t interval of the mean of `e2`, from how often each row was drawn."""
    counts = units.draw(np.eye(len(e2)))
    n, mean = len(e2), e2.mean()
    drawn = counts @ e2 / n
    spread = np.sqrt((counts @ e2**2 / n - drawn**2) / n)
    low, high = np.quantile((drawn - mean) / spread, [0.025, 0.975])
    return mean - high * e2.std() / np.sqrt(n), mean - low * e2.std() / np.sqrt(n)


def test_a_mean_squared_error_has_the_bootstrap_t_interval():
    rng = np.random.default_rng(0)
    y, p = rng.normal(size=40), rng.standard_t(3, size=40)
    scored = Scored.of("regression", Part(y, {"network": p[:, None]}))
    score, root = scored.score("network", "mse"), scored.score("network", "rmse")
    assert (score.low, score.high) == pytest.approx(by_hand(scored.units, (y - p) ** 2), rel=1e-3)  # a step of 1e-4
    assert (root.low**2, root.high**2) == pytest.approx((score.low, score.high))


def test_an_rmse_of_few_large_errors_covers_the_truth_more_often_than_percentiles():
    truth, held, plain = np.exp(1.0), 0, 0  # the root of the mean of squares of exp(z) is e
    for seed in range(150):
        errors = np.exp(np.random.default_rng(seed).normal(size=40))
        scored = Scored.of("regression", Part(errors, {"network": np.zeros((40, 1))}), seed=seed)
        score, draws = scored.score("network", "rmse"), scored.draws["network"]["rmse"]
        held += score.low <= truth <= score.high
        plain += np.quantile(draws, 0.025) <= truth <= np.quantile(draws, 0.975)
    assert held >= plain + 15  # 125 against 98 when this was written


def test_a_perfect_auc_of_few_rows_is_not_certain():
    y, p = np.array([0] * 24 + [1] * 6), np.linspace(0, 1, 30)[:, None]
    score = Scored.of("binary", Part(y, {"network": p})).score("network", "auc")
    witness = stats.binomtest(6, 6).proportion_ci(method="wilson")
    assert (score.value, score.low, score.high) == pytest.approx((1.0, witness.low, 1.0))


def test_an_auc_of_twenty_rows_covers_the_truth():
    held, truth = 0, stats.norm.cdf(1.5 / np.sqrt(2))
    for seed in range(150):
        rng, y = np.random.default_rng(seed), np.arange(20) % 2
        p = stats.norm.cdf(rng.normal(size=20) + 1.5 * y)[:, None]
        score = Scored.of("binary", Part(y, {"network": p}), seed=seed).score("network", "auc")
        held += score.low <= truth <= score.high
    assert held >= 135  # 95 % of 150 is 142; percentiles held it in 123


def test_equal_shares_of_classes_have_wilsons_interval():
    right = np.arange(40) % 10 > 0  # in both classes 18 of 20
    y = np.repeat([0, 1], 20)
    p = np.where(y ^ ~right, 0.9, 0.1)[:, None]
    score = Scored.of("binary", Part(y, {"network": p})).score("network", "balanced_accuracy")
    witness = stats.binomtest(36, 40).proportion_ci(method="wilson")
    assert (score.low, score.high) == pytest.approx((witness.low, witness.high), abs=0.015)  # a variance of draws
