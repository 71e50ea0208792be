"""Ways to break the network or the training of a sound program; ways to break its data are in `spoiling.py`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from photic.diagnose.described import Described
from photic.diagnose.parts import HeldOut, InputForm, LossUse, Stage, Start, TargetForm
from photic.layers import BatchNorm, Dense, Dropout, LayerNorm, ReLU, Sigmoid, Softmax, Tanh
from photic.layers.activation import ActivationLayer
from photic.layers.base import Layer
from photic.optim.descent import Descent
from photic.optim.rules import SGD, Adam

Break = Callable[[Described, Any], Described]
_HE = "he_uniform"


def tail(described: Described) -> tuple[Stage, ...]:
    """The last dense layer and what stands behind it."""
    places = [place for place, stage in enumerate(described.layers) if isinstance(stage.layer, Dense)]
    return described.layers[places[-1] :]


def outputs(described: Described) -> int:
    """How many numbers the network gives for a row."""
    layer = tail(described)[0].layer
    assert isinstance(layer, Dense)
    return layer.units


def rebuilt(described: Described, *hidden: Layer, start: Start | None = None) -> Described:
    """Other hidden layers before the same end; `start` is for the dense ones among them."""
    stages = (Stage(layer, start=start if isinstance(layer, Dense) else None) for layer in hidden)
    return described.with_layers(*stages, *tail(described))


def ended(described: Described, *last: Layer) -> Described:
    """The same hidden layers and another end."""
    return described.with_layers(*described.layers[: -len(tail(described))], *map(Stage, last))


def dead(described: Described, mean: float) -> Described:
    """ReLU neurons whose weights are all below 0, over columns that never are."""
    shown = dataclasses.replace(described, inputs=InputForm("min_max"))  # columns that are never negative
    return rebuilt(shown, Dense(32), ReLU(), start=Start("normal", 0.02, mean=-mean))


def saturated(described: Described, size: float) -> Described:
    """Weights of tanh neurons that start with this standard deviation."""
    return rebuilt(described, Dense(32), Tanh(), Dense(32), Tanh(), start=Start("normal", size))


def vanishing(described: Described, depth: int) -> Described:
    """So many sigmoid layers, one behind another."""
    return rebuilt(described, *[layer for _ in range(depth) for layer in (Dense(16), Sigmoid())])


def exploding(described: Described, size: float) -> Described:
    """Five ReLU layers whose weights start with this standard deviation."""
    hidden = [layer for _ in range(5) for layer in (Dense(48), ReLU())]
    trained = dataclasses.replace(described, descent=Descent(SGD(0.01)))
    return rebuilt(trained, *hidden, start=Start("normal", size))


def diverging(described: Described, rate: float) -> Described:
    """Plain gradient descent at this rate."""
    plain = _endless(rebuilt(described, Dense(32, initializer=_HE), ReLU(), Dense(32, initializer=_HE), ReLU()))
    return dataclasses.replace(plain, descent=Descent(SGD(rate)))


def faster(described: Described, factor: float) -> Described:
    """The learning rate times a factor, and no early end."""
    return _endless(described.with_rule(learning_rate=_rate(described) * factor))


def rated(described: Described, factor: float) -> Described:
    """The learning rate times a factor."""
    return described.with_rule(learning_rate=_rate(described) * factor)


def cut_short(described: Described, epochs: int) -> Described:
    """So many epochs."""
    return _endless(dataclasses.replace(described, epochs=epochs))


def batched(described: Described, share: float) -> Described:
    """Batches of this share of all rows."""
    rows = described.dataset().n
    return dataclasses.replace(described, batch_size=max(1, round(rows * share)))


def memorising(described: Described, share: float) -> Described:
    """Few rows, a large network, nothing that holds it back."""
    hidden = (Dense(256, initializer=_HE), ReLU(), Dense(256, initializer=_HE), ReLU())
    free = rebuilt(described, *hidden)
    held = dataclasses.replace(described.split, share=1 - share)
    return dataclasses.replace(
        free, split=held, patience=None, epochs=max(60, described.epochs), descent=Descent(Adam(0.003))
    )


def unheld(described: Described, times: float) -> Described:
    """Wide layers, nothing that holds them back, and so many times the epochs."""
    hidden = (Dense(256, initializer=_HE), ReLU(), Dense(256, initializer=_HE), ReLU())
    free = _endless(rebuilt(described, *hidden))
    return dataclasses.replace(free, epochs=int(times * described.epochs), descent=Descent(Adam(0.003)))


def penalised(described: Described, l2: float) -> Described:
    """This l2 on every dense layer."""
    stages = (
        dataclasses.replace(stage, l2=l2) if isinstance(stage.layer, Dense) else stage for stage in described.layers
    )
    return described.with_layers(*stages)


def dropped(described: Described, rate: float) -> Described:
    """Dropout of this rate behind both hidden layers."""
    hidden = (Dense(32, initializer=_HE), ReLU(), Dropout(rate), Dense(32, initializer=_HE), ReLU(), Dropout(rate))
    return rebuilt(described, *hidden)


def started(described: Described, size: float) -> Described:
    """All weights the same for sizes up to 0.1, far too large above."""
    start = Start("constant", size) if size <= 0.1 else Start("normal", size)
    plain = rebuilt(described, Dense(32), ReLU(), Dense(32), ReLU(), start=start)
    return plain.with_layers(
        *(
            dataclasses.replace(stage, start=start) if isinstance(stage.layer, Dense) else stage
            for stage in plain.layers
        )
    )


def loud_end(described: Described, size: float) -> Described:
    """A last layer whose weights start with this standard deviation."""
    end = tail(described)
    quiet = described.layers[: -len(end)]
    return described.with_layers(*quiet, dataclasses.replace(end[0], start=Start("normal", size)), *end[1:])


def softmax_twice(described: Described, _: float) -> Described:
    """Softmax last, and a loss that puts another one on it."""
    return _judged(ended(described, Dense(outputs(described)), Softmax()), "cross_entropy", "logits", "codes")


def logits_as_probabilities(described: Described, _: float) -> Described:
    """Nothing behind the last layer, and a loss that takes it for probabilities."""
    bare = ended(described, Dense(outputs(described)))
    return dataclasses.replace(bare, loss=dataclasses.replace(bare.loss, takes="probabilities"))


def sigmoid_twice(described: Described, _: float) -> Described:
    """Sigmoid last, and a loss that puts another one on it."""
    return _judged(ended(described, Dense(1), Sigmoid()), "binary_cross_entropy", "logits", "codes")


def codes_as_numbers(described: Described, _: float) -> Described:
    """One output, and the squared error of class codes."""
    return _judged(ended(described, Dense(1)), "mse", "values", "codes")


def one_yes_for_many(described: Described, _: float) -> Described:
    """One yes-or-no output for several classes."""
    return _judged(ended(described, Dense(1), Sigmoid()), "binary_cross_entropy", "probabilities", "codes")


def softmax_of_one(described: Described, _: float) -> Described:
    """Softmax over a single output, which is always 1."""
    return _judged(ended(described, Dense(1), Softmax()), "binary_cross_entropy", "probabilities", "codes")


def labels_below_zero(described: Described, _: float) -> Described:
    """Labels -1 and 1 where 0 and 1 are needed."""
    return _judged(ended(described, Dense(1), Sigmoid()), "binary_cross_entropy", "probabilities", "minus_plus")


def squeezed(described: Described, kind: str) -> Described:
    """A last layer that cannot give every number."""
    last = {"relu": ReLU(), "sigmoid": Sigmoid(), "tanh": Tanh()}[kind]
    return ended(described, Dense(outputs(described)), last)


def straight(described: Described, _: float) -> Described:
    """No activation but at the end."""
    kept = [
        stage for stage in described.layers[: -len(tail(described))] if not isinstance(stage.layer, ActivationLayer)
    ]
    return described.with_layers(*kept, *tail(described))


def doubled(described: Described, kind: str) -> Described:
    """Another activation behind every ReLU."""
    second: Layer = {"sigmoid": Sigmoid(), "softmax": Softmax()}[kind]
    hidden = [layer for _ in range(2) for layer in (Dense(32, initializer=_HE), ReLU(), second)]
    return rebuilt(described, *hidden)


def narrow(described: Described, units: int) -> Described:
    """One hidden layer of so many neurons."""
    return rebuilt(described, Dense(units), Tanh())


def huge(described: Described, units: int) -> Described:
    """Two hidden layers of so many neurons."""
    return rebuilt(described, *[layer for _ in range(2) for layer in (Dense(units, initializer=_HE), ReLU())])


def one_normed(described: Described, _: float) -> Described:
    """Layer norm over the output; of a single one it leaves 0."""
    end = tail(described)
    return described.with_layers(*described.layers[: -len(end)], end[0], Stage(LayerNorm()), *end[1:])


def unwatched(described: Described, _: float) -> Described:
    """No rows held out."""
    return dataclasses.replace(described, split=HeldOut(method="none"))


def has_norm(described: Described) -> bool:
    """Whether a layer brings its inputs to a common size."""
    return any(isinstance(stage.layer, BatchNorm | LayerNorm) for stage in described.layers)


def _endless(described: Described) -> Described:
    return dataclasses.replace(described, patience=None)


def _judged(described: Described, name: str, takes: str, encoding: str) -> Described:
    return dataclasses.replace(described, loss=LossUse(name, takes), target=TargetForm(encoding))


def _rate(described: Described) -> float:
    rate: Any = described.descent.rule.learning_rate
    return float(rate)
