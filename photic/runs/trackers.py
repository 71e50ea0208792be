"""Trackers: the curves, choices and scores of a run where a person already looks, in TensorBoard or in MLflow.

`--log tensorboard:FOLDER` writes event files with tensorboardX, `--log mlflow:PLACE` logs a run with mlflow-skinny;
both are extras. What is logged is what a finished run holds: every lane's curves by epoch, the plan as parameters, the
scores of all contenders, and the report. While it trains, the mean over the lanes that are awake is logged as `live`.
Of a search every setting is logged beside that, its values, its score inside the search and its curve: in TensorBoard
under HPARAMS, in MLflow as runs of their own inside the run.

Reference: https://www.tensorflow.org/tensorboard, https://mlflow.org/docs/latest/ml/tracking/.
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import importlib
import json
import logging
import math
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from photic.errors import PlanError, WorkError, nearest
from photic.train.history import Progress, Watcher

_EVERY = 2.0  # seconds between two live epochs, so that a tracker never slows a training
_LONG = 500  # characters of a parameter; the whole plan is logged as a file or a text beside it
_FILES = ("report.html", "plan.json", "scores.json", "audit.json", "history.jsonl", "card.md")


@dataclasses.dataclass(frozen=True, eq=False)
class Finished:
    """What a finished experiment tells a tracker; all of it JSON values, as the files of a run hold them.

    Args:
        plan: everything that was chosen.
        history: a dict per lane and epoch.
        scores: the outcome.
        folder: the folder of the run; None for a cross-validation, which keeps no network.
        trials: the settings that a search tried for the final network, as `trials.jsonl` holds them.
    """

    plan: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]]
    scores: Mapping[str, Any]
    folder: Path | None = None
    trials: Sequence[Mapping[str, Any]] = ()

    def choices(self) -> dict[str, str]:
        """The plan as parameters: every choice by its path.

        >>> told = Finished({"epochs": 5, "descent": {"rule": {"type": "adam"}}}, [], {})
        >>> told.choices()
        {'epochs': '5', 'descent.rule.type': 'adam'}
        """
        left_out = {"said", "rates", "format"}
        return _flat({name: value for name, value in self.plan.items() if name not in left_out})

    def figures(self) -> dict[str, float]:
        """Every score by contender, part and metric, with its interval.

        >>> test = {"rmse": {"value": 2.0, "low": 1.5, "high": None}}
        >>> Finished({}, [], {"contenders": [{"name": "ridge", "test": test, "validation": {}}]}).figures()
        {'ridge/test/rmse': 2.0, 'ridge/test/rmse low': 1.5}
        """
        found = {}
        for contender in self.scores["contenders"]:
            for part in ("test", "validation"):
                for metric, score in (contender[part] or {}).items():
                    for name, value in score.items():
                        if value is not None:
                            found[f"{contender['name']}/{part}/{metric}{'' if name == 'value' else ' ' + name}"] = value
        return found

    def curves(self) -> Iterator[tuple[str, int, dict[str, float]]]:
        """Lane, epoch and the numbers of that epoch; those that are not defined are left out."""
        for line in self.history:
            numbers = {name: line[name] for name in line if name not in {"lane", "epoch", "best"}}
            known = {name: value for name, value in numbers.items() if value is not None and math.isfinite(value)}
            yield line["lane"], line["epoch"], known


@dataclasses.dataclass(frozen=True)
class _Setting:
    """One setting that a search tried."""

    name: str
    values: Mapping[str, Any]
    state: str
    numbers: Mapping[str, float]
    curve: Sequence[tuple[int, float]]

    @classmethod
    def all(cls, told: Finished) -> list[_Setting]:
        """Every setting; its score is named as what it is, the one inside the search."""
        return [
            cls(
                f"setting {trial['number']}",
                {name: value if isinstance(value, bool | int | float) else str(value)
                 for name, value in trial["values"].items()},
                trial["state"],
                {"search/epochs": trial["epochs"]}
                | ({} if trial["score"] is None else {"search/score": trial["score"]}),
                [(epoch, value) for epoch, value in trial["curve"]],
            )
            for trial in told.trials
        ]  # fmt: skip


class Tracker(abc.ABC):
    """Where an experiment is logged."""

    @abc.abstractmethod
    def live(self, epoch: int, numbers: Mapping[str, float]) -> None:
        """Log one epoch of a training that goes on."""

    @abc.abstractmethod
    def finish(self, told: Finished) -> None:
        """Log everything of a finished experiment."""

    @abc.abstractmethod
    def close(self, *, failed: bool) -> None:
        """Nothing more comes."""

    def watching(self, watch: Watcher) -> Watcher:
        """The watcher, and this tracker told beside it."""
        last = -math.inf

        def both(progress: Progress) -> None:
            nonlocal last
            watch(progress)
            now = time.perf_counter()
            if progress.phase in ("training", "searching") and now - last >= _EVERY:
                last = now
                numbers = {"loss": progress.loss, progress.metric: progress.score}
                if progress.phase == "searching":  # by settings tried, not by epochs
                    numbers = {f"best {progress.metric} inside the search": progress.score}
                try:
                    self.live(progress.epoch, {name: each for name, each in numbers.items() if math.isfinite(each)})
                except (WorkError, OSError):
                    last = math.inf  # a training does not end because nobody can watch it; `finish` will say why

        return both


class NoTracker(Tracker):
    """The tracker of experiments that are not logged."""

    def live(self, epoch: int, numbers: Mapping[str, float]) -> None: ...

    def finish(self, told: Finished) -> None: ...

    def close(self, *, failed: bool) -> None: ...


class TensorBoard(Tracker):
    """Event files: a folder for the experiment, and one in it for each lane, so that their curves share a chart."""

    def __init__(self, place: str, name: str) -> None:
        self._board = _library("tensorboardX", "tensorboard")
        root = Path(place or "logs")
        taken = {path.name for path in root.iterdir()} if root.is_dir() else set()
        number = next(count for count in range(1, len(taken) + 2) if f"{name}-{count}" not in taken)
        self.folder = root / f"{name}-{number}"
        with self._written():
            self._writer = self._board.SummaryWriter(str(self.folder))

    def live(self, epoch: int, numbers: Mapping[str, float]) -> None:
        for name, value in numbers.items():
            self._writer.add_scalar(f"live/{name}", value, epoch)
        self._writer.flush()

    def finish(self, told: Finished) -> None:
        with self._written():
            for lane in dict.fromkeys(line["lane"] for line in told.history):
                with self._board.SummaryWriter(str(self.folder / lane.replace(" ", "-"))) as writer:
                    for own, epoch, numbers in told.curves():
                        for name, value in numbers.items() if own == lane else ():
                            writer.add_scalar(name, value, epoch)
            for setting in _Setting.all(told):
                place = Path("search", setting.name.replace(" ", "-"))
                self._writer.add_hparams(dict(setting.values), dict(setting.numbers), str(place), 0)
                with self._board.SummaryWriter(str(self.folder / place), filename_suffix=".curve") as writer:
                    for epoch, value in setting.curve:
                        writer.add_scalar("search/curve", value, epoch)
            figures = told.figures()
            for name, value in figures.items():
                if name.startswith("network/") and " " not in name:  # two hundred charts of one point help nobody
                    self._writer.add_scalar(f"scores/{name}", value, 0)
            self._writer.add_text("plan", _table("choice", told.choices()), 0)
            self._writer.add_text("scores", _table("score", figures), 0)
            self._writer.add_text("verdict", told.scores["verdict"], 0)

    def close(self, *, failed: bool) -> None:
        with self._written():
            self._writer.close()

    @contextlib.contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            words = (problem.strerror or str(problem)).lower()
            fix = "choose another one, tensorboard:FOLDER; a run that was saved is whole without it"
            where, needs = "log tensorboard", "needs a place that can be written to"
            raise WorkError(where, needs, words, source=str(self.folder), fix=fix) from None


class MLflow(Tracker):
    """A run in the experiment "photic" of a server, a database, or a folder with a SQLite file and the artifacts."""

    def __init__(self, place: str, name: str) -> None:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # nobody asked for it
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # or a wrong address is tried for minutes
        self._mlflow = _library("mlflow", "mlflow")
        logging.getLogger("mlflow").setLevel(logging.WARNING)
        with self._told(place):
            artifacts = None
            if place and "://" not in place:
                folder = Path(place).absolute()
                folder.mkdir(parents=True, exist_ok=True)
                _library("sqlalchemy", "mlflow")
                place, artifacts = f"sqlite:///{folder / 'mlflow.db'}", (folder / "artifacts").as_uri()
            self._client = self._mlflow.MlflowClient(tracking_uri=place or None)
            found = self._client.get_experiment_by_name("photic")
            self._kept = found.experiment_id if found else self._client.create_experiment("photic", artifacts)
            self.run = self._client.create_run(self._kept, run_name=name).info.run_id

    def live(self, epoch: int, numbers: Mapping[str, float]) -> None:
        with self._told("the training"):
            for name, value in numbers.items():
                self._client.log_metric(self.run, f"live/{name}", value, step=epoch)

    def finish(self, told: Finished) -> None:
        entities, now = self._mlflow.entities, int(time.time() * 1000)
        metric = lambda name, value, step: entities.Metric(re.sub(r"[^\w ./-]", "-", name), value, now, step)
        metrics = [
            metric(f"{lane}/{name}", value, epoch)
            for lane, epoch, numbers in told.curves()
            for name, value in numbers.items()
        ]
        metrics += [metric(name, value, 0) for name, value in told.figures().items()]
        choices = [entities.Param(name, _short(value)) for name, value in told.choices().items()]
        with self._told("the finished run"):
            self._batches(self.run, choices, metrics)
            self._client.set_tag(self.run, "mlflow.note.content", told.scores["verdict"])
            for setting in _Setting.all(told):
                tags = {"mlflow.parentRunId": self.run, "state": setting.state}
                own = self._client.create_run(self._kept, run_name=setting.name, tags=tags).info.run_id
                params = [entities.Param(name, _short(str(value))) for name, value in setting.values.items()]
                numbers = [metric(name, value, 0) for name, value in setting.numbers.items()]
                numbers += [metric("search/curve", value, epoch) for epoch, value in setting.curve]
                self._batches(own, params, numbers)
                self._client.set_terminated(own, "FAILED" if setting.state == "diverged" else "FINISHED")
            if told.folder is None:
                self._client.log_dict(self.run, dict(told.plan), "plan.json")
                self._client.log_dict(self.run, dict(told.scores), "scores.json")
                return
            for name in _FILES:
                if (told.folder / name).is_file():
                    self._client.log_artifact(self.run, str(told.folder / name))

    def _batches(self, run: str, params: Sequence[Any], metrics: Sequence[Any]) -> None:
        """Log all of them; MLflow takes no more than 100 and 1,000 at once."""
        for start in range(0, len(params), 100):
            self._client.log_batch(run, params=params[start : start + 100])
        for start in range(0, len(metrics), 1000):
            self._client.log_batch(run, metrics=metrics[start : start + 1000])

    def close(self, *, failed: bool) -> None:
        with self._told("the end"):
            self._client.set_terminated(self.run, "FAILED" if failed else "FINISHED")

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """MLflow's own errors as ours."""
        try:
            yield
        except (self._mlflow.exceptions.MlflowException, OSError) as problem:
            words = str(problem).split("\n")[0]
            fix = "look whether the place can be reached and written to; a run that was saved is whole without it"
            raise WorkError("log mlflow", f"needs to log {what}", words, source="MLflow", fix=fix) from None


