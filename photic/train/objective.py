"""The objective: the weighted loss of a batch, as a function of the weights. Chapter: "Loss functions"."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from jaxtyping import Array, Float

from photic.layers.base import Context
from photic.maths import losses
from photic.model import Model
from photic.tree import Tree


@dataclasses.dataclass(frozen=True)
class Objective:
    """J(params) = finish(sum_i weight_i * loss(model(x_i), y_i) / sum_i weight_i)."""

    model: Model
    loss: losses.Loss

    def __call__(
        self, params: Tree, state: Tree, x: Float[Array, "n ..."], y: Array, at: Context
    ) -> tuple[Float[Array, ""], Tree]:
        """The loss of one batch and the layers' state after it; rows of weight 0 count for nothing."""
        z, state = self.model.apply(params, state, x, at)
        weight = jnp.ones(x.shape[0], z.dtype) if at.weight is None else at.weight
        return losses.reduce(self.loss, self.loss.rows(z, y, at.knobs), weight), state
