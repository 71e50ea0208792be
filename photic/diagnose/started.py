"""Dense neurons that start as another framework was told to: by a law with a size of its own."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from photic import keys
from photic.diagnose.parts import Stage
from photic.layers.base import Context, Layer, Params, State
from photic.layers.dense import Dense
from photic.tensor import Shape


@dataclasses.dataclass(frozen=True, repr=False)
class Started(Layer):
    """As Dense, with weights "normal" of a standard deviation, "uniform" within a bound, or all "constant".

    >>> params, _ = Started(2, True, "zeros", "constant", 0.5).init(keys.root(0), (3,))
    >>> params["w"].tolist()
    [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
    """

    units: int
    bias: bool
    bias_initializer: str
    law: str
    size: float
    mean: float = 0.0

    @classmethod
    def of(cls, stage: Stage) -> Layer:
        """The layer of a stage, started as the stage says."""
        layer, start = stage.layer, stage.start
        if start is None or not isinstance(layer, Dense):
            return layer
        return cls(layer.units, layer.bias, layer.bias_initializer, start.law, start.size, start.mean)

    def shape(self, input: Shape) -> Shape:
        """As Dense."""
        return self._dense.shape(input)

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """Weights by the law, biases as in Dense."""
        params, state = self._dense.init(key, input)
        return params | {"w": self._draw(keys.fold(key, "w"), params["w"].shape)}, state

    def apply(self, params: Params, state: State, x: Float[Array, "n d"], at: Context) -> tuple[Array, State]:
        """As Dense."""
        return self._dense.apply(params, state, x, at)

    @property
    def _dense(self) -> Dense:
        return Dense(self.units, self.bias, bias_initializer=self.bias_initializer)

    def _draw(self, key: Array, shape: Shape) -> Array:
        if self.law == "constant":
            return jnp.full(shape, self.mean + self.size, jnp.float32)
        if self.law == "normal":
            return self.mean + self.size * jax.random.normal(key, shape, jnp.float32)
        return jax.random.uniform(key, shape, jnp.float32, self.mean - self.size, self.mean + self.size)
