"""Metrics against scikit-learn with weights and ties, and the laws that hold for every one of them."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn import metrics as oracle

from photic.maths import metrics
from photic.maths.metrics import METRICS

N = 60
DRAW = np.random.default_rng(5)
WEIGHT = DRAW.choice([0.0, 0.5, 1.0, 2.0, 3.0], N)
VALUES, TRUE_VALUES = DRAW.normal(10, 3, (N, 1)), DRAW.normal(10, 3, (N, 1))
CODES = np.concatenate([np.arange(4), DRAW.integers(0, 4, N - 4)])
# Rounding makes ties; the true class is favoured, so that scores are far from chance.
SEVERAL = np.round(DRAW.dirichlet(np.ones(4), N) * 20 + 4 * np.eye(4)[CODES]) + 0.5
SEVERAL /= SEVERAL.sum(1, keepdims=True)
YES = np.concatenate([[[0.0], [1.0]], DRAW.integers(0, 2, (N - 2, 1))])
CHANCE = np.clip(np.round(DRAW.uniform(0, 0.7, (N, 1)) + 0.3 * YES, 1), 0.05, 0.95)

LABELS = np.concatenate([np.eye(3), 1 - np.eye(3), DRAW.integers(0, 2, (N - 6, 3))]).astype(float)
EACH = np.clip(np.round(DRAW.uniform(0, 0.7, (N, 3)) + 0.3 * LABELS, 2), 0.05, 0.95)
PAIR, TRUE_PAIR = DRAW.normal(10, 3, (N, 2)), DRAW.normal(10, 3, (N, 2)) * [1, 100]

FORMS = {"regression": (VALUES, TRUE_VALUES), "binary": (CHANCE, YES), "multiclass": (SEVERAL, CODES)}
FORMS |= {f"{kind}{metrics.PLACES}": form for kind, form in FORMS.items()}  # laid out, a place is a row
FORMS |= {"multilabel": (EACH, LABELS), "values": (PAIR, TRUE_PAIR), "text": (SEVERAL, CODES)}
EVERY = [
    pytest.param(name, kind, id=f"{name}-{kind}")
    for name, metric in METRICS.items()
    for kind in metric.kinds
    if name == "iou" or not kind.endswith(metrics.PLACES)  # the others are the same functions
]


def all_of(kind, p, y, weight):
    """Every metric of a kind: they share one compiled program, which keeps these tests fast."""
    return {metric.name: metric.function(p, y, weight) for metric in metrics.of(kind)}


TOGETHER = jax.jit(all_of, static_argnames="kind")
LANES = jax.jit(jax.vmap(all_of, in_axes=(None, None, None, 0)), static_argnums=0)


def arrays(p, y):
    return jnp.asarray(p, jnp.float32), jnp.asarray(y, jnp.int32 if y.ndim == 1 else jnp.float32)


def score(name, p, y, weight):
    """A metric in float32, compiled."""
    several = y.ndim == 2 and y.shape[1] > 1
    fits = lambda kind: (
        (kind in ("multilabel", "values")) if several else kind.startswith(("multiclass", "text")) == (y.ndim == 1)
    )
    kind = next(kind for kind in METRICS[name].kinds if fits(kind))
    rows = (*arrays(p, y), jnp.asarray(weight, jnp.float32))
    return float(TOGETHER(kind, *rows)[name] if len(p) == N else jax.jit(METRICS[name].function)(*rows))


def calibration_by_hand(stated, came, weight):
    bins = np.minimum((stated.astype(np.float32) * np.float32(10)).astype(int), 9)
    gap = 0.0
    for b in range(10):
        inside = (bins == b) & (weight > 0)
        if inside.any():
            means = [np.average(values[inside], weights=weight[inside]) for values in (stated, came)]
            gap += weight[inside].sum() / weight.sum() * abs(means[0] - means[1])
    return gap


def by_scikit_learn(name, kind, p, y, w):
    """The same number from scikit-learn (calibration: NumPy by hand)."""
    if kind == "multilabel":
        said, average = p > 0.5, {"average": "macro", "zero_division": 0}
        return {
            "hamming_loss": lambda: oracle.hamming_loss(y, said, sample_weight=w),
            "subset_accuracy": lambda: oracle.accuracy_score(y, said, sample_weight=w),
            "auc": lambda: oracle.roc_auc_score(y, p, sample_weight=w, average="macro"),
            "f1": lambda: oracle.f1_score(y, said, sample_weight=w, **average),
            "precision": lambda: oracle.precision_score(y, said, sample_weight=w, **average),
            "recall": lambda: oracle.recall_score(y, said, sample_weight=w, **average),
            "log_loss": lambda: np.mean(
                [oracle.log_loss(*each, sample_weight=w) for each in zip(y.T, p.T, strict=True)]
            ),
        }[name]()
    if kind in {"regression", "values"}:
        functions = {"mse": oracle.mean_squared_error, "rmse": oracle.root_mean_squared_error}
        functions |= {"mae": oracle.mean_absolute_error, "r2": oracle.r2_score}
        return functions[name](y, p, sample_weight=w)
    binary = kind.startswith("binary")
    y, p = (y[:, 0].astype(int), np.hstack([1 - p, p])) if binary else (y, p)
    predicted, average = p.argmax(1), {"average": "binary" if binary else "macro"}
    stated, came = (p[:, 1], y) if binary else (p.max(1), predicted == y)
    labels = range(p.shape[1])
    return {
        "accuracy": lambda: oracle.accuracy_score(y, predicted, sample_weight=w),
        "balanced_accuracy": lambda: oracle.balanced_accuracy_score(y, predicted, sample_weight=w),
        "bits": lambda: oracle.log_loss(y, p, sample_weight=w, labels=labels) / math.log(2),
        "perplexity": lambda: math.exp(oracle.log_loss(y, p, sample_weight=w, labels=labels)),
        "iou": lambda: oracle.jaccard_score(y, predicted, sample_weight=w, average="macro", labels=np.unique(y[w > 0])),
        "auc": lambda: oracle.roc_auc_score(y, p[:, 1] if binary else p, sample_weight=w, multi_class="ovr"),
        "f1": lambda: oracle.f1_score(y, predicted, sample_weight=w, **average),
        "precision": lambda: oracle.precision_score(y, predicted, sample_weight=w, **average),
        "recall": lambda: oracle.recall_score(y, predicted, sample_weight=w, **average),
        "log_loss": lambda: oracle.log_loss(y, p, sample_weight=w, labels=labels),
        "brier": lambda: oracle.brier_score_loss(y, p[:, 1] if binary else p, sample_weight=w, labels=list(labels)),
        "calibration_error": lambda: calibration_by_hand(stated, came, w),
    }[name]()


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_agrees_with_scikit_learn_with_weights_and_ties(name, kind):
    p, y = FORMS[kind]
    assert score(name, p, y, WEIGHT) == pytest.approx(by_scikit_learn(name, kind, p, y, WEIGHT), rel=1e-5)  # float32


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_a_row_of_weight_zero_is_as_if_absent_whatever_it_holds(name, kind):
    p, y = (array.copy() for array in FORMS[kind])
    kept = WEIGHT > 0
    p[~kept] = np.resize([np.nan, np.inf, -np.inf], p[~kept].shape)
    y[~kept] = -1 if y.dtype.kind == "i" else np.nan
    p[0], y[0], kept[0] = np.nan, 99, False
    weight = np.where(kept, WEIGHT, 0)
    with np.errstate(invalid="ignore"):
        here = score(name, p, y, weight)
    assert here == pytest.approx(by_scikit_learn(name, kind, p[kept], y[kept], weight[kept]), rel=1e-5)


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_a_weight_counts_like_that_many_rows(name, kind):
    p, y = FORMS[kind]
    times = np.arange(N) % 3
    repeated = by_scikit_learn(
        name, kind, np.repeat(p, times, axis=0), np.repeat(y, times, axis=0), np.ones(times.sum())
    )
    assert score(name, p, y, times) == pytest.approx(repeated, rel=1e-5)


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_vmap_over_weights_is_a_bootstrap(name, kind):
    p, y = FORMS[kind]
    lanes = np.stack([WEIGHT, np.roll(WEIGHT, 1), np.zeros(N)])
    together = LANES(kind, *arrays(p, y), jnp.asarray(lanes, jnp.float32))[name]
    alone = [score(name, p, y, lane) for lane in lanes[:2]]
    np.testing.assert_allclose(together[:2], alone, rtol=1e-5)  # vmap may sum in another order
    assert math.isnan(together[2])  # a metric of no rows


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_a_nan_prediction_that_counts_makes_the_metric_nan(name, kind):
    p, y = FORMS[kind]
    assert math.isnan(score(name, np.where(np.arange(N)[:, None] == WEIGHT.argmax(), np.nan, p), y, WEIGHT))


@pytest.mark.parametrize("name", METRICS)
def test_better_says_which_way_is_better(name):
    metric = METRICS[name]
    kinds = [kind for kind in metric.kinds if kind in FORMS]
    y = FORMS[next((kind for kind in kinds if kind.startswith(("multiclass", "text"))), kinds[0])][1]
    right = y if y.ndim == 2 else np.eye(4)[y]
    wrong = np.eye(4)[(y + 1) % 4] if y.ndim == 1 else 1 - y if metric.kinds == ("multilabel",) else y + 1
    best, worst = score(name, right, y, WEIGHT), score(name, wrong, y, WEIGHT)
    assert best > worst if metric.better == "higher" else best < worst
    assert best == pytest.approx(1 if metric.better == "higher" or name == "perplexity" else 0, abs=1e-6)


def test_heights_of_chapter_3():
    y, p = (
        np.array([[170.0], [165.0], [160.0], [155.0], [150.0]]),
        np.array([[165.0], [170.0], [162.0], [157.0], [153.0]]),
    )
    assert score("mse", p, y, np.ones(5)) == pytest.approx(13.4)
    assert score("rmse", p, y, np.ones(5)) == pytest.approx(3.66, abs=0.005)
    assert score("mae", p, y, np.ones(5)) == pytest.approx(3.4)


def test_auc_is_the_share_of_pairs_in_the_right_order():
    above, level = CHANCE > CHANCE.T, CHANCE == CHANCE.T
    pairs = (WEIGHT[:, None] * YES) * (WEIGHT[None, :] * (1 - YES.T))
    assert level[pairs > 0].sum() > 20  # the ties are there
    assert score("auc", CHANCE, YES, WEIGHT) == pytest.approx(
        (pairs * (above + level / 2)).sum() / pairs.sum(), rel=1e-5
    )
    assert score("auc", np.full_like(CHANCE, 0.3), YES, WEIGHT) == 0.5


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_auc_is_nan_when_a_class_has_no_rows(kind):
    p, y = FORMS[kind]
    present = np.where(y.ravel() == 1, 0.0, WEIGHT)
    assert math.isnan(score("auc", p, y, present))
    assert math.isfinite(score("balanced_accuracy", p, y, present))


def test_a_class_that_never_occurs_is_left_out_of_the_mean():
    p, y = np.eye(4)[[0, 1, 1, 1]], np.array([0, 1, 0, 1])
    for name in ("f1", "precision", "recall"):
        assert score(name, p, y, np.ones(4)) == pytest.approx(by_scikit_learn(name, "multiclass", p, y, np.ones(4)))


def test_precision_recall_and_f1_of_a_class_never_predicted_or_never_there():
    never, yes, no = np.full((2, 1), 0.1), np.array([[1.0], [0.0]]), np.zeros((2, 1))
    for name in ("f1", "precision", "recall"):
        assert score(name, never, yes, np.ones(2)) == 0
        assert math.isnan(score(name, never, no, np.ones(2)))


def test_r2_of_a_target_that_never_changes_is_nan():
    y = np.full((7, 1), 0.1)
    assert math.isnan(score("r2", y + 0.5, y, np.ones(7)))
    y[3] = 5
    assert math.isnan(score("r2", y + 0.5, y, np.where(y[:, 0] == 5, 0.0, 1.0)))


def test_r2_of_several_targets_is_their_mean():
    p, y = np.hstack([VALUES, VALUES]), np.hstack([TRUE_VALUES, VALUES + 1])
    assert score("r2", p, y, WEIGHT) == pytest.approx(oracle.r2_score(y, p, sample_weight=WEIGHT), rel=1e-5)


def test_log_loss_of_a_certain_mistake_is_finite():
    assert score("log_loss", np.array([[0.0]]), np.array([[1.0]]), np.ones(1)) == pytest.approx(-math.log(2**-23))


@pytest.mark.parametrize(("kind", "classes"), [("binary", 2), ("multiclass", 4)])
def test_confusion_agrees_with_scikit_learn(kind, classes):
    p, y = FORMS[kind]
    predicted = (p[:, 0] > 0.5) if kind == "binary" else p.argmax(1)
    right = oracle.confusion_matrix(y.ravel().astype(int), predicted.astype(int), sample_weight=WEIGHT)
    mine = jax.jit(metrics.confusion, static_argnums=3)(p, y, WEIGHT, classes)
    np.testing.assert_allclose(mine, right, rtol=1e-6)


def test_a_million_fractional_weights_add_up():
    """One after the other in float32 they would be a percent off; in 64 heaps it is less than a thousandth."""
    p, weight = np.ones((1_000_000, 1), np.float32), np.full(1_000_000, 0.1, np.float32)
    table = jax.jit(metrics.confusion, static_argnums=3)(p, p, weight, 2)
    np.testing.assert_allclose(table, [[0, 0], [0, 100_000]], rtol=1e-3)


def test_main_metrics():
    mains = ["rmse", "accuracy", "accuracy"] * 2 + ["hamming_loss", "r2", "bits"]
    assert [metrics.main(kind).name for kind in FORMS] == mains
    assert {metric.name for kind in FORMS for metric in metrics.of(kind)} == set(METRICS)
    assert all(name == metric.function.__name__ == metric.name for name, metric in METRICS.items())


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass"])
def test_places_without_a_target_and_padding_count_for_nothing(kind):
    p, y = FORMS[kind]
    metric = metrics.main(kind + metrics.PLACES)
    real = metric.function(p, y, np.repeat([1.0, 2.0, 0.5], N // 3))
    shape = (3, N // 3, p.shape[1]), (3, N // 3, *y.shape[1:])
    longer = lambda array, fill: np.concatenate([array, np.full((3, 4, *array.shape[2:]), fill, array.dtype)], axis=1)
    p, y = longer(p.reshape(shape[0]), 0.3), longer(y.reshape(shape[1]), -1 if kind == "multiclass" else np.nan)
    weight = jnp.asarray([1.0, 2.0, 0.5], jnp.float32)
    assert metrics.of_places(metric, *arrays(p, y)[:1], targets(y), weight) == pytest.approx(float(real), rel=1e-5)


def targets(y):
    return jnp.asarray(y, jnp.int32 if y.dtype.kind == "i" else jnp.float32)
