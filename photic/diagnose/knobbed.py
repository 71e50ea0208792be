"""Numbers of a training as Knobs, so that trainings that differ in numbers alone share one compiled program."""

from __future__ import annotations

import dataclasses
from typing import Any

from photic.diagnose.described import Described
from photic.diagnose.started import Started
from photic.layers import Dropout
from photic.model import Model
from photic.optim.descent import Descent
from photic.spec import Knob, plain
from photic.train.objective import Penalty

_STAND_IN = 0.5  # stands in the structure for every number; within the limits of all of them


def model(described: Described) -> Model:
    """The network, its weights started as written."""
    return Model(*(Started.of(stage) for stage in described.layers))


def knobbed(described: Described) -> tuple[Model, tuple[Penalty, ...], Descent, dict[str, float]]:
    """The structure with Knobs in the place of numbers, and the numbers.

    >>> from photic.diagnose.parts import Data, LossUse, Stage
    >>> from photic.layers import Dense
    >>> training = Described(Data(toy="moons"), (Stage(Dense(1), l2=0.1),), LossUse("hinge"))
    >>> knobbed(training)[3]
    {'layers.0.l2': 0.1, 'learning_rate': 0.001}
    """
    numbers: dict[str, float] = {}

    def knob(name: str, value: Any) -> Any:
        if not plain(value):
            return value  # none at all is another structure
        numbers[name] = float(plain(value))
        return Knob(name, _STAND_IN)

    layers, penalties = [], []
    for place, stage in enumerate(described.layers):
        path, layer = f"layers.{place}", Started.of(stage)
        if isinstance(layer, Dropout):
            layer = Dropout(knob(f"{path}.rate", layer.rate))
        layers.append(layer)
        if stage.l1 or stage.l2:
            penalties.append(Penalty(path, knob(f"{path}.l1", stage.l1), knob(f"{path}.l2", stage.l2)))
    rule: Any = described.descent.rule
    rule = dataclasses.replace(
        rule,
        **{name: knob(name, vars(rule)[name]) for name in ("learning_rate", "weight_decay") if name in vars(rule)},
    )
    descent = dataclasses.replace(described.descent, rule=rule)
    return Model(*layers), tuple(penalties), descent, numbers
