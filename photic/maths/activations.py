"""Activation functions: what a neuron makes of its weighted sum. Chapter: "Activation functions".

Without one, layer upon layer of weighted sums would still be a single weighted sum; the bend is what lets a network
learn a curve. Every function here takes any shape and keeps it. All work element by element except softmax, which
turns the last axis into probabilities. Value and gradient stay finite for inputs of any size.

A function saturates where it is flat: where its derivative stays below `FLAT`, a change of the input hardly changes
the output, and hardly any gradient comes back through it.

Reference: Dubey, Singh and Chaudhuri, "Activation functions in deep learning: a comprehensive survey", 2022,
https://arxiv.org/abs/2109.14545. Lesson 2.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

#: A derivative smaller than this, in absolute value, counts as flat.
FLAT = 0.01

Values = Float[Array, "*shape"]


def identity(x: Values) -> Values:
    """f(x) = x: no activation at all, right for the last layer of a regression.

    >>> identity(jnp.array([-2.0, 3.0])).tolist()
    [-2.0, 3.0]
    """
    return x


def sigmoid(x: Values) -> Values:
    """f(x) = 1 / (1 + exp(-x)): a smooth switch from 0 to 1 that stands at 0.5 for x = 0; it has no hard threshold.

    >>> sigmoid(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [0.0, 0.5, 1.0]
    """
    return jax.nn.sigmoid(x)


def tanh(x: Values) -> Values:
    """f(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x)): a smooth switch from -1 to 1, a stretched sigmoid.

    >>> tanh(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [-1.0, 0.0, 1.0]
    """
    return jnp.tanh(x)


def relu(x: Values) -> Values:
    """f(x) = max(x, 0): passes what is positive and blocks the rest; its derivative at 0 is taken as 0.

    Reference: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010,
    https://www.cs.toronto.edu/~fritz/absps/reluICML.pdf

    >>> relu(jnp.array([-2.0, 0.0, 3.0])).tolist()
    [0.0, 0.0, 3.0]
    """
    return jax.nn.relu(x)


def leaky_relu(x: Values, slope: Array | float = 0.01) -> Values:
    """f(x) = x for x >= 0, slope * x below: a ReLU that lets a little gradient through where it blocks.

    Reference: Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013,
    https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf

    >>> leaky_relu(jnp.array([-2.0, 3.0]), slope=0.25).tolist()
    [-0.5, 3.0]
    """
    return jax.nn.leaky_relu(x, slope)


def elu(x: Values, alpha: Array | float = 1.0) -> Values:
    """f(x) = x for x > 0, alpha * (exp(x) - 1) below: a ReLU with a soft floor at -alpha.

    Reference: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear
    units", 2016, https://arxiv.org/abs/1511.07289 (equation 15)

    >>> elu(jnp.array([-1e4, 0.0, 3.0])).tolist()
    [-1.0, 0.0, 3.0]
    """
    return jax.nn.elu(x, alpha)


def gelu(x: Values) -> Values:
    """f(x) = x * P(Z <= x), Z standard normal: x times the chance that noise would not exceed it. Exact, by erf.

    Reference: Hendrycks and Gimpel, "Gaussian error linear units", 2016, https://arxiv.org/abs/1606.08415 (section 2)

    >>> gelu(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [-0.0, 0.0, 10000.0]
    """
    return jax.nn.gelu(x, approximate=False)


def silu(x: Values) -> Values:
    """f(x) = x * sigmoid(x): x times its own smooth switch; also called swish.

    Reference: Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2017, https://arxiv.org/abs/1702.03118

    >>> silu(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [-0.0, 0.0, 10000.0]
    """
    return jax.nn.silu(x)


def softplus(x: Values) -> Values:
    """f(x) = log(1 + exp(x)): a ReLU with a round corner; its derivative is the sigmoid.

    >>> softplus(jnp.array([-1e4, 1e4])).tolist()
    [0.0, 10000.0]
    """
    return jax.nn.softplus(x)


def softmax(x: Values) -> Values:
    """f(x)_i = exp(x_i) / sum_j exp(x_j) on the last axis: a vote turned into probabilities that sum to 1.

    Adding one number to all x changes nothing, so the largest is subtracted first and exp never overflows.

    >>> softmax(jnp.array([1e4, 1e4, -1e4])).tolist()
    [0.5, 0.5, 0.0]
    """
    return jax.nn.softmax(x, axis=-1)


@dataclasses.dataclass(frozen=True)
class Activation:
    """What there is to know about one activation function.

    Args:
        name: its name in specs, in snake case.
        function: from an array to an array of the same shape.
        range: the values it can give, in words: `[0, inf)`; a round bracket is a limit that is only approached.
        limits: the same as two numbers, (low, high).
        flat: it saturates for inputs below the first and above the second number, to a tenth; infinite where it
            never does, and for softmax, where it hangs on the other inputs.
        saturates: the same in words.

    >>> ACTIVATIONS["sigmoid"].range, ACTIVATIONS["sigmoid"].flat
    ('(0, 1)', (-4.6, 4.6))
    """

    name: str
    function: Callable[[Values], Values]
    range: str
    limits: tuple[float, float]
    flat: tuple[float, float]
    saturates: str

    @property
    def bounded(self) -> bool:
        """Whether some numbers can never come out, so that it cannot stand last where any number is needed.

        >>> ACTIVATIONS["relu"].bounded, ACTIVATIONS["leaky_relu"].bounded
        (True, False)
        """
        return self.limits != (-math.inf, math.inf)


_INF = math.inf
_ROWS = (
    Activation("identity", identity, "(-inf, inf)", (-_INF, _INF), (-_INF, _INF), "nowhere"),
    Activation("sigmoid", sigmoid, "(0, 1)", (0.0, 1.0), (-4.6, 4.6), "below -4.6 and above 4.6"),
    Activation("tanh", tanh, "(-1, 1)", (-1.0, 1.0), (-3.0, 3.0), "below -3 and above 3"),
    Activation("relu", relu, "[0, inf)", (0.0, _INF), (0.0, _INF), "below 0, where it is exactly 0"),
    Activation("leaky_relu", leaky_relu, "(-inf, inf)", (-_INF, _INF), (-_INF, _INF), "nowhere"),
    Activation("elu", elu, "(-1, inf)", (-1.0, _INF), (-4.6, _INF), "below -4.6"),
    Activation("gelu", gelu, "[-0.17, inf)", (-0.17, _INF), (-3.1, _INF), "below -3.1"),
    Activation("silu", silu, "[-0.279, inf)", (-0.279, _INF), (-6.3, _INF), "below -6.3"),
    Activation("softplus", softplus, "(0, inf)", (0.0, _INF), (-4.6, _INF), "below -4.6"),
    Activation(
        "softmax", softmax, "(0, 1)", (0.0, 1.0), (-_INF, _INF), "when one input leads all others by more than 4.6"
    ),
)

#: Every activation function by name.
ACTIVATIONS: dict[str, Activation] = {row.name: row for row in _ROWS}
