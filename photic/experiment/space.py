"""The space of settings that a search looks in: a dimension for every name. Chapter: "Hyperparameter tuning".

A recipe for a cake says how hot and how long before anything is baked. Such are the learning rate, the number of layers
or the share of dropout: they are set before training, and training does not change them. A space says for each of them
what may be tried.

Reference: Bergstra and Bengio, "Random search for hyper-parameter optimization", 2012,
https://jmlr.org/papers/v13/bergstra12a.html (why drawing from a space beats a grid). Lesson 13.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from photic.errors import PlanError, nearest

Value = str | int | float | bool | None
#: Where a dimension counts: only beside such values of other names.
When = Mapping[str, Sequence[Value]]

#: The same as a person writes it, who may leave out the brackets of a single value.
Beside = Mapping[str, Sequence[Value] | Value]

_MOST_SIZES = 8  # different values of an integer range: each is a program to compile


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of some values.

    >>> Choice(("relu", "tanh")).grid()
    ('relu', 'tanh')
    """

    options: tuple[Any, ...]
    when: When = dataclasses.field(default_factory=dict)

    def grid(self) -> tuple[Any, ...]:
        """All values."""
        return self.options


@dataclasses.dataclass(frozen=True)
class Uniform:
    """A number between two others, every one as likely.

    >>> Uniform(0.0, 0.5).grid()
    (0.0, 0.25, 0.5)
    """

    low: Any
    high: Any
    when: When = dataclasses.field(default_factory=dict)

    def grid(self) -> tuple[float, ...]:
        """The ends and the middle."""
        return tuple(float(value) for value in np.linspace(self.low, self.high, 3))


@dataclasses.dataclass(frozen=True)
class LogUniform:
    """A number between two others above 0, every factor as likely: 0.001 to 0.01 as much as 0.01 to 0.1.

    >>> LogUniform(0.001, 0.1).grid()
    (0.001, 0.01, 0.1)
    """

    low: Any
    high: Any
    when: When = dataclasses.field(default_factory=dict)

    def grid(self) -> tuple[float, ...]:
        """The ends and the middle."""
        return tuple(float(f"{value:.6g}") for value in np.geomspace(self.low, self.high, 3))


@dataclasses.dataclass(frozen=True)
class Integer:
    """A whole number between two others, both of them included.

    Of a wide range at most eight values are tried, each the same factor above the last, because every width of a layer
    is a program of its own to compile.

    >>> Integer(1, 3).grid(), Integer(16, 256).grid()
    ((1, 2, 3), (16, 24, 35, 53, 78, 116, 172, 256))
    """

    low: Any
    high: Any
    when: When = dataclasses.field(default_factory=dict)

    def grid(self) -> tuple[int, ...]:
        """The values that are tried."""
        if self.high - self.low < _MOST_SIZES:
            return tuple(range(self.low, self.high + 1))
        return tuple(round(float(value)) for value in np.geomspace(max(self.low, 1), self.high, _MOST_SIZES))


Dimension = Choice | Uniform | LogUniform | Integer
Space = Mapping[str, Dimension]
_TYPES: dict[str, type] = {"choice": Choice, "uniform": Uniform, "log_uniform": LogUniform, "integer": Integer}
_NAMES = {kind: name for name, kind in _TYPES.items()}


@runtime_checkable
class Suggests(Protocol):
    """What gives a value for a name: a trial of Optuna."""

    def suggest_categorical(self, name: str, choices: Any) -> Any: ...
    def suggest_float(self, name: str, low: float, high: float, *, log: bool = ...) -> float: ...
    def suggest_int(self, name: str, low: int, high: int, *, log: bool = ...) -> int: ...


def choice(*options: Any, when: Beside | None = None) -> Choice:
    """One of some values, such as the widths 32, 64 and 128; `check` says whether they can be tried.

    Args:
        when: count only beside such values of other names: `when={"depth": (2, 3)}`, `when={"optimizer": "sgd"}`.

    >>> choice(32, 64).options
    (32, 64)
    """
    return Choice(tuple(options), _when(when))


def uniform(low: Any, high: Any, *, when: Beside | None = None) -> Uniform:
    """A number between two others, every one as likely; `when` as in `choice`.

    >>> uniform(0, 0.5)
    Uniform(low=0, high=0.5, when={})
    """
    return Uniform(low, high, _when(when))


def log_uniform(low: Any, high: Any, *, when: Beside | None = None) -> LogUniform:
    """A number between two others above 0, every factor as likely; `when` as in `choice`.

    >>> log_uniform(1e-4, 1e-1).low
    0.0001
    """
    return LogUniform(low, high, _when(when))


