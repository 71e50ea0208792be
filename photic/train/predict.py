"""Prediction: the outputs of a trained network for any number of rows. Chapter: "Forward propagation"."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from photic.layers.base import Context
from photic.maths.losses import Loss
from photic.model import Model
from photic.tree import Tree

_MOST_ROWS, _MOST_NUMBERS = 8192, 3_000_000  # in one forward pass; a network makes many of each number of a picture


def outputs(
    model: Model,
    params: Tree,
    state: Tree,
    x: Shaped[np.ndarray, "n ..."],
    lengths: Int[np.ndarray, " n"] | None = None,
) -> Float[np.ndarray, "n ..."]:
    """Network outputs z for prepared rows, everything random switched off.

    Rows go through in passes of at most 8,192, filled up to the next power of two, so that few programs are ever
    compiled.

    Args:
        x: `[n, *input]`, as the run's preparation gives it.
        lengths: `[n]` how many steps of each series are real; None where all are.

    >>> from photic.layers import Dense
    >>> model = Model(Dense(2))
    >>> params, state = model.init(jax.random.key(0), (3,))
    >>> outputs(model, params, state, np.zeros((5, 3), np.float32)).shape
    (5, 2)
    """
    most = max(64, min(_MOST_ROWS, _MOST_NUMBERS // max(1, x[:1].size)))
    cut = lambda start: (x[start : start + most], None if lengths is None else lengths[start : start + most])
    parts = [_padded(model, params, state, *cut(start)) for start in range(0, len(x), most)]
    return np.concatenate(parts) if parts else np.zeros((0, *model.shape(x.shape[1:])), np.float32)


def predictions(loss: Loss, z: Float[np.ndarray, "n *places k"]) -> Float[np.ndarray, "n *places k"]:
    """What the outputs mean under a loss: values as they are, logits as probabilities.

    >>> from photic.maths.losses import BinaryCrossEntropy
    >>> predictions(BinaryCrossEntropy(), np.zeros((1, 1), np.float32))
    array([[0.5]], dtype=float32)
    """
    return np.asarray(loss.predict(jnp.asarray(z)))


def _padded(model: Model, params: Tree, state: Tree, x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    size = 1 << max(0, len(x) - 1).bit_length()
    padded = np.zeros((size, *x.shape[1:]), x.dtype)
    padded[: len(x)] = x
    steps = None if lengths is None else np.pad(lengths, (0, size - len(x)))
    return np.asarray(_forward(model, params, state, padded, steps))[: len(x)]


@functools.partial(jax.jit, static_argnums=0)
def _forward(model: Model, params: Tree, state: Tree, x: Array, lengths: Array | None) -> Array:
    return model.apply(params, state, x, Context(lengths=lengths))[0]
