"""Metrics: the numbers a person reads to judge a network, each from predictions p, targets y and weights.

One form for all: p is `[n, k]` values in regression, `[n, 1]` probabilities of the second class in a binary task,
`[n, c]` probabilities with several classes, `[n, k]` of k labels that are yes or no each. y is `[n, k]`, `[n, 1]` of
0 and 1, `[n]` class codes, or `[n, k]` of 0 and 1. A row of
weight w counts as w rows; a row of weight 0 counts as if it were not there, whatever it holds. What cannot be known is
NaN: any metric of no rows or of a NaN prediction, AUC when a class has no rows, R2 when the target never changes.

NumPy and JAX arrays are taken alike; all functions work under jit and vmap (a vmap over weights is a bootstrap).

Reference: Sokolova and Lapalme, "A systematic analysis of performance measures for classification tasks", 2009,
https://doi.org/10.1016/j.ipm.2009.03.002. Lesson 3.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from photic.maths import places
from photic.maths.surprise import bits, perplexity

Predictions = Float[Array | np.ndarray, "n k"]
Targets = Float[Array | np.ndarray, "n k"] | Int[Array | np.ndarray, " n"]
Weights = Float[Array | np.ndarray, " n"]
Score = Float[Array, ""]


def hamming_loss(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Share of labels said wrong, over all rows and labels; a label is said when its probability is above 1/2.

    Reference: Schapire and Singer, "Improved boosting algorithms using confidence-rated predictions", 1999,
    https://doi.org/10.1023/A:1007614523901

    >>> float(hamming_loss(np.array([[0.9, 0.8], [0.2, 0.1]]), np.array([[1.0, 0.0], [0.0, 0.0]]), np.ones(2)))
    0.25
    """
    p, y, weight = _counted(p, y, weight)
    return _mean(((p > 0.5) != (y > 0.5)).astype(p.dtype).mean(axis=1), weight)