def integer(low: Any, high: Any, *, when: Beside | None = None) -> Integer:
    """A whole number between two others, both included; `when` as in `choice`.

    >>> integer(1, 3).grid()
    (1, 2, 3)
    """
    return Integer(low, high, _when(when))


def _when(when: Beside | None) -> dict[str, Sequence[Value]]:
    made: dict[str, Sequence[Value]] = {}
    for other, values in (when or {}).items():
        several = isinstance(values, Sequence) and not isinstance(values, str)
        made[other] = tuple(values) if several else (values,)
    return made


def check(space: Mapping[str, Any], known: Mapping[str, Any], source: str) -> None:
    """Refuse a space that cannot be searched, before anything is computed.

    Args:
        known: the names that may be tried.
        source: where the space came from, in words.

    Raises:
        PlanError: for no names at all, an unknown name, an empty or crossed range, or a `when` that leads nowhere.
    """
    if not space:
        _refuse("", "needs at least one name to try", "none", source, "name one, such as learning_rate")
    for name, dimension in space.items():
        if name not in known:
            _refuse(f" {name}", "needs a name that this network and its training know", repr(name), source,
                    nearest(name, known))  # fmt: skip
        _check_one(name, dimension, source)
        for other, values in dimension.when.items():
            if other not in space or other == name:
                rest = [each for each in space if each != name]
                _refuse(f" {name}", "when needs another name of this space", repr(other), source,
                        nearest(other, rest) if rest else "leave when out")  # fmt: skip
            wrong = [value for value in values if value not in space[other].grid()]
            if wrong or not values:
                listed = ", ".join(map(repr, space[other].grid()))
                _refuse(f" {name}", f"when needs values that {other} can have", repr(list(values)), source,
                        f"choose from {listed}")  # fmt: skip
    order(space, source)


def _check_one(name: str, dimension: Any, source: str) -> None:
    if isinstance(dimension, Choice):
        if not dimension.options:
            _refuse(f" {name}", "needs at least one value", "an empty choice", source, "give the values to try")
        wrong = [each for each in dimension.options if not isinstance(each, Value)]
        if wrong:
            _refuse(f" {name}", "needs plain values: names, numbers, True or False", repr(wrong[0]), source,
                    "give the name of what is meant, such as 'adamw'")  # fmt: skip
        return
    if not isinstance(dimension, Uniform | LogUniform | Integer):
        _refuse(f" {name}", "needs choice, uniform, log_uniform or integer", repr(dimension), source,
                f"write {name}=ph.choice(...), or ph.log_uniform(low, high)")  # fmt: skip
    low, high = dimension.low, dimension.high
    if not all(isinstance(end, int | float) and math.isfinite(end) for end in (low, high)):
        _refuse(f" {name}", "needs two finite numbers", f"{low!r} and {high!r}", source, "give low and high")
    if isinstance(dimension, Integer) and not (isinstance(low, int) and isinstance(high, int)):
        _refuse(f" {name}", "needs whole numbers", f"{low!r} and {high!r}", source, "use uniform for other numbers")
    if low >= high:
        _refuse(f" {name}", "needs low below high", f"{low!r} and {high!r}", source, "exchange them, or leave it out")
    if isinstance(dimension, LogUniform) and low <= 0:
        _refuse(f" {name}", "needs numbers above 0", repr(low), source, "use uniform, or raise low")


def _refuse(name: str, required: str, got: str, source: str, fix: str) -> None:
    raise PlanError(f"space{name}", required, got, source=source, fix=fix)


def order(space: Space, source: str = "the space") -> tuple[str, ...]:
    """The names, each after those that its `when` asks for.

    Raises:
        PlanError: when two of them wait for each other.

    >>> order({"dropout": uniform(0, 0.5, when={"depth": (2,)}), "depth": integer(1, 2)})
    ('depth', 'dropout')
    """
    done: list[str] = []
    while len(done) < len(space):
        ready = [name for name in space if name not in done and all(other in done for other in space[name].when)]
        if not ready:
            waiting = sorted(set(space) - set(done))
            _refuse(f" {waiting[0]}", "when must not lead back to itself", " and ".join(waiting), source,
                    "leave one of them out")  # fmt: skip
        done += ready
    return tuple(done)


def counts(dimension: Dimension, values: Mapping[str, Value]) -> bool:
    """Whether a dimension counts beside these values of other names."""
    return all(other in values and values[other] in allowed for other, allowed in dimension.when.items())


def suggest(trial: Suggests, space: Space) -> dict[str, Value]:
    """One setting, each value as the trial suggests it; names that do not count beside the others are left out."""
    values: dict[str, Value] = {}
    for name in order(space):
        dimension = space[name]
        if counts(dimension, values):
            values[name] = _suggest(trial, name, dimension)
    return values


