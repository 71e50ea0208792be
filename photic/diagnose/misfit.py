"""Misfits: what a loss, a last layer and an encoding of the target have to do with each other, pair by pair."""

from __future__ import annotations

import math
from collections.abc import Iterator

from photic.diagnose import network
from photic.diagnose.evidence import Evidence
from photic.layers import BatchNorm, Dropout, LayerNorm

_DISTANCES = {"mse", "rmse", "mae", "huber"}
_NUMBERS = {"", "identity", "leaky_relu"}  # last activations that can give every number


def misfit(evidence: Evidence) -> str | None:
    """What does not fit, in a sentence; None when all does.

    >>> from photic.diagnose.described import Described
    >>> from photic.diagnose.parts import Data, LossUse, Stage
    >>> from photic.layers import Dense, Softmax
    >>> setup = Described(Data(toy="moons"), (Stage(Dense(1)), Stage(Softmax())), LossUse("mse"))
    >>> misfit(Evidence(setup, "binary", ("a", "b"), {}, [], []))
    'The loss mse measures distances between numbers, but the target is one of 2 classes.'
    """
    of = _of_value if evidence.kind == "regression" else _of_class
    return next(of(evidence), None)


def _of_value(evidence: Evidence) -> Iterator[str]:
    named, last, y = _named(evidence), network.last_bend(evidence.setup), evidence.y
    if evidence.setup.loss.name not in _DISTANCES:
        yield f"{named} is for classes, but the target is a number."
    yield from _disturbed(evidence)
    if last in _NUMBERS:
        return
    low, high = network.limits(last)
    reach = (y.low, y.high) if y is not None and math.isfinite(y.low) else None
    if reach is None or reach[0] < low or reach[1] > high or last == "softmax":
        came = "of any size" if reach is None else f"from {reach[0]:.3g} to {reach[1]:.3g}"
        yield f"The last layer, a {last}, gives only numbers in {network.range_words(last)}; the targets are {came}."


def _of_class(evidence: Evidence) -> Iterator[str]:
    setup, named, last = evidence.setup, _named(evidence), network.last_bend(evidence.setup)
    loss, takes = setup.loss.name, setup.loss.takes
    if loss in _DISTANCES:
        yield f"{named} measures distances between numbers, but the target is one of {len(evidence.classes)} classes."
    if loss == "hinge":
        if setup.target.encoding != "minus_plus" or last:
            yield f"{named} needs labels of -1 and 1 and plain sums."
        return
    yield from _disturbed(evidence)
    if takes == "logits" and last:
        yield f"{named} expects plain sums (logits) of any size, but the last layer is a {last}, which squeezes them."
    if takes == "probabilities" and last not in {"sigmoid", "softmax"}:
        yield f"{named} expects probabilities, but the last layer gives {last or 'plain sums'} of any size."
    if takes == "log_probabilities":
        yield f"{named} expects logarithms of probabilities, but the last layer gives {last or 'plain sums'}."
    yield from _labels(evidence, last)


def _labels(evidence: Evidence, last: str) -> Iterator[str]:
    setup, named, classes = evidence.setup, _named(evidence), len(evidence.classes)
    encoding, binary = setup.target.encoding, setup.loss.name == "binary_cross_entropy"
    outputs = network.outputs(setup)
    if last == "softmax" and outputs == 1:
        yield "A softmax over a single output always gives 1, whatever the network computes."
    if encoding == "minus_plus":
        yield f"{named} needs labels of 0 and 1, but they are written as -1 and 1."
    if encoding == "values":
        yield f"{named} needs labels, but the target is given as plain numbers."
    if binary and evidence.kind == "multiclass" and encoding == "codes":
        yield f"{named} needs labels of 0 and 1, but they are codes from 0 to {classes - 1}."
    if not binary and outputs == 1:
        yield f"{named} needs an output for each class, but there is one: it is then always certain."
    if not binary and outputs is not None and outputs != max(classes, 2):
        yield f"There are {classes} classes, but {outputs} outputs."


def _disturbed(evidence: Evidence) -> Iterator[str]:
    last = evidence.setup.layers[-1].layer
    if isinstance(last, Dropout | BatchNorm):
        yield f"The answer comes out of {last!r}, which disturbs it at random or by the batch."
    sums = network.sums(evidence.setup)
    after = evidence.setup.layers[sums[-1].place + 1 :] if sums else ()
    if any(isinstance(stage.layer, LayerNorm) for stage in after) and sums[-1].units == 1:
        yield "A layer norm over a single output makes it the same number for every row."


def _named(evidence: Evidence) -> str:
    return f"The loss {evidence.setup.loss.name.replace('_', ' ')}"
