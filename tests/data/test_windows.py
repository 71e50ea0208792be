"""Forecasts: windows of a series, split in time so that nothing that is forecast was trained on."""

import numpy as np
import polars as pl
import pytest

from photic.data.form import Form
from photic.data.read import read, read_for
from photic.data.split import split
from photic.data.steps import Steps
from photic.data.windows import windows
from photic.errors import DataError, PlanError

TABLE = pl.DataFrame({"day": range(100), "sold": np.arange(100.0) ** 1.5, "rain": np.arange(100.0) % 7})


def test_windows_are_followed_by_their_targets():
    data = read(TABLE, "sold", sequence=",day", horizon=3, window=5)
    assert (data.n, data.numbers.shape, data.y.shape) == (93, (93, 5, 2), (93, 3))
    np.testing.assert_allclose(data.numbers[10, :, 0], np.arange(10.0, 15) ** 1.5, rtol=1e-6)
    np.testing.assert_allclose(data.y[10], np.arange(15.0, 18) ** 1.5)
    assert (data.time[10], data.until[10]) == (14.0, 17.0)
    assert (data.task.horizon, data.task.kind, data.task.outputs) == (3, "regression", 3)
    assert data.said == ("93 windows of 5 steps, the next 3 to be forecast from each.",)


def test_no_training_target_reaches_into_a_later_part():
    data = read(TABLE, "sold", sequence=",day", horizon=4, window=6)
    parts = split(data, folds=2)
    assert parts.method == "ordered"
    for fold in (*parts.folds, parts.final):
        assert data.until[fold.fit].max() <= data.time[fold.stop].min()
        assert data.until[fold.train].max() <= data.time[fold.score].min()


def test_of_several_series_none_is_cut_across():
    steps = Steps.of(
        [np.arange(8.0)[:, None], np.arange(100.0, 103)[:, None], np.arange(50.0, 56)[:, None]], list("abc")
    )
    cut = windows(steps, 0, Form("long", window=3, horizon=2), "a test")
    assert cut.which.tolist() == [0, 0, 0, 0, 2, 2]
    assert np.all(np.diff(np.concatenate([cut.numbers[..., 0], cut.y], axis=1), axis=1) == 1)
    assert "Series shorter than 5 steps are left out: 1." in cut.said


def test_targets_that_are_not_known_are_left_out():
    values = np.arange(12.0)
    values[7] = np.nan
    cut = windows(Steps.of([values[:, None]], ["a"]), 0, Form("long", window=3, horizon=2), "a test")
    assert np.isfinite(cut.y).all()
    assert "Windows whose next values are not all known are left out: 2." in cut.said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"horizon": 60, "window": 50},
            r"horizon 60: needs a series of more than 110 steps: 50 to look at and 60 to forecast, got 100",
        ),
        ({"horizon": 200}, r"horizon 200: .* got 100 in the longest\n.*; give a smaller horizon or window"),
        ({"horizon": 2, "window": 3, "target": "day"}, "target 'day': needs numbers to forecast, got none"),
        ({"horizon": 2, "weights": "rain"}, "weights: cannot be given with a horizon"),
    ],
)
def test_a_forecast_that_cannot_be_is_refused(options, words):
    with pytest.raises(DataError, match=words):
        read(TABLE, **{"target": "sold", "sequence": ",day"} | options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"horizon": 0}, "horizon: needs a whole number of at least 1, got 0"),
        ({"window": 5}, "window: needs a horizon, got none"),
        ({"horizon": 2, "sequence": "wide"}, "horizon: needs a table with a row for each step, got a row a series"),
    ],
)
def test_numbers_of_steps_that_cannot_be_are_refused(options, words):
    with pytest.raises(PlanError, match=words):
        read(TABLE, **{"target": "sold", "sequence": ",day"} | options)


def test_a_target_that_never_changes_is_refused():
    with pytest.raises(DataError, match="target 'sold': needs different values, got one value only"):
        read(TABLE.with_columns(sold=pl.lit(3.0)), "sold", sequence=",day", horizon=2)


def test_times_in_any_order_and_twice():
    backwards = read(TABLE.reverse(), "sold", sequence=",day", horizon=3, window=5)
    np.testing.assert_array_equal(backwards.numbers, read(TABLE, "sold", sequence=",day", horizon=3, window=5).numbers)
    assert "Rows were not in the order of 'day'; they are put in order." in backwards.said
    with pytest.raises(DataError, match="needs a different 'day' at every step, got 99 twice"):
        read(pl.concat([TABLE, TABLE[-1:]]), "sold", sequence=",day", horizon=3)


def test_too_few_steps_for_the_parts_are_refused():
    data = read(TABLE[:30], "sold", sequence=",day", horizon=8, window=4)
    with pytest.raises(DataError, match=r"times: need to reach further for 5 ordered folds .*\n.*; use fewer folds"):
        split(data, folds=5)


def test_new_series_are_forecast_from_their_last_steps():
    fitted = read(TABLE, "sold", sequence=",day", horizon=3, window=5)
    new = read_for(TABLE[:40], fitted.columns, fitted.form)
    np.testing.assert_allclose(new.numbers[0, :, 0], np.arange(35.0, 40) ** 1.5, rtol=1e-6)
    short = read_for(TABLE[:2], fitted.columns, fitted.form)
    assert short.numbers.shape == (1, 2, 2)
