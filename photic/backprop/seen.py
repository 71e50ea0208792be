"""What a layer saw on the way forward, and what its backward formula gives: the words all formulas share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from photic.layers import Context
from photic.layers.chain import Layers
from photic.tree import Tree

Values = Float[np.ndarray, "n *axes"]

#: Goes backward through layers inside a wiring layer: their place in it, their input x and g; gives the gradient for x.
Inside = Callable[[Layers, tuple[str, ...], np.ndarray, np.ndarray], np.ndarray]


class Inner(NamedTuple):
    """Numbers that arise inside a layer at every step of a sequence, and the gradient of the loss for each."""

    values: Float[np.ndarray, "n t u"]
    gradients: Float[np.ndarray, "n t u"]


@dataclasses.dataclass(frozen=True, eq=False)
class Seen:
    """What a layer saw and made on the way forward.

    Args:
        layer: the layer.
        params, state: its own arrays.
        x: what came in, `[n, *input]`.
        at: the context it had, at its own place: training or not, the key, the weight of each row.
        inside: the way backward through its inner layers, if it holds any.
        inner: by name, where a formula leaves numbers that arise between x and y, such as the gates of an LSTM.
    """

    layer: Any
    params: Tree
    state: Tree
    x: Values
    at: Context
    inside: Inside
    inner: dict[str, Inner] = dataclasses.field(default_factory=dict)


#: What comes out on the way backward: the gradient for x, and for each of the layer's own params by name.
Back = tuple[np.ndarray, dict[str, np.ndarray]]
