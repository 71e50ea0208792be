"""Fitting where every place has a target: series and pictures, scores by rows, predictions place by place."""

import numpy as np
import polars as pl
import pytest

import photic as ph
from photic.errors import PlanError

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """Whether the running sum is above 0, in series of unequal lengths."""
    x = [RNG.normal(size=(length, 1)).astype(np.float32) for length in RNG.integers(8, 20, 150)]
    y = [(each[:, 0].cumsum() > 0).astype(int) for each in x]
    folder = tmp_path_factory.mktemp("places") / "series"
    return x, ph.fit(x, y, epochs=25, folds=0, seed=1, out=folder)


def test_it_learns_what_needs_the_whole_series(series):
    _, run = series
    assert run.task.every_step
    assert run.scores.network.test["accuracy"].value > 0.9
    assert run.scores.network.test["accuracy"].value > run.scores.contenders[2].test["accuracy"].value
    assert "places of 30 test rows" in run.scores.verdict


def test_predictions_end_with_their_series(series):
    x, run = series
    found = run.predict(x[:4])
    assert found.classes.shape[:1] == (4,)
    assert [sum(label is not None for label in row) for row in found.classes] == [len(each) for each in x[:4]]
    frame = found.to_frame()
    assert frame.columns == ["series", "step", "target", "p(0)", "p(1)"]
    assert len(frame) == sum(map(len, x[:4]))


def test_a_longer_padding_changes_no_answer(series):
    x, run = series
    alone = run.predict([x[0]]).probabilities[0]
    beside = run.predict([x[0], np.zeros((40, 1), np.float32)]).probabilities[0, : len(x[0])]
    np.testing.assert_allclose(alone, beside, atol=1e-5)  # other sizes of products


def test_the_page_shows_true_and_said_and_a_trace_follows_one_row(series):
    x, run = series
    page = run.report().path.read_text()
    assert "place by place" in page
    assert "fill fill-1" in page
    y = [(each[:, 0].cumsum() > 0).astype(int) for each in x]
    seen = run.trace(2, (x, y))
    assert seen.z.shape == (1, len(x[2]), 1)
    assert seen.value == pytest.approx(float(seen.rows.mean()))


def test_a_long_table_is_answered_by_name_and_time(tmp_path):
    steps, rows = 6, 24
    value = RNG.normal(size=rows * steps)
    table = pl.DataFrame(
        {
            "who": np.repeat([f"s{row}" for row in range(rows)], steps),
            "day": [f"2024-01-{step + 1:02d}" for step in range(steps)] * rows,
            "value": value,
            "double": 2 * value,
        }
    )
    run = ph.fit(table, "double", sequence="who,day", every_step=True, model="linear", epochs=5, out=tmp_path / "run")
    frame = run.predict(table.drop("double").head(12)).to_frame()
    assert frame.columns == ["who", "day", "double"]
    assert frame.row(1)[:2] == ("s0", "2024-01-02")
    again = ph.load(tmp_path / "run")
    assert again.task.every_step


def test_masks_of_pictures(tmp_path):
    pictures = RNG.integers(0, 90, (60, 8, 8, 1)).astype(np.uint8)
    masks = np.zeros((60, 8, 8), int)
    for picture, mask in zip(pictures, masks, strict=True):
        row, column = RNG.integers(0, 5, 2)
        picture[row : row + 3, column : column + 3] += 120
        mask[row : row + 3, column : column + 3] = 1
    run = ph.fit(pictures, masks, epochs=8, folds=0, out=tmp_path / "run")
    assert run.scores.network.test["iou"].value > 0.8
    found = run.predict(pictures[:2])
    assert found.classes.shape == (2, 8, 8)
    assert found.to_frame().columns == ["share(0)", "share(1)"]
    assert "the mask that the network gives" in run.report().path.read_text()


def test_models_that_answer_once_are_refused():
    x = RNG.normal(size=(12, 5, 1)).astype(np.float32)
    with pytest.raises(PlanError, match=r"needs an answer at every place, outputs of shape \(5, 1\), got \(1,\)"):
        ph.fit(x, x[..., 0], model=ph.Model(ph.LSTM(4), ph.Dense(1)), folds=0)
    with pytest.raises(PlanError, match=r"needs one answer a row, outputs of shape \(1,\), got \(5, 1\)"):
        ph.fit(x, x[:, 0, 0], model=ph.Model(ph.LSTM(4, returns="all"), ph.Dense(1)), folds=0)


def test_class_weights_are_of_rows():
    x = RNG.normal(size=(12, 5, 1)).astype(np.float32)
    with pytest.raises(PlanError, match="class-weight: needs one class for each row, got a target at every place"):
        ph.fit(x, (x[..., 0] > 0).astype(int), class_weight="balanced")
