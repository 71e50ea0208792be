"""What Photic chooses when the user does not, from model to folds, each choice with its reason in words.

docs/decisions/defaults.md says what they reach beside simple models on real tables.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from photic import spec
from photic.data.dataset import Dataset
from photic.data.task import Task
from photic.errors import PlanError, nearest
from photic.experiment import storage
from photic.experiment.plan import Plan, Source
from photic.experiment.usual import PLAIN, USUAL, Usual
from photic.maths import losses
from photic.model import Model
from photic.optim import rules, schedules
from photic.optim.descent import Descent
from photic.optim.rules import Rule
from photic.optim.schedules import Cosine, Schedule

AUTO = "auto"  # the learning rate that is to be found
_CALLED = {"table": "tables", "images": "pictures", "series": "series", "text": "text"}


@dataclasses.dataclass(frozen=True)
class Wishes:
    """What the user asked for; None where the choice is Photic's. The names are those of `photic.fit`."""

    model: Model | str | Mapping[str, Any] | None = None
    loss: losses.Loss | str | None = None
    optimizer: Rule | str | None = None
    learning_rate: spec.Number | str | None = None
    schedule: Schedule | str | None = None
    clip: spec.Number | None = None
    batch_size: int | None = None
    epochs: int | None = None
    patience: int | None = None
    folds: int | None = None
    repeats: int = 1
    test: float = 0.2
    stop: float = 0.15
    method: str | None = None
    class_weight: str | None = None
    seeds: int = 1
    seed: int = 0
    baselines: bool = True
    mixup: float = 0.0
    memory: int | None = None


def choose(dataset: Dataset, source: Source, wishes: Wishes) -> Plan:
    """A whole plan for a dataset: the user's wishes, and a reasoned choice for the rest.

    Raises:
        PlanError: for a wish that cannot be granted; nothing has been computed by then.
    """
    task = dataset.task
    assert task is not None, "a dataset to fit has a task"
    said: list[str] = []
    _check_numbers(wishes)
    if wishes.class_weight is not None and task.kind == "multilabel":
        _refuse("class_weight", "one target with classes, not several labels", wishes.class_weight)
    if wishes.mixup and dataset.kind == "text":
        _refuse("mixup", "rows of numbers: characters cannot be blended", wishes.mixup)
    usual = _usual(dataset, task)
    if task.every_step and wishes.class_weight is not None:
        fix = "leave it out: the scores count every class alike in balanced accuracy"
        got = "a target at every place"
        raise PlanError("class-weight", "needs one class for each row", got, source="the class-weight option", fix=fix)
    model = _model(dataset, usual, task, wishes, said)
    batch_size = wishes.batch_size or _batch_size(dataset.n, usual, said)
    epochs = wishes.epochs or _epochs(dataset.n, batch_size, usual, said)
    super_batch = storage.choose(dataset, wishes.memory, batch_size, said)
    if super_batch is not None:
        wishes = _without_folds(wishes)
    return Plan(
        name=dataset.name,
        source=dataclasses.replace(source, fingerprint=dataset.fingerprint),
        task=task,
        model=model,
        loss=_loss(task.kind, usual, wishes, said),
        descent=_descent(usual, wishes, said),
        batch_size=batch_size,
        epochs=epochs,
        patience=wishes.patience or max(10, int(epochs * usual.patience)),
        test=wishes.test,
        stop=wishes.stop,
        folds=_folds(dataset, task, wishes, said),
        repeats=wishes.repeats,
        method=wishes.method,
        class_weight=wishes.class_weight,
        seeds=wishes.seeds,
        seed=wishes.seed,
        baselines=wishes.baselines,
        rates=() if wishes.learning_rate == AUTO else None,
        super_batch=super_batch,
        said=tuple(said),
        mixup=wishes.mixup,
    )


def _without_folds(wishes: Wishes) -> Wishes:
    """Rows that memory does not hold train one network."""
    for name, value, single in (("folds", wishes.folds, 0), ("seeds", wishes.seeds, 1)):
        if value not in (None, single):
            _refuse(name, "to be left out for rows that memory does not hold", value)
    return dataclasses.replace(wishes, folds=0)


def _usual(dataset: Dataset, task: Task) -> Usual:
    if task.every_step:
        return USUAL[f"{dataset.kind} at every place"]
    return USUAL["windows" if task.horizon else dataset.kind]


def _model(dataset: Dataset, usual: Usual, task: Task, wishes: Wishes, said: list[str]) -> Model:
    asked = wishes.model
    if isinstance(asked, Model):
        return asked
    if isinstance(asked, Mapping):
        return Model.from_json(asked, source="the model given")
    name = next(iter(usual.models)) if asked is None else asked
    if name not in usual.models:
        fix = nearest(str(asked), usual.models)
        needs = f"needs a model known for {_CALLED[dataset.kind]}"
        raise PlanError("model", needs, repr(asked), source="the model option", fix=fix)
    model, words = usual.models[name](dataset, task.outputs)
    said += [words] if words else []
    return model


def _loss(kind: str, usual: Usual, wishes: Wishes, said: list[str]) -> losses.Loss:
    if isinstance(wishes.loss, losses.Loss):
        return wishes.loss
    if wishes.loss is None:
        return _softened(losses.default(kind), usual, said) if _own(usual, wishes) else losses.default(kind)
    if wishes.loss not in losses.LOSSES:
        raise PlanError(
            "loss",
            "needs a known loss",
            repr(wishes.loss),
            source="the loss option",
            fix=nearest(wishes.loss, losses.LOSSES),
        )
    return losses.LOSSES[wishes.loss]()


