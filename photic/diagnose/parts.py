"""The parts of a described training: data, layers, loss, target, inputs, rows held out. docs/described-training.md."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import Any

from photic.data.dataset import Dataset
from photic.errors import SpecError, nearest
from photic.layers.base import Layer
from photic.maths.initializers import INITIALIZERS

#: The losses, and what each may take the outputs for; the first is meant when nothing is said.
LOSSES: dict[str, tuple[str, ...]] = {
    "mse": ("values",),
    "rmse": ("values",),
    "mae": ("values",),
    "huber": ("values",),
    "hinge": ("values",),
    "binary_cross_entropy": ("logits", "probabilities"),
    "cross_entropy": ("logits", "probabilities", "log_probabilities"),
}
#: How labels are written down, in words.
ENCODINGS: dict[str, str] = {
    "codes": "one whole number a row, 0, 1, 2 ...",
    "one_hot": "a 1 in the column of the class, 0 in the others",
    "minus_plus": "-1 for the first class, 1 for all others",
    "values": "the number itself",
}
#: How columns of numbers are scaled; z is what comes out.
SCALINGS: dict[str, str] = {
    "none": "as they are",
    "standard": "z = (x - mean) / standard deviation",
    "min_max": "z = (x - low) / (high - low)",
    "robust": "z = (x - median) / (75th - 25th percentile)",
    "photic": "as Photic prepares a table: robust, then squeezed smoothly into (-3, 3)",
}
#: How rows are held out to look at while training.
METHODS: dict[str, str] = {
    "shuffled": "drawn at random",
    "stratified": "drawn at random, every class in the same proportion",
    "tail": "the last rows as they stand",
    "none": "no rows",
    "grouped": "drawn at random, rows of a group together",
    "stratified grouped": "drawn at random, groups together, classes in proportion",
    "ordered": "the latest in time",
}
_FILLINGS = ("median", "mean", "zero", "leave")
_FITTED = ("fit", "all")


@dataclasses.dataclass(frozen=True)
class Data:
    """Where the rows come from; exactly one of the first four.

    Args:
        set: the name of a known set, see `photic data`.
        file: a path.
        toy: the name of a generated set, and `settings` for it, such as `(("n", 400), ("noise", 0.2))`.
        dataset: rows that are at hand.
        target: the column to predict; None takes the usual one of a known set.
        task: "regression", "binary" or "multiclass"; None looks at the target.
        groups, time, weights: columns with these roles.
        without: columns that are left out.
        distinct: whether of rows that are the same, number for number, only the first is kept.

    >>> Data(toy="moons", settings=(("n", 100),)).name
    'moons'
    """

    set: str | None = None
    file: str | None = None
    toy: str | None = None
    dataset: Dataset | None = None
    target: str | None = None
    task: str | None = None
    groups: str | None = None
    time: str | None = None
    weights: str | None = None
    settings: tuple[tuple[str, Any], ...] = ()
    without: tuple[str, ...] = ()
    distinct: bool = False

    def __post_init__(self) -> None:
        given = [name for name in ("set", "file", "toy", "dataset") if getattr(self, name) is not None]
        if len(given) != 1:
            got = " and ".join(map(repr, given)) or "nothing"
            raise refused(
                "data", "needs one of 'set', 'file', 'toy' and 'columns'", got, "say where the rows come from"
            )

    @property
    def name(self) -> str:
        """A word for it."""
        return self.dataset.name if self.dataset is not None else str(self.set or self.file or self.toy)


@dataclasses.dataclass(frozen=True)
class Start:
    """Weights that start by a law with a size of its own, as other frameworks can be told.

    Args:
        law: "normal", "uniform" (within +-size) or "constant".
        size: the standard deviation, the bound, or the constant.
        mean: is added to all of them.
    """

    law: str
    size: float
    mean: float = 0.0

    def __post_init__(self) -> None:
        known("initializer law", self.law, ("normal", "uniform", "constant"))
        finite("initializer size", self.size)
        finite("initializer mean", self.mean)


@dataclasses.dataclass(frozen=True)
class Stage:
    """A layer, the penalties on its weights, and how they start where the layer itself cannot say it.

    Args:
        layer: as in a model.
        l1, l2: the loss grows by `l1 sum |w| + l2 sum w^2`; biases are not counted.
        start: of the weights, not of the biases; Dense only.
    """

    layer: Layer
    l1: float = 0.0
    l2: float = 0.0
    start: Start | None = None

    def __post_init__(self) -> None:
        for name in ("l1", "l2"):
            if not 0 <= getattr(self, name) < math.inf:
                got = repr(getattr(self, name))
                raise refused(f"layer {self.layer!r}", f"needs {name} of at least 0", got, "give one such as 0.001")


@dataclasses.dataclass(frozen=True)
class LossUse:
    """A loss, and what it takes the outputs of the network for, whether they are that or not.

    Args:
        name: a key of `LOSSES`.
        takes: "logits", "probabilities" or "log_probabilities"; "values" where there is no choice.
        label_smoothing: of the cross entropies.
        delta: of Huber's loss.

    >>> LossUse("cross_entropy").takes
    'logits'
    """

    name: str
    takes: str = ""
    label_smoothing: float = 0.0
    delta: float = 1.0

    def __post_init__(self) -> None:
        known("loss", self.name, LOSSES)
        if not self.takes:
            object.__setattr__(self, "takes", LOSSES[self.name][0])
        known(f"loss {self.name} takes", self.takes, LOSSES[self.name])
        if not 0 <= self.label_smoothing < 1 or not 0 < self.delta < math.inf:
            got = f"label_smoothing={self.label_smoothing!r}, delta={self.delta!r}"
            raise refused("loss", "needs label_smoothing in [0, 1) and delta above 0", got, "leave them out")


@dataclasses.dataclass(frozen=True)
class TargetForm:
    """What the network is asked to give.

    Args:
        encoding: a key of `ENCODINGS`; two classes as 0 and 1 are "codes".
        scaling: of a number that is to be predicted: "none", "standard", "min_max" or "robust".
        fitted: which rows it is learned from, "fit" or "all".
    """

    encoding: str = "codes"
    scaling: str = "none"
    fitted: str = "fit"

    def __post_init__(self) -> None:
        known("target encoding", self.encoding, ENCODINGS)
        known("target scaling", self.scaling, SCALINGS.keys() - {"photic"})
        known("target fitted", self.fitted, _FITTED)


@dataclasses.dataclass(frozen=True)
class InputForm:
    """What the network is shown.

    Args:
        scaling: a key of `SCALINGS`, for numbers; categories are columns of 0 and 1.
        fitted: which rows scaling and filling are learned from, "fit" or "all".
        missing: what stands for a missing number: "median", "mean", "zero", or "leave", which leaves it NaN.
    """

    scaling: str = "standard"
    fitted: str = "fit"
    missing: str = "median"

    def __post_init__(self) -> None:
        known("inputs scaling", self.scaling, SCALINGS)
        known("inputs fitted", self.fitted, _FITTED)
        known("inputs missing", self.missing, _FILLINGS)


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """The rows held out to look at while training.

    Args:
        share: of the rows.
        method: a key of `METHODS`.
        kept: whether the other rows stay in the order of the table; otherwise they are dealt out once at random,
            which is not the same as shuffling them for every epoch.
        test: a share that is locked away first, and looked at by nobody.
    """

    share: float = 0.25
    method: str = "shuffled"
    kept: bool = False
    test: float = 0.0

    def __post_init__(self) -> None:
        known("split method", self.method, METHODS)
        for name in ("share", "test"):
            if not 0 <= getattr(self, name) < 1:
                got = repr(getattr(self, name))
                raise refused("split", f"needs a {name} from 0 to below 1", got, "give a share such as 0.25")

    @property
    def any(self) -> bool:
        """Whether any rows are held out."""
        return self.method != "none" and self.share > 0


def known(where: str, value: str, choices: Iterable[str]) -> None:
    """Refuse a word that is not among the choices.

    Raises:
        SpecError: with the nearest choice.
    """
    if not isinstance(value, str) or value not in set(choices):
        raise refused(where, "needs a known word", repr(value), nearest(str(value), choices))


def number(where: str, value: Any) -> float:
    """A number as JSON has it.

    Raises:
        SpecError: for anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused(where, "needs a number", repr(value), "give one such as 0.001")
    return float(value)


def finite(where: str, value: float) -> None:
    """Refuse a number that is none."""
    if not math.isfinite(value):
        raise refused(where, "needs a finite number", repr(value), "give one such as 0.05")


def refused(where: str, required: str, got: str, fix: str) -> SpecError:
    """A part that cannot be."""
    return SpecError(where, required, got, source="the described training", fix=fix)


def start_of(value: Any) -> Start | str:
    """An initializer as JSON has it: a name, or a law with its size."""
    if isinstance(value, Mapping):
        if not {"law", "size"} <= set(value) <= {"law", "size", "mean"}:
            raise refused("initializer", "needs a name, or a law and a size", repr(dict(value)), "give both")
        size, mean = (number(f"initializer {name}", value.get(name, 0.0)) for name in ("size", "mean"))
        return Start(value["law"], size, mean)
    known("initializer", value, INITIALIZERS)
    return value
