"""Loss functions: the one number that training makes small. Chapter: "Loss functions".

A loss gives a value to every row; `reduce` averages the rows by their weights. The two are apart so that a row can
count double, half or not at all (weight 0), with any loss. A class weight is a sample weight: `class_weights` gives
one number per class, and each row takes that of its class.

The classification losses take logits z, not probabilities: log and exp then cancel on paper instead of overflowing in
the machine, and value and gradient stay right for logits of any size. So no Softmax() or Sigmoid() stands last in a
model; `predict` applies it when probabilities are wanted, and `check` refuses what does not fit.

Reference: Goodfellow, Bengio and Courville, "Deep learning", 2016, https://www.deeplearningbook.org (section 6.2).
Lesson 3.
"""

from __future__ import annotations

import abc
import dataclasses
import math
from collections.abc import Callable
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from photic import spec
from photic.errors import PlanError, SpecError
from photic.maths import places
from photic.maths.activations import ACTIVATIONS
from photic.spec import Knobs, Number, number, plain


@dataclasses.dataclass(frozen=True)
class Loss(abc.ABC):
    """What a loss is: a value for every row, what is done to their mean, and how outputs become predictions.

    `kinds` are the kinds of task it fits. z are the outputs of the network, y the targets: both `[n, k]` in
    regression and binary tasks; with several classes z is `[n, c]` and y holds the class codes `[n]`.
    """

    kinds: ClassVar[tuple[str, ...]]

    @abc.abstractmethod
    def rows(self, z: Float[Array, "n k"], y: Array, knobs: Knobs) -> Float[Array, " n"]:
        """The loss of every row, `[n]`; `knobs` are this lane's values of the numbers that are Knobs."""

    def finish(self, mean: Float[Array, ""]) -> Float[Array, ""]:
        """What is done to the mean over the rows: nothing, except for RMSE."""
        return mean

    def predict(self, z: Float[Array, "n *places k"]) -> Float[Array, "n *places k"]:
        """Predictions in the form a person wants: values as they are, logits as probabilities."""
        return z


@dataclasses.dataclass(frozen=True)
class MSE(Loss):
    """Mean squared error: l = mean_k (z - y)^2, in the square of the target's unit. No 1/2 is hidden in it.

    >>> z, y = jnp.array([[165.0], [170.0]]), jnp.array([[170.0], [165.0]])
    >>> MSE().rows(z, y, {}).tolist()
    [25.0, 25.0]
    """

    kinds: ClassVar[tuple[str, ...]] = ("regression",)

    def rows(self, z: Float[Array, "n k"], y: Float[Array, "n k"], knobs: Knobs) -> Float[Array, " n"]:
        return jnp.mean((z - y) ** 2, axis=1)


@dataclasses.dataclass(frozen=True)
class RMSE(Loss):
    """Root mean squared error: the root of the MSE of all rows, in the target's unit.

    It is not the average error (that is MAE): large errors weigh more. In training the root is taken in each batch.

    >>> rows = RMSE().rows(jnp.array([[3.0], [0.0]]), jnp.array([[0.0], [3.0]]), {})
    >>> float(reduce(RMSE(), rows, jnp.ones(2)))
    3.0
    """

    kinds: ClassVar[tuple[str, ...]] = ("regression",)

    def rows(self, z: Float[Array, "n k"], y: Float[Array, "n k"], knobs: Knobs) -> Float[Array, " n"]:
        return jnp.mean((z - y) ** 2, axis=1)

    def finish(self, mean: Float[Array, ""]) -> Float[Array, ""]:
        # The root is infinitely steep at 0; a perfect fit must give the gradient 0, not NaN.
        return jnp.where(mean > 0, jnp.sqrt(jnp.where(mean > 0, mean, 1)), mean)


