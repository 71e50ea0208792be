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
