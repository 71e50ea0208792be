"""The objective: the weighted loss of a batch and the penalties on weights. Chapter: "Loss functions"."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from photic import keys
from photic.layers.base import Context
from photic.maths import losses
from photic.model import Model
from photic.spec import Knobs, Number, number
from photic.train.mixup import mixed
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
    """J(params) = finish(sum_i weight_i * loss(model(x_i), y_i) / sum_i weight_i), and the penalties.

    Args:
        mixup: in training steps rows are blended with each other so strongly, see `mixup.py`; 0 leaves it out of the
            program, a Knob may be 0 too. The part of a blended row's loss that is its partner's has its weight.
    """

    model: Model
    loss: losses.Loss
    penalties: tuple[Penalty, ...] = ()
    mixup: Number = 0.0

    def __call__(
        self, params: Tree, state: Tree, x: Shaped[Array, "n ..."], y: Array, at: Context
    ) -> tuple[Float[Array, ""], Tree]:
        """The loss of one batch and the layers' state after it; rows of weight 0 count for nothing."""
        if at.train and self.mixup != 0.0:
            value, state = self._blended(params, state, x, y, at)
        else:
            z, state = self.model.apply(params, state, x, at)
            weight = jnp.ones(x.shape[0], z.dtype) if at.weight is None else at.weight
            value = losses.reduce(self.loss, losses.of_rows(self.loss, z, y, at.knobs), weight)
        for penalty in self.penalties:
            value = value + penalty.cost(params, at.knobs)
        return value, state

    def _blended(
        self, params: Tree, state: Tree, x: Shaped[Array, "n ..."], y: Array, at: Context
    ) -> tuple[Float[Array, ""], Tree]:
        """The loss of blends of rows, of which each is partly one and partly another."""
        assert at.key is not None, "a training step has a key"
        weight = jnp.ones(x.shape[0]) if at.weight is None else at.weight
        key = keys.fold(at.key, "mixup")
        x, partner, share, lengths = mixed(x, weight, at.lengths, number(self.mixup, at.knobs), key)
        z, state = self.model.apply(params, state, x, dataclasses.replace(at, lengths=lengths))
        rows = lambda y: losses.of_rows(self.loss, z, y, at.knobs)
        other = jnp.where(weight > 0, (1 - share) * weight[partner], 0.0)
        both = jnp.concatenate([rows(y), rows(y[partner])])
        return losses.reduce(self.loss, both, jnp.concatenate([share * weight, other])), state
