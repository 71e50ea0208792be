"""Prediction: the outputs of a trained network for any number of rows. Chapter: "Forward propagation"."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Float, Int, Shaped

from photic.layers.base import Context
from photic.maths.losses import Loss
from photic.model import Model
from photic.tensor import Shape
from photic.tree import Tree

# What the widest layer makes of a pass stays near the cores; a device's share of fewer rows is not worth splitting for
# (docs/performance.md, "Predictions").
_MOST_ROWS, _MOST_NUMBERS, _LEAST_ROWS = 8192, 6_500_000, 64


def outputs(
    model: Model,
    params: Tree,
    state: Tree,
    x: Shaped[np.ndarray, "n ..."],
    lengths: Int[np.ndarray, " n"] | None = None,
) -> Float[np.ndarray, "n ..."]:
    """Network outputs z for prepared rows, everything random switched off.

    Rows go through in passes of at most 8,192, fewer where a layer makes many numbers of a row, filled up to the next
    power of two, so that few programs are ever compiled. All devices share the rows of a pass.

    Args:
        x: `[n, *input]`, as the run's preparation gives it.
        lengths: `[n]` how many steps of each series are real; None where all are.

    >>> from photic.layers import Dense
    >>> model = Model(Dense(2))
    >>> params, state = model.init(jax.random.key(0), (3,))
    >>> outputs(model, params, state, np.zeros((5, 3), np.float32)).shape
    (5, 2)
    """
    if not len(x):
        return np.zeros((0, *model.shape(x.shape[1:])), np.float32)
    if len(x) <= _LEAST_ROWS:
        return np.asarray(_forward(model)(params, state, *_filled(x, lengths)))[: len(x)]
    most = _rows_of_a_pass(model, x.shape[1:])
    rows, whole = _layout()
    params, state = jax.device_put((params, state), whole)
    passes = []
    for start in range(0, len(x), most):
        part, steps = _filled(x[start : start + most], None if lengths is None else lengths[start : start + most])
        spread = rows if len(part) % rows.mesh.size == 0 else whole
        passes.append(_forward(model)(params, state, *jax.device_put((part, steps), spread)))
    return np.concatenate([np.asarray(z) for z in passes])[: len(x)]


def predictions(loss: Loss, z: Float[np.ndarray, "n *places k"]) -> Float[np.ndarray, "n *places k"]:
    """What the outputs mean under a loss: values as they are, logits as probabilities.

    >>> from photic.maths.losses import BinaryCrossEntropy
    >>> predictions(BinaryCrossEntropy(), np.zeros((1, 1), np.float32))
    array([[0.5]], dtype=float32)
    """
    return np.asarray(loss.predict(jnp.asarray(z)))


def _rows_of_a_pass(model: Model, input: Shape) -> int:
    widest = max(math.prod(shape) for shape in (input, *model.shapes(input)))
    return 1 << int(np.clip(_MOST_NUMBERS // widest, _LEAST_ROWS, _MOST_ROWS)).bit_length() - 1


def _layout() -> tuple[NamedSharding, NamedSharding]:
    mesh = Mesh(np.array(jax.local_devices()), ("row",))
    return NamedSharding(mesh, PartitionSpec("row")), NamedSharding(mesh, PartitionSpec())


def _filled(x: np.ndarray, lengths: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
    """The rows filled up with zeros to the next power of two."""
    size = 1 << max(0, len(x) - 1).bit_length()
    if size == len(x):
        return x, lengths
    padded = np.zeros((size, *x.shape[1:]), x.dtype)
    padded[: len(x)] = x
    return padded, None if lengths is None else np.pad(lengths, (0, size - len(x)))


@functools.lru_cache(16)
def _forward(model: Model) -> Callable[..., Array]:
    """The forward pass, compiled once a model: a call that need not tell models apart starts sooner."""
    return jax.jit(lambda params, state, x, lengths: model.apply(params, state, x, Context(lengths=lengths))[0])
