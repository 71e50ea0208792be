"""One neuron of a trained network, opened: what it listens to, and which rows of the data excite and silence it.

Chapter: "Neuron". Lesson 1.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from photic import tree
from photic.backprop import names
from photic.backprop.names import Names
from photic.backprop.propagation import backward, forward, rows
from photic.errors import RequestError
from photic.layers import BatchNorm, Dense, Dropout, Softmax
from photic.layers.activation import ActivationLayer
from photic.model import Model
from photic.tree import Tree

_AT_ONCE = 8192  # rows in one forward pass
_SAMPLE = 1024  # rows that slopes are averaged over
_CAUSES = 3  # features named for a row

#: A name and a number.
Named = tuple[str, float]


@dataclasses.dataclass(frozen=True)
class Moment:
    """A row, what the neuron says to it, and the features that pushed it there.

    Args:
        row: its number in the data given.
        value: what comes out of the neuron.
        because: by feature, the slope of the neuron's sum for it times its value: the strongest first.
    """

    row: int
    value: float
    because: tuple[Named, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Neuron:
    """What `neuron` found: print it, show it in a notebook, or take it as JSON.

    Args:
        path, layer: the layer it was asked for, as a path and in words.
        unit: its number there.
        source: the path of the Dense layer whose weighted sums it hands on; None where something mixes them.
        weights: of that sum, strongest first.
        bias: of that sum; None without one.
        before: the path of the last layer before its activation, where slopes and causes are taken: an activation that
            silences a row would hide what silenced it.
        slopes: by feature, how much that sum grows with it, on average over the rows; strongest first.
        values: `[n]`, what comes out of the neuron for every row; the mean over places where it has several.
        exciting, silencing: the rows with the largest and the smallest values, the most extreme first.
    """

    path: str
    layer: str
    unit: int
    source: str | None
    weights: tuple[Named, ...]
    bias: float | None
    before: str
    slopes: tuple[Named, ...]
    values: Float[np.ndarray, " n"]
    exciting: tuple[Moment, ...]
    silencing: tuple[Moment, ...]

    @property
    def direct(self) -> bool:
        """Whether its sum is that of the features, so that its weights are its slopes."""
        return self.source == self.before == "layers.0"

    @property
    def mean(self) -> float:
        """What comes out of it on average over the rows."""
        return float(self.values.mean())

    @property
    def spread(self) -> float:
        """The standard deviation of what comes out of it; NaN where that diverged."""
        return float(self.values.std()) if np.isfinite(self.values).all() else math.nan

    @property
    def silent(self) -> float:
        """The share of rows for which it is silent: exactly 0 comes out."""
        return float((self.values == 0).mean())

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON values; of the values of all rows only their mean, spread, and the share that is 0."""
        kept = {name: value for name, value in dataclasses.asdict(self).items() if name != "values"}
        about = {"rows": len(self.values), "mean": self.mean, "spread": self.spread, "silent": self.silent}
        return kept | about

    def __str__(self) -> str:
        from photic.backprop import text  # it shows a Neuron, so it stands above this file

        return text.neuron(self)

    def __repr__(self) -> str:
        return f"Neuron {self.unit} of {self.path} {self.layer}"

    def _repr_html_(self) -> str:
        from photic.backprop import markup  # it shows a Neuron, so it stands above this file

        return markup.neuron(self)


