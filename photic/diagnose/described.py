"""A training as somebody wrote it, in this framework or another, good or bad: the one form all rules look at.

Nothing here refuses what only makes a training bad; that is for a diagnosis to say. The JSON form stands in
docs/described-training.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from photic import spec
from photic.data.dataset import Column, Dataset
from photic.data.read import read
from photic.data.task import Task
from photic.diagnose.parts import Data, HeldOut, InputForm, LossUse, Stage, Start, TargetForm, known, refused, start_of
from photic.errors import RunError, nearest
from photic.experiment.plan import Plan
from photic.layers import TYPES, Dense, Sigmoid, Softmax
from photic.layers.activation import ActivationLayer
from photic.optim.descent import Descent
from photic.optim.rules import RULES, Adam
from photic.optim.schedules import CONSTANT, SCHEDULES

FORMAT = 1
_BENDS = {name: kind for name, kind in TYPES.items() if issubclass(kind, ActivationLayer)}


@dataclasses.dataclass(frozen=True)
class Described:
    """One training.

    Args:
        data: where the rows come from.
        layers: the network, with penalties and starts.
        loss: what is made small, and what it takes the outputs for.
        target: how labels or numbers are encoded.
        inputs: how columns are filled and scaled.
        split: the rows held out.
        descent: rule, schedule and clipping.
        batch_size, epochs: as in `Plan`; batches are balanced.
        shuffle: whether rows come in a new order in every epoch.
        class_weight: "balanced" or None.
        patience: epochs without a better loss on the rows held out before training ends, and the best epoch's network
            is kept; None trains all epochs and keeps the last.
        seed: every random draw follows from it.
        name: in words.

    >>> from photic.layers import ReLU
    >>> data = Data(toy="moons", settings=(("n", 200),))
    >>> net = (Stage(Dense(16)), Stage(ReLU()), Stage(Dense(1)))
    >>> training = Described(data, net, LossUse("binary_cross_entropy"))
    >>> Described.from_json(training.to_json()) == training
    True
    """

    data: Data
    layers: tuple[Stage, ...]
    loss: LossUse
    target: TargetForm = TargetForm()
    inputs: InputForm = InputForm()
    split: HeldOut = HeldOut()
    descent: Descent = Descent(Adam(0.001), CONSTANT)
    batch_size: int = 32
    epochs: int = 50
    shuffle: bool = True
    class_weight: str | None = None
    patience: int | None = None
    seed: int = 0
    name: str = ""

    def __post_init__(self) -> None:
        if not self.layers:
            raise refused("layers", "needs at least one layer", "none", "add a dense layer")
        for name in ("batch_size", "epochs", *(("patience",) if self.patience is not None else ())):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise refused(name, "needs a whole number of at least 1", repr(value), f"give {name} such as 20")
        if not 0 <= self.seed < 2**31:
            raise refused("seed", "needs a whole number from 0 to 2,147,483,647", repr(self.seed), "give 0")
        if self.class_weight is not None:
            known("class_weight", self.class_weight, ("balanced",))

    @property
    def probabilities(self) -> bool:
        """Whether whoever wrote it reads the outputs as probabilities: the last layer makes some, or the loss says so."""
        return isinstance(self.layers[-1].layer, Sigmoid | Softmax) or self.loss.takes == "probabilities"

    def with_layers(self, *layers: Stage) -> Described:
        """The same training of another network."""
        return dataclasses.replace(self, layers=layers)

    def with_rule(self, **numbers: Any) -> Described:
        """The same training with other numbers in its update rule: `with_rule(learning_rate=0.01)`."""
        descent = dataclasses.replace(self.descent, rule=dataclasses.replace(self.descent.rule, **numbers))
        return dataclasses.replace(self, descent=descent)

    def dataset(self) -> Dataset:
        """The rows, read now.

        Raises:
            DataError: when they cannot be read.
            SpecError: for an unknown toy set.
        """
        data = self.data
        if data.dataset is not None:
            return data.dataset
        if data.toy is not None:
            return _toy(data)
        roles = {"groups": data.groups, "time": data.time, "weights": data.weights}
        return read(data.set or data.file, data.target, task=data.task, **roles)

    @classmethod
    def of(cls, plan: Plan) -> Described:
        """What a plan of Photic's own does, in this form.

        A plan's locked test part stays locked, its folds are left out.
        """
        loss = LossUse(spec.type_name(type(plan.loss)), **_numbers(plan.loss, ("label_smoothing", "delta")))
        regression = plan.task.kind == "regression"
        target = TargetForm("values", "standard") if regression else TargetForm("codes")
        source = plan.source
        plain = plan.method or ("shuffled" if regression else "stratified")
        method = {"plain": "shuffled"}.get(plain, plain) if plan.stop else "none"
        return cls(
            Data(
                file=source.data or "the rows given", target=source.target, task=source.task, groups=source.groups,
                time=source.time, weights=source.weights,
            ),
            tuple(Stage(layer) for layer in plan.model.layers),
            loss, target, InputForm("photic"), HeldOut(plan.stop, method, test=plan.test), plan.descent,
            plan.batch_size, plan.epochs, True, plan.class_weight, plan.patience, plan.seed, plan.name,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """The training as JSON values; what is at its default is left out."""
        parts = {name: _without_type(getattr(self, name)) for name in _PARTS}
        defaults = {field.name: field.default for field in dataclasses.fields(self)}
        plain = {name: getattr(self, name) for name in _PLAIN if getattr(self, name) != defaults[name]}
        return {
            "format": FORMAT,
            "data": _data_to_json(self.data),
            "layers": [_stage_to_json(stage) for stage in self.layers],
            "optimizer": spec.to_json(self.descent.rule),
            **({} if self.descent.schedule == CONSTANT else {"schedule": spec.to_json(self.descent.schedule)}),
            **({} if self.descent.clip is None else {"clip": spec.to_json(self.descent.clip)}),
            **{name: part for name, part in parts.items() if part},
            **plain,
        }

    @classmethod
    def from_json(cls, data: Any, source: str = "JSON") -> Described:
        """The training that a JSON object describes.

        Raises:
            RunError: when it is no such object, or of a newer format.
            SpecError, PlanError: for a part that cannot be.
        """
        _check_form(data, source)
        values: dict[str, Any] = {name: data[name] for name in _PLAIN if name in data}
        values |= {name: _part(kind, data[name], name, source) for name, kind in _PARTS.items() if name in data}
        rule = spec.from_json(_typed(data.get("optimizer", {"type": "adam"})), RULES, "optimizer", source)
        schedule = spec.from_json(_typed(data.get("schedule", {"type": "constant"})), SCHEDULES, "schedule", source)
        stages = [
            stage
            for place, layer in enumerate(data["layers"])
            for stage in _stages_of_json(layer, f"layers.{place}", source)
        ]
        values |= {"descent": Descent(rule, schedule, data.get("clip")), "layers": tuple(stages)}
        return cls(data=_data_of_json(data["data"], source), **values)


_PARTS: dict[str, type] = {"loss": LossUse, "target": TargetForm, "inputs": InputForm, "split": HeldOut}
_PLAIN = ("batch_size", "epochs", "shuffle", "class_weight", "patience", "seed", "name")
_KNOWN = {"format", "data", "layers", "optimizer", "schedule", "clip", *_PARTS, *_PLAIN}


def _check_form(data: Any, source: str) -> None:
    fix = "see docs/described-training.md"
    if not isinstance(data, Mapping):
        raise RunError("plan", "needs a JSON object", type(data).__name__, source=source, fix=fix)
    for name in ("data", "layers", "loss"):
        if name not in data:
            raise RunError("plan", f"needs {name!r}", "nothing", source=source, fix=fix)
    for name in data:
        if name not in _KNOWN:
            raise RunError("plan", "needs known parts", repr(name), source=source, fix=nearest(name, _KNOWN))
    if not isinstance(data["layers"], list):
        raise RunError("plan layers", "needs a list", type(data["layers"]).__name__, source=source, fix=fix)
    if data.get("format", FORMAT) != FORMAT:
        got = f"format {data['format']!r}"
        raise RunError("plan", f"needs format {FORMAT}", got, source=source, fix="update Photic, or write it anew")
    for name, kinds in (("batch_size", int), ("epochs", int), ("seed", int), ("shuffle", bool), ("name", str)):
        if name in data and (not isinstance(data[name], kinds) or (kinds is int and isinstance(data[name], bool))):
            required = f"needs a {'whole number' if kinds is int else kinds.__name__}"
            raise RunError(f"plan {name}", required, repr(data[name]), source=source, fix=fix)


def _part(kind: type, data: Any, where: str, source: str) -> Any:
    """A part whose type its place says; a bare word stands for its first field."""
    if isinstance(data, str):
        data = {dataclasses.fields(kind)[0].name: data}
    if not isinstance(data, Mapping):
        raise RunError(f"plan {where}", "needs an object", repr(data), source=source, fix="see docs/described-training.md")
    name = spec.type_name(kind)
    return spec.from_json({"type": name, **data}, {name: kind}, where, source)


def _without_type(part: Any) -> dict[str, Any]:
    return {key: value for key, value in spec.to_json(part).items() if key != "type"}


def _typed(data: Any) -> Any:
    return {"type": data} if isinstance(data, str) else data


def _numbers(part: Any, names: tuple[str, ...]) -> dict[str, float]:
    held = {field.name for field in dataclasses.fields(part)}
    return {name: spec.plain(getattr(part, name)) for name in names if name in held}


def _stage_to_json(stage: Stage) -> dict[str, Any]:
    extra = {name: getattr(stage, name) for name in ("l1", "l2") if getattr(stage, name)}
    if stage.start is not None:
        extra["initializer"] = dataclasses.asdict(stage.start)
    return spec.to_json(stage.layer) | extra


def _stages_of_json(data: Any, where: str, source: str) -> list[Stage]:
    """A layer, and after it its activation, when it names one."""
    data = dict(data) if isinstance(data, Mapping) else _typed(data)
    if not isinstance(data, dict):
        raise refused(where, "needs a layer, an object with a type", repr(data), 'give {"type": "dense", "units": 32}')
    bend = data.pop("activation", None)
    penalties = {name: float(data.pop(name)) for name in ("l1", "l2") if name in data}
    start = start_of(data["initializer"]) if "initializer" in data else None
    if isinstance(start, Start):
        data.pop("initializer")
    layer = spec.from_json(data, TYPES, where, source)
    if isinstance(start, Start) and not isinstance(layer, Dense):
        raise refused(where, "needs a dense layer for a law with a size", repr(layer), "name an initializer instead")
    found = [Stage(layer, **penalties, start=start if isinstance(start, Start) else None)]
    if bend is not None:
        known(f"{where} activation", bend, _BENDS)
        found += [Stage(_BENDS[bend]())]
    return found


def _toy(data: Data) -> Dataset:
    from photic.data import toy

    sets = {name: getattr(toy, name) for name in ("xor", "moons", "spirals", "linear", "friedman", "blobs")}
    known("toy set", str(data.toy), sets)
    try:
        return sets[str(data.toy)](**dict(data.settings))
    except TypeError as error:
        raise refused(f"toy set {data.toy}", "needs known settings", str(error), "leave them out") from None


def _data_to_json(data: Data) -> dict[str, Any]:
    kept = {name: getattr(data, name) for name in ("set", "file", "toy", "target", "task", "groups", "time", "weights")}
    kept = {name: value for name, value in kept.items() if value is not None}
    if data.settings:
        kept["settings"] = dict(data.settings)
    if data.dataset is None:
        return kept
    rows = data.dataset
    task, y = rows.task, rows.y
    assert task is not None
    assert y is not None
    numbers, codes = iter(rows.numbers.T), iter(rows.codes.T)
    columns: dict[str, list[Any]] = {}
    for column in rows.columns:
        if column.numeric:
            columns[column.name] = [None if np.isnan(value) else float(value) for value in next(numbers)]
        else:
            columns[column.name] = [None if code < 0 else column.levels[code] for code in next(codes)]
    columns[task.target] = [task.classes[code] for code in y] if task.classes else [float(value) for value in y]
    kinds = {column.name: column.to_json() for column in rows.columns}
    return kept | {"name": rows.name, "columns": columns, "kinds": kinds, "target": task.target, "as": task.to_json()}


def _data_of_json(data: Any, source: str) -> Data:
    if isinstance(data, str):
        from photic.data.sources import list_sets

        return Data(set=data) if data in {known.name for known in list_sets()} else Data(file=data)
    if not isinstance(data, Mapping):
        raise refused("data", "needs a name or an object", repr(data), "see docs/described-training.md")
    if "columns" in data:
        return Data(dataset=_columns(data, source))
    try:
        return Data(**{**data, "settings": tuple(data.get("settings", {}).items())})
    except TypeError as error:
        raise refused("data", "needs known settings", str(error).split(") ")[-1], "see docs/described-training.md") from None


def _columns(data: Mapping[str, Any], source: str) -> Dataset:
    columns, target = data["columns"], data.get("target")
    if target not in columns:
        raise refused("data target", "needs the name of one of the columns", repr(target), nearest(str(target), columns))
    if "kinds" not in data:
        roles = {role: data.get(role) for role in ("groups", "time", "weights")}
        return read(dict(columns), target, task=data.get("task"), **roles)
    kinds = [Column.from_json(each, source) for each in data["kinds"].values()]
    task = Task.from_json(data["as"], source)
    numbers = [[np.nan if value is None else value for value in columns[kind.name]] for kind in kinds if kind.numeric]
    codes = [
        [-1 if value is None else kind.levels.index(value) for value in columns[kind.name]]
        for kind in kinds
        if not kind.numeric
    ]
    y = columns[target]
    y = np.array([task.classes.index(value) for value in y], np.int32) if task.classes else np.array(y, np.float64)
    n = len(y)
    return Dataset.of(
        data.get("name", "columns"), source, kinds, np.array(numbers, np.float64).reshape(-1, n).T,
        np.array(codes, np.int32).reshape(-1, n).T, task=task, y=y,
    )  # fmt: skip
