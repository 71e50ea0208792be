"""Series on the whole way: from arrays or a table to a saved run, its predictions, and its witness in NumPy."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

import photic
from photic import cli
from photic.data.read import read
from photic.data.steps import Steps
from photic.experiment import lanes, validate
from photic.experiment.choose import Wishes, choose
from photic.experiment.plan import Source
from photic.export import plain
from photic.layers import BatchNorm, Conv, Dense, GlobalAveragePool, MaxPool, ReLU

pytestmark = pytest.mark.slow
MODEL = photic.Model(
    Conv(8, 3, bias=False), BatchNorm(), ReLU(), MaxPool(2, padding="same"), GlobalAveragePool(), Dense(1)
)


def waves(n=60, seed=0):
    """Series of two channels and unequal lengths that swing slowly or fast."""
    draw = np.random.default_rng(seed)
    fast = np.arange(n) % 2
    sequences = []
    for quick in fast:
        at = np.arange(draw.integers(8, 20))
        first = np.sin(at * (1.8 if quick else 0.5) + draw.uniform(0, 6)) + draw.normal(0, 0.1, len(at))
        sequences.append(np.stack([first, draw.normal(5, 2, len(at))], axis=1))
    return sequences, np.where(fast, "fast", "slow")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("series") / "run"
    return photic.fit(*waves(), model=MODEL, epochs=40, batch_size=8, folds=2, learning_rate=0.02, out=out)


def test_it_learns_and_stands_beside_simple_models(run):
    assert run.scores.network.test["accuracy"].value >= 0.8
    assert "on eight numbers about each channel" in run.scores.contenders[2].words
    assert "60 series of 8 to 19 steps and 2 channels." in run.audit.said


def test_numpy_alone_predicts_the_same_from_unpadded_series(run):
    sequences, _ = waves(20, seed=1)
    loaded = photic.load(run.folder)
    p = loaded.predict(sequences).p
    np.testing.assert_allclose(plain.predict(run.folder, sequences), p, atol=1e-4)  # float64 beside float32
    longer = [np.concatenate([each, each, each]) for each in sequences]
    np.testing.assert_allclose(plain.predict(run.folder, longer), loaded.predict(longer).p, atol=1e-4)


def test_more_padding_changes_nothing():
    sequences, y = waves()
    data = read(sequences, y)
    wide = dataclasses.replace(data, numbers=np.pad(data.numbers, ((0, 0), (0, 11), (0, 0)), constant_values=np.nan))
    plan = choose(data, Source(None, None), Wishes(model=MODEL, epochs=3, batch_size=8, folds=2))
    found = []
    for each in (data, wide):
        parts = validate.cut(plan, each)
        result = lanes.train(*validate.lay_out(plan, validate.prepare(plan, each, (*parts.folds, parts.final))))
        found.append(result)
    for narrow, padded in zip(*(each.lanes for each in found), strict=True):
        np.testing.assert_allclose(narrow.z, padded.z, atol=2e-4)  # sums over more zeros are added in another order
    for key in ("loss", "stop_loss", "stop_score"):
        narrow, padded = ([line[key] for line in each.history] for each in found)
        np.testing.assert_allclose(narrow, padded, atol=1e-4)


def test_a_model_that_would_count_padding_is_refused_before_it_trains():
    model = photic.Model(photic.Flatten(), Dense(1))
    with pytest.raises(photic.PhoticError, match="Flatten"):
        photic.cross_validate(model, *waves(), folds=2, epochs=1, baselines=False)


def test_the_command_line_fits_validates_and_predicts(tmp_path, capsys):
    sequences, y = waves(40)
    steps = Steps.of(sequences, [f"s{place}" for place in range(40)])
    table = pl.DataFrame({
        "who": steps.names[steps.which], "day": steps.time, "a": steps.values[:, 0], "b": steps.values[:, 1],
        "kind": y[steps.which],
    })  # fmt: skip
    table.write_parquet(tmp_path / "series.parquet")
    quick = ["--sequence", "who,day", "--target", "kind", "--epochs", "2", "--no-baselines"]
    out = tmp_path / "run"
    assert cli.main(["fit", str(tmp_path / "series.parquet"), *quick, "--folds", "0", "-o", str(out)]) == 0
    assert "40 series of 8 to 19 steps and 2 channels." in capsys.readouterr().out
    table.drop("kind").filter(pl.col("who") != "s0").write_csv(tmp_path / "new.csv")
    assert cli.main(["predict", str(out), str(tmp_path / "new.csv"), "-o", str(tmp_path / "p.csv")]) == 0
    predicted = pl.read_csv(tmp_path / "p.csv")
    assert predicted.columns == ["series", "kind", "p(fast)", "p(slow)"]
    assert predicted["series"][0] == "s1"
    page = (out / "report.html").read_text()
    assert 'class="series"' in page
    assert "Some test series, drawn at random" in page
    assert cli.main(["validate", str(tmp_path / "series.parquet"), *quick, "--model", "linear", "--folds", "2"]) == 0


def test_the_plan_reads_the_table_again(tmp_path):
    sequences, y = waves(40)
    steps = Steps.of(sequences, [str(place) for place in range(40)])
    pl.DataFrame({"who": steps.names[steps.which], "a": steps.values[:, 0], "kind": y[steps.which]}).write_csv(
        tmp_path / "a.csv"
    )
    choices = {"model": "linear", "epochs": 2, "folds": 0, "baselines": False}
    run = photic.fit(tmp_path / "a.csv", "kind", sequence="who", out=tmp_path / "run", **choices)
    again = photic.replay(run.folder, out=tmp_path / "again")
    assert again.scores.network.test == run.scores.network.test


def test_a_forecast_stands_beside_repeating_the_last_value(tmp_path):
    at = np.arange(160.0)
    table = pl.DataFrame({"at": at, "heat": 20 + 5 * np.sin(at / 3), "wind": np.cos(at / 5)})
    out = tmp_path / "run"
    run = photic.fit(table, "heat", sequence=",at", horizon=3, window=12, epochs=40, batch_size=16, folds=0, out=out)
    network = run.scores.network.test["rmse"].value
    others = {each.name: each.test["rmse"].value for each in run.scores.contenders}
    assert list(others) == ["network", "last value", "mean", "ridge", "boosted trees"]
    assert network < others["last value"] / 2
    frame = run.predict(table).to_frame()
    assert frame.columns == ["series", "heat +1", "heat +2", "heat +3"]
    np.testing.assert_allclose(frame.row(0)[1:], 20 + 5 * np.sin(np.arange(160.0, 163) / 3), atol=1.5)
    witness = plain.predict(run.folder, table.select("heat", "wind").to_numpy()[None, -12:])
    np.testing.assert_allclose(witness, run.predict(table).p, atol=1e-3)


def test_a_row_is_traced_without_its_padding_and_neurons_want_equal_lengths(run):
    sequences, y = waves()
    trace = run.trace(5, (sequences, y))
    assert trace.x.shape == (1, len(sequences[5]), 2)
    with pytest.raises(photic.PhoticError, match="neuron: needs series of equal lengths to look at, got 8 to 19 steps"):
        run.neuron(0, 0, (sequences, y))
    assert len(run.neuron(0, 0, (np.stack([each[:8] for each in sequences]), y)).values) == 60


def test_a_series_is_followed_through_the_network(run):
    sequences, _ = waves()
    seen = run.follow(sequences, 5)
    assert {name for name, _ in seen.answers} == {"slow", "fast"} and seen.values.shape == (len(sequences[5]), 2)
    other = run.follow(sequences, 5, answer="slow" if seen.about == "fast" else "fast")
    np.testing.assert_allclose(other.walk.falls, -seen.walk.falls)  # one output speaks for both classes
    assert "Covering a stretch around step" in str(seen) and not seen.reaches
    with pytest.raises(photic.PhoticError, match="arrays: needs a series from 0 to 59, got 60"):
        run.follow(sequences, 60)


def test_the_command_writes_the_page_of_a_series_beside_another_run(tmp_path, capsys):
    sequences, y = waves(30)
    rows = [(i, t, *step, y[i]) for i, each in enumerate(sequences) for t, step in enumerate(each)]
    path = tmp_path / "waves.csv"
    pl.DataFrame(rows, schema=["id", "t", "a", "b", "speed"], orient="row").write_csv(path)
    runs = [str(tmp_path / cell) for cell in ("lstm", "simple_rnn")]
    for place in runs:
        photic.fit(path, "speed", sequence="id,t", model=place.rpartition("/")[2], epochs=2, folds=0, out=place)
    assert cli.main(["show", runs[0], "--series", "3", "--beside", runs[1]]) == 0
    out = capsys.readouterr().out
    assert "lstm: " in out and "simple_rnn: " in out
    page = (tmp_path / "lstm" / "series.html").read_text()
    assert "forget gate" in page and "The gradient against distance" in page
    assert cli.main(["show", runs[0], "--out", "x.html"]) == 2
    assert "--out: needs --picture or --series, got neither" in capsys.readouterr().err
    assert cli.main(["show", runs[0], "--picture", "1"]) == 2
    assert "needs a run on pictures" in capsys.readouterr().err
