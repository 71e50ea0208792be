"""What the numbers of a layer are called: by feature as long as they still are features, by place after that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from photic.errors import RequestError, nearest
from photic.layers import BatchNorm, Dense, Dropout, Embedding, Flatten, Layer, LayerNorm, Parallel, Periodic, Residual
from photic.layers.activation import ActivationLayer
from photic.layers.chain import Layers
from photic.layers.recurrent import RecurrentLayer
from photic.model import Model

Names = tuple[str, ...] | None

#: Layers after which number i still is number i of what came in.
ONE_TO_ONE = (ActivationLayer, Dropout, BatchNorm, LayerNorm)


def columns(given: Sequence[str] | None, x: np.ndarray, what: str) -> Names:
    """The name of every column of x; those left over (a table filled up with zeros) are called by number.

    Raises:
        RequestError: for more names than columns; `what` is the name of the argument.

    >>> columns(["age"], np.zeros((1, 2)), "features")
    ('age', 'column 1')
    """
    if given is None or x.ndim != 2:
        return None
    if len(given) > x.shape[1]:
        required, fix = f"needs at most {x.shape[1]} names, one a column", "name the columns in their order"
        raise RequestError(what, required, str(len(given)), source=f"the argument {what}", fix=fix)
    return (*given, *(f"column {index}" for index in range(len(given), x.shape[1])))


def place(model: Model, layer: str | int) -> str:
    """The path of a layer, given as a path or as the number of one of the model's own layers.

    Raises:
        RequestError: when there is no such layer.

    >>> place(Model(Dense(2), Dense(1)), 1)
    'layers.1'
    """
    known = model.walk()
    path = f"layers.{layer}" if str(layer).isdigit() else str(layer)
    if path not in known:
        last = len(model.layers) - 1
        fix = nearest(path, known) if path == layer else f"choose a layer from 0 to {last}"
        raise RequestError("layer", "needs a layer of the model", repr(layer), source="the argument layer", fix=fix)
    return path


def inputs(layers: Layers, known: Names, path: str = "layers") -> tuple[dict[str, Names], Names]:
    """For every layer by path what goes into it, None where it has no names, and what comes out of the last.

    >>> from photic.layers import ReLU
    >>> inputs((ReLU(), Dense(2), ReLU()), ("age", "height"))[0]
    {'layers.0': ('age', 'height'), 'layers.1': ('age', 'height'), 'layers.2': None}
    """
    found: dict[str, Names] = {}
    for index, layer in enumerate(layers):
        here = f"{path}.{index}"
        found[here] = known
        inner, known = _through(layer, known, here)
        found |= inner
    return found, known


def _through(layer: Layer, known: Names, path: str) -> tuple[Mapping[str, Names], Names]:
    if isinstance(layer, Residual):
        return inputs(layer.layers, known, f"{path}.layers")[0], None
    if isinstance(layer, Parallel):
        parts = [known] * len(layer.branches)
        if layer.columns is not None and known is not None:
            parts = [known[start:stop] for start, stop in layer.columns]
        both = [
            inputs(branch, part, f"{path}.branches.{index}")
            for index, (branch, part) in enumerate(zip(layer.branches, parts, strict=True))
        ]
        out = [names for _, names in both if names is not None]
        joined = tuple(name for names in out for name in names) if len(out) == len(both) else None
        return {place: names for inner, _ in both for place, names in inner.items()}, joined
    return {}, after(layer, known)


def after(layer: Layer, known: Names) -> Names:
    """The names of what comes out of a layer without layers inside, given those of what goes in.

    >>> from photic.layers import ReLU
    >>> after(ReLU(), ("age",)), after(Dense(1), ("age",))
    (('age',), None)
    """
    if isinstance(layer, Periodic) and known is not None:
        return (*known, *(f"{name} wave {wave}" for name in known for wave in range(layer.waves)))
    return known if isinstance(layer, (*ONE_TO_ONE, Flatten)) else None


def number(names: Names, index: tuple[int, ...], otherwise: str = "") -> str:
    """One number of a row, by name or by place.

    >>> number(("age", "height"), (1,)), number(None, (3,), "neuron "), number(None, (0, 2))
    ('height', 'neuron 3', '[0, 2]')
    """
    if names is not None and len(index) == 1:
        return names[index[0]]
    return f"{otherwise}{index[0]}" if len(index) == 1 else f"[{', '.join(map(str, index))}]"


def param(layer: Layer, name: str, index: tuple[int, ...], sources: Names) -> str:
    """One number of a layer's params: where a weight comes from and where it goes.

    >>> param(Dense(4), "w", (0, 3), ("age", "height")), param(Dense(4), "b", (3,), None)
    ('w age → 3', 'b 3')
    """
    if isinstance(layer, Dense) and name == "w":
        return f"w {number(sources, index[:1])} → {index[1]}"
    if isinstance(layer, RecurrentLayer):
        gate, unit = divmod(index[-1], layer.units)
        here = f"{layer.cell.gates[gate]} {unit}"
        source = number(sources if name.startswith("w") else None, index[:1])
        return f"{name} {here}" if len(index) == 1 else f"{name} {source} → {here}"
    if isinstance(layer, Embedding):
        return f"code {index[0] - 1} → {index[1]}" if index[0] else f"unknown → {index[1]}"
    if isinstance(layer, Periodic):
        return f"{name} {number(sources, index[:1])} wave {index[1]}"
    if isinstance(layer, BatchNorm) and name in {"mean", "variance"}:
        name = f"running {name}"
    if isinstance(layer, ONE_TO_ONE):
        return f"{name} {number(sources, index)}"
    return f"{name} {number(None, index)}"