def subset_accuracy(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Share of rows whose labels are all said right.

    >>> float(subset_accuracy(np.array([[0.9, 0.8], [0.2, 0.1]]), np.array([[1.0, 0.0], [0.0, 0.0]]), np.ones(2)))
    0.5
    """
    p, y, weight = _counted(p, y, weight)
    return _mean(((p > 0.5) == (y > 0.5)).all(axis=1), weight)


def accuracy(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Share of rows whose most probable class is the true one; of equally probable classes the first is taken.

    >>> float(accuracy(np.array([[0.9], [0.2], [0.6], [0.7]]), np.array([[1.0], [0.0], [0.0], [1.0]]), np.ones(4)))
    0.75
    """
    p, y, weight = _classes(p, y, weight)
    return _mean(p.argmax(axis=1) == y, weight)


def balanced_accuracy(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Mean over the classes that occur of the share of their rows predicted right: a rare class counts as a common one.

    Reference: Brodersen et al., "The balanced accuracy and its posterior distribution", 2010,
    https://doi.org/10.1109/ICPR.2010.764

    >>> float(balanced_accuracy(np.full((4, 1), 0.1), np.array([[0.0], [0.0], [0.0], [1.0]]), np.ones(4)))
    0.5
    """
    table = confusion(p, y, weight, _count(p, y))
    actual = table.sum(axis=1)
    return _average(jnp.diagonal(table), actual, actual != 0)


def precision(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Share of the rows predicted as a class that are of it; 0 when none is predicted.

    In a binary task the class is the second; with several, the mean over the classes that occur or are predicted; of
    labels the mean over those.

    >>> float(precision(np.array([[0.9], [0.8], [0.1]]), np.array([[1.0], [0.0], [1.0]]), np.ones(3)))
    0.5
    """
    hits, predicted, actual = _outcomes(p, y, weight)
    return _average(hits, predicted, predicted + actual != 0)


def recall(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Share of the rows of a class that are predicted as it; classes as in `precision`.

    >>> float(recall(np.array([[0.9], [0.8], [0.1], [0.1]]), np.array([[1.0], [0.0], [1.0], [0.0]]), np.ones(4)))
    0.5
    """
    hits, predicted, actual = _outcomes(p, y, weight)
    return _average(hits, actual, predicted + actual != 0)


def f1(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Harmonic mean of precision and recall, 2 hits / (predicted + actual); classes as in `precision`.

    >>> float(f1(np.array([[0.9], [0.8], [0.1]]), np.array([[1.0], [0.0], [1.0]]), np.ones(3)))
    0.5
    """
    hits, predicted, actual = _outcomes(p, y, weight)
    return _average(2 * hits, predicted + actual, predicted + actual != 0)


def log_loss(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Mean surprise at the true class, -log p_y, in nats; a probability below the precision of p counts as that.

    So one confident mistake costs at most 15.9 in float32 and not infinity. Of labels it is the mean over them.

    >>> round(float(log_loss(np.array([[0.5], [0.0]]), np.array([[1.0], [0.0]]), np.ones(2))), 4)
    0.3466
    """
    if _labels(y):
        p, y, weight = _counted(p, y, weight)
        of_true = jnp.where(y > 0.5, p, 1 - p)
        return _mean(-jnp.log(jnp.maximum(of_true, jnp.finfo(p.dtype).eps)).mean(axis=1), weight)
    p, y, weight = _classes(p, y, weight)
    of_true = jnp.take_along_axis(p, y[:, None], axis=1)[:, 0]
    return _mean(-jnp.log(jnp.maximum(of_true, jnp.finfo(p.dtype).eps)), weight)


def auc(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Area under the ROC curve: the chance that a row of the class gets a higher p than a row not of it.

    Exact, by ranks; a tie counts one half. With several classes the mean over each class against the rest;
    with labels the mean over them.

    Reference: Fawcett, "An introduction to ROC analysis", 2006, https://doi.org/10.1016/j.patrec.2005.10.010

    >>> float(auc(np.array([[0.1], [0.4], [0.4], [0.8]]), np.array([[0.0], [0.0], [1.0], [1.0]]), np.ones(4)))
    0.875
    """
    p, y, weight = _arrays(p, y, weight)
    p = jnp.where(jnp.isnan(p), 0, p)  # not by weight: under a bootstrap all lanes then share one sort
    w, member = weight[:, None], jnp.where((weight != 0)[:, None], _member(p, y), 0)
    areas = jnp.vectorize(_area, signature="(n),(n),(n)->()")(p.T, (w * member).T, (w * (1 - member)).T)
    return jnp.mean(areas)


def brier(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Mean squared error of the probabilities: (p - y)^2 in a binary task, its sum over the classes with several.

    Reference: Brier, "Verification of forecasts expressed in terms of probability", 1950,
    https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2

    >>> float(brier(np.array([[0.5], [1.0]]), np.array([[1.0], [1.0]]), np.ones(2)))
    0.125
    """
    p, y, weight = _counted(p, y, weight)
    return _mean(((p - _member(p, y)) ** 2).sum(axis=1), weight)


def calibration_error(p: Predictions, y: Targets, weight: Weights, bins: int = 10) -> Score:
    """Mean gap between stated probabilities and how often they come true, sum_b (w_b / w) |stated_b - true_b|.

    In a binary task the probability of the second class is judged, with several that of the predicted class; the
    bins are equally wide.

    Reference: Guo et al., "On calibration of modern neural networks", 2017,
    https://arxiv.org/abs/1706.04599 (equation 3)

    >>> float(calibration_error(np.array([[0.75], [0.75]]), np.array([[1.0], [0.0]]), np.ones(2)))
    0.25
    """
    p, y, weight = _counted(p, y, weight)
    stated, came = (p[:, 0], y[:, 0]) if y.ndim == 2 else (p.max(axis=1), (p.argmax(axis=1) == y).astype(p.dtype))
    member = jax.nn.one_hot(jnp.clip((stated * bins).astype(int), 0, bins - 1), bins, dtype=p.dtype)
    gaps = (member * (weight * (stated - came))[:, None]).sum(axis=0)
    return jnp.abs(gaps).sum() / weight.sum()


def mse(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Mean squared error, (p - y)^2, in the square of the target's unit.

    >>> float(mse(np.array([[165.0], [170.0]]), np.array([[170.0], [165.0]]), np.ones(2)))
    25.0
    """
    p, y, weight = _counted(p, y, weight)
    return _mean(((p - y) ** 2).mean(axis=1), weight)


def rmse(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Root of the mean squared error, in the target's unit; not the average error, which is `mae`.

    >>> float(rmse(np.array([[165.0], [170.0]]), np.array([[170.0], [165.0]]), np.ones(2)))
    5.0
    """
    return jnp.sqrt(mse(p, y, weight))


def mae(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Mean absolute error, |p - y|: the average error, in the target's unit.

    >>> float(mae(np.array([[165.0], [170.0]]), np.array([[166.0], [167.0]]), np.ones(2)))
    2.0
    """
    p, y, weight = _counted(p, y, weight)
    return _mean(jnp.abs(p - y).mean(axis=1), weight)


def r2(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Share of the target's variance explained, 1 - sum (y - p)^2 / sum (y - mean y)^2; below 0 is worse than the mean.

    >>> float(r2(np.array([[1.0], [2.0], [2.0]]), np.array([[1.0], [2.0], [3.0]]), np.ones(3)))
    0.5
    """
    p, y, weight = _counted(p, y, weight)
    w, counts = weight[:, None], (weight != 0)[:, None]
    low, high = y.min(axis=0, where=counts, initial=jnp.inf), y.max(axis=0, where=counts, initial=-jnp.inf)
    total = (w * (y - (w * y).sum(axis=0, keepdims=True) / weight.sum()) ** 2).sum(axis=0)
    # Asked of the values: rounding in the mean would give a constant target a little variance.
    return jnp.mean(1 - (w * (y - p) ** 2).sum(axis=0) / jnp.where(high > low, total, jnp.nan))


def iou(p: Predictions, y: Targets, weight: Weights) -> Score:
    """Mean over the classes that occur of intersection over union: hits / (predicted + actual - hits), of places.

    How much of what is a class, or is said to be it, is both. The background does not flatter it as it does accuracy.

    Reference: Everingham et al., "The PASCAL visual object classes challenge", 2010,
    https://doi.org/10.1007/s11263-009-0275-4 (section 4.2.2)

    >>> float(iou(np.array([[0.9], [0.8], [0.1]]), np.array([[1.0], [0.0], [0.0]]), np.ones(3)))
    0.5
    """
    table = confusion(p, y, weight, _count(p, y))
    hits, actual = jnp.diagonal(table), table.sum(axis=1)
    return _average(hits, table.sum(axis=0) + actual - hits, actual != 0)


def confusion(p: Predictions, y: Targets, weight: Weights, classes: int) -> Float[Array, "c c"]:
    """The weight of rows of each true class (rows) predicted as each class (columns), `[c, c]`.

    >>> confusion(np.array([[0.9], [0.8], [0.1]]), np.array([[1.0], [0.0], [1.0]]), np.ones(3), 2).tolist()
    [[0.0, 1.0], [1.0, 1.0]]
    """
    p, y, weight = _classes(p, y, weight)
    # In 64 heaps, then together: a million fractional weights one after the other would be a percent off in float32.
    heap = jnp.arange(len(y)) % 64
    heaps = jnp.zeros((64, classes, classes), p.dtype).at[heap, y, p.argmax(axis=1)].add(weight)
    return heaps.sum(axis=0)


@dataclasses.dataclass(frozen=True)
class Metric:
    """A metric as a table or a report needs it.

    Args:
        name: its name everywhere.
        function: `(p, y, weight) -> scalar`.
        kinds: the kinds of task it is for; "binary places" are two classes at every place of a row.
        better: whether higher or lower values are better.
        words: what it says, one sentence.

    >>> METRICS["rmse"].better
    'lower'
    """

    name: str
    function: Callable[[Predictions, Targets, Weights], Score]
    kinds: tuple[str, ...]
    better: Literal["higher", "lower"]
    words: str


#: What stands behind the kind of a task whose rows have a target at every place.
PLACES = " places"
_AT_PLACES = ("binary" + PLACES, "multiclass" + PLACES)
_ONE_CLASS, _LABELS = ("binary", "multiclass"), ("multilabel",)
_CLASSES, _VALUES = (*_ONE_CLASS, *_AT_PLACES), ("regression", "regression" + PLACES)
_ASKED, _RANKED = (*_CLASSES, *_LABELS), (*_ONE_CLASS, *_LABELS)
_ROWS = (
    Metric("bits", bits, ("text",), "lower", "Mean surprise at the character that came, in bits."),
    Metric("perplexity", perplexity, ("text",), "lower", "Among how many symbols one would be as unsure."),
    Metric("hamming_loss", hamming_loss, _LABELS, "lower", "Share of labels said wrong, over all rows and labels."),
    Metric("subset_accuracy", subset_accuracy, _LABELS, "higher", "Share of rows with all labels said right."),
    Metric("accuracy", accuracy, (*_CLASSES, "text"), "higher", "Share of rows predicted right."),
    Metric("balanced_accuracy", balanced_accuracy, _CLASSES, "higher", "Mean over the classes of the share right."),
    Metric("iou", iou, _AT_PLACES, "higher", "Mean over the classes of the overlap of what is and what is said."),
    Metric("auc", auc, _RANKED, "higher", "Chance that a row of the class gets a higher probability than another."),
    Metric("f1", f1, _ASKED, "higher", "Harmonic mean of precision and recall."),
    Metric("precision", precision, _ASKED, "higher", "Of the rows predicted as the class, the share of it."),
    Metric("recall", recall, _ASKED, "higher", "Of the rows of the class, the share predicted as it."),
    Metric("log_loss", log_loss, _ASKED, "lower", "Mean surprise at the true class, in nats."),
    Metric("brier", brier, _CLASSES, "lower", "Mean squared error of the probabilities."),
    Metric("calibration_error", calibration_error, _CLASSES, "lower", "Mean gap between probability and outcome."),
    Metric("rmse", rmse, _VALUES, "lower", "Root of the mean squared error, in the target's unit."),
    Metric("mae", mae, _VALUES, "lower", "Average size of the error, in the target's unit."),
    Metric("mse", mse, _VALUES, "lower", "Mean squared error, in the square of the target's unit."),
    Metric(
        "r2", r2, (*_VALUES, "values"), "higher", "Share of the target's variance explained; the mean alone scores 0."
    ),
)

#: Every metric by name; of each kind of task the main one comes first.
METRICS: dict[str, Metric] = {row.name: row for row in _ROWS}


def of(kind: str) -> tuple[Metric, ...]:
    """All metrics for a kind of task, the main one first; "values" are several numbers, in units of their own each.

    >>> [metric.name for metric in of("regression")]
    ['rmse', 'mae', 'mse', 'r2']
    """
    return tuple(metric for metric in METRICS.values() if kind in metric.kinds)


def main(kind: str) -> Metric:
    """The metric that a kind of task is judged by: accuracy, RMSE in regression, R2 of several numbers, Hamming loss.

    >>> main("binary").name
    'accuracy'
    """
    return of(kind)[0]


def of_places(metric: Metric, p: Float[Array | np.ndarray, "n *places k"], y: Any, weight: Weights) -> Score:
    """A metric of rows that may have a target at every place: each place then counts as its row does.

    >>> float(of_places(METRICS["accuracy"], jnp.array([[[0.9], [0.2]]]), jnp.array([[[1.0], [jnp.nan]]]), jnp.ones(1)))
    1.0
    """
    if p.ndim == 2:
        return metric.function(p, y, weight)
    weight = jnp.repeat(jnp.asarray(weight), p[0].size // p.shape[-1])
    p, y, there = places.flat(p, y)
    return metric.function(p, y, jnp.where(there, weight, 0))


def _arrays(p: Predictions, y: Targets, weight: Weights) -> tuple[Array, Array, Array]:
    """All as JAX arrays of one precision; one NaN prediction that counts makes every weight, so every metric, NaN."""
    p = jnp.asarray(p)
    y, weight = jnp.asarray(y, p.dtype if y.ndim == 2 else int), jnp.asarray(weight, p.dtype)
    lost = jnp.any(jnp.isnan(p).any(axis=1) & (weight > 0))
    return p, y, jnp.where(lost, jnp.nan, weight)


def _counted(p: Predictions, y: Targets, weight: Weights) -> tuple[Array, Array, Array]:
    """The same with zeros in rows of weight 0, whatever they held, so that 0 times anything stays 0."""
    counts = jnp.asarray(weight) > 0
    p, y, weight = _arrays(p, y, weight)
    return jnp.where(counts[:, None], p, 0), jnp.where(counts[:, None] if y.ndim == 2 else counts, y, 0), weight


def _classes(p: Predictions, y: Targets, weight: Weights) -> tuple[Array, Array, Array]:
    """The same with `[n, c]` probabilities and `[n]` codes for binary tasks too."""
    p, y, weight = _counted(p, y, weight)
    return (jnp.concatenate([1 - p, p], axis=1), y[:, 0].astype(int), weight) if y.ndim == 2 else (p, y, weight)


def _member(p: Array, y: Array) -> Array:
    """`[n, k]`: 1 where the row is of the class that the column of p is about, else 0."""
    return y if y.ndim == 2 else jax.nn.one_hot(y, p.shape[1], dtype=p.dtype)


def _area(p: Array, inside: Array, outside: Array) -> Array:
    """AUC of one column: for each weight inside the class, the weight outside it with lower p and half of that tied."""
    order = jnp.argsort(p)
    below = jnp.concatenate([jnp.zeros_like(outside[:1]), jnp.cumsum(outside[order])])
    lower, or_tied = (below[jnp.searchsorted(p[order], p, side=side)] for side in ("left", "right"))
    return (inside * (lower + or_tied)).sum() / (2 * inside.sum() * outside.sum())


def _labels(y: Targets) -> bool:
    return y.ndim == 2 and y.shape[1] > 1


def _count(p: Predictions, y: Targets) -> int:
    return 2 if y.ndim == 2 else p.shape[1]


def _outcomes(p: Predictions, y: Targets, weight: Weights) -> tuple[Array, Array, Array]:
    """Hits, predicted and actual weight of each class that is asked about: in a binary task the second alone."""
    if _labels(y):
        p, y, weight = _counted(p, y, weight)
        said, w = (p > 0.5).astype(p.dtype), weight[:, None]
        return (w * said * y).sum(axis=0), (w * said).sum(axis=0), (w * y).sum(axis=0)
    table = confusion(p, y, weight, _count(p, y))
    first = 1 if y.ndim == 2 else 0
    return jnp.diagonal(table)[first:], table.sum(axis=0)[first:], table.sum(axis=1)[first:]


def _average(part: Array, whole: Array, occurs: Array) -> Score:
    """Mean of part / whole over the classes that occur; 0 / 0 is 0 in one class and NaN when no class occurs."""
    shares = jnp.where(whole == 0, 0, part / jnp.where(whole == 0, 1, whole))
    return jnp.mean(shares, where=occurs)


def _mean(values: Array, weight: Array) -> Score:
    return jnp.sum(values.astype(weight.dtype) * weight) / weight.sum()
