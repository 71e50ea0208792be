"""Layers of a described training in JSON: as in a model, with activation, penalties and start in the same object."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from photic import spec
from photic.diagnose.parts import Stage, Start, known, number, refused, start_of
from photic.layers import TYPES, Dense
from photic.layers.activation import ActivationLayer

_BENDS = {name: kind for name, kind in TYPES.items() if issubclass(kind, ActivationLayer)}


def stage_to_json(stage: Stage) -> dict[str, Any]:
    """A layer as JSON values.

    >>> stage_to_json(Stage(Dense(8), l2=0.01))
    {'type': 'dense', 'units': 8, 'l2': 0.01}
    """
    extra = {name: getattr(stage, name) for name in ("l1", "l2") if getattr(stage, name)}
    if stage.start is not None:
        extra["initializer"] = dataclasses.asdict(stage.start)
    return spec.to_json(stage.layer) | extra


def stages_of_json(data: Any, where: str, source: str) -> list[Stage]:
    """A layer, and after it its activation, when it names one.

    Raises:
        SpecError: for a layer that cannot be.

    >>> stages_of_json({"type": "dense", "units": 8, "activation": "relu"}, "layers.0", "a test")
    [Stage(layer=Dense(8), l1=0.0, l2=0.0, start=None), Stage(layer=ReLU(), l1=0.0, l2=0.0, start=None)]
    """
    data = {"type": data} if isinstance(data, str) else dict(data) if isinstance(data, Mapping) else data
    if not isinstance(data, dict):
        raise refused(where, "needs a layer, an object with a type", repr(data), 'give {"type": "dense", "units": 32}')
    bend = data.pop("activation", None)
    penalties = {name: number(f"{where} {name}", data.pop(name)) for name in ("l1", "l2") if name in data}
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