def _suggest(trial: Suggests, name: str, dimension: Dimension) -> Value:
    if isinstance(dimension, Choice):
        return trial.suggest_categorical(name, dimension.options)
    if isinstance(dimension, Integer):
        log = dimension.high - dimension.low >= _MOST_SIZES and dimension.low > 0
        drawn = trial.suggest_int(name, dimension.low, dimension.high, log=log)
        return min(dimension.grid(), key=lambda value: abs(value - drawn))
    return trial.suggest_float(name, dimension.low, dimension.high, log=isinstance(dimension, LogUniform))


def settings(space: Space) -> Iterator[dict[str, Value]]:
    """Every setting of the grid, in order: all choices, whole numbers, and three values of every other range.

    >>> [each["a"] for each in settings({"a": choice(1, 2)})]
    [1, 2]
    """

    def following(names: Sequence[str], values: dict[str, Value]) -> Iterator[dict[str, Value]]:
        if not names:
            yield values
            return
        name, *rest = names
        if not counts(space[name], values):
            yield from following(rest, values)
            return
        for value in space[name].grid():
            yield from following(rest, {**values, name: value})

    yield from following(order(space), {})


def to_json(space: Space) -> dict[str, dict[str, Any]]:
    """The space as JSON values.

    >>> to_json({"depth": integer(1, 3)})
    {'depth': {'type': 'integer', 'low': 1, 'high': 3}}
    """
    made = {}
    for name, dimension in space.items():
        fields = {field.name: getattr(dimension, field.name) for field in dataclasses.fields(dimension)}
        when = {other: list(values) for other, values in fields.pop("when").items()}
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in fields.items()}
        made[name] = {"type": _NAMES[type(dimension)], **plain, **({"when": when} if when else {})}
    return made


def from_json(data: Any, source: str) -> dict[str, Dimension]:
    """The space that `to_json` wrote, or that a person wrote by hand.

    Raises:
        PlanError: when a part of it is missing, unknown or of another kind.

    >>> from_json({"rate": {"type": "log_uniform", "low": 0.001, "high": 0.1}}, "space.json")["rate"].high
    0.1
    """
    example = 'write {"learning_rate": {"type": "log_uniform", "low": 0.0001, "high": 0.1}}'
    if not isinstance(data, Mapping):
        _refuse("", "needs an object with a dimension for each name", type(data).__name__, source, example)
    made: dict[str, Dimension] = {}
    for name, part in data.items():
        kind = str(part.get("type")) if isinstance(part, Mapping) and "type" in part else ""
        if kind not in _TYPES:
            fix = nearest(kind, _TYPES) if kind else example
            _refuse(f" {name}", "needs a known type", repr(kind or part), source, fix)
        made[name] = _TYPES[kind](**_fields(name, kind, part, source))
    return made


def _fields(name: str, kind: str, part: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The settings of one dimension as JSON has them, checked and in the types of Python."""
    fields = {key: value for key, value in part.items() if key != "type"}
    allowed = [field.name for field in dataclasses.fields(_TYPES[kind])]
    for key in fields:
        if key not in allowed:
            _refuse(f" {name}", f"{kind} needs known settings", repr(key), source, nearest(key, allowed))
    for key in allowed:
        if key not in fields and key != "when":
            _refuse(f" {name}", f"{kind} needs {key!r}", "nothing", source, f"add {key!r}")
    if "options" in fields:
        listed = fields["options"]
        if not isinstance(listed, list):
            _refuse(f" {name}", "options needs a list", repr(listed), source, 'write "options": [32, 64]')
        fields["options"] = tuple(listed)
    when = fields.get("when", {})
    if not isinstance(when, Mapping):
        _refuse(f" {name}", "when needs an object", repr(when), source, 'write "when": {"depth": [2, 3]}')
    return {**fields, "when": _when(when)}


def words(name: str, dimension: Dimension) -> str:
    """A dimension as a person would say it.

    >>> words("learning_rate", log_uniform(0.001, 0.1)), words("width", choice(32, 64))
    ('learning rate from 0.001 to 0.1, by factors', 'width 32 or 64')
    """
    called = name.replace("_", " ")
    if isinstance(dimension, Choice):
        said = [str(option) for option in dimension.options]
        text = f"{called} " + (f"{', '.join(said[:-1])} or {said[-1]}" if len(said) > 1 else said[0])
    else:
        by = ", by factors" if isinstance(dimension, LogUniform) else ""
        text = f"{called} from {dimension.low:g} to {dimension.high:g}{by}"
    only = [f"{other.replace('_', ' ')} is {' or '.join(map(str, values))}" for other, values in dimension.when.items()]
    return text + (f" (when {' and '.join(only)})" if only else "")
