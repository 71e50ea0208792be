"""A training as somebody wrote it, in this framework or another, good or bad: the one form all rules look at.

Nothing here refuses what only makes a training bad; that is for a diagnosis to say. The JSON form stands in
docs/described-training.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from photic import spec
from photic.data.dataset import Dataset
from photic.diagnose.given import data_of_json, data_to_json, read_rows
from photic.diagnose.parts import Data, HeldOut, InputForm, LossUse, Stage, TargetForm, known, refused
from photic.diagnose.stages import stage_to_json, stages_of_json
from photic.errors import RunError, nearest
from photic.experiment.plan import Plan
from photic.layers import Sigmoid, Softmax
from photic.optim.descent import Descent
from photic.optim.rules import RULES, Adam
from photic.optim.schedules import CONSTANT, SCHEDULES

FORMAT = 1
_AS_CODES, _STANDARD, _QUARTER, _ADAM = TargetForm(), InputForm(), HeldOut(), Descent(Adam(0.001), CONSTANT)
_SCHEMA = "see docs/described-training.md"


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

    >>> from photic.layers import Dense, ReLU
    >>> data = Data(toy="moons", settings=(("n", 200),))
    >>> net = (Stage(Dense(16)), Stage(ReLU()), Stage(Dense(1)))
    >>> training = Described(data, net, LossUse("binary_cross_entropy"))
    >>> Described.from_json(training.to_json()) == training
    True
    """

    data: Data
    layers: tuple[Stage, ...]
    loss: LossUse
    target: TargetForm = _AS_CODES
    inputs: InputForm = _STANDARD
    split: HeldOut = _QUARTER
    descent: Descent = _ADAM
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
        """Whether the outputs are read as probabilities: the last layer makes some, or the loss says so."""
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
        return read_rows(self.data)

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
            "data": data_to_json(self.data),
            "layers": [stage_to_json(stage) for stage in self.layers],
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
            for stage in stages_of_json(layer, f"layers.{place}", source)
        ]
        values |= {"descent": Descent(rule, schedule, data.get("clip")), "layers": tuple(stages)}
        return cls(data=data_of_json(data["data"], source), **values)


_PARTS: dict[str, type] = {"loss": LossUse, "target": TargetForm, "inputs": InputForm, "split": HeldOut}
_PLAIN = ("batch_size", "epochs", "shuffle", "class_weight", "patience", "seed", "name")
_KNOWN = {"format", "data", "layers", "optimizer", "schedule", "clip", *_PARTS, *_PLAIN}


def _check_form(data: Any, source: str) -> None:
    fix = _SCHEMA
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
        raise RunError(f"plan {where}", "needs an object", repr(data), source=source, fix=_SCHEMA)
    name = spec.type_name(kind)
    return spec.from_json({"type": name, **data}, {name: kind}, where, source)


def _without_type(part: Any) -> dict[str, Any]:
    return {key: value for key, value in spec.to_json(part).items() if key != "type"}


def _typed(data: Any) -> Any:
    return {"type": data} if isinstance(data, str) else data


def _numbers(part: Any, names: tuple[str, ...]) -> dict[str, Any]:
    held = {field.name for field in dataclasses.fields(part)}
    return {name: spec.plain(getattr(part, name)) for name in names if name in held}
