"""The main job: a run is saved, loads without its data, replays, resumes after kill -9, and outlives Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import polars
import pyarrow
import pytest

from photic.errors import PlanError, RunError
from photic.layers import Dense, Sigmoid
from photic.model import Model
from photic.runs import store
from photic.runs.fit import fit, replay, resume
from photic.runs.run import Run, load
from photic.train.history import Progress

RNG = np.random.default_rng(0)
N = 120
FRAME = polars.DataFrame(
    {
        "size": RNG.normal(50, 10, N),
        "rooms": RNG.integers(1, 6, N).astype(float),
        "town": RNG.choice(["north", "south", "west"], N),
    }
).with_columns(price=3.0 * polars.col("size") + 20.0 * polars.col("rooms") + 40.0 * (polars.col("town") == "north"))
QUICK = {"epochs": 8, "folds": 2, "baselines": False, "batch_size": 16}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "houses.csv"
    FRAME.write_csv(path)
    return path


@pytest.fixture(scope="module")
def run(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return fit(table, "price", out=tmp_path_factory.mktemp("runs") / "houses", **QUICK)


def test_a_run_is_a_whole_folder_that_loads_without_its_data(run: Run) -> None:
    loaded = load(run.folder)
    assert loaded.task.kind == "regression" and loaded.plan == run.plan
    np.testing.assert_array_equal(loaded.predict(FRAME).values, run.predict(FRAME).values)
    assert {"model.json", "weights.safetensors", "plan.json", "card.md", "report.html", "run.json"} <= {
        path.name for path in run.folder.iterdir()
    }
    assert not (run.folder / store.CHECKPOINT).exists()


@pytest.mark.parametrize("folds", [0, 2])
def test_a_run_without_a_test_part_is_scored_by_its_folds_alone(folds: int, tmp_path: Path) -> None:
    run = fit(FRAME, "price", test=0, out=tmp_path / "run", **QUICK | {"epochs": 2, "folds": folds, "baselines": True})
    assert run.scores is not None and run.bundle.test is None
    assert [bool(each.validation) for each in run.scores.contenders] == ([True] * 4 if folds else [False])


def test_the_printed_test_score_is_the_score_of_the_saved_network_on_the_locked_rows(run: Run) -> None:
    locked = run.bundle.test
    predicted = run.predict(FRAME[locked["rows"].tolist()]).values
    # Another program rounds in another order.
    np.testing.assert_allclose(predicted, locked["prediction"][:, 0], rtol=1e-4)
    error = np.sqrt(np.mean((predicted - FRAME["price"].to_numpy()[locked["rows"]]) ** 2))
    assert run.scores.network.test["rmse"].value == pytest.approx(error, rel=1e-4)


def test_lanes_are_the_folds_and_the_final_network(run: Run) -> None:
    assert {line["lane"] for line in run.history} == {"fold 1", "fold 2", "final"}
    assert len(run.scores.network.folds["rmse"]) == 2


@pytest.mark.parametrize("convert", [polars.DataFrame.to_pandas, polars.DataFrame.to_arrow, lambda frame: frame])
def test_tables_of_every_kind_give_the_same_network(run: Run, convert: object, tmp_path: Path) -> None:
    again = fit(convert(FRAME), "price", out=tmp_path / "run", **QUICK)
    np.testing.assert_allclose(again.predict(FRAME).values, run.predict(FRAME).values, rtol=1e-5)
    assert isinstance(convert(FRAME), pandas.DataFrame | pyarrow.Table | polars.DataFrame)


def test_arrays_are_enough(tmp_path: Path) -> None:
    x = RNG.normal(size=(90, 3))
    run = fit(x, (x[:, 0] > 0).astype(int), out=tmp_path / "run", **QUICK | {"folds": 0})
    found = run.predict(x[:5])
    assert run.task.kind == "binary" and found.probabilities.shape == (5, 2)
    assert set(found.classes) <= set(run.task.classes)


def test_a_replay_gives_the_same_scores(run: Run, tmp_path: Path) -> None:
    again = replay(run.folder, out=tmp_path / "again")
    assert again.scores == run.scores and again.history == run.history


def test_a_replay_refuses_other_rows_in_words(run: Run, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"needs the rows the plan was made for, got other rows"):
        replay(run.folder, FRAME.head(100), out=tmp_path / "again")
    with pytest.raises(RunError, match="needs a plan, got no such file"):
        replay(tmp_path / "nowhere.json")


def test_a_copy_is_a_run_of_its_own(run: Run, tmp_path: Path) -> None:
    copy = run.save(tmp_path / "copy")
    assert copy.folder == tmp_path / "copy" and copy.scores == run.scores


def test_a_model_that_does_not_fit_is_refused_and_leaves_nothing(table: Path, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="sigmoid"):
        fit(table, "price", model=Model(Dense(1), Sigmoid()), out=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_saves_the_best_weights_so_far_and_says_so(table: Path, tmp_path: Path) -> None:
    def press(progress: Progress) -> None:
        if progress.phase == "training" and progress.epoch == 3:
            signal.raise_signal(signal.SIGINT)

    run = fit(table, "price", out=tmp_path / "run", progress=press, **QUICK | {"epochs": 500})
    assert max(line["epoch"] for line in run.history) < 10
    assert "ended early by Ctrl-C" in run.plan.said[-1]
    assert load(run.folder).predict(FRAME).values.shape == (N,)


_CHILD = """
import sys, photic.runs.keeper as keeper
keeper._SECONDS = 0.0
keeper.FolderKeeper.__init__.__kwdefaults__["seconds"] = 0.0
from photic.runs.fit import fit
def say(progress):
    if progress.phase == "training":
        print(progress.epoch, flush=True)
choices = dict(epochs=400, patience=400, folds=2, baselines=False, batch_size=16)
fit(sys.argv[1], "price", out=sys.argv[2], progress=say, **choices)
"""


def test_a_run_killed_in_the_middle_resumes_to_the_same_result(table: Path, tmp_path: Path) -> None:
    folder, whole = tmp_path / "killed", tmp_path / "whole"
    command = [sys.executable, "-c", _CHILD, table, folder]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in child.stdout:
        if int(line) >= 20:
            break
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    with pytest.raises(RunError, match="a run whose training has not finished"):
        load(folder)
    heard: list[Progress] = []
    resumed = resume(folder, progress=heard.append)
    assert min(p.epoch for p in heard if p.phase == "training") > 15  # it went on, it did not start again
    unbroken = fit(table, "price", out=whole, epochs=400, patience=400, folds=2, baselines=False, batch_size=16)
    assert resumed.scores == unbroken.scores and resumed.history == unbroken.history
    np.testing.assert_array_equal(resumed.predict(FRAME).values, unbroken.predict(FRAME).values)


def test_there_must_be_something_to_resume(run: Run) -> None:
    with pytest.raises(RunError, match="needs a run that was interrupted, got no checkpoint there"):
        resume(run.folder)


def test_the_plan_on_disk_is_plain_json(run: Run) -> None:
    plan = json.loads((run.folder / "plan.json").read_text())
    assert plan["source"]["target"] == "price" and plan["epochs"] == 8