@dataclasses.dataclass(frozen=True)
class MAE(Loss):
    """Mean absolute error: l = mean_k |z - y|, the average error in the target's unit; outliers pull it less.

    >>> MAE().rows(jnp.array([[165.0], [170.0]]), jnp.array([[170.0], [165.0]]), {}).tolist()
    [5.0, 5.0]
    """

    kinds: ClassVar[tuple[str, ...]] = ("regression",)

    def rows(self, z: Float[Array, "n k"], y: Float[Array, "n k"], knobs: Knobs) -> Float[Array, " n"]:
        # max(e, -e) is |e| with the gradient 0 at 0, where both signs would be as right.
        return jnp.mean(jnp.maximum(z - y, y - z), axis=1)


@dataclasses.dataclass(frozen=True)
class Huber(Loss):
    """Squared for small errors, absolute for large: l = mean_k q (e - q/2), with e = |z - y| and q = min(e, delta).

    That is e^2 / 2 up to delta and delta (e - delta/2) beyond. The half is Huber's own: with it the two pieces meet
    with the same slope, which is never more than delta.

    Args:
        delta: the error at which the pieces meet, above 0; may be a Knob.

    Raises:
        SpecError: when delta is not a positive number.

    Reference: Huber, "Robust estimation of a location parameter", 1964, https://doi.org/10.1214/aoms/1177703732

    >>> Huber(delta=1.0).rows(jnp.array([[0.5], [10.0]]), jnp.zeros((2, 1)), {}).tolist()
    [0.125, 9.5]
    """

    kinds: ClassVar[tuple[str, ...]] = ("regression",)
    delta: Number = 1.0

    def __post_init__(self) -> None:
        _need(self, "delta", "a number above 0", lambda delta: 0 < delta < math.inf, "1.0")

    def rows(self, z: Float[Array, "n k"], y: Float[Array, "n k"], knobs: Knobs) -> Float[Array, " n"]:
        e = jnp.abs(z - y)
        q = jnp.minimum(e, number(self.delta, knobs))
        return jnp.mean(q * (e - q / 2), axis=1)


@dataclasses.dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    """Surprise at yes or no: l = mean_k -y log p - (1 - y) log(1 - p), with p = sigmoid(z).

    Label smoothing s trains towards y (1 - s) + s/2 instead of 0 and 1, so that no logit is driven to infinity.

    Args:
        label_smoothing: s, from 0 up to but not including 1; may be a Knob.

    Raises:
        SpecError: when label_smoothing is outside [0, 1).

    Reference: Bishop, "Pattern recognition and machine learning", 2006 (equation 4.90).

    >>> z, y = jnp.array([[-1e4], [-1e4]]), jnp.array([[0.0], [1.0]])
    >>> BinaryCrossEntropy().rows(z, y, {}).tolist()
    [0.0, 10000.0]
    """

    kinds: ClassVar[tuple[str, ...]] = ("binary", "multilabel")
    label_smoothing: Number = 0.0

    def __post_init__(self) -> None:
        _need(self, "label_smoothing", "a number from 0 to below 1", lambda s: 0 <= s < 1, "0.1")

    def rows(self, z: Float[Array, "n k"], y: Float[Array, "n k"], knobs: Knobs) -> Float[Array, " n"]:
        s = number(self.label_smoothing, knobs)
        target = y * (1 - s) + s / 2
        # Two softplus instead of softplus(z) - y z: no cancellation where the model is sure and right.
        surprise = target * jax.nn.softplus(-z) + (1 - target) * jax.nn.softplus(z)
        return jnp.mean(surprise, axis=1)

    def predict(self, z: Float[Array, "n *places k"]) -> Float[Array, "n *places k"]:
        return jax.nn.sigmoid(z)


