"""The recipe of a search: from a setting to a plan and the numbers of its lane. Chapter: "Hyperparameter tuning".

A setting has two sorts of values. Numbers (the learning rate, the share of dropout) become Knobs, so that all settings
that differ in nothing else are lanes of one compiled program. Structure (a width, an optimizer, a batch size) decides
the program: settings that share it form a group.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Mapping
from typing import Any, cast

from photic import spec
from photic.errors import PlanError, nearest
from photic.experiment.makers import TRAINING, Maker
from photic.experiment.plan import Plan
from photic.experiment.space import Choice, Dimension, Integer, Space, Value, check, counts, words
from photic.maths.losses import LOSSES
from photic.model import Model
from photic.optim import rules, schedules
from photic.spec import Knob

Values = Mapping[str, Value]
#: The structure of a setting: its values that decide the program, and the names of its numbers.
Structure = tuple[tuple[tuple[str, Value], ...], tuple[str, ...]]

_PARTS = ("optimizer", "schedule", "loss", "batch_size", "epochs")


@dataclasses.dataclass(frozen=True, eq=False)
class Recipe:
    """What stays and what is tried.

    Args:
        plan: as it is without a search: the default that every search is compared with.
        maker: what builds the network; None when it is the plan's own, with the Knobs in it.
        space: what is tried.
        source: where the space came from, in words.

    Raises:
        PlanError: for a space that cannot be searched; SpecError for a network that cannot be.
    """

    plan: Plan
    maker: Maker | None
    space: Space
    source: str = "the space"

    def __post_init__(self) -> None:
        check(self.space, dict.fromkeys(self.known()), self.source)
        if self.plan.super_batch is not None:
            raise PlanError("tune", "needs rows that memory holds", "more of them", source="the data",
                            fix="search on a part of the rows, then fit all of them with what it found")  # fmt: skip
        tuple(self.plans())

    def known(self) -> tuple[str, ...]:
        """All names that may be tried."""
        own = self.maker.settings if self.maker else knobs_in(self.plan.model)
        return tuple(dict.fromkeys([*own, *self._numbers(), *_PARTS]))

    def _numbers(self) -> dict[str, float | None]:
        """The numbers of the training with what they are by default; None where there is none."""
        tried = self.space.get("optimizer"), self.space.get("schedule")
        rule, schedule = self.plan.descent.rule, self.plan.descent.schedule
        specs: list[Any] = [self.plan.loss, schedule, rule]
        more = [rules.named(str(name)) for name in tried[0].grid()] if isinstance(tried[0], Choice) else []
        stairs = [schedules.named(str(name)) for name in tried[1].grid()] if isinstance(tried[1], Choice) else []
        clip = self.plan.descent.clip
        found: dict[str, float | None] = {"clip": None if clip is None else spec.plain(clip)}
        found["mixup"] = spec.plain(self.plan.mixup)
        for each in [*more, *stairs]:
            found |= dict.fromkeys(_numbers_of(each))
        for each in specs:
            found |= _numbers_of(each)
        return found

    def is_number(self, name: str) -> bool:
        """Whether a name stands for a number that may differ from lane to lane."""
        if name in _PARTS:
            return False
        if self.maker and name in self.maker.settings:
            return not isinstance(self.space[name], Choice | Integer)
        return True

    def default(self) -> dict[str, Value]:
        """The setting of the plan as it is, of the names that are tried; what it has not is left out.

        A function's setting without a default takes the middle of what is tried.
        """
        numbers = self._numbers()
        own: Mapping[str, Any] = self.maker.settings if self.maker else knobs_in(self.plan.model)
        parts = {
            "optimizer": spec.type_name(type(self.plan.descent.rule)),
            "schedule": spec.type_name(type(self.plan.descent.schedule)),
            "loss": spec.type_name(type(self.plan.loss)),
            "batch_size": self.plan.batch_size,
            "epochs": self.plan.epochs,
        }
        every = {**numbers, **parts, **own}
        for name in own:  # a function's setting without a default
            if own[name] is None and name in self.space and None not in self.space[name].grid():
                grid = self.space[name].grid()
                every[name] = grid[len(grid) // 2]
        return {name: every[name] for name in self.space if every.get(name) is not None}

    def structure(self, values: Values) -> Structure:
        """What decides the program of a setting."""
        numbers = tuple(sorted(name for name in values if self.is_number(name)))
        return tuple((name, values[name]) for name in sorted(values) if name not in numbers), numbers

    def knobs(self, values: Values) -> dict[str, float]:
        """The numbers of a setting."""
        return {name: float(cast("float", values[name])) for name in values if self.is_number(name)}

    def planned(self, structure: Structure) -> Plan:
        """The plan of all settings with this structure, its numbers Knobs.

        Raises:
            PlanError, SpecError: when a value of it cannot be.
        """
        fixed, numbers = dict(structure[0]), structure[1]
        knob = {name: Knob(name, _middle(self.space[name])) for name in numbers}
        plan = self.plan
        model = plan.model
        if self.maker is not None and (own := [name for name in (*fixed, *numbers) if name in self.maker.settings]):
            model = self.maker.make({name: knob.get(name, fixed.get(name)) for name in own})
        rule, schedule, loss = plan.descent.rule, plan.descent.schedule, plan.loss
        if "optimizer" in fixed:
            rule = rules.named(str(fixed["optimizer"]), self.source)
        if "schedule" in fixed:
            schedule = schedules.named(str(fixed["schedule"]))
        if "loss" in fixed:
            loss = _loss(fixed["loss"], self.source)
        used = set(self.maker.settings if self.maker else knobs_in(plan.model))
        filled = []
        for part in (rule, schedule, loss):
            mine = {name: knob[name] for name in _numbers_of(part) if name in knob and name not in used}
            used |= set(mine)
            filled.append(dataclasses.replace(part, **mine))
        rule, schedule, loss = filled
        for name in numbers:
            if name not in used and name not in ("clip", "mixup"):
                has = ", ".join(repr(each) for each in _numbers_of(rule))
                fix = f"give it a when, or choose an optimizer that has it; this one has {has}"
                raise PlanError(f"space {name}", f"needs an optimizer with {name}", spec.words(rule),
                                source=self.source, fix=fix)  # fmt: skip
        descent = dataclasses.replace(
            plan.descent, rule=rule, schedule=schedule, clip=knob.get("clip", plan.descent.clip)
        )
        return dataclasses.replace(
            plan,
            model=model,
            loss=loss,
            descent=descent,
            batch_size=_count("batch_size", fixed, plan.batch_size, self.source),
            epochs=_count("epochs", fixed, plan.epochs, self.source),
            mixup=knob.get("mixup", plan.mixup),
        )

    def settled(self, values: Values) -> Plan:
        """The plan of one setting, with plain numbers where its Knobs were."""
        plan, numbers = self.planned(self.structure(values)), self.knobs(values)
        descent = settled(plan.descent, numbers)
        model, loss = settled(plan.model, numbers), settled(plan.loss, numbers)
        return dataclasses.replace(plan, model=model, loss=loss, descent=descent, mixup=settled(plan.mixup, numbers))

    def words(self) -> tuple[str, ...]:
        """The space in sentences."""
        numbers = [words(name, self.space[name]) for name in self.space if self.is_number(name)]
        others = [words(name, self.space[name]) for name in self.space if not self.is_number(name)]
        return (f"Tried: {'; '.join([*numbers, *others])}.",)

    def plans(self) -> Iterator[Plan]:
        """A plan with every value of every structural name at least once: whether each of them can be.

        Raises:
            PlanError, SpecError: when one cannot.
        """
        structural = {name: self.space[name].grid() for name in self.space if not self.is_number(name)}
        numbers = {name: _middle(self.space[name]) for name in self.space if self.is_number(name)}
        for values in _each_alone(structural):
            counted = {name: value for name, value in values.items() if counts(self.space[name], values)}
            counted |= {name: value for name, value in numbers.items() if counts(self.space[name], counted)}
            yield self.planned(self.structure(counted))


def usual_space(maker: Maker, plan: Plan) -> dict[str, Dimension]:
    """What is tried when nobody says what: the numbers of the training, and what the network is usually changed in."""
    has = _numbers_of(plan.descent.rule)
    return {**{name: each for name, each in TRAINING.items() if name in has}, **maker.space}


def knobs_in(part: Any) -> dict[str, float]:
    """The Knobs of a model, a loss or a rule by name, with their own values.

    >>> from photic.layers import Dense, Dropout
    >>> knobs_in(Model(Dense(4), Dropout(Knob("drop", 0.25))))
    {'drop': 0.25}
    """
    if isinstance(part, Knob):
        return {part.name: part.value}
    found: dict[str, float] = {}
    for inside in _inside(part).values():
        found |= knobs_in(inside)
    return found


def settled(part: Any, knobs: Mapping[str, float]) -> Any:
    """The same model, loss or rule with a number where each Knob was.

    >>> from photic.layers import Dropout
    >>> settled(Dropout(Knob("rate", 0.5)), {"rate": 0.2})
    Dropout(0.2)
    """
    if isinstance(part, Knob):
        return float(knobs.get(part.name, part.value))
    if isinstance(part, Model):
        return Model(*(settled(layer, knobs) for layer in part.layers))
    if isinstance(part, tuple):
        return tuple(settled(each, knobs) for each in part)
    if not knobs_in(part):
        return part
    return dataclasses.replace(part, **{name: settled(each, knobs) for name, each in _inside(part).items()})


def _inside(part: Any) -> dict[str, Any]:
    if isinstance(part, tuple):
        return {str(place): each for place, each in enumerate(part)}
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        return {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return {}


def _numbers_of(part: Any) -> dict[str, float | None]:
    """The numbers of a rule, a schedule or a loss: its fields that may be Knobs."""
    hints = typing.get_type_hints(type(part))
    return {name: spec.plain(value) for name, value in _inside(part).items() if hints[name] == spec.Number}


def _middle(dimension: Dimension) -> float:
    """A value of a number that stands in the structure, where a lane sets its own."""
    values = dimension.grid()
    return float(values[len(values) // 2])


def _loss(name: Value, source: str) -> Any:
    if name not in LOSSES:
        raise PlanError("space loss", "needs a known loss", repr(name), source=source, fix=nearest(str(name), LOSSES))
    return LOSSES[str(name)]()


def _count(name: str, fixed: Values, usual: int, source: str) -> int:
    value = fixed.get(name, usual)
    if type(value) is not int or value < 1:
        raise PlanError(f"space {name}", "needs whole numbers of at least 1", repr(value), source=source,
                        fix=f"write {name}=ph.choice(32, 64)")  # fmt: skip
    return value


def _each_alone(options: Mapping[str, tuple[Value, ...]]) -> Iterator[dict[str, Value]]:
    """Every value of every name once, beside the first values of the others."""
    first = {name: values[0] for name, values in options.items()}
    yield first
    for name, values in options.items():
        for value in values[1:]:
            yield {**first, name: value}
