"""A loss as it was written: applied to outputs and targets as they are, whether they fit or not.

The trainer and the metrics see true classes or numbers; the encoding of labels happens in here. Where sizes differ they
are stretched as arrays are, or refused where that cannot be. The formulas are those of the great frameworks: a loss
that takes probabilities divides them by their sum (several classes only) and keeps them within [1e-7, 1 - 1e-7].
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from photic.data.task import Task
from photic.diagnose.parts import refused
from photic.errors import ShapeError
from photic.maths.losses import Loss
from photic.spec import Knobs
from photic.tensor import Shape

_EDGE = 1e-7


@dataclasses.dataclass(frozen=True)
class AsWritten(Loss):
    """One of `parts.LOSSES` on encoded targets.

    Args:
        name, takes, label_smoothing, delta: as in `parts.LossUse`.
        encoding: as in `parts.TargetForm`.
        kind: "regression", "binary" or "multiclass".
        classes: how many; 0 in regression.
        probabilities: whether the outputs are read as probabilities when an answer is wanted.

    >>> loss = AsWritten("mse", "values", "codes", "multiclass", 3, False)
    >>> loss.rows(jnp.array([[0.5], [2.0]]), jnp.array([0, 2]), {}).tolist()
    [0.25, 0.0]
    """

    kinds: ClassVar[tuple[str, ...]] = ("regression", "binary", "multiclass")
    name: str
    takes: str
    encoding: str
    kind: str
    classes: int
    probabilities: bool
    label_smoothing: float = 0.0
    delta: float = 1.0

    def rows(self, z: Float[Array, "n k"], y: Array, knobs: Knobs) -> Float[Array, " n"]:
        return self.values(jnp, z, y)

    def finish(self, mean: Float[Array, ""]) -> Float[Array, ""]:
        if self.name != "rmse":
            return mean
        return jnp.where(mean > 0, jnp.sqrt(jnp.where(mean > 0, mean, 1)), mean)  # see losses.RMSE

    def predict(self, z: Float[Array, "n k"]) -> Float[Array, "n k"]:
        return self.answers(jnp, z)

    def values(self, xp: Any, z: Any, y: Any) -> Any:
        """The loss of every row, `[n]`; `xp` is NumPy or jax.numpy."""
        target = encode(xp, y, self.encoding, self.classes)
        if self.name == "cross_entropy":
            return self._cross_entropy(xp, z, target)
        z, target = xp.broadcast_arrays(z, target.astype(z.dtype).reshape(len(z), -1))
        return xp.mean(self._each(xp)(z, target), axis=1)

    def _each(self, xp: Any) -> Callable[[Any, Any], Any]:
        """The loss of one output and one number of the target."""
        s = self.label_smoothing

        def binary(z: Any, t: Any) -> Any:
            t = t * (1 - s) + s / 2
            if self.takes == "logits":  # two softplus; no cancellation where the model is sure and right
                return t * xp.logaddexp(xp.zeros_like(z), -z) + (1 - t) * xp.logaddexp(xp.zeros_like(z), z)
            p = xp.clip(z, _EDGE, 1 - _EDGE)
            return -(t * xp.log(p) + (1 - t) * xp.log(1 - p))

        def huber(z: Any, t: Any) -> Any:
            e = xp.abs(z - t)
            q = xp.minimum(e, self.delta)
            return q * (e - q / 2)

        squares = lambda z, t: (z - t) ** 2
        return {
            "mse": squares,
            "rmse": squares,
            "mae": lambda z, t: xp.maximum(z - t, t - z),
            "huber": huber,
            "hinge": lambda z, t: xp.maximum(1 - t * z, xp.zeros_like(z)),
            "binary_cross_entropy": binary,
        }[self.name]

    def _cross_entropy(self, xp: Any, z: Any, target: Any) -> Any:
        """-sum_k t_k log p_k; whole numbers are looked up, everything else is taken for shares."""
        if target.ndim == 1 and self.encoding == "codes":
            target = (target[:, None] == xp.arange(z.shape[1]).astype(target.dtype)[None]).astype(z.dtype)
        target = xp.broadcast_arrays(z, target.astype(z.dtype).reshape(len(z), -1))[1]
        target = target * (1 - self.label_smoothing) + self.label_smoothing / z.shape[1]
        return -xp.sum(target * self._log_p(xp, z), axis=1)

    def _log_p(self, xp: Any, z: Any) -> Any:
        if self.takes == "log_probabilities":
            return z
        if self.takes == "logits":
            z = z - xp.max(z, axis=1, keepdims=True)
            return z - xp.log(xp.sum(xp.exp(z), axis=1, keepdims=True))
        total = xp.sum(z, axis=1, keepdims=True)
        return xp.log(xp.clip(z / xp.where(total == 0, xp.ones_like(total), total), _EDGE, 1 - _EDGE))

    def answers(self, xp: Any, z: Any) -> Any:
        """What the outputs say when they are read as their writer does, in the form of the metrics.

        Values as they are; the probability of the second class; or a number for each class, the largest of which is
        the answer. One output for several classes stands for the class whose code is nearest.
        """
        if self.kind == "regression":
            return xp.mean(z, axis=1, keepdims=True)
        if z.shape[1] >= 2:
            p = self._shares(xp, z[:, : self.classes])
            return p[:, 1:2] if self.kind == "binary" else p
        squeezes = self.name in {"binary_cross_entropy", "cross_entropy"} and not self.probabilities
        one = 1 / (1 + xp.exp(-xp.clip(z, -50, 50))) if squeezes else z
        if self.kind == "binary":
            low = -1.0 if self.encoding == "minus_plus" and not squeezes and not self.probabilities else 0.0
            return xp.clip((one - low) / (1 - low), 0.0, 1.0)
        codes = xp.arange(self.classes).astype(z.dtype)[None]
        return self._shares(xp, -((one - codes) ** 2), logits=True)

    def _shares(self, xp: Any, z: Any, *, logits: bool = False) -> Any:
        if self.probabilities and not logits:
            z = xp.maximum(z, xp.zeros_like(z)) + _EDGE
        else:
            z = xp.exp(z - xp.max(z, axis=1, keepdims=True))
        return z / xp.sum(z, axis=1, keepdims=True)


def encode(xp: Any, y: Any, encoding: str, classes: int) -> Any:
    """Targets as they were written: `[n]` whole numbers, or `[n, k]`.

    Args:
        y: `[n, 1]` numbers, or of 0 and 1, or `[n]` class codes, as the trainer has them.

    >>> encode(np, np.array([0, 2]), "one_hot", 3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    if encoding == "values" or classes == 0:
        return y
    codes = y.reshape(-1)
    if encoding == "codes":
        return codes
    if encoding == "one_hot":
        return (codes[:, None] == xp.arange(classes).astype(codes.dtype)[None]).astype(np.float32)
    return xp.where(codes > 0, 1.0, -1.0).astype(np.float32)[:, None]


def fits(loss: AsWritten, shape: Shape) -> None:
    """Refuse sizes that no framework can bring together.

    Args:
        shape: of the network's output for one row.

    Raises:
        ShapeError: when it is no plain row of numbers.
        SpecError: when the last layer gives another number of outputs than the target has numbers.
    """
    if len(shape) != 1:
        raise ShapeError(
            "the last layer", "needs to give one row of numbers", f"an array {list(shape)} for each row",
            source="the described training", fix="put Flatten() before the last Dense layer",
        )  # fmt: skip
    (outputs,) = shape
    width = loss.classes if loss.encoding == "one_hot" and loss.classes else 1
    looked_up = loss.name == "cross_entropy" and loss.encoding == "codes" and loss.kind != "regression"
    if looked_up and outputs < loss.classes and outputs > 1:
        raise refused(
            "the last layer", f"needs an output for each of {loss.classes} classes", f"{outputs}",
            f"end the network with {loss.classes} units",
        )  # fmt: skip
    if width not in {1, outputs} and outputs != 1:
        raise refused(
            "the last layer", f"needs 1 or {width} outputs for targets of {width} numbers", f"{outputs}",
            f"end the network with {width} units",
        )  # fmt: skip


def written(use: Any, target: Any, task: Task, *, probabilities: bool) -> AsWritten:
    """The loss of a described training for a task."""
    return AsWritten(
        use.name, use.takes, target.encoding, task.kind, len(task.classes), probabilities, use.label_smoothing,
        use.delta,
    )  # fmt: skip
