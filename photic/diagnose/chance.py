"""Chance: what the best answer is worth that looks at no column, under a loss as it was written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from photic import spec
from photic.diagnose.as_written import AsWritten
from photic.layers.base import Layer

_MOST = 400  # different targets that are looked at


def chance(loss: AsWritten, last: Layer, y: np.ndarray, weight: Float[np.ndarray, " n"], outputs: int) -> float:
    """The smallest mean loss of outputs that are the same for every row.

    Args:
        last: the network's last layer; of outputs only those count that it can give.
        y: targets as the trainer has them.
        outputs: how many numbers the network gives for a row.

    >>> from photic.layers import Dense
    >>> loss = AsWritten("cross_entropy", "logits", "codes", "multiclass", 4, False)
    >>> round(chance(loss, Dense(4), np.array([0, 1, 2, 3]), np.ones(4), 4), 3)
    1.386
    """
    from scipy.optimize import minimize  # inside: a second of imports that a training need not wait for

    flat = np.asarray(y, np.float64).reshape(len(y))
    values, place = np.unique(flat, return_inverse=True)
    share = np.bincount(place, weights=np.maximum(weight, 0))
    if len(values) > _MOST:  # numbers: their quantiles say enough
        values, share = np.quantile(flat, (np.arange(_MOST) + 0.5) / _MOST), np.ones(_MOST)
    if not len(values) or share.sum() == 0 or not np.isfinite(values).all():
        return float("nan")
    targets = values.astype(np.int64) if loss.kind == "multiclass" else values[:, None]
    reach = _REACHES.get(spec.type_name(type(last)), lambda z: z)

    def mean(free: np.ndarray) -> float:
        with np.errstate(all="ignore"):
            rows = loss.values(np, np.tile(reach(free), (len(values), 1)), targets)
        value = float(share @ rows / share.sum())
        return value if np.isfinite(value) else 1e30

    tried = [minimize(mean, start, method="L-BFGS-B").fun for start in _starts(loss, values, share, outputs)]
    best = float(min(tried))
    return float(np.sqrt(best)) if loss.name == "rmse" else best


def _starts(loss: AsWritten, values: np.ndarray, share: np.ndarray, outputs: int) -> list[np.ndarray]:
    mean = float(share @ values / share.sum())
    starts = [np.zeros(outputs), np.full(outputs, 0.3), np.full(outputs, mean)]
    if loss.kind == "multiclass" and outputs == len(share):
        starts += [np.log(share / share.sum()), share / share.sum()]
    return starts


_REACHES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-np.clip(z, -50, 50))),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "softplus": lambda z: np.logaddexp(0, z),
    "softmax": lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
}