@dataclasses.dataclass(frozen=True)
class CrossEntropy(Loss):
    """Surprise at one of c classes: l = -log p_y, with p = softmax(z).

    Label smoothing s trains towards 1 - s for the class itself plus s/c for each of the c classes.

    Args:
        label_smoothing: s, from 0 up to but not including 1; may be a Knob.

    Raises:
        SpecError: when label_smoothing is outside [0, 1).

    Reference: Szegedy et al., "Rethinking the inception architecture for computer vision", 2016,
    https://arxiv.org/abs/1512.00567 (section 7).

    >>> CrossEntropy().rows(jnp.array([[1e4, 0.0, -1e4], [0.0, 0.0, -1e4]]), jnp.array([0, 2]), {}).tolist()
    [0.0, 10000.693359375]
    """

    kinds: ClassVar[tuple[str, ...]] = ("multiclass",)
    label_smoothing: Number = 0.0

    def __post_init__(self) -> None:
        _need(self, "label_smoothing", "a number from 0 to below 1", lambda s: 0 <= s < 1, "0.1")

    def rows(self, z: Float[Array, "n c"], y: Int[Array, " n"], knobs: Knobs) -> Float[Array, " n"]:
        s, classes = number(self.label_smoothing, knobs), z.shape[1]
        target = jax.nn.one_hot(y, classes, dtype=z.dtype) * (1 - s) + s / classes
        return jnp.sum(target * -jax.nn.log_softmax(z, axis=1), axis=1)

    def predict(self, z: Float[Array, "n *places c"]) -> Float[Array, "n *places c"]:
        return jax.nn.softmax(z, axis=-1)


#: Every loss by its name in JSON and on the command line.
LOSSES: dict[str, type[Loss]] = {
    spec.type_name(loss): loss for loss in (MSE, RMSE, MAE, Huber, BinaryCrossEntropy, CrossEntropy)
}


def default(kind: str) -> Loss:
    """The usual loss for a kind of task; each is the likelihood of the plainest model of such targets.

    >>> default("multiclass")
    CrossEntropy(label_smoothing=0.0)
    """
    usual = {"regression": MSE(), "multiclass": CrossEntropy()}
    return usual.get(kind, BinaryCrossEntropy())


def reduce(loss: Loss, rows: Float[Array, " n"], weight: Float[Array, " n"]) -> Float[Array, ""]:
    """One number from the rows: L = finish(sum_i w_i l_i / sum_i w_i), and 0 with gradient 0 when all weights are 0.

    Args:
        rows: `[n]` from `loss.rows`; a row of weight 0 is left out, whatever it holds.
        weight: `[n]`, not negative.

    >>> float(reduce(MSE(), jnp.array([1.0, 4.0, jnp.nan]), jnp.array([2.0, 1.0, 0.0])))
    2.0
    """
    total = jnp.sum(weight)
    summed = jnp.sum(jnp.where(weight > 0, rows, 0) * weight)
    return loss.finish(summed / jnp.where(total > 0, total, 1))


def of_rows(loss: Loss, z: Float[Array, "n *places k"], y: Array, knobs: Knobs) -> Float[Array, " n"]:
    """The loss of every row; where a row has a target at every place, the mean over its places that have one.

    l_i = sum_p r_ip loss(z_ip, y_ip) / sum_p r_ip, with r_ip = 1 where there is a target and 0 where there is none.

    Args:
        z: `[n, k]`, or `[n, *places, k]`.
        y: the targets, `[n]` or `[n, k]`, or those of `maths.places`.

    >>> z, y = jnp.zeros((1, 3, 1)), jnp.array([[[1.0], [3.0], [jnp.nan]]])
    >>> of_rows(MSE(), z, y, {}).tolist()
    [5.0]
    """
    if z.ndim == 2:
        return loss.rows(z, y, knobs)
    n = len(z)
    z, y, there = places.flat(z, y)
    y = jnp.where(there if y.ndim == 1 else there[:, None], y, 0)  # NaN times 0 would be NaN in the gradient
    each = jnp.where(there, loss.rows(z, y, knobs), 0).reshape(n, -1)
    count = there.reshape(n, -1).sum(axis=1).astype(each.dtype)
    return each.sum(axis=1) / jnp.maximum(count, 1)


