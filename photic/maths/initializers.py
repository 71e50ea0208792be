"""Initializers: the random weights a network starts from.

A neuron adds up fan_in products, so the variance of its sum is fan_in times that of a weight (for inputs of variance
1). The laws below choose the variance of the weights so that signals neither die out nor blow up from layer to layer:
with fan_in forwards (LeCun), twice that when ReLU drops one half (He), between fan_in forwards and fan_out backwards
(Glorot). Weights that all start equal would stay equal: only biases start at zero.

Reference: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010,
https://proceedings.mlr.press/v9/glorot10a.html
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from photic.errors import SpecError, nearest
from photic.tensor import Shape


@dataclasses.dataclass(frozen=True)
class Initializer:
    """One law of starting weights.

    Args:
        name: its name in specs.
        variance: from (fan_in, fan_out) to the variance of one weight.
        unit: from (key, shape) to random numbers of mean 0 and variance 1, which are scaled to that variance.
        words: what it is for, one sentence.

    >>> INITIALIZERS["he_normal"].variance(50, 10)
    0.04
    """

    name: str
    variance: Callable[[int, int], float]
    unit: Callable[[Array, Shape], Array]
    words: str


def draw(name: str, key: Array, shape: Shape, fan_in: int, fan_out: int) -> Float[Array, "*shape"]:
    """Starting weights, float32 of `shape`: w = sqrt(variance) u, with the law's variance and random u.

    Args:
        shape: of the weights; the last axis is that of the outputs.
        fan_in: how many numbers each output is made of, above 0.
        fan_out: how many outputs each input goes into.

    Raises:
        SpecError: for an unknown name, or for "orthogonal" with fewer than two axes.

    >>> draw("zeros", jax.random.key(0), (3,), 2, 3).tolist()
    [0.0, 0.0, 0.0]
    """
    if name not in INITIALIZERS:
        source, fix = "the layer's settings", nearest(name, INITIALIZERS)
        raise SpecError("initializer", "needs a known name", repr(name), source=source, fix=fix)
    if name == "orthogonal" and len(shape) < 2:
        need, got = "needs weights with two axes or more", f"shape {list(shape)}"
        raise SpecError(
            "initializer orthogonal", need, got, source="the layer's weights", fix="choose zeros for a bias"
        )
    law = INITIALIZERS[name]
    return law.unit(key, shape) * math.sqrt(law.variance(fan_in, fan_out))


def _uniform(key: Array, shape: Shape) -> Array:
    return jax.random.uniform(key, shape, jnp.float32, -math.sqrt(3), math.sqrt(3))


def _normal(key: Array, shape: Shape) -> Array:
    return jax.random.normal(key, shape, jnp.float32)


def _orthogonal(key: Array, shape: Shape) -> Array:
    return jax.nn.initializers.orthogonal()(key, shape, jnp.float32)


def _ones(_: Array, shape: Shape) -> Array:
    return jnp.ones(shape, jnp.float32)


def _glorot(fan_in: int, fan_out: int) -> float:
    return 2 / (fan_in + fan_out)


def _he(fan_in: int, _: int) -> float:
    return 2 / fan_in


def _lecun(fan_in: int, _: int) -> float:
    return 1 / fan_in


_ROWS = (
    Initializer("zeros", lambda *_: 0.0, _ones, "All 0: for biases, never for weights."),
    Initializer("ones", lambda *_: 1.0, _ones, "All 1: for the scale of a normalisation."),
    Initializer("uniform", lambda fan_in, _: 1 / (3 * fan_in), _uniform, "Evenly within +-1/sqrt(fan_in)."),
    Initializer("glorot_uniform", _glorot, _uniform, "For tanh and sigmoid, and a good start for any layer."),
    Initializer("glorot_normal", _glorot, _normal, "The same, from a normal distribution."),
    Initializer("he_uniform", _he, _uniform, "For ReLU and its kin, which drop about half of the signal."),
    Initializer("he_normal", _he, _normal, "The same, from a normal distribution."),
    Initializer("lecun_uniform", _lecun, _uniform, "Keeps the variance of a layer without an activation."),
    Initializer("lecun_normal", _lecun, _normal, "The same, from a normal distribution."),
    Initializer("orthogonal", lambda *_: 1.0, _orthogonal, "A random rotation: lengths are kept exactly."),
)

#: Every initializer by name.
INITIALIZERS: dict[str, Initializer] = {row.name: row for row in _ROWS}