def neuron(
    model: Model,
    params: Tree,
    state: Tree,
    x: Any,
    layer: str | int,
    unit: int,
    features: Sequence[str] | None = None,
    *,
    most: int = 5,
) -> Neuron:
    """One neuron of a network, and what it does with rows of data.

    Args:
        x: `[n, *input]`, prepared rows.
        layer: its layer, by path ("layers.2") or number.
        unit: its number in the layer, from 0; of an output with several axes the place on the last.
        features: names of the columns of x.
        most: how many exciting and silencing rows to keep.

    Raises:
        RequestError: for a layer or neuron that does not exist, or no rows.
        ShapeError: when the rows do not fit the model.

    >>> params = {"layers": {"0": {"w": np.array([[2.0], [-3.0]], np.float32), "b": np.array([1.0], np.float32)}}}
    >>> x = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    >>> found = neuron(Model(Dense(1)), params, {}, x, 0, 0, ["age", "height"])
    >>> found.weights, found.bias, found.exciting[0].row, found.silencing[0].value
    ((('height', -3.0), ('age', 2.0)), 1.0, 0, -2.0)
    """
    path, x = names.place(model, layer), rows(model, params, x, "neuron")
    columns = names.columns(features, x, "features")
    before = _back(model, path, ActivationLayer | Dropout)
    source = _back(model, path, ActivationLayer | Dropout | BatchNorm)
    source = source if isinstance(model.walk()[source], Dense) else None
    values, sums = _values(model, params, state, x, (path, before), unit)
    order = np.lexsort((sums, values))  # rows it answers alike are told apart by the sum before the activation
    extremes = np.concatenate([order[::-1][:most], order[:most]])
    sample = np.unique(np.linspace(0, len(x) - 1, min(len(x), _SAMPLE)).astype(int))
    slopes = _slopes(model, params, state, x[np.concatenate([extremes, sample])], before, unit)
    with np.errstate(all="ignore"):  # NaN and infinity are results here
        parts, mean = slopes[: len(extremes)] * x[extremes], slopes[len(extremes) :].mean(0)
    moments = tuple(
        Moment(int(row), float(values[row]), _causes(part, columns)) for row, part in zip(extremes, parts, strict=True)
    )
    return Neuron(
        path=path,
        layer=model.walk()[path].words(),
        unit=unit,
        source=source,
        before=before,
        **_hears(model, params, source, unit, columns),
        slopes=_strongest(mean, columns, "column "),
        values=values,
        exciting=moments[: len(moments) // 2],
        silencing=moments[len(moments) // 2 :],
    )


def _back(model: Model, path: str, through: Any) -> str:
    """The last layer before those that hand on neuron by neuron, so that neuron i is neuron i of it."""
    known = model.walk()
    place, _, index = path.rpartition(".")
    for at in range(int(index), 0, -1):
        layer = known[f"{place}.{at}"]
        if isinstance(layer, Softmax) or not isinstance(layer, through):
            return f"{place}.{at}"
    return f"{place}.0"


def _values(
    model: Model, params: Tree, state: Tree, x: np.ndarray, paths: tuple[str, str], unit: int
) -> tuple[np.ndarray, np.ndarray]:
    """What comes out of one neuron of two layers for every row, as the mean over places."""
    parts = []
    for start in range(0, len(x), _AT_ONCE):
        passed = forward(model, params, state, x[start : start + _AT_ONCE])
        outputs = [passed[each].reshape(len(passed[each]), -1, passed[each].shape[-1]) for each in paths]
        neurons = outputs[0].shape[-1]
        if not 0 <= unit < neurons:
            where, required = f"{paths[0]} {model.walk()[paths[0]].words()}", f"needs a neuron from 0 to {neurons - 1}"
            fix = "count the neurons of a layer from 0"
            raise RequestError(where, required, str(unit), source="the argument unit", fix=fix)
        parts.append([np.asarray(y[..., unit].mean(1), np.float64) for y in outputs])
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _slopes(model: Model, params: Tree, state: Tree, x: np.ndarray, path: str, unit: int) -> np.ndarray:
    """By how much one neuron grows with every number of every row: backpropagation, started at that neuron."""
    passed = forward(model, params, state, x)
    start = np.zeros(passed[path].shape)
    start[..., unit] = len(x) / start[..., unit].size  # the mean over places
    return backward(model, params, state, x, passed, {path: start})["layers.0"].input_gradient


def _hears(model: Model, params: Tree, source: str | None, unit: int, columns: Names) -> dict[str, Any]:
    if source is None:
        return {"weights": (), "bias": None}
    own = tree.flatten(params)
    known, _ = names.inputs(model.layers, columns)
    otherwise = "column " if source == "layers.0" else "neuron "
    bias = own.get(f"{source}.b")
    weights = _strongest(np.asarray(own[f"{source}.w"])[:, unit], known[source], otherwise)
    return {"weights": weights, "bias": None if bias is None else float(bias[unit])}


def _strongest(values: np.ndarray, known: Names, otherwise: str) -> tuple[Named, ...]:
    order = np.argsort(-np.where(np.isnan(values), np.inf, np.abs(values)), axis=None, kind="stable")
    places = zip(*np.unravel_index(order, values.shape), strict=True)
    return tuple((names.number(known, tuple(map(int, place)), otherwise), float(values[place])) for place in places)


def _causes(parts: np.ndarray, columns: Names) -> tuple[Named, ...]:
    return tuple((name, part) for name, part in _strongest(parts, columns, "column ")[:_CAUSES] if part)
