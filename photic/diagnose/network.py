"""The network of a described training, as rules ask about it: its weighted sums, what follows them, its size."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator

from photic import spec
from photic.diagnose.described import Described
from photic.diagnose.parts import Stage
from photic.layers import (
    BatchNorm,
    Dense,
    Dropout,
    Flatten,
    Identity,
    LayerNorm,
    LeakyReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    chain,
)
from photic.layers.activation import ActivationLayer
from photic.layers.base import Layer
from photic.layers.wiring import Parallel, Residual
from photic.maths.activations import ACTIVATIONS
from photic.maths.initializers import INITIALIZERS

_PASSES = (Dropout, Flatten, Identity)  # what changes nothing about the bend between two sums
_ALIKE = 3  # weights are alike when they vary by a third of their mean, or less
_KINKED = (ReLU, LeakyReLU)


@dataclasses.dataclass(frozen=True)
class Sum:
    """A Dense layer in its place.

    Args:
        place: its index among the stages.
        stage: the layer with its penalties and start.
        layer: the same layer, known to be a Dense.
        fan_in: numbers that go in, None for a first layer whose width is not known.
        bends: the activations between it and the next Dense layer, or the end.
        last: whether the answer comes from it.
        normed: whether its outputs are brought to a common size, so that the size of its weights does not matter.
    """

    place: int
    stage: Stage
    layer: Dense
    fan_in: int | None
    bends: tuple[Layer, ...]
    last: bool
    normed: bool = False

    @property
    def path(self) -> str:
        """As in a model."""
        return f"layers.{self.place}"

    @property
    def units(self) -> int:
        """How many neurons it has."""
        return self.layer.units

    @property
    def named(self) -> str:
        """The layer as the user knows it."""
        return f"{self.path} Dense({self.units})"

    @property
    def start(self) -> float | None:
        """The standard deviation its weights start with, None where it hangs on an unknown width."""
        if self.stage.start is not None:
            size = self.stage.start.size
            return {"normal": size, "uniform": size / math.sqrt(3), "constant": 0.0}[self.stage.start.law]
        name = self.layer.initializer
        if name in {"zeros", "ones"}:
            return 0.0
        return math.sqrt(INITIALIZERS[name].variance(self.fan_in, self.units)) if self.fan_in else None

    @property
    def alike(self) -> bool:
        """Whether all of its weights start at one number, or nearly."""
        start = self.stage.start
        return self.start == 0.0 or (start is not None and abs(start.mean) > _ALIKE * start.size)

    @property
    def ideal(self) -> float | None:
        """The standard deviation that keeps signals at their size: sqrt(2 / fan_in) before a ReLU, else smaller."""
        if not self.fan_in:
            return None
        kinked = any(isinstance(bend, _KINKED) for bend in self.bends)
        return math.sqrt((2 if kinked else 1) / self.fan_in)


def sums(setup: Described, width: int | None = None) -> tuple[Sum, ...]:
    """Every Dense layer of the outermost row of layers, in order.

    Args:
        width: numbers that go into the network, where it is known.
    """
    dense = {place: stage.layer for place, stage in enumerate(setup.layers) if isinstance(stage.layer, Dense)}
    places = list(dense)
    made, before = [], width
    for place, after in zip(places, [*places, len(setup.layers)][1:], strict=True):
        between = [stage.layer for stage in setup.layers[place + 1 : after]]
        last = after == len(setup.layers)
        normed = any(isinstance(each, BatchNorm | LayerNorm) for each in between)
        made.append(Sum(place, setup.layers[place], dense[place], before, tuple(filter(bends, between)), last, normed))
        before = dense[place].units if not any(isinstance(each, Parallel) for each in between) else None
    return tuple(made)


def bends(layer: Layer) -> bool:
    """Whether the layer is an activation that does something, or holds layers of its own."""
    return isinstance(layer, ActivationLayer | Residual | Parallel) and not isinstance(layer, Identity)


def bent(layer: Layer) -> str:
    """The name of an activation layer, "" for another layer."""
    return spec.type_name(type(layer)) if isinstance(layer, ActivationLayer) else ""


def walk(setup: Described) -> dict[str, Layer]:
    """Every layer by its path, those inside others too."""
    return dict(chain.walk(tuple(stage.layer for stage in setup.layers), "layers"))


def inner(setup: Described) -> Iterator[tuple[str, tuple[Layer, ...]]]:
    """Every row of layers that stands inside another layer, with its path."""
    for path, layer in walk(setup).items():
        if isinstance(layer, Residual):
            yield f"{path}.layers", layer.layers
        elif isinstance(layer, Parallel):
            yield from ((f"{path}.branches.{place}", branch) for place, branch in enumerate(layer.branches))


def neighbours(setup: Described, *, passes: tuple[type[Layer], ...] = ()) -> Iterator[tuple[str, Layer, str, Layer]]:
    """Layers that follow each other, each with its path; those left out that only pass on, and those of `passes`."""
    rows = [("layers", tuple(stage.layer for stage in setup.layers)), *inner(setup)]
    for path, layers in rows:
        kept = [(f"{path}.{i}", layer) for i, layer in enumerate(layers) if not isinstance(layer, (*_PASSES, *passes))]
        for first, second in itertools.pairwise(kept):
            yield *first, *second


def last_bend(setup: Described) -> str:
    """The name of the activation that the answer comes from, "" where it is a weighted sum."""
    kept = [stage.layer for stage in setup.layers if not isinstance(stage.layer, Identity | Flatten)]
    return bent(kept[-1]) if kept else ""


def outputs(setup: Described) -> int | None:
    """How many numbers the network gives for a row; None for one without a Dense layer."""
    found = sums(setup)
    return found[-1].units if found else None


def hidden(setup: Described, width: int | None = None) -> tuple[Sum, ...]:
    """The Dense layers before the last."""
    return sums(setup, width)[:-1]


def size(setup: Described, width: int) -> int:
    """How many weights the Dense layers have."""
    total, before = 0, width
    for each in sums(setup):
        total, before = total + (before + 1) * each.units, each.units
    return total


#: The names of all activations.
KINDS = tuple(ACTIVATIONS)


def limits(name: str) -> tuple[float, float]:
    """The smallest and the largest number that can come out of an activation."""
    return ACTIVATIONS[name].limits


def range_words(name: str) -> str:
    """The same in words."""
    return ACTIVATIONS[name].range


def dropout(setup: Described) -> float:
    """The largest share of neurons that is silenced in any layer."""
    rates = [spec.plain(stage.layer.rate) for stage in setup.layers if isinstance(stage.layer, Dropout)]
    return max(rates, default=0.0)


def penalty(setup: Described) -> float:
    """The largest penalty on weights, l1 or l2."""
    return max((max(stage.l1, stage.l2) for stage in setup.layers), default=0.0)


def squashing(setup: Described) -> bool:
    """Whether hidden layers bend by sigmoid or tanh."""
    return any(isinstance(bend, Sigmoid | Tanh | Softmax) for each in hidden(setup) for bend in each.bends)
