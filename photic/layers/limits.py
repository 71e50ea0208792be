"""What a setting of a layer may be; anything else is refused in words when the layer is written down.

Called from `__post_init__`, so a spec that exists is a spec that can be, whether it was typed or read from JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from photic.errors import SpecError, nearest
from photic.layers.base import Layer
from photic.spec import Knob


def refuse(layer: Layer, required: str, got: Any, fix: str) -> NoReturn:
    """Refuse a setting in the five parts of an error; the functions below say when.

    Raises:
        SpecError: always.
    """
    name, got = type(layer).__name__, repr(_own(got))
    raise SpecError(name, required, got, source=f"the arguments of {name}", fix=fix)


def need_count(layer: Layer, name: str, *, least: int = 1) -> None:
    """Refuse a setting that is not a whole number of at least `least`.

    Raises:
        SpecError: otherwise.

    >>> from photic.layers.dense import Dense
    >>> need_count(Dense(3), "units")
    """
    value = getattr(layer, name)
    if type(value) is not int or value < least:
        refuse(layer, f"{name} must be a whole number of at least {least}", value, f"set {name} to {least} or more")


def need_range(layer: Layer, name: str, low: float, high: float, *, open_low: bool = False) -> None:
    """Refuse a number, or a Knob's own value, outside `low <= value < high` (`low < value` with `open_low`).

    Raises:
        SpecError: otherwise, and for what is no number at all.

    >>> from photic.layers.dropout import Dropout
    >>> need_range(Dropout(0.5), "rate", 0.0, 1.0)
    """
    value = _own(getattr(layer, name))
    lowest = f"above {low:g}" if open_low else f"at least {low:g}"
    limits = lowest if high == float("inf") else f"{lowest} and below {high:g}"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not low <= value < high or (open_low and value == low):
        refuse(layer, f"{name} must be a number {limits}", value, f"set {name} to a number {limits}")


def need_choice(layer: Layer, name: str, known: Iterable[str]) -> None:
    """Refuse a name that is not in the table it points into.

    Raises:
        SpecError: otherwise, with the nearest known name.
    """
    value, names = getattr(layer, name), tuple(known)
    if value not in names:
        refuse(layer, f"{name} must be a known name", value, nearest(str(value), names))


def need_switch(layer: Layer, name: str) -> None:
    """Refuse a setting that is not True or False.

    Raises:
        SpecError: otherwise.
    """
    value = getattr(layer, name)
    if type(value) is not bool:
        refuse(layer, f"{name} must be True or False", value, f"set {name} to True or False")


def as_tuple(layer: Layer, name: str) -> None:
    """Make a list a tuple, so that the spec stays hashable, and refuse what is neither.

    Raises:
        SpecError: otherwise.
    """
    value = getattr(layer, name)
    if not isinstance(value, list | tuple):
        refuse(layer, f"{name} must be a tuple", value, f"put round brackets around it, {name}=(..., )")
    object.__setattr__(layer, name, tuple(tuple(item) if isinstance(item, list) else item for item in value))


def need_layers(
    where: str, layers: Sequence[Any], path: str = "layers", *, least: int = 1, source: str | None = None
) -> None:
    """Refuse too few layers, and anything among them that is not a layer, saying what was probably meant.

    Raises:
        SpecError: for the first that is not.

    >>> from photic.layers.dense import Dense
    >>> need_layers("Model", [Dense(3)])
    """
    source = source or f"the arguments of {where}"
    if len(layers) < least:
        fix = "give it a layer such as Dense(64)"
        raise SpecError(where, "needs at least one layer", "none", source=source, fix=fix)
    for index, item in enumerate(layers):
        if not isinstance(item, Layer):
            got = item.__name__ if isinstance(item, type) else repr(item)
            raise SpecError(where, f"{path}.{index} must be a layer", got, source=source, fix=_meant(item))


def _own(value: Any) -> Any:
    return value.value if isinstance(value, Knob) else value


def _meant(item: Any) -> str:
    if isinstance(item, type) and issubclass(item, Layer):
        return f"write {item.__name__}(...) with its brackets"
    if isinstance(item, list | tuple):
        return "list the layers one by one, without brackets around them"
    if isinstance(item, str):
        return f'in Python write a layer such as Dense(64), in JSON {{"type": "{item}"}}'
    return "use one of the layers of photic, such as Dense(64)"
