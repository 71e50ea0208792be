"""Runs with several targets: each scored in its own units, all in one file of predictions, named in card and report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import polars
import pytest

import photic
from photic.data import picture
from photic.errors import PlanError, RunError
from photic.export import plain
from photic.runs.run import Run

RNG = np.random.default_rng(0)
N = 160
X = RNG.normal(size=(N, 3))
FRAME = polars.DataFrame({f"x{i}": X[:, i] for i in range(3)})
NUMBERS = FRAME.with_columns(weight=70 + 10 * X[:, 0], height=1.7 + 0.1 * X[:, 1])
LABELS = FRAME.with_columns(cat=polars.Series(X[:, 0] > 0), dog=polars.Series(np.where(X[:, 1] > 0.5, "yes", "no")))
QUICK = {"epochs": 20, "folds": 2, "batch_size": 16}


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return photic.fit(NUMBERS, ["weight", "height"], out=tmp_path_factory.mktemp("runs") / "numbers", **QUICK)


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return photic.fit(LABELS, "cat,dog", out=tmp_path_factory.mktemp("runs") / "labels", **QUICK)


def test_each_number_is_scored_in_its_own_unit(numbers: Run) -> None:
    locked, scores = numbers.bundle.test, numbers.scores
    assert locked is not None and scores is not None and scores.main == "r2"
    for place, name in enumerate(("weight", "height")):
        error = locked["prediction"][:, place] - locked["target"][:, place]
        found = scores.targets[name][0].test["rmse"].value
        assert found == pytest.approx(float(np.sqrt((error**2).mean())), rel=1e-6)
    assert scores.targets["weight"][0].test["rmse"].value < 5 and scores.targets["height"][0].test["rmse"].value < 0.05
    assert [each.name for each in scores.targets["height"]] == ["network", "mean", "ridge", "boosted trees"]


def test_labels_are_scored_together_and_one_by_one(labels: Run) -> None:
    locked, scores = labels.bundle.test, labels.scores
    assert locked is not None and scores is not None and scores.main == "hamming_loss"
    said, true = locked["prediction"] > 0.5, locked["target"] > 0.5
    assert scores.network.test["hamming_loss"].value == pytest.approx((said != true).mean())
    assert scores.network.test["subset_accuracy"].value == pytest.approx((said == true).all(axis=1).mean())
    assert scores.targets["dog"][0].test["accuracy"].value == pytest.approx((said == true)[:, 1].mean())
    assert scores.network.test["hamming_loss"].value < 0.2


def test_predictions_have_a_column_for_each_target(numbers: Run, labels: Run) -> None:
    assert numbers.predict(FRAME).to_frame().columns == ["weight", "height"]
    frame = labels.predict(FRAME).to_frame()
    assert frame.columns == ["cat", "p(cat)", "dog", "p(dog)"] and set(frame["dog"]) == {"yes", "no"}
    assert np.asarray(labels.predict(FRAME)).shape == (N, 2)


@pytest.mark.parametrize("run", ["numbers", "labels"])
def test_numpy_alone_predicts_the_same(run: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(run)
    columns = {name: FRAME[name].to_list()[:5] for name in FRAME.columns}
    np.testing.assert_allclose(plain.predict(found.folder, columns), found.predict(FRAME).p[:5], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("run", "words"), [("numbers", "2 numbers: weight, height"), ("labels", "2 labels, each a")])
def test_card_report_and_text_name_every_target(run: str, words: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(run)
    card, page = (found.folder / "card.md").read_text("utf-8"), (found.folder / "report.html").read_text("utf-8")
    assert words in card and "Each target by itself" in page
    for name in found.task.targets:
        assert f"\n| {name} | " in card and re.search(f">{name}</t[dh]>", page) and name in str(found.scores)


def test_a_run_of_several_targets_is_read_again_from_its_folder(numbers: Run) -> None:
    again = photic.load(numbers.folder)
    assert again.task == numbers.task and again.scores == numbers.scores and again.plan.source.target == "weight,height"
    traced = again.trace(0, NUMBERS)
    assert "weight" in str(traced) and "height" in str(traced)


def test_pictures_in_a_table_may_have_several_labels(tmp_path: Path) -> None:
    rows = []
    for place in range(24):
        pixels = RNG.integers(0, 60, (16, 16, 1), dtype=np.uint8)
        left, top = place % 2, place // 2 % 2
        pixels[:, :4] += np.uint8(150 * left)
        pixels[:4] += np.uint8(40 * top)
        (tmp_path / f"{place}.png").write_bytes(picture.encode(pixels))
        rows.append({"file": f"{place}.png", "left": left, "top": top})
    polars.DataFrame(rows).write_csv(tmp_path / "labels.csv")
    run = photic.fit(
        tmp_path / "labels.csv", "left,top", model="linear", epochs=2, folds=0, baselines=False, out=tmp_path / "run"
    )
    assert run.task.kind == "multilabel" and len(run.bundle.columns) == 1
    examples = [json.loads(line) for line in (run.folder / "examples.jsonl").read_text("utf-8").splitlines()]
    assert {kind for each in examples for kind in each["kinds"]} == {"random", "wrong"}


def test_a_run_that_nothing_was_scored_in_is_saved_all_the_same(tmp_path: Path) -> None:
    run = photic.fit(NUMBERS, "weight,height", folds=0, test=0, epochs=2, out=tmp_path / "run")
    assert run.scores is not None and not run.scores.targets


def test_what_several_targets_cannot_have_is_refused(labels: Run, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"class_weight|class-weight"):
        photic.fit(LABELS, "cat,dog", class_weight="balanced", out=tmp_path / "none")
    from photic.diagnose.evidence import Evidence

    with pytest.raises(RunError, match=r"diagnosis: needs a run with one target, got 2 targets\n"):
        Evidence.of(labels)