def class_weights(
    y: Int[np.ndarray, " n"], classes: int, weight: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " classes"]:
    """The "balanced" weight of each class, n / (c n_j): every class counts as much in total as every other.

    Args:
        y: `[n]` class codes of the training rows.
        classes: c, how many classes there are.
        weight: `[n]` sample weights; n and n_j are sums of them.

    Returns:
        `[c]`, to be multiplied into the weight of each row by its class; 0 for a class without rows.

    Reference: King and Zeng, "Logistic regression in rare events data", 2001,
    https://doi.org/10.1093/oxfordjournals.pan.a004868

    >>> class_weights(np.array([0, 0, 0, 1]), 2, np.ones(4)).round(3).tolist()
    [0.667, 2.0]
    """
    counts = np.bincount(y, weights=weight, minlength=classes)
    return np.divide(weight.sum(), classes * counts, out=np.zeros(classes), where=counts > 0)


def check(loss: Loss, kind: str, classes: int, outputs: int, last: str, where: str, values: int = 1) -> None:
    """Refuse a loss that does not fit the task or the model's last layer, before anything compiles.

    Args:
        kind: "regression", "binary", "multiclass" or "multilabel".
        classes: how many classes the target has; read with several classes alone.
        outputs: how many numbers the model gives per row.
        last: the `type_name` of the model's last layer.
        where: the loss as the user knows it, `loss MSE()`.
        values: how many values are predicted together: more than one for a forecast, several numbers or labels.

    Raises:
        PlanError: a loss for another kind of task; another number of outputs than the task has; a last layer that
            cannot give every number the loss may ask for.

    >>> check(CrossEntropy(), "multiclass", classes=3, outputs=3, last="dense", where="loss CrossEntropy()")
    """
    if kind not in loss.kinds:
        fitting = [f"{each.__name__}()" for each in LOSSES.values() if kind in each.kinds]
        fix = f"choose {'one of ' * (len(fitting) > 1)}{', '.join(fitting)}"
        need = f"needs a {' or '.join(loss.kinds)} task"
        raise PlanError(where, need, f"a {kind} task", source="the target column", fix=fix)
    needed, meaning = {
        "regression": (values, "1 output of the model, the value itself")
        if values == 1
        else (values, f"{values} outputs of the model, one for each value"),
        "binary": (1, "1 output of the model, the logit of the second class"),
        "multiclass": (classes, f"{classes} outputs of the model, one logit for each class"),
        "multilabel": (values, f"{values} outputs of the model, one logit for each label"),
    }[kind]
    source = f"the model's last layer, {last}"
    if outputs != needed:
        raise PlanError(
            where, f"needs {meaning}", str(outputs), source=source, fix=f"end the model with Dense({needed})"
        )
    need, got, fix = "outputs of any size", "", f"take it away or put Dense({needed}) after it"
    if last == "dropout":
        need, got = "every output of the model", "outputs silenced at random"
    elif last == "layer_norm" and needed == 1:
        need, got = "outputs that differ from row to row", "one normalised by itself, always the same"
    elif last in ("sigmoid", "softmax") and kind != "regression":
        need, got = "logits, numbers of any size", f"probabilities in {ACTIVATIONS[last].range}"
        fix = "take it away, the loss turns logits into probabilities itself"
    elif last in ACTIVATIONS and ACTIVATIONS[last].bounded:
        got = f"values in {ACTIVATIONS[last].range}"
    if got:
        raise PlanError(where, f"needs {need}", got, source=source, fix=fix)


def _need(loss: Loss, name: str, required: str, fits: Callable[[float], bool], example: str) -> None:
    value = plain(getattr(loss, name))
    if not fits(value):
        required, source = f"{name} needs to be {required}", f"the loss's {name}"
        raise SpecError(type(loss).__name__, required, repr(value), source=source, fix=f"give one such as {example}")
