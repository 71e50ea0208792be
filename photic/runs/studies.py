"""What a search is asked for and leaves behind: its request, its journal, who is at work on it, and what it came to.

While a search goes on its folder holds `search.json` (what was asked), `study.journal` (every setting asked for and
told, Optuna's own file), `study.lock` (which process is at work), and a checkpoint of what is being trained. The
finished run takes their place, with `study.json` and `trials.jsonl` beside its own files.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from photic.errors import PlanError, RunError
from photic.experiment import space as spaces
from photic.experiment.plan import Plan
from photic.experiment.search import Search, Trial
from photic.experiment.space import Space, Value
from photic.export import atomic, strict_json
from photic.runs import store
from photic.runs.run import Report, Run

FORMAT, _REQUESTED = 1, 2  # of what a search came to, and of what it was asked for
REQUEST, JOURNAL, LOCK, STUDY, TRIALS = store.SEARCH, "study.journal", "study.lock", "study.json", "trials.jsonl"
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


@dataclasses.dataclass(frozen=True)
class Request:
    """What a search is to do, as `search.json` keeps it.

    Args:
        plan: the plan without a search.
        network: the name of a usual network; None for the default one, and for a person's own.
        function: whether a person's own function makes the network, which no file can hold.
        own: whether the network is a person's own Model, which `plan.model` holds with its Knobs.
        space: what is tried.
        trials: how many settings each arena tries.
        folds: inner folds.
        sampler, pruner: how.
        time_limit: seconds for all of it; None for any number.
        memory: bytes that lanes may take; None for any number.
        looks: how often the scores had been told before the search was gone on with.
    """

    plan: Plan
    network: str | None
    function: bool
    own: bool
    space: Space
    trials: int
    folds: int
    sampler: str
    pruner: str
    time_limit: float | None
    memory: int | None
    looks: int = 0

    def to_json(self) -> dict[str, Any]:
        """The request as JSON values."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {"format": _REQUESTED, **fields, "plan": self.plan.to_json(), "space": spaces.to_json(self.space)}

    @classmethod
    def read(cls, folder: Path) -> Request:
        """The request in the folder of a search.

        Raises:
            RunError: when there is none, or a newer Photic wrote it.
        """
        path = folder / REQUEST
        if not path.is_file():
            raise RunError(str(folder), "needs the folder of a search", f"no {REQUEST} there",
                           source="the resume option", fix="start one with photic tune")  # fmt: skip
        data = strict_json.load(path.read_bytes(), str(path))
        if not isinstance(data, Mapping) or data.get("format") != _REQUESTED:
            came = f"format {data.get('format')}" if isinstance(data, Mapping) else type(data).__name__
            raise RunError(str(path), f"needs format {_REQUESTED}, which this Photic reads", came, source="the folder",
                           fix="go on with the Photic that began it")  # fmt: skip
        fields: dict[str, Any] = {name: value for name, value in data.items() if name != "format"}
        fields["plan"] = Plan.from_json(data["plan"], str(path))
        fields["space"] = spaces.from_json(data["space"], str(path))
        return cls(**fields)

    def further(self, folder: Path, trials: int | None, limit: float | None) -> Request:
        """The request to go on with, where the folder holds a finished search or the process of one that died.

        Args:
            trials, limit: how many settings and seconds there are now; None for as many as before.

        Raises:
            RunError: when a finished search has nothing left to try, or is not whole any more.
        """
        again = dataclasses.replace(self, trials=trials or self.trials, time_limit=limit or self.time_limit)
        if not finished(folder):
            return again
        found = Study.load(folder)
        tried = Counter(line["arena"] for line in found.trials)
        least = min(tried[arena["name"]] for arena in found.story["arenas"])
        if least >= again.most:
            more = dataclasses.replace(again, trials=least + 1).most > least
            fix = f"ask for more, such as --trials {2 * least}" if more else "begin another search, with more to try"
            raise RunError(str(folder), "needs settings that are left to try", f"a search that tried all {least}",
                           source="the resume option", fix=fix)  # fmt: skip
        return dataclasses.replace(again, looks=self.looks + 1)

    @property
    def most(self) -> int:
        """How many settings are tried: of a grid no more than it has, and the default."""
        if self.sampler != "grid":
            return self.trials
        return min(self.trials, 1 + sum(1 for _ in spaces.settings(self.space)))


