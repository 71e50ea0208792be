"""The objective: the weighted loss of a batch and the penalties on weights. Chapter: "Loss functions"."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from photic.layers.base import Context
from photic.maths import losses
from photic.model import Model
from photic.spec import Knobs, Number, number
from photic.tree import Tree, flatten


@dataclasses.dataclass(frozen=True)
class Penalty:
    """What large weights of one layer cost: l1 sum |w| + l2 sum w^2, biases and scales not counted.

    Args:
        path: of the layer, `layers.0`.
        l1, l2: may be Knobs.

    Reference: Goodfellow, Bengio and Courville, "Deep learning", 2016, section 7.1, https://www.deeplearningbook.org.

    >>> Penalty("layers.0", l2=0.5).cost({"layers": {"0": {"w": jnp.array([[3.0]]), "b": jnp.array([9.0])}}}, {}).item()
    4.5
    """

    path: str
    l1: Number = 0.0
    l2: Number = 0.0

    def cost(self, params: Tree, knobs: Knobs) -> Float[Array, ""]:
        """The cost of the present weights; arrays of one axis are biases and scales."""
        own = [leaf for path, leaf in flatten(params).items() if path.rpartition(".")[0] == self.path and leaf.ndim > 1]
        l1, l2 = number(self.l1, knobs), number(self.l2, knobs)
        return sum((l1 * jnp.abs(w).sum() + l2 * (w**2).sum() for w in own), jnp.zeros(()))


@dataclasses.dataclass(frozen=True)
class Objective:
    """J(params) = finish(sum_i weight_i * loss(model(x_i), y_i) / sum_i weight_i), and the penalties."""

    model: Model
    loss: losses.Loss
    penalties: tuple[Penalty, ...] = ()

    def __call__(
        self, params: Tree, state: Tree, x: Shaped[Array, "n ..."], y: Array, at: Context
    ) -> tuple[Float[Array, ""], Tree]:
        """The loss of one batch and the layers' state after it; rows of weight 0 count for nothing."""
        z, state = self.model.apply(params, state, x, at)
        weight = jnp.ones(x.shape[0], z.dtype) if at.weight is None else at.weight
        value = losses.reduce(self.loss, losses.of_rows(self.loss, z, y, at.knobs), weight)
        for penalty in self.penalties:
            value = value + penalty.cost(params, at.knobs)
        return value, state