def _softened(loss: losses.Loss, usual: Usual, said: list[str]) -> losses.Loss:
    """The usual loss of classes, doubting every label a little, so that a small table is not learned by heart."""
    doubt = usual.label_smoothing
    if not doubt or not isinstance(loss, losses.BinaryCrossEntropy | losses.CrossEntropy):
        return loss
    said.append(
        f"Loss: cross-entropy that doubts every label a little (label smoothing {doubt}), against overconfidence."
    )
    return dataclasses.replace(loss, label_smoothing=doubt)


def _own(usual: Usual, wishes: Wishes) -> bool:
    """Whether the network is the default one, whose loss and optimizer are chosen with it."""
    return isinstance(wishes.model, str | None) and wishes.model in (None, next(iter(usual.models)))


def _descent(usual: Usual, wishes: Wishes, said: list[str]) -> Descent:
    rule = wishes.optimizer
    if rule is None:
        rule = usual.rule if _own(usual, wishes) else PLAIN
        rate = rule.learning_rate if wishes.learning_rate is None else wishes.learning_rate
        at = ", its rate" if isinstance(rate, str) else f" at a learning rate of {spec.plain(rate):g},"
        said.append(f"Optimizer: AdamW{at} falling along a cosine.")
    elif isinstance(rule, str):
        rule = rules.named(rule)
    if wishes.learning_rate is not None and not isinstance(wishes.learning_rate, str):
        rule = dataclasses.replace(rule, learning_rate=wishes.learning_rate)
    schedule = wishes.schedule
    if schedule is None:
        schedule = Cosine()
    elif isinstance(schedule, str):
        schedule = schedules.named(schedule)
    return Descent(rule, schedule, wishes.clip)


def _batch_size(rows: int, usual: Usual, said: list[str]) -> int:
    size = usual.batch_size(rows)
    said.append(f"Batch size: {size}, for {rows:,} rows.")
    return size


def _epochs(rows: int, batch_size: int, usual: Usual, said: list[str]) -> int:
    epochs = usual.epochs_for(rows, batch_size)
    end = (
        "training ends early when the stop rows no longer gain"
        if usual.patience < 1
        else "the best one's weights are kept"
    )
    said.append(f"Epochs: at most {epochs}; {end}.")
    return epochs


def _folds(dataset: Dataset, task: Task, wishes: Wishes, said: list[str]) -> int:
    if wishes.folds is not None:
        return wishes.folds
    usual = _usual(dataset, task)
    if dataset.n > usual.folds_up_to and wishes.test:
        said.append(f"Folds: none, because {usual.no_folds.format(test=int(dataset.n * wishes.test))}.")
        return 0
    most = 5
    if task.classes and dataset.y is not None and not task.every_step:
        given = dataset.given_test if wishes.test else None
        y, share = (dataset.y, 1 - wishes.test) if given is None else (dataset.y[~given], 1.0)
        most = min(most, int(np.bincount(y, minlength=len(task.classes)).min() * share))
    if task.horizon and dataset.time is not None:  # between two parts a horizon is left out on each side
        moments = int(len(np.unique(dataset.time)) * (1 - wishes.test))
        most = min(most, moments // (3 * task.horizon) - 1)
    if dataset.groups is not None:
        most = min(most, len(np.unique(dataset.groups)) - 2)
    most = min(most, dataset.n // 4 if task.every_step else most)
    if most < 2:
        few = "the steps" if task.horizon else "a class or the groups"
        said.append(f"Folds: none, because {few} are too few to be divided.")
        return 0
    said.append(
        f"Folds: {most}, so that every row outside the test part is scored once by a network that never saw it."
    )
    return most


_RATE = f"{AUTO!r} or a number above 0"


def _check_numbers(wishes: Wishes) -> None:
    """Refuse counts below one and shares outside their range, before anything is computed."""
    for name in ("batch_size", "epochs", "patience", "repeats", "seeds"):
        value = getattr(wishes, name)
        if value is not None and (not isinstance(value, int) or value < 1):
            _refuse(name, "a whole number of at least 1", value)
    rate = wishes.learning_rate
    if isinstance(rate, str) and rate != AUTO:
        _refuse("learning_rate", _RATE, rate)
    if rate is not None and not isinstance(rate, str) and not 0 < spec.plain(rate) < float("inf"):
        _refuse("learning_rate", _RATE, spec.plain(rate))
    if wishes.folds is not None and wishes.folds != 0 and wishes.folds < 2:
        _refuse("folds", "0 or at least 2", wishes.folds)
    if not 0 <= wishes.stop < 1:
        _refuse("stop", "a share of at least 0 and below 1", wishes.stop)
    if not 0 <= wishes.mixup < float("inf"):
        _refuse("mixup", "a number of at least 0", wishes.mixup)
    if wishes.class_weight not in (None, "balanced"):
        _refuse("class_weight", "'balanced' or nothing", wishes.class_weight)
    if not 0 <= wishes.seed < 2**31:
        _refuse("seed", "a whole number from 0 to 2,147,483,647", wishes.seed)


def _refuse(name: str, required: str, got: object) -> None:
    option = name.replace("_", "-")
    raise PlanError(
        option, f"needs {required}", repr(got), source=f"the {option} option", fix="give such a value, or leave it out"
    )
