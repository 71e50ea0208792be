"""What the charts are drawn from, against scikit-learn and NumPy; scales against what they promise."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from photic.experiment.contender import Contender
from photic.experiment.interval import Score
from photic.maths.metrics import METRICS
from photic.report import bars, calibration, confusion, curves, ranking, scatter
from photic.report.scale import Scale, labels, tick_words
from photic.report.tag import html, tag


def test_the_confusion_matrix_is_scikit_learns():
    rng = np.random.default_rng(0)
    true, said = rng.integers(0, 5, 300), rng.integers(0, 5, 300)
    assert (confusion.counts(true, said, 5) == confusion_matrix(true, said)).all()


def test_mistakes_are_ordered_and_never_on_the_diagonal():
    found = confusion.mistakes(np.array([[90, 0, 3], [7, 20, 0], [0, 0, 0]]))
    assert found == [(1, 0, 7, 7 / 27), (0, 2, 3, 3 / 93)]


def test_the_bins_of_calibration_give_the_calibration_error():
    rng = np.random.default_rng(0)
    p = rng.random(500)
    came = (rng.random(500) < p**2).astype(float)
    points = calibration.bins(p, came)
    error = sum(rows * abs(said - true) for said, true, rows in points) / 500
    defined = METRICS["calibration_error"].function(
        p[:, None].astype(np.float32), came[:, None].astype(np.float32), np.ones(500)
    )
    assert error == pytest.approx(float(defined), abs=1e-4)  # that is computed in float32
    assert sum(rows for *_, rows in points) == 500


def test_a_scatter_draws_at_most_two_thousand_points():
    true = np.random.default_rng(0).normal(size=50_000)
    text = html(scatter.against_truth("t", true, true, "price"))
    assert text.count("h0") == scatter.MOST
    assert html(scatter.against_truth("t", true[:50], true[:50], "price")).count("h0") == 50


@pytest.mark.parametrize("value", [0.0, 5.0, -3.0, 1e9])
def test_a_target_or_a_prediction_that_never_changes_can_be_drawn(value):
    same = np.full(20, value)
    for chart in (scatter.against_truth("t", same, same, "y"), scatter.errors("e", same, same, "y")):
        assert "nan" not in html(chart) and "inf" not in html(chart).replace("info", "")


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 7), (1e-9, 2e-9), (0.99, 0.991), (0, 1e12), (-5e6, -4e6)])
def test_ticks_are_round_inside_and_few(low, high):
    scale = Scale(float(low), float(high), 0.0, 100.0)
    ticks = scale.ticks()
    assert 2 <= len(ticks) <= 11
    assert all(-0.01 <= scale(tick) <= 100.01 for tick in ticks)
    assert len(set(labels(ticks))) == len(ticks)


def test_a_logarithmic_scale_has_equal_steps_for_equal_ratios():
    scale = Scale(0.01, 100.0, 0.0, 100.0, log=True)
    assert [scale(value) for value in (0.01, 1.0, 100.0)] == pytest.approx([0, 50, 100])
    assert scale.ticks() == pytest.approx([0.01, 0.1, 1, 10, 100])
    assert len(Scale(1.0, 4.0, 0.0, 100.0, log=True).ticks()) >= 3


def test_a_scale_of_one_value_or_of_none_is_still_a_scale():
    for values in ([3.0], [], [np.nan], [0.0, 0.0]):
        scale = Scale.of(values, 0.0, 10.0)
        assert scale.low < scale.high
    assert tick_words(-2500.0) == "−2,500"


def contenders(*values: float) -> list[Contender]:
    names = ("network", "mean", "ridge", "boosted trees")
    scores = [{"rmse": Score(value, value - 0.1, value + 0.1)} for value in values]
    return [Contender(name, "", score, {}, {}) for name, score in zip(names, scores, strict=False)]


def test_a_contender_far_from_all_others_is_an_arrow():
    text = html(ranking.ranking("r", "rmse", contenders(1.0, 99.0, 1.2, 1.1), folds=False))
    assert "99.00 (98.90 to 99.10) ▸" in text and text.count("<circle") == 3
    text = html(ranking.ranking("r", "rmse", contenders(1.0, 1.3, 1.2, 1.1), folds=False))
    assert "▸" not in text and text.count("<circle") == 4


def test_the_network_is_never_the_arrow_and_nan_is_said():
    text = html(ranking.ranking("r", "rmse", contenders(99.0, 1.3, 1.2, 1.1), folds=False))
    assert text.count("<circle") == 4
    assert "not defined" in html(ranking.ranking("r", "rmse", contenders(np.nan, 1.3), folds=False))
    assert "not defined" in html(ranking.ranking("r", "rmse", contenders(np.nan), folds=False))


def test_curves_skip_what_is_no_number_and_thin_what_is_long():
    lines = [{"epoch": i + 1, "stop_loss": None if i % 3 else 1 / (i + 1)} for i in range(3000)]
    points = curves.series(lines, "stop_loss")
    assert len(points) <= 301 and points[0] == (1, 1.0) and points[-1][0] == 2998
    assert curves.series([{"epoch": 1, "stop_loss": float("nan")}], "stop_loss") == []
    assert curves.best_epoch([{"epoch": 1, "best": True}, {"epoch": 2, "best": True}, {"epoch": 3}])["epoch"] == 2


def test_one_epoch_and_a_lane_that_diverged_can_be_drawn():
    lanes = {
        "fold 1": [{"epoch": 1, "loss": None, "stop_loss": None, "best": False}],
        "final": [{"epoch": 1, "loss": 0.5, "stop_loss": 0.4, "best": True}],
    }
    text = html(curves.loss_curves("l", lanes, "final"))
    assert "kept: epoch 1" in text and "nan" not in text
    html(curves.loss_curves("l", {"final": lanes["fold 1"]}, "final"))


def test_the_split_bar_is_as_long_as_all_rows():
    text = html(bars.split_bar("s", {"fit": 600, "stop": 100, "test": 300}))
    assert "600 fit rows, 100 stop rows, 300 test rows" in text and text.count("<rect") == 3


def test_tags_escape_text_and_attributes():
    text = html(tag("p", "<&", tag("b", "x"), "tail <", title='"<'))
    assert text == '<p title="&quot;<">&lt;&amp;<b>x</b>tail &lt;</p>'
