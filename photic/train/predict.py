"""Prediction: the outputs of a trained network for any number of rows. Chapter: "Forward propagation"."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from photic.layers.base import Context
from photic.maths.losses import Loss
from photic.model import Model
from photic.tree import Tree

_MOST_ROWS = 8192  # in one forward pass


def outputs(model: Model, params: Tree, state: Tree, x: Float[np.ndarray, "n ..."]) -> Float[np.ndarray, "n ..."]:
    """Network outputs z for prepared rows, everything random switched off.

    Rows go through in passes of at most 8,192, filled up to the next power of two, so that few programs are ever
    compiled.

    Args:
        x: `[n, *input]`, float32, as the run's preparation gives it.

    >>> from photic.layers import Dense
    >>> model = Model(Dense(2))
    >>> params, state = model.init(jax.random.key(0), (3,))
    >>> outputs(model, params, state, np.zeros((5, 3), np.float32)).shape
    (5, 2)
    """
    parts = [_padded(model, params, state, x[start : start + _MOST_ROWS]) for start in range(0, len(x), _MOST_ROWS)]
    return np.concatenate(parts) if parts else np.zeros((0, *model.shape(x.shape[1:])), np.float32)


def predictions(loss: Loss, z: Float[np.ndarray, "n k"]) -> Float[np.ndarray, "n k"]:
    """What the outputs mean under a loss: values as they are, logits as probabilities.

    >>> from photic.maths.losses import BinaryCrossEntropy
    >>> predictions(BinaryCrossEntropy(), np.zeros((1, 1), np.float32))
    array([[0.5]], dtype=float32)
    """
    return np.asarray(loss.predict(jnp.asarray(z)))


def _padded(model: Model, params: Tree, state: Tree, x: np.ndarray) -> np.ndarray:
    size = 1 << max(0, len(x) - 1).bit_length()
    padded = np.zeros((size, *x.shape[1:]), x.dtype)
    padded[: len(x)] = x
    return np.asarray(_forward(model, params, state, padded))[: len(x)]


@functools.partial(jax.jit, static_argnums=0)
def _forward(model: Model, params: Tree, state: Tree, x: Array) -> Array:
    return model.apply(params, state, x, Context())[0]
