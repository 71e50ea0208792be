"""The plan: everything that was chosen for a run, in one JSON file that gives the same run again."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import photic
from photic import spec
from photic.data.task import Task
from photic.errors import RunError
from photic.experiment.rates import Found
from photic.maths.losses import LOSSES, Loss
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import RULES
from photic.optim.schedules import SCHEDULES

FORMAT = 1


@dataclasses.dataclass(frozen=True)
class Source:
    """Where the rows come from, and the roles of its columns.

    Args:
        data: a path or a bundled name; None when arrays or a table were given, which a replay must be given again.
        size: what pictures were brought to, as the user asked.
        sequence, horizon, window: where series are in a table and what is forecast, as the user said.
        tokenizer: the file whose tokens are the symbols of a text.
        every_step: whether the target has a value of its own at every step.
        fingerprint: of the rows as they were read.
    """

    data: str | None
    target: str | None
    task: str | None = None
    groups: str | None = None
    time: str | None = None
    weights: str | None = None
    fingerprint: str = ""
    size: str | int | None = None
    sequence: str | None = None
    horizon: int | None = None
    window: int | None = None
    every_step: bool = False
    tokenizer: str | None = None

    @property
    def reading(self) -> dict[str, Any]:
        """What `read` is told besides the data and the target.

        >>> Source("a.csv", "y", time="day").reading["time"]
        'day'
        """
        names = (
            "task",
            "groups",
            "time",
            "weights",
            "size",
            "sequence",
            "horizon",
            "window",
            "every_step",
            "tokenizer",
        )
        return {name: getattr(self, name) for name in names}


@dataclasses.dataclass(frozen=True)
class Plan:
    """One experiment as data.

    Args:
        name: of the data, for titles and folder names.
        source: where the rows come from.
        task: what is predicted.
        model: the network.
        loss: what training makes small.
        descent: rule, schedule and clipping.
        batch_size: the largest batch; batches are balanced.
        epochs: at most.
        patience: epochs without a better loss on the stop rows before training ends.
        test: the share of rows locked away until the end.
        stop: the share of the other rows that choose the epoch.
        folds, repeats: of the cross-validation beside the final network; no folds means the test part alone.
        method: how rows are split; None lets the data decide.
        class_weight: "balanced" or None.
        seeds: how many networks are trained on each fold.
        seed: every random draw follows from it.
        baselines: whether simple models are scored on the same rows.
        mixup: how strongly rows are blended in training, see `train.mixup`.
        rates: the learning rate that each fold found, and what it tried; empty when they are still to be found, None
            when the rule's own is meant for all.
        super_batch: how many bytes of rows are on the device at once, where memory does not hold them all; None where
            it does.
        said: what was chosen and why, in sentences.
    """

    name: str
    source: Source
    task: Task
    model: Model
    loss: Loss
    descent: Descent
    batch_size: int
    epochs: int
    patience: int
    test: float
    stop: float
    folds: int
    repeats: int = 1
    method: str | None = None
    class_weight: str | None = None
    seeds: int = 1
    seed: int = 0
    baselines: bool = True
    rates: tuple[Found, ...] | None = None
    super_batch: int | None = None
    said: tuple[str, ...] = ()
    mixup: spec.Number = 0.0

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON values, with the versions it was made with."""
        plain = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        descent = self.descent
        return {
            "format": FORMAT,
            "made_with": {
                "photic": photic.__version__,
                "jax": metadata.version("jax"),
                "python": platform.python_version(),
            },
            **plain,
            "source": dataclasses.asdict(self.source),
            "task": self.task.to_json(),
            "model": self.model.to_json(),
            "loss": spec.to_json(self.loss),
            "descent": {
                "rule": spec.to_json(descent.rule),
                "schedule": spec.to_json(descent.schedule),
                "clip": spec.to_json(descent.clip),
            },
            "rates": None if self.rates is None else [dataclasses.asdict(each) for each in self.rates],
            "said": list(self.said),
        }

    @classmethod
    def from_json(cls, data: Any, source: str) -> Plan:
        """The plan that `to_json` wrote.

        Raises:
            RunError: when it is not a plan, is cut short, or was made by a newer format.
            SpecError: when a model, loss or rule in it cannot be.
        """
        if not isinstance(data, Mapping) or "format" not in data:
            raise RunError(
                "plan", "needs a plan with a format", "something else", source=source, fix="give a plan.json of a run"
            )
        if data["format"] > FORMAT:
            raise RunError(
                "plan",
                f"needs format {FORMAT} or older",
                f"format {data['format']}",
                source=f"{source}, made with Photic {data.get('made_with', {}).get('photic', '?')}",
                fix="update Photic",
            )
        names = {field.name for field in dataclasses.fields(cls)}
        missing = sorted(names - set(data) - {"rates", "mixup", "super_batch"})  # younger than the format
        if missing:
            raise RunError("plan", f"needs {missing[0]!r}", "nothing", source=source, fix="make the plan again")
        values = {name: data[name] for name in names - {"rates", "mixup", "super_batch"}}
        descent, rates = data["descent"], data.get("rates")
        read = lambda part, types, where: spec.from_json(part, types, where, source)
        return cls(
            **values
            | {
                "source": Source(**data["source"]),
                "task": Task.from_json(data["task"], source),
                "model": Model.from_json(data["model"], source=source),
                "loss": read(data["loss"], LOSSES, "loss"),
                "descent": Descent(
                    read(descent["rule"], RULES, "rule"),
                    read(descent["schedule"], SCHEDULES, "schedule"),
                    read(descent["clip"], {}, "clip"),
                ),
                "rates": None if rates is None else tuple(Found.from_json(each) for each in rates),
                "said": tuple(data["said"]),
                "mixup": data.get("mixup", 0.0),
                "super_batch": data.get("super_batch"),
            }
        )
