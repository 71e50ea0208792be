"""Specs: frozen dataclasses of plain values with a JSON form, and the numbers in them that may vary by lane.

A layer, a loss, an optimizer and a schedule are all specs. `{"type": "dense", "units": 64}` is `Dense(64)`.
Structure (a width, a kernel size) decides the compiled program; a number (a rate) may instead be a `Knob`,
whose value is an array that each lane of one compiled program can set for itself.
"""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Mapping
from typing import Any

from jaxtyping import Array

from photic.errors import SpecError, nearest


@dataclasses.dataclass(frozen=True)
class Knob:
    """A number with a name that can differ from lane to lane; `value` stands where a lane sets nothing.

    >>> number(Knob("dropout", 0.5), {"dropout": 0.2}), number(Knob("dropout", 0.5), {}), number(0.1, {})
    (0.2, 0.5, 0.1)
    """

    name: str
    value: float


Number = float | Knob

# Types of JSON values that need no closer look, by annotation.
_PLAIN: dict[Any, tuple[type, ...]] = {
    int: (int,),
    float: (int, float),
    str: (str,),
    bool: (bool,),
    Number: (int, float, Knob),
}
Knobs = Mapping[str, Array | float]


def number(value: Number, knobs: Knobs) -> Array | float:
    """The number to compute with: a Knob's value in this lane, or the plain number itself."""
    return knobs.get(value.name, value.value) if isinstance(value, Knob) else value


def plain(value: Number) -> float:
    """The number to print or to check: a Knob's own value, or the plain number itself.

    >>> plain(Knob("dropout", 0.5))
    0.5
    """
    return value.value if isinstance(value, Knob) else value


def type_name(spec: type) -> str:
    """The name of a spec in JSON: its class in snake case, a new word at each capital that a small letter follows.

    Three capitals in a row begin a new word too.

    >>> class LeakyReLU: ...
    >>> class SimpleRNN: ...
    >>> type_name(Knob), type_name(LeakyReLU), type_name(SimpleRNN)
    ('knob', 'leaky_relu', 'simple_rnn')
    """
    return re.sub(r"(?<!^)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z]{3})", "_", spec.__name__).lower()


def words(spec: Any) -> str:
    """A spec as the user would type it: defaults left out, the first field without its name.

    >>> words(Knob("rate", 0.5))
    "Knob('rate', value=0.5)"
    """
    shown = []
    for index, field in enumerate(dataclasses.fields(spec)):
        value = getattr(spec, field.name)
        if field.default is not dataclasses.MISSING and value == field.default:
            continue
        text = words(value) if dataclasses.is_dataclass(value) else repr(value)
        shown.append(text if index == 0 else f"{field.name}={text}")
    return f"{type(spec).__name__}({', '.join(shown)})"


def to_json(spec: Any) -> Any:
    """A spec as JSON values: `type` and every field that is not at its default.

    >>> to_json(Knob("rate", 0.5))
    {'type': 'knob', 'name': 'rate', 'value': 0.5}
    """
    if isinstance(spec, tuple | list):
        return [to_json(item) for item in spec]
    if not dataclasses.is_dataclass(spec) or isinstance(spec, type):
        return spec
    fields = {field.name: field for field in dataclasses.fields(spec)}
    kept = {
        name: to_json(getattr(spec, name))
        for name, field in fields.items()
        if field.default is dataclasses.MISSING or getattr(spec, name) != field.default
    }
    return {"type": type_name(type(spec)), **kept}


def from_json(data: Any, types: Mapping[str, type], where: str, source: str) -> Any:
    """The spec that a JSON value describes; lists become tuples, values inside are read the same way.

    Args:
        data: what `json.load` gave.
        types: the known specs by `type_name`; `Knob` is always known.
        where: the place in words, `layers.2`.
        source: the file or call it came from.

    Raises:
        SpecError: for an unknown type or field, a missing field, or a value the spec refuses.

    >>> from_json({"type": "knob", "name": "rate", "value": 0.5}, {}, "loss", "a test")
    Knob(name='rate', value=0.5)
    """
    if isinstance(data, list):
        return tuple(from_json(item, types, f"{where}.{i}", source) for i, item in enumerate(data))
    if not isinstance(data, dict):
        return data
    known = {"knob": Knob, **types}
    name = data.get("type")
    if not isinstance(name, str) or name not in known:
        fix = nearest(str(name), known) if name is not None else 'give it a "type"'
        raise SpecError(where, "needs a known type", repr(name), source=source, fix=fix)
    spec = known[name]
    fields = {field.name: field for field in dataclasses.fields(spec)}
    values = {key: from_json(value, types, f"{where}.{key}", source) for key, value in data.items() if key != "type"}
    for key in values:
        if key not in fields:
            fix = nearest(key, fields) if fields else "leave it out"
            raise SpecError(f"{where} {name}", "needs known settings", repr(key), source=source, fix=fix)
    missing = [
        key
        for key, field in fields.items()
        if key not in values and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise SpecError(f"{where} {name}", f"needs {missing[0]!r}", "nothing", source=source, fix=f'add "{missing[0]}"')
    _check_types(spec, values, f"{where} {name}", source)
    try:
        return spec(**values)
    except SpecError as error:
        raise SpecError(where, f"{error.where}: {error.required}", error.got, source=source, fix=error.fix) from None


def _check_types(spec: type, values: dict[str, Any], where: str, source: str) -> None:
    hints = typing.get_type_hints(spec)
    for name, value in values.items():
        if type(value) in _PLAIN.get(hints[name], ()):
            continue
        import pydantic  # imported here: it costs a tenth of a second, and most files are right

        try:
            pydantic.TypeAdapter(hints[name]).validate_python(value, strict=True)
        except pydantic.ValidationError as error:
            first = error.errors()[0]["msg"]
            raise SpecError(where, f"{name}: {first}", repr(value), source=source, fix=f"correct {name}") from None
