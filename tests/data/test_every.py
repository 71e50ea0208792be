"""Targets at every step or pixel: how they are laid out, and what is refused."""

import numpy as np
import polars as pl
import pytest

from photic.data.read import read
from photic.errors import DataError, PlanError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 8, 2)).astype(np.float32)
SERIES = [RNG.normal(size=(length, 1)).astype(np.float32) for length in (3, 5, 4, 6)]


def long(rows=6, steps=5):
    """A table with a row a step, not in order."""
    frame = pl.DataFrame(
        {
            "who": np.repeat([f"s{row}" for row in range(rows)], steps),
            "at": np.tile(np.arange(steps), rows),
            "value": RNG.normal(size=rows * steps),
            "label": np.where(RNG.random(rows * steps) > 0.5, "up", "down"),
        }
    )
    return frame.sample(fraction=1.0, shuffle=True, seed=1)


def test_an_array_of_labels_for_each_step():
    data = read(X, (X[..., 0] > 0).astype(int))
    assert data.task.every_step
    assert data.task.kind == "binary"
    assert data.y.shape == (6, 8)
    assert data.task.words == "two classes of 'target' at every step: 0, 1"


def test_a_list_of_arrays_ends_with_its_series():
    data = read(SERIES, [each[:, 0] for each in SERIES])
    assert data.task.kind == "regression"
    np.testing.assert_array_equal(np.isfinite(data.y).sum(axis=1), [3, 5, 4, 6])
    assert data.lengths.tolist() == [3, 5, 4, 6]


def test_steps_without_a_target_are_counted_and_series_without_any_left_out():
    y = (X[..., 0] > 0).astype(float)
    y[0, 2], y[3] = np.nan, np.nan
    data = read(X, y)
    assert data.n == 5
    assert data.y[0, 2] == -1
    assert "Steps without a target count for nothing: 9." in data.said
    assert "Series without any target are left out: 1." in data.said


def test_a_long_table_follows_the_order_of_its_steps():
    table = long()
    data = read(table, "label", sequence="who,at", every_step=True)
    first = table.filter(pl.col("who") == data.names[0]).sort("at")
    assert [data.task.classes[code] for code in data.y[0]] == first["label"].to_list()
    assert [column.name for column in data.columns] == ["value"]


def test_masks_go_with_their_pictures():
    pictures = RNG.integers(0, 255, (6, 8, 10, 1)).astype(np.uint8)
    masks = RNG.integers(-1, 3, (6, 8, 10))
    data = read(pictures, masks)
    assert data.task.kind == "multiclass"
    assert data.task.classes == ("0", "1", "2")
    np.testing.assert_array_equal(data.y, masks)


def test_a_matrix_as_wide_as_the_series_is_long_is_a_label_for_each_step_and_another_several_labels():
    labels = RNG.integers(0, 2, (6, 8))
    labels[:2] = [[0] * 8, [1] * 8]
    assert read(X, labels).task.every_step
    assert read(X, labels[:, :3]).task.kind == "multilabel"


@pytest.mark.parametrize(
    ("x", "y", "more", "words"),
    [
        (X, np.zeros((5, 8)), {}, "needs labels for each of 6 series, got targets of 5"),
        (SERIES, [each[:-1, 0] for each in SERIES], {}, "needs 3 labels, one for each step of series '1', got 2"),
        (
            RNG.integers(0, 255, (6, 8, 10, 1)).astype(np.uint8),
            np.zeros((6, 8, 8), int),
            {},
            "needs masks of shape [6, 8, 10], as the pictures, got shape [6, 8, 8]",
        ),
        (
            RNG.integers(0, 255, (6, 8, 10, 1)).astype(np.uint8),
            np.zeros((6, 8, 10), int),
            {"size": 4},
            "needs pictures without masks",
        ),
    ],
)
def test_what_does_not_fit_is_refused(x, y, more, words):
    with pytest.raises(DataError) as refused:
        read(x, y, **more)
    assert words in str(refused.value)


def test_a_target_that_varies_inside_a_series_names_the_option():
    with pytest.raises(DataError, match="give --every-step to predict it at every step"):
        read(long(), "label", sequence="who,at")


def test_a_horizon_with_every_step_is_refused():
    with pytest.raises(PlanError, match="needs a target that is not forecast, got a horizon"):
        read(long(), "value", sequence="who,at", horizon=2, every_step=True)


def test_a_wide_table_has_one_target_a_row():
    wide = pl.DataFrame(RNG.normal(size=(6, 5)), schema=["a", "b", "c", "d", "label"])
    with pytest.raises(PlanError, match="needs a table with a row for each step"):
        read(wide, "label", sequence="wide", every_step=True)
    with pytest.raises(DataError, match="every-step: needs series"):
        read(wide, "label", every_step=True)
