"""What a network does with one picture: its filters, what every layer makes of the picture, and where it looks.

Chapter: "Convolutional network". Reference: Zeiler and Fergus, "Visualizing and understanding convolutional networks",
2014, https://arxiv.org/abs/1311.2901. Lesson 14.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from photic import tree
from photic.backprop.propagation import forward, rows
from photic.backprop.saliency import occlusion, saliency
from photic.errors import RequestError
from photic.layers import Conv
from photic.layers.activation import ActivationLayer
from photic.model import Model
from photic.tree import Tree


@dataclasses.dataclass(frozen=True, eq=False)
class Maps:
    """What one layer makes of the picture.

    Args:
        path, words: the layer.
        values: `[h, w, c]`, a map for each channel.
    """

    path: str
    words: str
    values: Float[np.ndarray, "h w c"]

    @property
    def order(self) -> list[int]:
        """Channels from the one that answers most to the one that answers least, by the mean of their sizes."""
        return np.argsort(-np.abs(self.values).mean((0, 1)), kind="stable").tolist()


@dataclasses.dataclass(frozen=True, eq=False)
class Sight:
    """One picture through a network.

    Args:
        output: which number of the answer is explained.
        slope: `[h, w, c]`, how much it changes with every number of the picture; see `saliency`.
        falls: `[a, b]`, how much it falls when a square is covered; see `occlusion`.
        filters: `[h, w, c, u]` of the first convolution; None where it does not look at the picture itself.
        maps: of every layer whose output is still a picture: behind an activation, or a convolution without one.
    """

    output: int
    slope: Float[np.ndarray, "h w c"]
    falls: Float[np.ndarray, "a b"]
    filters: Float[np.ndarray, "f g _ u"] | None
    maps: tuple[Maps, ...]


def sight(model: Model, params: Tree, state: Tree, x: Any, output: int) -> Sight:
    """What a network does with one picture on the way to one number of its answer.

    Args:
        x: `[h, w, c]`, a prepared picture.
        output: which number of the answer, from 0.

    Raises:
        RequestError: for a row that is no picture, or an output that does not exist.
        ShapeError: when the picture does not fit the model.

    >>> from photic.layers import Dense, Flatten
    >>> model, params = Model(Conv(1, 1), Flatten(), Dense(1)), {"layers": {
    ...     "0": {"w": np.full((1, 1, 1, 1), 2.0, np.float32), "b": np.zeros(1, np.float32)},
    ...     "2": {"w": np.ones((4, 1), np.float32), "b": np.zeros(1, np.float32)}}}
    >>> seen = sight(model, params, {}, np.ones((2, 2, 1)), 0)
    >>> seen.slope.ravel().tolist(), [each.path for each in seen.maps], seen.filters.shape
    ([2.0, 2.0, 2.0, 2.0], ['layers.0'], (1, 1, 1, 1))
    """
    x = np.asarray(x)
    if x.ndim != 3:
        fix = "open a row of a table with photic trace"
        raise RequestError("sight", "needs a picture [h, w, c]", str(list(x.shape)), source="the argument x", fix=fix)
    whole = rows(model, params, x[None], "sight")
    passed = forward(model, params, state, whole)
    return Sight(
        output,
        saliency(model, params, state, whole, output)[0],
        occlusion(model, params, state, whole, output)[0],
        _filters(model, params),
        tuple(Maps(path, words, passed[path][0].astype(np.float64)) for path, words in shown(model, passed, 4)),
    )


def _filters(model: Model, params: Tree) -> Float[np.ndarray, "a b c u"] | None:
    """Those of the first layer with weights, if it is a convolution in two dimensions."""
    own = tree.flatten(params)
    for path, layer in model.walk().items():
        if any(name.rpartition(".")[0] == path for name in own):
            w = own.get(f"{path}.w")
            return np.asarray(w, np.float64) if isinstance(layer, Conv) and w is not None and w.ndim == 4 else None
    return None


def shown(model: Model, passed: Mapping[str, np.ndarray], axes: int) -> list[tuple[str, str]]:
    """Layers worth a look, as paths and words: activations over places, and convolutions that no activation follows.

    Args:
        passed: the outputs by path.
        axes: how many an output has: 4 for pictures, 3 for series.

    >>> from photic.layers import ReLU
    >>> shown(Model(ReLU()), {"layers.0": np.zeros((1, 5, 2))}, 3)
    [('layers.0', 'ReLU()')]
    """
    known = model.walk()
    spatial = [path for path in known if passed[path].ndim == axes]
    bare = lambda path: isinstance(known[path], Conv) and not _bends(path, known)
    return [(path, known[path].words()) for path in spatial if isinstance(known[path], ActivationLayer) or bare(path)]


def _bends(path: str, known: dict[str, Any]) -> bool:
    """Whether an activation follows before the next convolution."""
    place, _, index = path.rpartition(".")
    at = int(index) + 1
    while f"{place}.{at}" in known and not isinstance(known[f"{place}.{at}"], Conv):
        if isinstance(known[f"{place}.{at}"], ActivationLayer):
            return True
        at += 1
    return False
