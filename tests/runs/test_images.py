"""Pictures on the whole way: from a folder to a saved run, its predictions, its witness in NumPy, and its page."""

from __future__ import annotations

import json
import shutil

import numpy as np
import polars as pl
import pytest
from PIL import Image

import photic
from photic import cli
from photic.data.read import read
from photic.experiment import validate
from photic.experiment.choose import Wishes, choose
from photic.experiment.plan import Source
from photic.export import plain
from photic.layers import Conv, Dense, Flatten, MaxPool, ReLU, Rescale

pytestmark = pytest.mark.slow
MODEL = photic.Model(Rescale(), Conv(4, 3), ReLU(), MaxPool(2), Flatten(), Dense(1))


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Forty pictures of a bar that lies or stands, of unequal sizes, and one file that is none."""
    root, draw = tmp_path_factory.mktemp("bars") / "bars", np.random.default_rng(0)
    for code, name in enumerate(("lying", "standing")):
        (root / name).mkdir(parents=True)
        for i in range(20):
            size = int(draw.integers(10, 16))
            pixels = draw.integers(0, 60, (size, size), dtype=np.uint8)
            pixels[(slice(None), size // 2) if code else (size // 2,)] = 250
            Image.fromarray(pixels).save(root / name / f"{i:02}.png")
    (root / "lying" / "broken.png").write_text("not a picture")
    return root


@pytest.fixture(scope="module")
def run(photos, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        out = tmp_path_factory.mktemp("r") / "run"
        return photic.fit(photos, model=MODEL, epochs=25, batch_size=8, folds=2, learning_rate=0.02, out=out)


def test_it_learns_and_stands_beside_simple_models(run):
    assert run.scores.network.test["accuracy"].value >= 0.75
    assert [each.name for each in run.scores.contenders] == ["network", "majority", "logistic", "boosted trees"]
    assert "on its pixels" in run.scores.contenders[2].words
    assert len(run.scores.network.folds["accuracy"]) == 2
    assert any("Left out, 1 of 41 files: lying/broken.png holds no picture" in said for said in run.audit.said)


def test_a_loaded_run_predicts_a_folder_with_paths(run, photos, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    loaded = photic.load(run.folder)
    predictions = loaded.predict(photos)
    frame = predictions.to_frame()
    assert frame.columns == ["path", "class", "p(lying)", "p(standing)"]
    assert frame["path"][0] == "lying/00.png"
    assert len(frame) == 40
    assert "holds no picture" in predictions.said[0]
    one = loaded.predict(photos / "standing" / "03.png").to_frame()
    np.testing.assert_allclose(one["p(standing)"][0], frame["p(standing)"][23], atol=1e-6)


def test_numpy_alone_predicts_the_same(run, photos, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    pixels = np.array(read(photos).numbers)
    by_hand = plain.predict(run.folder, pixels)
    np.testing.assert_allclose(by_hand, run.predict(pixels).p, atol=1e-5)  # float64 beside float32


def test_the_plan_does_it_again_and_other_pictures_are_not_it(run, photos, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    again = photic.replay(run.folder / "plan.json", out=tmp_path / "again")
    assert again.scores.network.test["accuracy"] == run.scores.network.test["accuracy"]
    other = tmp_path / "other"
    shutil.copytree(photos, other)
    Image.new("L", (12, 12), 99).save(other / "lying" / "00.png")
    with pytest.raises(photic.PhoticError, match="needs the rows the plan was made for"):
        photic.replay(run.folder / "plan.json", str(other), out=tmp_path / "never")


def test_the_page_shows_pictures_with_what_was_said(run):
    page = run.report().path.read_text()
    examples = [json.loads(line) for line in (run.folder / "examples.jsonl").read_text().splitlines()]
    assert len([each for each in examples if "random" in each["kinds"]]) == 8
    assert page.count("data:image/png;base64,") >= 8
    assert "What it saw and what it said" in page
    assert "<small>pixels, grey</small>" in page
    assert "new_pictures/" in page
    assert "pictures, brought to" in (run.folder / "card.md").read_text()


def test_the_command_line_fits_shows_and_predicts(photos, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    out, table = tmp_path / "run", tmp_path / "p.csv"
    line = ["fit", str(photos), "--size", "8", "--model", "linear", "--epochs", "2", "--folds", "0", "--no-baselines"]
    assert cli.main([*line, "-o", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "brought to 8 x 8 pixels, grey, as asked" in " ".join(shown.split())
    assert "NEW_PICTURES" in shown
    assert cli.main(["show", str(out)]) == 0
    assert cli.main(["predict", str(out), str(photos), "-o", str(table)]) == 0
    assert pl.read_csv(table).columns == ["path", "class", "p(lying)", "p(standing)"]
    capsys.readouterr()
    assert cli.main(["fit", str(photos / "lying")]) == 2
    assert "needs a folder for each of at least two classes" in capsys.readouterr().err


def test_folds_share_the_bytes():
    data = read(np.zeros((40, 6, 6), np.uint8), np.arange(40) % 2)
    plan = choose(data, Source(None, None), Wishes(model=MODEL, folds=3))
    parts = validate.cut(plan, data)
    _, table, assignments = validate.lay_out(plan, validate.prepare(plan, data, (*parts.folds, parts.final)))
    assert len(table.x) == 40
    assert len(table.y) == 160
    assert [int(given.fit.min()) // 40 for given in assignments] == [0, 1, 2, 3]


@pytest.mark.parametrize(("name", "layers"), [("cnn", 15), ("mlp", 9), ("linear", 3)])
def test_models_known_for_pictures(name, layers):
    data = read(np.zeros((40, 28, 28), np.uint8), np.arange(40) % 2)
    plan = choose(data, Source(None, None), Wishes(model=name))
    assert len(plan.model.layers) == layers
    assert plan.model.shape((28, 28, 1)) == (1,)
    with pytest.raises(
        photic.PhoticError, match=r"needs a model known for pictures, got 'cnm'\n.*did you mean 'cnn'|cnn"
    ):
        choose(data, Source(None, None), Wishes(model="cnm"))


def test_one_picture_is_seen_through_the_network(run, photos, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    seen = run.see(photos / "standing" / "03.png")
    said = dict(seen.answers)
    assert set(said) == {"lying", "standing"}
    other = run.see(photos / "standing" / "03.png", answer="lying" if seen.about == "standing" else "standing")
    np.testing.assert_allclose(other.sight.falls, -seen.sight.falls)  # one output speaks for both classes
    np.testing.assert_allclose(other.sight.slope, -seen.sight.slope)
    assert seen.page().count("<img") == 5 and "Covering it at" in str(seen)


def test_the_command_writes_the_page_of_a_picture(run, photos, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cli.main(["show", str(run.folder), "--picture", str(photos / "lying" / "01.png")]) == 0
    assert "picture.html" in capsys.readouterr().out
    assert (run.folder / "picture.html").is_file()
    photic.load(run.folder)  # the seal knows the page
    assert cli.main(["show", str(run.folder), "--picture", "400"]) == 2
    assert "needs a picture from 0 to 39, got 400" in capsys.readouterr().err
    assert cli.main(["show", str(run.folder), "--picture", "1", "--answer", "lyin"]) == 2
    assert "--answer: needs a class of the run, got 'lyin'" in capsys.readouterr().err
