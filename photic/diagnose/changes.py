"""Changes: a described training with one thing done otherwise; what advice carries out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from photic import spec
from photic.diagnose import network
from photic.diagnose.described import Described
from photic.diagnose.parts import LossUse, Stage, TargetForm
from photic.layers import Dense, Dropout, Identity, ReLU
from photic.layers.activation import ActivationLayer
from photic.layers.base import Layer
from photic.layers.wiring import Parallel, Residual
from photic.optim.rules import SGD

Change = Callable[[Described], Described]


def part(name: str, **values: Any) -> Change:
    """Other values in one part of the setup: `part("inputs", scaling="standard")`."""
    return lambda setup: dataclasses.replace(setup, **{name: dataclasses.replace(getattr(setup, name), **values)})


def whole(**values: Any) -> Change:
    """Other values of the setup itself: `whole(shuffle=True)`."""
    return lambda setup: dataclasses.replace(setup, **values)


def learning_rate(rate: float) -> Change:
    """Another learning rate."""
    return lambda setup: setup.with_rule(learning_rate=rate)


def usual_rate(setup: Described) -> float:
    """A learning rate that is usual for the rule: 0.003 where it scales steps itself, 0.1 in plain descent."""
    rule = setup.descent.rule
    if not isinstance(rule, SGD):
        return 0.003
    return 0.03 if spec.plain(rule.momentum) >= 0.5 else 0.1


def fitting_end(kind: str, classes: int) -> Change:
    """The last layer, the loss and the encoding that belong together for a kind of task."""
    loss = {"regression": "mse", "binary": "binary_cross_entropy", "multiclass": "cross_entropy"}[kind]
    units = classes if kind == "multiclass" else 1

    def change(setup: Described) -> Described:
        kept = list(setup.layers)
        while kept and not isinstance(kept[-1].layer, Dense):
            kept.pop()
        before = kept[:-1] if kept else list(setup.layers)
        end = kept[-1] if kept else Stage(Dense(units))
        end = _with(end, units=units)
        target = setup.target if kind == "regression" else TargetForm("codes")
        if kind == "regression" and target.encoding != "values":
            target = dataclasses.replace(target, encoding="values")
        return dataclasses.replace(setup, layers=(*before, end), loss=LossUse(loss), target=target)

    return change


def bends_between(bend: Layer) -> Change:
    """An activation between weighted sums that follow each other without one."""

    def between(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        made: list[Layer] = []
        for layer in layers:
            sums = [each for each in made if isinstance(each, Dense | ActivationLayer)]
            if isinstance(layer, Dense) and sums and isinstance(sums[-1], Dense):
                made.append(bend)
            made.append(layer)
        return tuple(made)

    def change(setup: Described) -> Described:
        setup = _inside(setup, between)
        bare = {each.place for each in network.hidden(setup) if not each.bends}
        stages: list[Stage] = []
        for place, stage in enumerate(setup.layers):
            stages.append(stage)
            if place in bare:
                stages.append(Stage(bend))
        return setup.with_layers(*stages)

    return change


def single_bends(setup: Described) -> Described:
    """One activation where several follow each other: the first of each row of them, or a ReLU for a softmax."""
    setup = _inside(setup, _single)
    stages: list[Stage] = []
    for place, stage in enumerate(setup.layers):
        previous = next(
            (each.layer for each in reversed(stages) if not isinstance(each.layer, Dropout | Identity)), None
        )
        if isinstance(stage.layer, ActivationLayer) and previous is not None and network.bent(previous):
            continue
        inner = place < len(setup.layers) - 1
        stages.append(Stage(ReLU()) if network.bent(stage.layer) == "softmax" and inner else stage)
    return setup.with_layers(*stages)


def _single(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    made: list[Layer] = []
    for layer in layers:
        if isinstance(layer, ActivationLayer) and made and network.bent(made[-1]):
            continue
        made.append(ReLU() if network.bent(layer) == "softmax" else layer)
    return tuple(made)


def hidden_bends(bend: Layer) -> Change:
    """Another activation in every hidden layer."""
    other = lambda layers: tuple(bend if network.bent(layer) else layer for layer in layers)

    def change(setup: Described) -> Described:
        setup = _inside(setup, other)
        places = [each.place for each in network.sums(setup)]
        last = places[-1] if places else 0
        swap = lambda place, stage: place < last and bool(network.bent(stage.layer))
        return setup.with_layers(
            *(Stage(bend) if swap(place, stage) else stage for place, stage in enumerate(setup.layers))
        )

    return change


def fresh_start(setup: Described) -> Described:
    """Weights that start at a size which suits the layer: He before a ReLU, Glorot elsewhere; biases at 0."""
    setup = _inside(setup, _started)
    wanted = {
        each.place: "he_uniform" if each.bends and "relu" in network.bent(each.bends[0]) else "glorot_uniform"
        for each in network.sums(setup)
    }
    return setup.with_layers(
        *(
            dataclasses.replace(_with(stage, initializer=wanted[place], bias_initializer="zeros"), start=None)
            if place in wanted
            else stage
            for place, stage in enumerate(setup.layers)
        )
    )


def _started(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    after = (*layers[1:], None)
    law = lambda bend: "he_uniform" if bend is not None and "relu" in network.bent(bend) else "glorot_uniform"
    return tuple(
        dataclasses.replace(layer, initializer=law(bend), bias_initializer="zeros")
        if isinstance(layer, Dense)
        else layer
        for layer, bend in zip(layers, after, strict=True)
    )


def without_dropout_above(most: float) -> Change:
    """Dropout of at most this rate; none where it is 0."""

    def change(setup: Described) -> Described:
        stages = [
            dataclasses.replace(stage, layer=Dropout(min(spec.plain(stage.layer.rate), most)))
            if isinstance(stage.layer, Dropout)
            else stage
            for stage in setup.layers
        ]
        return setup.with_layers(*(stage for stage in stages if stage.layer != Dropout(0.0)))

    return change


def sparing(patience: int, rate: float = 0.3) -> Change:
    """Dropout after every hidden activation, and an end when the rows held out no longer gain."""

    def change(setup: Described) -> Described:
        plain_ = without_dropout_above(0.0)(setup)
        last = max((each.place for each in network.sums(plain_)), default=0)
        stages: list[Stage] = []
        for place, stage in enumerate(plain_.layers):
            stages.append(stage)
            if place < last and network.bent(stage.layer):
                stages.append(Stage(Dropout(rate)))
        return dataclasses.replace(plain_.with_layers(*stages), patience=patience)

    return change


def without_penalties(setup: Described) -> Described:
    """No penalty on weights, and no decay of them."""
    rule = setup.descent.rule
    if "weight_decay" in {field.name for field in dataclasses.fields(rule)}:
        setup = setup.with_rule(weight_decay=0.0)
    return setup.with_layers(*(dataclasses.replace(stage, l1=0.0, l2=0.0) for stage in setup.layers))


def hidden_units(units: int) -> Change:
    """So many neurons in every hidden layer; one such layer is put in where there is none."""

    def change(setup: Described) -> Described:
        places = {each.place for each in network.hidden(setup)}
        if not places:
            return setup.with_layers(Stage(Dense(units, initializer="he_uniform")), Stage(ReLU()), *setup.layers)
        return setup.with_layers(
            *(_with(stage, units=units) if place in places else stage for place, stage in enumerate(setup.layers))
        )

    return change


def without_columns(names: Sequence[str]) -> Change:
    """The table without some of its columns."""
    return lambda setup: part("data", without=(*setup.data.without, *names))(setup)


def _inside(setup: Described, change: Callable[[tuple[Layer, ...]], tuple[Layer, ...]]) -> Described:
    """The rows of layers inside other layers changed, the innermost first."""

    def remade(layer: Layer) -> Layer:
        if isinstance(layer, Residual):
            return Residual(change(tuple(map(remade, layer.layers))))
        if isinstance(layer, Parallel):
            return Parallel(tuple(change(tuple(map(remade, branch))) for branch in layer.branches), layer.columns)
        return layer

    return setup.with_layers(*(dataclasses.replace(stage, layer=remade(stage.layer)) for stage in setup.layers))


def _with(stage: Stage, **values: Any) -> Stage:
    """A stage whose layer has other values."""
    layer: Any = stage.layer
    return dataclasses.replace(stage, layer=dataclasses.replace(layer, **values))
