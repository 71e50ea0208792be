"""Trackers: what TensorBoard and MLflow were given is read back, and a tracker that cannot be is refused at once."""

from __future__ import annotations

import json
import math
import struct
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photic.errors import PlanError, WorkError
from photic.experiment.space import choice, log_uniform
from photic.layers import Dense, ReLU
from photic.model import Model
from photic.runs.fit import fit
from photic.runs.studies import Study
from photic.runs.trackers import Tracker, tracking
from photic.runs.tune import tune
from photic.runs.validation import cross_validate
from photic.train.history import Progress

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1 * RNG.normal(size=90)
SMALL = {"model": Model(Dense(1)), "folds": 2, "epochs": 4, "learning_rate": 0.05}


def _events(folder: Path) -> Iterator[Any]:
    """Every event in the files of one folder; a record is length, check, bytes, check."""
    from tensorboardX.proto.event_pb2 import Event

    for file in folder.glob("events.*"):
        data, at = file.read_bytes(), 0
        while at < len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            yield Event.FromString(data[at + 12 : at + 12 + length])
            at += length + 16


def _scalars(folder: Path) -> dict[str, dict[int, float]]:
    """Every scalar in the event files of one folder, by name and step."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for event in _events(folder):
        for value in event.summary.value:
            text = value.tensor.string_val
            found[value.tag][event.step] = text[0].decode() if text else value.simple_value
    return found


def _plugins(folder: Path, tag: str) -> list[bytes]:
    """What a plugin of TensorBoard was told under a tag."""
    values = [value for event in _events(folder) for value in event.summary.value if value.tag == tag]
    return [value.metadata.plugin_data.content for value in values]


def _network(width: int = 2) -> Model:
    return Model(Dense(width), ReLU(), Dense(1))


@pytest.mark.slow
def test_tensorboard_holds_every_curve_the_plan_and_the_scores(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    run = fit(X, Y, **SMALL, out=tmp_path / "run", log=f"tensorboard:{tmp_path}/logs")
    folder = tmp_path / "logs" / "data-1"
    for lane in ("fold 1", "fold 2", "final"):
        found = _scalars(folder / lane.replace(" ", "-"))
        for name in ("loss", "stop_loss", "stop_score", "learning_rate"):
            told = {line["epoch"]: line[name] for line in run.history if line["lane"] == lane}
            assert found[name] == pytest.approx(told, rel=1e-6)  # kept as float32
    root = _scalars(folder)
    assert root["scores/network/test/rmse"][0] == pytest.approx(run.scores.network.test["rmse"].value, rel=1e-6)
    assert "| descent.rule.learning_rate | 0.05 |" in root["plan/text_summary"][0]
    assert "| ridge/test/rmse | " in root["scores/text_summary"][0] and "scores/ridge/test/rmse" not in root
    assert root["verdict/text_summary"][0] == run.scores.verdict and 1 in root["live/loss"]
    cross_validate(SMALL["model"], X, Y, folds=2, epochs=2, log=f"tensorboard:{tmp_path}/logs")
    assert _scalars(tmp_path / "logs" / "data-2" / "fold-2")["loss"].keys() == {1, 2}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # MLflow and SQLAlchemy have some of their own
def test_mlflow_holds_every_curve_the_plan_the_scores_and_the_report(tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    run = fit(X, Y, **SMALL, out=tmp_path / "run", log=f"mlflow:{tmp_path}/log")
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/log/mlflow.db")
    experiment = client.get_experiment_by_name("photic").experiment_id
    (kept,) = client.search_runs([experiment])
    for lane in ("fold 1", "fold 2", "final"):
        found = {each.step: each.value for each in client.get_metric_history(kept.info.run_id, f"{lane}/stop_loss")}
        assert found == {line["epoch"]: line["stop_loss"] for line in run.history if line["lane"] == lane}
    assert kept.data.metrics["network/test/rmse"] == run.scores.network.test["rmse"].value
    assert kept.data.params["descent.rule.learning_rate"] == "0.05" and kept.info.status == "FINISHED"
    assert kept.data.tags["mlflow.note.content"] == run.scores.verdict
    names = {each.path for each in client.list_artifacts(kept.info.run_id)}
    assert names == {"report.html", "plan.json", "scores.json", "audit.json", "history.jsonl", "card.md"}
    plan = client.download_artifacts(kept.info.run_id, "plan.json", str(tmp_path))
    assert json.loads(Path(plan).read_text()) == run.bundle.plan
    with pytest.raises(PlanError):
        fit(X, Y, **SMALL, loss="cross_entropy", out=tmp_path / "other", log=f"mlflow:{tmp_path}/log")
    assert sorted(each.info.status for each in client.search_runs([experiment])) == ["FAILED", "FINISHED"]


SEARCH = {"trials": 5, "folds": 2, "outer": 0, "epochs": 9, "baselines": False}


def _tried(study: Study) -> dict[str, tuple[dict, dict, dict]]:
    """Of every setting its values, its numbers and its curve."""
    return {
        str(each["number"]): (
            each["values"],
            {"search/epochs": each["epochs"]} | ({} if each["score"] is None else {"search/score": each["score"]}),
            {int(epoch): score for epoch, score in each["curve"]},
        )
        for each in study.trials
    }


@pytest.mark.slow
def test_tensorboard_holds_every_setting_of_a_search(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData

    study = tune(_network, X, Y, **SEARCH, width=choice(2, 4), learning_rate=log_uniform(1e-3, 1e-1),
                 out=tmp_path / "run", log=f"tensorboard:{tmp_path}/logs")  # fmt: skip
    folder = tmp_path / "logs" / "data-1"
    tried = _tried(study)
    assert len(tried) == 5
    for number, (values, numbers, curve) in tried.items():
        place = folder / "search" / f"setting-{number}"
        found = _scalars(place)
        assert {name: found[name][0] for name in numbers} == pytest.approx(numbers, rel=1e-6)
        assert found["search/curve"] == pytest.approx(curve, rel=1e-6)
        (told,) = [HParamsPluginData.FromString(content) for content in _plugins(place, "_hparams_/session_start_info")]
        kept = {name: value.number_value for name, value in told.session_start_info.hparams.items()}
        assert kept == pytest.approx(values)
    assert _scalars(folder)["verdict/text_summary"][0] == study.run.scores.verdict
    assert _scalars(folder / "final")["loss"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_mlflow_holds_every_setting_of_a_search_as_a_run_inside(tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    study = tune(_network, X, Y, **SEARCH, width=choice(2, 4), learning_rate=log_uniform(1e-3, 1e-1),
                 out=tmp_path / "run", log=f"mlflow:{tmp_path}/log")  # fmt: skip
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/log/mlflow.db")
    runs = client.search_runs([client.get_experiment_by_name("photic").experiment_id])
    (whole,) = [each for each in runs if "mlflow.parentRunId" not in each.data.tags]
    inside = [each for each in runs if each.data.tags.get("mlflow.parentRunId") == whole.info.run_id]
    tried = _tried(study)
    assert sorted(each.info.run_name for each in inside) == sorted(f"setting {number}" for number in tried)
    for each in inside:
        values, numbers, curve = tried[each.info.run_name.split()[1]]
        assert each.data.params == {name: str(value) for name, value in values.items()}
        assert {name: each.data.metrics[name] for name in numbers} == numbers
        history = client.get_metric_history(each.info.run_id, "search/curve")
        assert {point.step: point.value for point in history} == curve
    assert whole.data.tags["mlflow.note.content"] == study.run.scores.verdict


def test_a_search_is_watched_by_the_best_score_so_far() -> None:
    seen: list[tuple[int, dict[str, float]]] = []

    class Listening(_Broken):
        def live(self, epoch: int, numbers: dict[str, float]) -> None:
            seen.append((epoch, numbers))

    watch = Listening().watching(lambda _: None)
    watch(Progress("searching", 8, 64, 12, 48, math.nan, 0.75, "accuracy"))
    assert seen == [(8, {"best accuracy inside the search": 0.75})]


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (
            "tensorbord",
            "log: needs a known tracker, got 'tensorbord'\nfrom the log option; did you mean 'tensorboard'?",
        ),
        (
            "tensorboard:logs",
            r"log tensorboard: needs the library tensorboardX, got an .* without it\n.*'photic\[tensorboard\]'.",
        ),
        ("mlflow", r"log mlflow: needs the library mlflow, .*\n.*; type: pip install 'photic\[mlflow\]'."),
    ],
)
def test_a_tracker_that_cannot_be_is_refused_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, log: str, words: str
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(PlanError, match=words):
        fit("no such file.csv", log=log)


def test_a_place_that_cannot_be_written_to_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(WorkError, match=r"log tensorboard: needs a place that can be written to, got not a directory"):
        fit("no such file.csv", log=f"tensorboard:{tmp_path}/logs")


class _Broken(Tracker):
    """A tracker whose disk is full."""

    def __init__(self) -> None:
        self.calls = 0

    def live(self, epoch: int, numbers: dict[str, float]) -> None:
        self.calls += 1
        raise WorkError("log", "needs room", "none", source="the disk", fix="make some")

    def finish(self, told: object) -> None: ...

    def close(self, *, failed: bool) -> None: ...


def test_a_training_goes_on_when_it_cannot_be_watched() -> None:
    tracker, told = _Broken(), []
    watch = tracker.watching(told.append)
    for epoch in (1, 2, 3):
        watch(Progress("training", epoch, 3, loss=0.5, score=math.nan, metric="rmse"))
    assert len(told) == 3 and tracker.calls == 1


def test_no_tracker_takes_everything_and_keeps_nothing() -> None:
    told: list[Progress] = []
    with tracking(None, "x") as tracker:
        tracker.watching(told.append)(Progress("training", 1, 3, loss=0.5))
    assert told[0].loss == 0.5 and len(told) == 1
