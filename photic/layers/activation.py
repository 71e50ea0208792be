"""Activation layers: the bend between two layers of weighted sums. Chapter: "Activation functions".

Each layer here applies one function of `maths.activations`, where its formula, its range and where it saturates are
told. None has weights; all keep the shape. The numbers in them may be Knobs.

Reference: Goodfellow, Bengio and Courville, "Deep learning", 2016, section 6.3, https://www.deeplearningbook.org.
Lesson 2.
"""

from __future__ import annotations

import abc
import dataclasses
import math

from jaxtyping import Array, Float

from photic.errors import ShapeError
from photic.layers.base import Context, Layer, Params, State
from photic.layers.limits import need_range
from photic.maths import activations
from photic.spec import Number
from photic.tensor import Shape, words

Values = Float[Array, "n *axes"]


@dataclasses.dataclass(frozen=True, repr=False)
class ActivationLayer(Layer):
    """A function of the numbers that come in, without weights; the layers below are all of this kind."""

    @abc.abstractmethod
    def bend(self, x: Values, at: Context) -> Values:
        """The activation function itself; the shape stays."""

    def shape(self, input: Shape) -> Shape:
        """The shape stays as it is."""
        return input

    def apply(self, params: Params, state: State, x: Values, at: Context) -> tuple[Values, State]:
        """The function of `x`, in the same shape."""
        return self.bend(x, at), state


@dataclasses.dataclass(frozen=True, repr=False)
class ReLU(ActivationLayer):
    """Passes what is positive and blocks the rest: `maths.activations.relu`. The usual choice between layers.

    >>> import jax.numpy as jnp
    >>> ReLU().apply({}, {}, jnp.array([[-2.0, 3.0]]), Context())[0].tolist()
    [[0.0, 3.0]]
    """

    def bend(self, x: Values, at: Context) -> Values:
        return activations.relu(x)


@dataclasses.dataclass(frozen=True, repr=False)
class LeakyReLU(ActivationLayer):
    """A ReLU that lets a little through where it blocks, so no neuron dies: `maths.activations.leaky_relu`.

    Args:
        slope: the share of a negative input that passes, at least 0 and below 1.

    Raises:
        SpecError: for another slope.

    >>> import jax.numpy as jnp
    >>> LeakyReLU(0.25).apply({}, {}, jnp.array([[-2.0, 3.0]]), Context())[0].tolist()
    [[-0.5, 3.0]]
    """

    slope: Number = 0.01

    def __post_init__(self) -> None:
        need_range(self, "slope", 0.0, 1.0)

    def bend(self, x: Values, at: Context) -> Values:
        return activations.leaky_relu(x, at.number(self.slope))


@dataclasses.dataclass(frozen=True, repr=False)
class ELU(ActivationLayer):
    """A ReLU with a soft floor at -alpha: `maths.activations.elu`.

    Args:
        alpha: the depth of the floor, above 0.

    Raises:
        SpecError: for another alpha.

    >>> import jax.numpy as jnp
    >>> ELU(2.0).apply({}, {}, jnp.array([[-1e4, 3.0]]), Context())[0].tolist()
    [[-2.0, 3.0]]
    """

    alpha: Number = 1.0

    def __post_init__(self) -> None:
        need_range(self, "alpha", 0.0, math.inf, open_low=True)

    def bend(self, x: Values, at: Context) -> Values:
        return activations.elu(x, at.number(self.alpha))


@dataclasses.dataclass(frozen=True, repr=False)
class GELU(ActivationLayer):
    """x times the chance that noise would not exceed it, the bend of transformers: `maths.activations.gelu`.

    >>> import jax.numpy as jnp
    >>> GELU().apply({}, {}, jnp.array([[0.0, 100.0]]), Context())[0].tolist()
    [[0.0, 100.0]]
    """

    def bend(self, x: Values, at: Context) -> Values:
        return activations.gelu(x)


@dataclasses.dataclass(frozen=True, repr=False)
class SiLU(ActivationLayer):
    """x times its own smooth switch: `maths.activations.silu`.

    >>> import jax.numpy as jnp
    >>> SiLU().apply({}, {}, jnp.array([[0.0, 100.0]]), Context())[0].tolist()
    [[0.0, 100.0]]
    """

    def bend(self, x: Values, at: Context) -> Values:
        return activations.silu(x)


@dataclasses.dataclass(frozen=True, repr=False)
class Softplus(ActivationLayer):
    """A ReLU with a round corner, for outputs that must be positive: `maths.activations.softplus`.

    >>> import jax.numpy as jnp
    >>> Softplus().apply({}, {}, jnp.array([[100.0]]), Context())[0].tolist()
    [[100.0]]
    """

    def bend(self, x: Values, at: Context) -> Values:
        return activations.softplus(x)


@dataclasses.dataclass(frozen=True, repr=False)
class Sigmoid(ActivationLayer):
    """A smooth switch from 0 to 1: `maths.activations.sigmoid`. It saturates, so rarely right between layers.

    >>> import jax.numpy as jnp
    >>> Sigmoid().apply({}, {}, jnp.array([[0.0, 100.0]]), Context())[0].tolist()
    [[0.5, 1.0]]
    """

    def bend(self, x: Values, at: Context) -> Values:
        return activations.sigmoid(x)


@dataclasses.dataclass(frozen=True, repr=False)
class Tanh(ActivationLayer):
    """A smooth switch from -1 to 1: `maths.activations.tanh`.

    >>> import jax.numpy as jnp
    >>> Tanh().apply({}, {}, jnp.array([[0.0, 100.0]]), Context())[0].tolist()
    [[0.0, 1.0]]
    """

    def bend(self, x: Values, at: Context) -> Values:
        return activations.tanh(x)


@dataclasses.dataclass(frozen=True, repr=False)
class Softmax(ActivationLayer):
    """The last axis turned into probabilities that sum to 1: `maths.activations.softmax`.

    The losses for classes take logits and do this themselves, so a classifier ends without it.

    >>> import jax.numpy as jnp
    >>> Softmax().apply({}, {}, jnp.array([[7.0, 7.0]]), Context())[0].tolist()
    [[0.5, 0.5]]
    """

    def shape(self, input: Shape) -> Shape:
        """The shape stays; a row must have an axis to take the vote over."""
        if not input:
            raise ShapeError(
                self.words(), "input needs an axis to vote over", words(input), source="the input", fix="leave it out"
            )
        return input

    def bend(self, x: Values, at: Context) -> Values:
        return activations.softmax(x)


@dataclasses.dataclass(frozen=True, repr=False)
class Identity(ActivationLayer):
    """No bend at all: `maths.activations.identity`; holds a place, as in a branch that passes its input on.

    >>> import jax.numpy as jnp
    >>> Identity().apply({}, {}, jnp.array([[-2.0, 3.0]]), Context())[0].tolist()
    [[-2.0, 3.0]]
    """

    def bend(self, x: Values, at: Context) -> Values:
        return activations.identity(x)
