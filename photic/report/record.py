"""The record of a run: what the files of its folder hold, read once; the report knows nothing else."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from photic.data.prepare import Preparation
from photic.data.task import Task
from photic.errors import RunError
from photic.experiment.outcome import Outcome
from photic.export import strict_json
from photic.report.searched import Searched, unit_of

FINAL = "final"


@dataclasses.dataclass(frozen=True, eq=False)
class Record:
    """What a run left behind; a file that is not there leaves its part empty.

    Args:
        place: the folder as the user would type it.
        task: what is predicted; None when no file says.
        plan: everything chosen.
        model: `{"input": [d], "layers": [...]}`.
        lanes: the history of every lane by name, the final network last.
        outcome: the scores; None for a run that was never scored.
        audit: what was found about the data.
        test: the locked test part: `rows`, `target`, `prediction`.
        columns: the columns the network takes, `{"name", "kind", ...}`.
        inspection: a line per lane and inspected epoch.
        weights: the arrays of the final network by path, "params.layers.0.w".
        features: the names of the numbers that go into the network; None where no file says.
        examples: pictures of the test part that were kept to be shown.
        form: what pictures or series were brought to; empty for a table.
        searched: the search that chose the setting; None for a run without one.
    """

    place: str
    task: Task | None
    plan: dict[str, Any]
    model: dict[str, Any]
    lanes: dict[str, list[dict[str, Any]]]
    outcome: Outcome | None
    audit: dict[str, Any]
    test: dict[str, np.ndarray]
    columns: list[dict[str, Any]]
    inspection: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    weights: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    features: tuple[str, ...] | None = None
    examples: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    form: dict[str, Any] = dataclasses.field(default_factory=dict)
    searched: Searched | None = None

    @classmethod
    def read(cls, folder: str | Path) -> Record:
        """The record in a folder.

        Raises:
            RunError: when a file is cut short, or is not what it should be.
        """
        place = Path(folder)
        plan, prepared = _json(place / "plan.json"), _json(place / "preparation.json")
        scores = _json(place / "scores.json")
        known = plan.get("task") or prepared.get("task") or scores.get("task")
        return cls(
            place=place.name if place.is_absolute() else str(place),
            task=Task.from_json(known, str(place)) if known else None,
            plan=plan,
            model=_json(place / "model.json"),
            lanes=_lanes(place / "history.jsonl"),
            outcome=Outcome.from_json(scores, str(place / "scores.json")) if scores else None,
            audit=_json(place / "audit.json"),
            test=_arrays(place / "test.safetensors"),
            columns=list(prepared.get("columns", ())),
            inspection=_lines(place / "inspection.jsonl"),
            weights=_arrays(place / "weights.safetensors"),
            features=_features(prepared.get("preparation"), str(place / "preparation.json")),
            examples=_lines(place / "examples.jsonl"),
            form=dict(prepared.get("form", {})),
            searched=_searched(place, str(Task.from_json(known, str(place)).scoring) if known else ""),
        )

    @property
    def name(self) -> str:
        """The name of the data."""
        return str(self.plan.get("name") or self.place)

    @property
    def final(self) -> str | None:
        """The lane of the final network; the first of them when there are several, None without one."""
        return next((lane for lane in self.lanes if lane.split(" seed ")[0] == FINAL), None)


def _searched(place: Path, scoring: str) -> Searched | None:
    study, trials = _json(place / "study.json"), _lines(place / "trials.jsonl")
    return Searched.of(study, trials, str(place), unit=unit_of(scoring)) if study else None


def _features(data: Any, source: str) -> tuple[str, ...] | None:
    return Preparation.from_json(data, source).features if data else None


def _lanes(path: Path) -> dict[str, list[dict[str, Any]]]:
    lines = _lines(path)
    lanes: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        lanes.setdefault(str(line.get("lane", FINAL)), []).append(line)
    return dict(sorted(lanes.items(), key=lambda item: item[0].startswith(FINAL)))


def _lines(path: Path) -> list[dict[str, Any]]:
    return strict_json.load(path.read_bytes(), str(path), lines=True) if path.is_file() else []


def _json(path: Path) -> dict[str, Any]:
    value = strict_json.load(path.read_bytes(), str(path)) if path.is_file() else {}
    if not isinstance(value, dict):
        raise RunError(str(path), "needs an object", type(value).__name__, source="its content", fix="fit again")
    return value


def _arrays(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        return {}
    try:
        return load(path.read_bytes())
    except SafetensorError as error:
        raise RunError(
            str(path), "needs a whole safetensors file", str(error), source="its content", fix="fit again"
        ) from None