def finished(folder: Path) -> bool:
    """Whether a search has come to its end there, by itself or by Ctrl-C."""
    return (folder / STUDY).is_file()


@dataclasses.dataclass(frozen=True, eq=False)
class Study:
    """A finished search: the run of its winner, and everything that was tried.

    Args:
        run: the winner's, refitted, with its honest scores.
        story: what `study.json` holds.
        trials: a dict for every setting of every arena, as in `trials.jsonl`.
    """

    run: Run
    story: dict[str, Any]
    trials: list[dict[str, Any]]

    @classmethod
    def load(cls, folder: str | Path) -> Study:
        """The search that left a run folder.

        Raises:
            RunError: when the folder is no whole run, or no search left it.
        """
        store.verify(folder)
        place = Path(folder)
        if not (place / STUDY).is_file():
            raise RunError(str(folder), "needs a run that a search left", f"no {STUDY} there", source="the path given",
                           fix="make one with photic tune")  # fmt: skip
        story = strict_json.load((place / STUDY).read_bytes(), str(place / STUDY))
        trials = strict_json.load((place / TRIALS).read_bytes(), str(place / TRIALS), lines=True)
        from photic.runs.run import load

        return cls(load(place), story, trials)

    @property
    def best(self) -> dict[str, Value]:
        """The setting that won."""
        return dict(self.story["arenas"][-1]["values"])

    @property
    def scores(self) -> Any:
        """What the winner scored on rows that no search saw, beside the default network and simple models."""
        return self.run.scores

    def frame(self) -> Any:
        """Every setting of the final network's search as a polars table: a row each, its values, state and score."""
        import polars

        own = [each for each in self.trials if each["arena"] == self.story["arenas"][-1]["name"]]
        names = list(self.story["space"])
        return polars.DataFrame(
            [
                {"number": each["number"], **{name: each["values"].get(name) for name in names}}
                | {name: each[name] for name in ("state", "epochs", "score", "best_epoch")}
                for each in own
            ],
            infer_schema_length=None,
            strict=False,
        )

    def report(self) -> Report:
        """The page of the run, with the search in it."""
        return self.run.report()

    def __str__(self) -> str:
        return "\n".join([*self.story["said"], self.story["gain"]["words"], "", str(self.scores)])


def story(
    request: Request, search: Search, winners: Sequence[Trial], outcome: Any, said: Sequence[str], refit: float
) -> dict[str, Any]:
    """What a search came to, as `study.json` keeps it.

    Args:
        winners: of every arena, the final one last.
        outcome: the scores of the winners on rows that no search saw.
        refit: seconds that training the winners took.
    """
    folds, test = outcome.network.folds.get(outcome.main, ()), outcome.network.test
    scores = [*folds, test[outcome.main].value if test else None]
    stages = search.stages()
    default = {each.arena: each for each in search.told() if each.asked.default}
    return {
        "format": FORMAT,
        "name": request.plan.name,
        "metric": search.metric.name,
        "better": search.metric.better,
        "trials": request.trials,
        "folds": request.folds,
        "outer": len(search.arenas) - 1,
        "space": spaces.to_json(request.space),
        "sampler": request.sampler,
        "pruner": request.pruner,
        "rungs": stages,
        "default": dict(search.recipe.default()),
        "importance": search.studies[-1].importance(),
        "gain": gain(outcome, none=winners[-1].asked.values == search.recipe.default()),
        "cost": {
            "seconds": {name: getattr(search.cost, name) for name in ("compile", "train", "engine")} | {"refit": refit},
            **{name: getattr(search.cost, name) for name in ("trainings", "epochs", "lanes")},
        },
        "arenas": [
            {
                "name": trial.arena,
                "winner": trial.asked.number,
                "values": dict(trial.asked.values),
                "inner": trial.told and trial.told.score,
                "default_inner": _score(default.get(trial.arena)),
                "score": score,
            }
            for trial, score in zip(winners, scores, strict=True)
        ],
        "said": list(said),
    }


def _score(trial: Trial | None) -> float | None:
    return None if trial is None or trial.told is None else trial.told.score


