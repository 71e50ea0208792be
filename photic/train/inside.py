"""A narrower network inside a wider one: the neurons that it has not are there with weights of zero, and stay so.

A neuron whose weights in and out are all zero has an output of zero, if its activation leaves zero where it is, and a
gradient of zero in both. No rule moves it. So a lane of a wide program may train a narrower network exactly, and widths
that are tried side by side need one compiled program between them.

Dropout draws a mask for the wider layer, which has the same law for the neurons that are there.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp

from photic.layers import ELU, GELU, BatchNorm, Dense, Dropout, Identity, LeakyReLU, ReLU, SiLU, Tanh
from photic.model import Model

#: Layers that keep a column of zeros, and hand none of it to its neighbours.
_KEEPING = (ReLU, LeakyReLU, ELU, GELU, SiLU, Tanh, Identity, Dropout, BatchNorm)


def inside(narrow: Model, wide: Model) -> bool:
    """Whether `narrow` is `wide` with fewer neurons in some Dense layers, and can be trained as a part of it.

    >>> inside(Model(Dense(2), Tanh(), Dense(1)), Model(Dense(9), Tanh(), Dense(1)))
    True
    """
    missing = False
    for own, other in zip(narrow.layers, wide.layers, strict=False):
        if isinstance(own, Dense) and isinstance(other, Dense):
            if own.units > other.units or dataclasses.replace(own, units=other.units) != other:
                return False
            missing = own.units < other.units
        elif own != other or (missing and not isinstance(own, _KEEPING)):
            return False
    return len(narrow.layers) == len(wide.layers) and not missing


def widened(tree: Any, like: Any) -> Any:
    """Trees of weights of a narrower network, filled up with zeros to the shapes of `like`.

    >>> widened({"w": jnp.ones((1, 2))}, {"w": jnp.zeros((2, 3))})["w"].tolist()
    [[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    fill = lambda own, other: jnp.pad(own, [(0, wide - n) for n, wide in zip(own.shape, other.shape, strict=True)])
    return jax.tree.map(fill, tree, like)
