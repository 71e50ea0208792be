"""Folds scored together: each metric's mean, whose variance is of rows and of networks, and paired differences."""

import numpy as np
import pytest

from photic.experiment.folded import Folded
from photic.experiment.scored import Part, Scored


def parts(folds: int = 5, n: int = 80, right: float = 0.8, seed: int = 0) -> list[Part]:
    """Folds of two classes on which the network is right on a share of rows, a rival on all those and four more."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(folds):
        y = rng.integers(0, 2, n)
        hit = rng.random(n) < right
        more = hit | (np.cumsum(~hit) <= 4)
        p = {name: np.where(y == each, 0.9, 0.1)[:, None] for name, each in {"network": hit, "rival": more}.items()}
        found.append(Part(y, p))
    return found


def test_the_scores_of_folds_are_the_scores_of_their_rows():
    folds = parts()
    folded = Folded.of("binary", folds)
    for metric in ("accuracy", "auc", "log_loss", "f1"):
        assert folded.value["network"][metric] == pytest.approx(
            [part.measure("binary")["network"][metric] for part in folds]
        )
        assert folded.score("network", metric).value == pytest.approx(np.mean(folded.value["network"][metric]))


def test_folds_of_one_network_are_as_sure_as_their_rows_together():
    """One network, wrong on as many rows in every fold: over folds there is nothing but the rows to be unsure of."""
    y = np.tile([0, 1], 200)
    p = np.where(y == 1, 0.9, 0.1)
    p[::10] = 0.5 + 0.5 * (0.5 - p[::10])  # every tenth row on the wrong side
    whole = Scored.of("binary", Part(y, {"network": p[:, None]})).score("network", "accuracy")
    cut = [Part(y[i::4], {"network": p[i::4, None]}) for i in range(4)]
    even = [Part(y[i * 100 : i * 100 + 100], {"network": p[i * 100 : i * 100 + 100, None]}) for i in range(4)]
    folds = Folded.of("binary", even).score("network", "accuracy")
    assert (folds.value, folds.low, folds.high) == pytest.approx((whole.value, whole.low, whole.high), abs=2e-3)
    uneven = Folded.of("binary", cut).score("network", "accuracy")  # all that is wrong in two folds of four
    assert uneven.low < folds.low and uneven.high > folds.high


def test_the_variance_of_rows_is_that_of_drawing_them_again():
    part = parts(1, 400)[0]
    folded, scored = Folded.of("binary", [part, part]), Scored.of("binary", part)
    for metric in ("accuracy", "auc", "f1", "log_loss", "brier"):
        own = float((folded.pulls[0]["network"][metric] ** 2).sum())
        assert own == pytest.approx(float(scored.draws["network"][metric].var()), rel=0.15), metric


def test_networks_that_are_always_right_are_not_certain():
    folds = Folded.of("binary", parts(right=1.0)).score("network", "accuracy")
    assert folds.value == 1.0 == pytest.approx(folds.high)
    assert 0.98 < folds.low < 1.0
    few = Folded.of("binary", parts(n=20, right=1.0))
    assert few.score("network", "accuracy").low < folds.low
    assert few.score("network", "auc").low < few.score("network", "accuracy").low  # of the rarer class there are fewer


def test_a_difference_is_paired():
    folded = Folded.of("binary", parts(n=400))
    difference = folded.difference("rival", "network", "accuracy")
    assert difference.value == pytest.approx(4 / 400) and difference.low > 0
    alone = folded.score("network", "accuracy")
    assert difference.high - difference.low < (alone.high - alone.low) / 2
    back = folded.difference("network", "rival", "accuracy")
    assert (back.low, back.high) == pytest.approx((-difference.high, -difference.low))


def test_contenders_that_say_the_same_are_level_and_not_proven_so():
    folds = [Part(part.y, {"network": part.p["network"], "same": part.p["network"]}) for part in parts()]
    difference = Folded.of("binary", folds).difference("network", "same", "accuracy")
    assert difference.value == 0 and difference.low < 0 < difference.high


def test_groups_are_drawn_as_a_whole():
    plain = parts(n=200)
    grouped = [Part(part.y, part.p, groups=np.sort(np.arange(200) % 10)) for part in plain]
    assert Folded.of("binary", plain).units == 1000
    assert Folded.of("binary", grouped).units == 50


def test_rows_scored_again_do_not_make_it_surer():
    once = parts(1) * 5  # folds that score alike
    naive, again = (Folded.of("binary", [*once, *once], repeats=repeats) for repeats in (1, 2))
    assert (naive.units, again.units) == (800, 400)
    wide, narrow = (each.score("network", "log_loss") for each in (again, naive))
    assert wide.high - wide.low == pytest.approx(2**0.5 * (narrow.high - narrow.low), rel=0.01)


def test_a_failed_fold_is_not_left_out():
    good, bad = parts(2)
    lost = Part(bad.y, {name: np.full_like(p, np.nan) for name, p in bad.p.items()})
    folded = Folded.of("binary", [good, lost])
    found = folded.score("network", "accuracy")
    assert np.isnan([found.value, found.low, found.high]).all()
    assert np.isnan(folded.difference("network", "rival", "accuracy").value)


def test_one_fold_has_a_score_and_no_interval():
    found = Folded.of("binary", parts(1)).score("network", "accuracy")
    assert found.value > 0.5 and np.isnan([found.low, found.high]).all()


def test_intervals_end_where_the_metric_ends():
    rng = np.random.default_rng(0)
    folds = [
        Part(y, {"network": y[:, None] + rng.normal(0, s, (20, 1))}) for s in (0.01, 3.0) for y in [rng.normal(size=20)]
    ]
    folded = Folded.of("regression", folds)
    assert folded.score("network", "rmse").low == 0.0
    assert folded.score("network", "r2").high == 1.0


def test_folds_need_not_be_of_one_size():
    folds = [part for n in range(20, 40) for part in parts(1, n, seed=n)]
    folded = Folded.of("binary", folds)
    assert folded.units == sum(range(20, 40))
    assert folded.score("network", "accuracy").low < folded.score("network", "accuracy").value
    assert np.isfinite(folded.difference("rival", "network", "auc").low)