def tried(search: Search) -> list[dict[str, Any]]:
    """Every setting that was told, as `trials.jsonl` keeps it."""
    return [
        {"arena": each.arena, "number": each.asked.number, "values": dict(each.asked.values), **_told(each)}
        for each in search.told()
        if each.told is not None
    ]


def _told(trial: Trial) -> dict[str, Any]:
    assert trial.told is not None
    fields = dataclasses.asdict(trial.told)
    return {**fields, "folds": list(fields["folds"]), "curve": [list(point) for point in fields["curve"]]}


def gain(outcome: Any, *, none: bool) -> dict[str, Any]:
    """What the search gained over the default network, on rows that neither saw.

    Args:
        none: whether the final network's search found nothing better than the default.
    """
    from photic.experiment.figures import figure, label

    found = outcome.gain
    better, low, high = found.advantage.value, found.advantage.low, found.advantage.high
    share = outcome.main in ("accuracy", "balanced_accuracy", "auc")
    scale, unit = (100.0, "points of ") if share else (1.0, "")
    half = (high - low) / 2
    says = lambda value: figure(scale * value, scale * half)
    place = f"{outcome.rows['test']:,} test rows" if found.where == "test" else f"{_folds(outcome)} outer folds"
    size = f"{says(better)} ± {says(half)} {unit}{label(outcome.main)}"
    lost = f"{says(-better)} ± {says(half)} {unit}{label(outcome.main)}"
    if not all(map(math.isfinite, (better, low, high))):
        words = "Whether tuning gained anything over the default cannot be said: too few rows were scored."
    elif none and found.where == "test":
        words = "The search found nothing better than the default, so there was nothing to gain."
    elif low > 0:
        words = f"Tuning gained {size} over the default, on {place}."
    elif high < 0:
        words = f"Tuning lost {lost} against the default, on {place}: take the default."
    elif better < 0:
        words = f"Tuning lost {lost} against the default, on {place}: not worth it, though that may be chance."
    else:
        words = f"Tuning gained {size} over the default, on {place}: not worth it, for that may be chance."
    return {"value": better, "low": low, "high": high, "rows": place, "words": words}


def _folds(outcome: Any) -> int:
    return len(outcome.network.folds.get(outcome.main, ()))


def seconds(limit: str | float | None) -> float | None:
    """A time limit in seconds.

    Args:
        limit: a number of seconds, or text such as "90s", "10m", "1.5h".

    Raises:
        PlanError: when it is no such time.

    >>> seconds("10m"), seconds(30), seconds(None)
    (600.0, 30.0, None)
    """
    if limit is None:
        return None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", str(limit).lower())
    if found is None or found[2] not in _UNITS or not float(found[1]):
        raise PlanError("time-limit", "needs a time above 0", repr(limit), source="the time-limit option",
                        fix="give one such as 90s, 10m or 2h, or leave it out")  # fmt: skip
    return float(found[1]) * _UNITS[found[2]]


def mend(journal: Path) -> None:
    """Take out lines that a full disk or a kill left half written; nothing that was told is in them."""
    lines = journal.read_bytes().splitlines(keepends=True) if journal.is_file() else []
    whole = [line for line in lines if line.endswith(b"\n") and _is_json(line)]
    if len(whole) < len(lines):
        atomic.write_file(journal, b"".join(whole), "the study")


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


@contextlib.contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """The lock of a search: while this process is in here, no other goes on with it.

    Raises:
        RunError: when another process that is alive holds it.
    """
    path = folder / LOCK
    holder = _holder(path)
    if holder is not None:
        raise RunError(str(folder), "needs a search that nobody is at work on", f"process {holder}, which is",
                       source=f"its {LOCK}", fix="wait for it, or help it with --join")  # fmt: skip
    own = psutil.Process()
    atomic.write_file(path, json.dumps({"process": own.pid, "began": own.create_time()}).encode(), "the lock")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _holder(path: Path) -> int | None:
    """The living process that holds a lock; None when there is none."""
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_bytes())
        process = psutil.Process(int(data["process"]))
        alive = process.pid != os.getpid() and abs(process.create_time() - float(data["began"])) < 1.0
    except (ValueError, KeyError, TypeError, psutil.Error):
        return None
    return process.pid if alive else None
