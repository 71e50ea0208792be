"""A surface: the loss of one network at many points of its weight space, computed in one compiled call.

Everything random is switched off. A network that keeps statistics (batch norm) gets them anew at every point, from
the fit rows of the picture: the statistics of the kept weights would be wrong everywhere else.
Chapter: "Gradient descent".

Reference: for the statistics, Izmailov et al., "Averaging weights leads to wider optima and better generalization",
2018, https://arxiv.org/abs/1803.05407 (section 3.2). Lesson 8.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Float

from photic.layers import BatchNorm, Dropout, Layer
from photic.layers.augment import Augment
from photic.layers.base import Context
from photic.maths import losses
from photic.model import Model
from photic.optim.landscape import Points
from photic.train.objective import Objective
from photic.train.run import Table
from photic.tree import Tree, flatten, unflatten

_NUMBERS = 1 << 20  # of input that one forward pass takes
_FEWEST, _MOST = 256, 2048  # rows of each kind in a picture


class Losses(NamedTuple):
    """The loss at `k` points: on fit rows and on stop rows (NaN without any)."""

    fit: Float[np.ndarray, " k"]
    stop: Float[np.ndarray, " k"]


@dataclasses.dataclass(frozen=True, eq=False)
class Surface:
    """The loss as a function of the weights, on rows that stay the same.

    Args:
        objective: its model without anything random, see `still`.
        fit, stop: the rows, as the network takes them.
        state: of the kept weights, from which statistics have their form.
    """

    objective: Objective
    fit: Table
    stop: Table
    state: Tree

    @classmethod
    def of(cls, objective: Objective, table: Table, fit: np.ndarray, stop: np.ndarray, state: Tree) -> Surface:
        """The surface over some rows of a table, of very many a sample spread evenly over them."""
        most = int(np.clip(_NUMBERS // max(1, table.x[0].size), _FEWEST, _MOST))
        part = lambda rows: jax.tree.map(np.asarray, table).at(jnp.asarray(_spread(rows, most)))
        return cls(dataclasses.replace(objective, model=still(objective.model)), part(fit), part(stop), state)

    def losses(self, origin: Float[np.ndarray, " p"], basis: Float[np.ndarray, "m p"], points: Points) -> Losses:
        """The loss at every `origin + points @ basis`; the points are spread over the devices."""
        mesh = Mesh(np.array(jax.local_devices()), ("lane",))
        many = -(-len(points) // mesh.size) * mesh.size
        padded = np.zeros((many, points.shape[1]), np.float32)
        padded[: len(points)] = points
        lane, everywhere = PartitionSpec("lane"), PartitionSpec()

        def mapped(own: Array, *shared: Any) -> tuple[Array, Array]:
            return jax.lax.map(lambda point: self._at(shared[0] + point @ shared[1], *shared[2:]), own)

        over = jax.shard_map(mapped, mesh=mesh, in_specs=(lane, *[everywhere] * 4), out_specs=lane, check_vma=False)
        shared = jax.device_put((origin, basis, self.fit, self.stop), NamedSharding(mesh, everywhere))
        fit, stop = jax.jit(over)(jax.device_put(padded, NamedSharding(mesh, lane)), *shared)
        return Losses(*(np.asarray(values, np.float64)[: len(points)] for values in (fit, stop)))

    def gradients(self, weights: Float[np.ndarray, "k p"]) -> Float[np.ndarray, "k p"]:
        """The gradient of the loss on the fit rows, at some weights."""
        slope = jax.grad(lambda vector, fit: self._at(vector, fit, None)[0])
        return np.asarray(jax.jit(lambda rows, fit: jax.lax.map(lambda row: slope(row, fit), rows))(weights, self.fit))

    def _at(self, vector: Float[Array, " p"], fit: Table, stop: Table | None) -> tuple[Array, Array]:
        params, model = self._tree(vector), self.objective.model
        z, state = model.apply(
            params, self.state, fit.x, Context(bool(self.state), weight=fit.weight, lengths=fit.lengths)
        )
        on_fit = self._loss(z, fit)
        if stop is None or not len(stop.x):
            return on_fit, jnp.full_like(on_fit, jnp.nan)
        at = Context(weight=stop.weight, lengths=stop.lengths)
        return on_fit, self._loss(model.apply(params, state, stop.x, at)[0], stop)

    def _loss(self, z: Array, rows: Table) -> Array:
        loss = self.objective.loss
        return losses.reduce(loss, losses.of_rows(loss, z, jnp.asarray(rows.y), {}), rows.weight)

    def _tree(self, vector: Float[Array, " p"]) -> Tree:
        leaves, start = {}, 0
        for path, size in flatten(self._sizes()).items():
            leaves[path] = vector[start : start + size.size].reshape(size.shape)
            start += size.size
        return unflatten(leaves)

    def _sizes(self) -> Tree:
        shape = tuple(self.fit.x.shape[1:])
        return jax.eval_shape(lambda: self.objective.model.init(jax.random.key(0), shape))[0]


def still(model: Model) -> Model:
    """The same network with nothing random in it, and with statistics that forget: those of the present rows alone.

    >>> from photic.layers import Dense
    >>> still(Model(Dense(2), Dropout(0.5), BatchNorm(0.9)))
    Model(Dense(2), Dropout(0), BatchNorm(0.0))
    """
    return Model(*_replaced(model.layers, _quiet))


def _quiet(layer: Layer) -> Layer:
    if isinstance(layer, Dropout | Augment):
        return Dropout(0)  # lets everything through
    return dataclasses.replace(layer, momentum=0.0) if isinstance(layer, BatchNorm) else layer


def _replaced(value: Any, change: Callable[[Layer], Layer]) -> Any:
    """A layer, or a tuple of layers, with `change` made to all of them and those inside."""
    if isinstance(value, tuple):
        return tuple(_replaced(item, change) for item in value)
    if not isinstance(value, Layer):
        return value
    inner = {field.name: _replaced(getattr(value, field.name), change) for field in dataclasses.fields(value)}
    return change(dataclasses.replace(value, **inner))


def _spread(rows: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the rows, evenly spread."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).round().astype(int)]
