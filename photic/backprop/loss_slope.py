"""Where the gradient starts: how the loss changes with every output of the network, worked out by hand for each loss.

The loss is L = finish(sum_i w_i l_i / sum_i w_i), so by the chain rule dL/dz = finish' * w_i / sum w * dl_i/dz.
For both cross-entropies dl/dz comes out as "what was predicted minus what was wanted".

Reference: Bishop, "Pattern recognition and machine learning", 2006, sections 4.3.2 to 4.3.4. Lesson 7.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from photic.backprop.backward import sigmoid
from photic.maths import losses, places
from photic.maths.losses import MAE, MSE, RMSE, BinaryCrossEntropy, CrossEntropy, Huber, Loss
from photic.spec import plain

Outputs = Float[np.ndarray, "n k"]


def gradient(loss: Loss, z: Outputs, y: np.ndarray, weight: Float[np.ndarray, " n"]) -> Outputs:
    """The gradient of the loss for every output: dL/dz = finish' * w_i / sum w * dl_i/dz, `[n, k]`.

    Args:
        loss: its Knobs stand at their own values.
        z: `[n, k]`, the outputs of the network.
        y: the targets, as the loss takes them.
        weight: `[n]`; a row of weight 0 has the gradient 0, whatever it holds.

    >>> gradient(MSE(), np.array([[3.0], [5.0]]), np.array([[1.0], [5.0]]), np.ones(2)).tolist()
    [[2.0], [0.0]]
    """
    if type(loss) not in SLOPES:
        wide = jnp.asarray(z)
        start = jax.grad(lambda z: losses.reduce(loss, loss.rows(z, jnp.asarray(y), {}), jnp.asarray(weight, z.dtype)))
        return np.asarray(start(wide), np.float64)
    with np.errstate(all="ignore"):  # outputs that diverged are results here
        slope = SLOPES[type(loss)](loss, z, y) * _shares(loss, z, y, weight)
    return np.where(weight[:, None] > 0, slope, 0.0)


def of_rows(
    loss: Loss, z: Float[np.ndarray, "n *places k"], y: np.ndarray, weight: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "n *places k"]:
    """The same where each row may have a target at every place: a place then has its row's weight, shared among them.

    >>> z, y = np.array([[[3.0], [5.0]]]), np.array([[[2.0], [np.nan]]])
    >>> of_rows(MSE(), z, y, np.ones(1)).ravel().tolist()
    [2.0, 0.0]
    """
    if z.ndim == 2:
        return gradient(loss, z, y, weight)
    flat, y, there = places.flat(z, y)
    count = there.reshape(len(z), -1).sum(axis=1)
    each = np.repeat(weight / np.maximum(count, 1), len(there) // len(z)) * there
    y = np.where(there if y.ndim == 1 else there[:, None], y, 0)
    return gradient(loss, flat, y, each).reshape(z.shape)


def _shares(loss: Loss, z: Outputs, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What part of the loss's slope each row has: finish' * w_i / sum w."""
    total = weight.sum() or 1.0
    shares = weight[:, None] / total
    if not isinstance(loss, RMSE):
        return shares
    mean = (((z - y) ** 2).mean(1) * weight)[weight > 0].sum() / total
    return shares / (2 * np.sqrt(mean)) if mean != 0 else shares * 0  # a perfect fit has no slope at all


def _squared(_: Loss, z: Outputs, y: Outputs) -> Outputs:
    return 2 * (z - y) / z.shape[1]


def _absolute(_: Loss, z: Outputs, y: Outputs) -> Outputs:
    return np.sign(z - y) / z.shape[1]


def _huber(loss: Huber, z: Outputs, y: Outputs) -> Outputs:
    return np.clip(z - y, -plain(loss.delta), plain(loss.delta)) / z.shape[1]


def _binary(loss: BinaryCrossEntropy, z: Outputs, y: Outputs) -> Outputs:
    s = plain(loss.label_smoothing)
    target = y * (1 - s) + s / 2
    # p - target, without cancellation where the model is sure and right
    return ((1 - target) * sigmoid(z) - target * sigmoid(-z)) / z.shape[1]


def _classes(loss: CrossEntropy, z: Outputs, y: np.ndarray) -> Outputs:
    s, classes = plain(loss.label_smoothing), z.shape[1]
    target = (y[:, None] == np.arange(classes)) * (1 - s) + s / classes
    shares = np.exp(z - z.max(1, keepdims=True))
    return shares / shares.sum(1, keepdims=True) * target.sum(1, keepdims=True) - target


#: dl_i/dz for every loss.
SLOPES: dict[type[Loss], Callable[[Any, np.ndarray, np.ndarray], np.ndarray]] = {
    MSE: _squared,
    RMSE: _squared,
    MAE: _absolute,
    Huber: _huber,
    BinaryCrossEntropy: _binary,
    CrossEntropy: _classes,
}
