"""Each metric in its resampled form agrees with the metric itself, for any weights."""

import functools

import jax
import numpy as np
import pytest

from photic.experiment import sums
from photic.maths import metrics

# metrics computes in float32, sums in float64: they agree to float32's rounding over 80 rows.
CLOSE = {"rel": 2e-4, "abs": 2e-5}


def rows(kind: str, seed: int, n: int = 80, classes: int = 3):
    rng = np.random.default_rng(seed)
    weight = rng.uniform(0, 3, n) * (rng.random(n) > 0.2)
    if kind in {"regression", "values"}:
        y = rng.normal(50, 9, (n, 2))
        return (y + rng.normal(0, 4, y.shape)).astype(np.float32), y.astype(np.float32), weight
    if kind == "multilabel":
        y = rng.integers(0, 2, (n, 3)).astype(np.float32)
        return np.round(np.clip(rng.uniform(0, 0.7, y.shape) + 0.3 * y, 0.01, 0.99), 2).astype(np.float32), y, weight
    p = np.round(rng.dirichlet(np.full(classes, 0.7), n), 1 if seed % 2 else 6).astype(
        np.float32
    )  # odd seeds have ties
    y = rng.integers(0, classes, n)
    return (p[:, 1:2], (y > 0)[:, None].astype(np.float32), weight) if kind == "binary" else (p, y, weight)


@functools.cache
def definitions(kind: str):
    return jax.jit(lambda p, y, w: {metric.name: metric.function(p, y, w) for metric in metrics.of(kind)})


def defined(kind: str, p, y, weight) -> dict[str, float]:
    return {name: float(value) for name, value in definitions(kind)(p, y, np.float32(weight)).items()}


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass", "multilabel", "values"])
@pytest.mark.parametrize("seed", [0, 1])
def test_every_metric_agrees_with_its_definition(kind, seed):
    p, y, weight = rows(kind, seed)
    assert sums.measure(kind, p, y, weight) == pytest.approx(defined(kind, p, y, weight), **CLOSE)


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass", "multilabel", "values"])
def test_metrics_agree_for_weights_that_were_not_known_before(kind):
    p, y, _ = rows(kind, seed=2)
    drawn = np.random.default_rng(0).multinomial(len(p), np.full(len(p), 1 / len(p)))
    columns = sums.columns(kind, p, y, np.ones(len(p)))
    found = sums.scores(kind, {name: drawn.astype(float) @ f for name, f in columns.items()})
    for name, value in defined(kind, p, y, drawn).items():
        # AUC is linearised around the rows as they are: right to second order, 1/80 here.
        slack = {"abs": 0.02} if name == "auc" else CLOSE
        assert float(found[name]) == pytest.approx(value, **slack), name


def test_many_weightings_at_once_are_the_same_as_one_by_one():
    p, y, _ = rows("multiclass", seed=3)
    weights = np.random.default_rng(1).uniform(0, 2, (5, len(p)))
    columns = sums.columns("multiclass", p, y, np.ones(len(p)))
    together = sums.scores("multiclass", {name: weights @ f for name, f in columns.items()})
    for i, weight in enumerate(weights):
        alone = sums.scores("multiclass", {name: weight @ f for name, f in columns.items()})
        for name, score in together.items():
            assert score[i] == pytest.approx(alone[name]), name


def test_a_nan_prediction_makes_every_metric_nan_unless_its_row_has_no_weight():
    p, y, weight = rows("binary", seed=4)
    weight[0], weight[1] = 0.0, 1.0
    p[0] = np.nan
    assert np.isfinite([*sums.measure("binary", p, y, weight).values()]).all()
    p[1] = np.nan
    assert np.isnan([*sums.measure("binary", p, y, weight).values()]).all()


def test_what_is_not_defined_is_nan_and_nothing_else():
    p = np.array([[0.2], [0.7]])
    found = sums.measure("binary", p, np.zeros((2, 1)), np.ones(2))
    assert np.isnan(found["auc"]) and found["accuracy"] == 0.5
    constant = sums.measure("regression", p, np.full((2, 1), 1e6 + 0.1), np.ones(2))
    assert np.isnan(constant["r2"]) and np.isfinite(constant["rmse"])


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass"])
def test_sums_over_places_are_those_of_the_places_as_rows(kind):
    p, y, _ = rows(kind, seed=3)
    p, y = (p[:, :1], y[:, :1]) if kind == "regression" else (p, y)
    missing = np.arange(80) % 7 == 3
    y = np.where(missing if y.ndim == 1 else missing[:, None], -1 if kind == "multiclass" else np.nan, y)
    at = kind + metrics.PLACES
    weight = np.array([1.0, 0.0, 2.0, 0.5])
    found = sums.measure(at, p.reshape(4, 20, -1), y.reshape(4, 20, *y.shape[1:]), weight)
    each = np.repeat(weight, 20) * ~missing
    y = np.where(missing if y.ndim == 1 else missing[:, None], 0, y)
    alone = defined(at, p, y, each)
    assert found == pytest.approx(alone, **CLOSE)


def test_a_prediction_at_a_place_that_is_no_number_makes_every_metric_so():
    p, y = np.full((2, 3, 1), 0.5), np.zeros((2, 3, 1))
    p[1, 2] = np.nan
    assert all(np.isnan(value) for value in sums.measure("binary places", p, y, np.ones(2)).values())


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass", "multilabel", "values"])
def test_a_pull_is_how_fast_a_metric_grows_with_a_rows_weight(kind):
    p, y, _ = rows(kind, seed=2)
    ones, step = np.ones(len(p)), 1e-3
    columns = sums.columns(kind, p, y, ones)
    found = sums.pulls(kind, columns)
    for name, metric in defined(kind, p, y, ones).items():
        assert found[name].shape == (len(p),) and np.isfinite(metric)
        assert abs(found[name].sum()) < 1e-3 * max(1, abs(metric)) * len(p) ** 0.5, name  # more of all rows is the same
    heavier = ones + step * (np.arange(len(p)) == 7)
    more, less = (sums.measure(kind, p, y, weight) for weight in (heavier, ones))
    for name in found:
        assert found[name][7] == pytest.approx((more[name] - less[name]) / step, rel=1e-2, abs=1e-4), name
