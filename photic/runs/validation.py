"""Cross-validation as a job: every row scored once by a network that never saw it. Chapter: "Cross-validation"."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from photic.data.audit import Audit, audit
from photic.data.read import read
from photic.data.several import said_as
from photic.data.split import split
from photic.experiment import devices
from photic.experiment.choose import Wishes, choose
from photic.experiment.judge import judge
from photic.experiment.outcome import Outcome
from photic.experiment.plan import Plan, Source
from photic.experiment.validate import check, find_rates, prepare, validate
from photic.export import seal, strict_json
from photic.maths.losses import Loss
from photic.model import Model
from photic.optim.rules import Rule
from photic.optim.schedules import Schedule
from photic.runs import store
from photic.runs.trackers import Finished, tracking
from photic.spec import Number
from photic.train.history import Progress, Watcher, quiet
from photic.train.interrupt import Interrupt


@dataclasses.dataclass(frozen=True, eq=False)
class Validation:
    """What a cross-validation found.

    Args:
        plan: everything that was chosen.
        scores: every fold's score, the mean with its interval, the baselines and the verdict.
        audit: what was found about the data.
        history: a dict per fold and epoch.
    """

    plan: Plan
    scores: Outcome
    audit: Audit
    history: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "plan": self.plan.to_json(),
            "scores": self.scores.to_json(),
            "audit": self.audit.to_json(),
            "history": self.history,
        }

    def save(self, folder: str | Path) -> Path:
        """Write plan, scores, audit and history as the files of a run without a network.

        Raises:
            RunError: when the folder holds something already.
            WorkError: when it cannot be written.
        """
        place = store.new_folder(folder, self.plan.name)
        parts = self.to_json()
        content = {
            f"{name}.json": strict_json.dump(parts[name], name, results=True) for name in ("plan", "scores", "audit")
        }
        content["history.jsonl"] = strict_json.dump(self.history, "history", results=True, lines=True)
        seal.write(place, content)
        return place

    def __str__(self) -> str:
        return str(self.scores)


def cross_validate(
    model: Model | str | Mapping[str, Any] | None,
    data: Any,
    target: Any = None,
    *,
    task: str | None = None,
    loss: Loss | str | None = None,
    optimizer: Rule | str | None = None,
    learning_rate: Number | str | None = None,
    schedule: Schedule | str | None = None,
    clip: Number | None = None,
    mixup: float = 0.0,
    batch_size: int | None = None,
    epochs: int | None = None,
    patience: int | None = None,
    folds: int = 5,
    repeats: int = 1,
    stop: float = 0.15,
    method: str | None = None,
    groups: str | None = None,
    time: str | None = None,
    weights: str | None = None,
    size: str | int | None = None,
    sequence: str | None = None,
    horizon: int | None = None,
    window: int | None = None,
    every_step: bool = False,
    class_weight: str | None = None,
    seeds: int = 1,
    seed: int = 0,
    baselines: bool = True,
    log: str | None = None,
    progress: Watcher | None = None,
) -> Validation:
    """Score a network by cross-validation: all folds, repeats and seeds are trained in one program.

    Args:
        model: a Model, "mlp", "linear", "cnn", a model's JSON, or None for the default.
        folds: how many; repeats: how often they are drawn anew; seeds: how many networks are trained on each.
        stop: the share of each fold's training rows that only choose the epoch; 0 trains to the last epoch.
        The other arguments are those of `photic.fit`.

    Raises:
        RequestError: when the data or the choices cannot be used; said before anything is trained.
    """
    devices.set_up()
    with tracking(log, data) as tracker:
        watch = tracker.watching(progress or quiet)
        watch(Progress("reading"))
        place = data if isinstance(data, str) else None
        source = Source(place, said_as(target), task, groups, time, weights, size=size, sequence=sequence,
                        horizon=horizon, window=window, every_step=every_step)  # fmt: skip
        dataset = read(data, target, **source.reading)
        wishes = Wishes(
            model, loss, optimizer, learning_rate, schedule, clip, batch_size, epochs, patience, folds, repeats,
            test=0.0, stop=stop, method=method, class_weight=class_weight, seeds=seeds, seed=seed, baselines=baselines,
            mixup=mixup,
        )  # fmt: skip
        plan = choose(dataset, source, wishes)
        parts = split(dataset, test=0.0, folds=folds, repeats=repeats, stop=stop, method=method, seed=seed)
        found = audit(dataset, parts)
        prepared = prepare(plan, dataset, parts.folds)
        check(plan, prepared[0].x.shape[1:], dataset.lengths)
        with Interrupt() as interrupt:
            plan = find_rates(plan, prepared, watch=watch, interrupt=interrupt)
            validated = validate(plan, prepared, watch=watch, interrupt=interrupt)
            watch(Progress("baselines"))
            scores = judge(plan, dataset, parts, validated, interrupt)
        done = Validation(plan, scores, found, validated.result.history)
        tracker.finish(Finished(plan.to_json(), done.history, scores.to_json()))
        return done
