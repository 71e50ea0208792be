"""What a setting of a layer may be; anything else is refused in words when the layer is written down.

Called from `__post_init__`, so a spec that exists is a spec that can be, whether it was typed or read from JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from photic.errors import SpecError, nearest
from photic.layers.base import Layer
from photic.spec import Knob, plain

_SOURCE = "the settings of the layer"


def need_count(layer: Layer, name: str, *, least: int = 1) -> None:
    """Refuse a setting that is not a whole number of at least `least`.

    Raises:
        SpecError: otherwise.

    >>> from photic.layers.dense import Dense
    >>> need_count(Dense(3), "units")
    """
    value = getattr(layer, name)
    if type(value) is not int or value < least:
        _refuse(layer, f"{name} must be a whole number of at least {least}", value, f"set {name} to {least} or more")


def need_range(layer: Layer, name: str, low: float, high: float, *, open_low: bool = False) -> None:
    """Refuse a number, or a Knob's own value, outside `low <= value < high` (`low < value` with `open_low`).

    Raises:
        SpecError: otherwise, and for what is no number at all.

    >>> from photic.layers.dropout import Dropout
    >>> need_range(Dropout(0.5), "rate", 0.0, 1.0)
    """
    value = plain(getattr(layer, name))
    lowest = f"above {low:g}" if open_low else f"at least {low:g}"
    limits = lowest if high == float("inf") else f"{lowest} and below {high:g}"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not low <= value < high or (open_low and value == low):
        _refuse(layer, f"{name} must be a number {limits}", value, f"set {name} to a number {limits}")


def need_choice(layer: Layer, name: str, known: Iterable[str]) -> None:
    """Refuse a name that is not in the table it points into.

    Raises:
        SpecError: otherwise, with the nearest known name.
    """
    value, names = getattr(layer, name), tuple(known)
    if value not in names:
        _refuse(layer, f"{name} must be a known name", value, nearest(str(value), names))


def need_switch(layer: Layer, name: str) -> None:
    """Refuse a setting that is not True or False.

    Raises:
        SpecError: otherwise.
    """
    value = getattr(layer, name)
    if type(value) is not bool:
        _refuse(layer, f"{name} must be True or False", value, f"set {name} to True or False")


def as_tuple(layer: Layer, name: str) -> None:
    """Make a list a tuple, so that the spec stays hashable, and refuse what is neither.

    Raises:
        SpecError: otherwise.
    """
    value = getattr(layer, name)
    if not isinstance(value, list | tuple):
        _refuse(layer, f"{name} must be a tuple", value, f"put round brackets around it, {name}=(..., )")
    object.__setattr__(layer, name, tuple(tuple(item) if isinstance(item, list) else item for item in value))


def need_layers(where: str, layers: Iterable[Any], path: str = "layers") -> None:
    """Refuse anything among `layers` that is not a layer, saying what was probably meant.

    Raises:
        SpecError: for the first that is not.

    >>> from photic.layers.dense import Dense
    >>> need_layers("Model", [Dense(3)])
    """
    for index, item in enumerate(layers):
        if isinstance(item, Layer):
            continue
        if isinstance(item, type) and issubclass(item, Layer):
            fix = f"write {item.__name__}(...) with its brackets"
        elif isinstance(item, list | tuple):
            fix = "list the layers one by one, without brackets around them"
        else:
            fix = "use one of the layers of photic, such as Dense(64)"
        got = item.__name__ if isinstance(item, type) else repr(item)
        raise SpecError(where, f"{path}.{index} must be a layer", got, source="the list of layers", fix=fix)


def _refuse(layer: Layer, required: str, value: Any, fix: str) -> None:
    raise SpecError(type(layer).__name__, required, _shown(value), source=_SOURCE, fix=fix)


def _shown(value: Any) -> str:
    return repr(value.value) if isinstance(value, Knob) else repr(value)