TRACKERS: dict[str, type[TensorBoard | MLflow]] = {"tensorboard": TensorBoard, "mlflow": MLflow}


@contextlib.contextmanager
def tracking(log: str | None, name: Any) -> Iterator[Tracker]:
    """The tracker that the user asked for, open while an experiment runs.

    Args:
        log: "tensorboard" or "mlflow", and after a colon where: a folder, or MLflow's address; None for no tracker.
        name: what the data was called; anything but a text is "data".

    Raises:
        PlanError: for an unknown tracker, or one whose library is not installed.
        WorkError: when nothing can be written there.

    >>> with tracking(None, "penguins") as tracker:
    ...     type(tracker).__name__
    'NoTracker'
    """
    tracker = _opened(log, name)
    try:
        yield tracker
    except BaseException:
        with contextlib.suppress(WorkError):
            tracker.close(failed=True)
        raise
    tracker.close(failed=False)


def _opened(log: str | None, name: Any) -> Tracker:
    if log is None:
        return NoTracker()
    kind, _, place = log.partition(":")
    if kind not in TRACKERS:
        fix = nearest(kind, TRACKERS) + "; tensorboard:FOLDER and mlflow:FOLDER say where"
        raise PlanError("log", "needs a known tracker", repr(kind), source="the log option", fix=fix)
    stem = Path(name).stem if isinstance(name, str | Path) else "data"
    return TRACKERS[kind](place, re.sub(r"[^\w.-]+", "-", stem).strip(".-") or "data")


def _library(name: str, extra: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise PlanError(
            f"log {extra}", f"needs the library {name}", "an installation without it", source="the log option",
            fix=f"type: pip install 'photic[{extra}]'",
        ) from None  # fmt: skip


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{name}.")
        elif value is not None:
            found[prefix + name] = value if isinstance(value, str) else json.dumps(value)
    return found


def _table(heading: str, rows: Mapping[str, Any]) -> str:
    return "\n".join(
        [f"| {heading} | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())]
    )


def _short(value: str) -> str:
    return value if len(value) <= _LONG else value[: _LONG - 3] + "..."
