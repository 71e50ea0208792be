"""A narrower network inside a wider one: the neurons that it has not are there with weights of zero, and stay so.

A neuron whose weights in and out are all zero has an output of zero, if its activation leaves zero where it is, and a
gradient of zero in both. No rule moves it. So a lane of a wide program may train a narrower network exactly, and widths
that are tried side by side need one compiled program between them.

The first weights are those of the wide network, cut and scaled to the variance that the law gives the narrow one;
dropout draws a mask for the wide layer. Both have the same law as in the narrow network alone, from other bits.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from photic import keys
from photic.layers import ELU, GELU, BatchNorm, Dense, Dropout, Identity, LeakyReLU, ReLU, SiLU, Tanh
from photic.maths.initializers import INITIALIZERS
from photic.model import Model
from photic.tensor import Shape
from photic.tree import Tree, flatten, unflatten

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
            differs = missing or own.units < other.units
            if differs and own.initializer == "orthogonal":  # a part of a rotation is none
                return False
            missing = own.units < other.units
        elif own != other or (missing and not isinstance(own, _KEEPING)):
            return False
    return len(narrow.layers) == len(wide.layers) and not missing


def narrowed(
    trees: tuple[Tree, Tree], wide: Model, others: Sequence[Model], shape: Shape, which: Array
) -> tuple[Tree, Tree]:
    """Fresh weights and state of a wide network, made those of one of some networks inside of it.

    Args:
        trees: as `wide.init` gave them.
        shape: of one row.
        which: 0 for the wide network itself, 1 for the first of the others.
    """
    every = (wide, *others)
    shapes = [jax.eval_shape(lambda own=own: own.init(keys.root(0), shape)) for own in every]
    scales = [_scales(own, shape) for own in every]

    def cut(tree: Tree, part: int) -> Any:
        known = [flatten(own[part]) for own in shapes]
        return unflatten({
            path: _cut(leaf, [own[path].shape for own in known], [own.get(path, 1.0) for own in scales], which)
            for path, leaf in flatten(tree).items()
        })  # fmt: skip

    return cut(trees[0], 0), cut(trees[1], 1)


def _cut(leaf: Array, shapes: Sequence[Shape], scales: Sequence[float], which: Array) -> Array:
    """The corner of an array that has one of some shapes, the rest zero, brought from the first scale to its own."""
    for axis in range(leaf.ndim):
        sizes = [shape[axis] for shape in shapes]
        if len(set(sizes)) > 1:
            there = jax.lax.broadcasted_iota(jnp.int32, leaf.shape, axis) < jnp.asarray(np.array(sizes))[which]
            leaf = jnp.where(there, leaf, 0.0)
    if len(set(scales)) > 1:
        leaf = leaf * jnp.asarray(np.array(scales, np.float32) / scales[0])[which]
    return leaf


def _scales(model: Model, shape: Shape) -> dict[str, float]:
    """The standard deviation of the first weights of every Dense layer, by path; 1 where they are all alike."""
    found: dict[str, float] = {}
    for place, layer in enumerate(model.layers):
        if isinstance(layer, Dense):
            for name, law in (("w", layer.initializer), ("b", layer.bias_initializer)):
                variance = INITIALIZERS[law].variance(shape[-1], layer.units)
                found[f"layers.{place}.{name}"] = math.sqrt(variance) or 1.0
        shape = layer.shape(shape)
    return found
