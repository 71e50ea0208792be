"""The baselines against what they must be by hand, and in the situations a fold can bring."""

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from photic.experiment import baselines as room
from photic.experiment.baselines import WORDS, baselines, words


def blobs(n: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % classes
    return (rng.normal(size=(n, 4)) + 2 * np.eye(classes, 4)[codes]).astype(np.float32), codes


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass"])
def test_predictions_have_the_shapes_of_the_contract(kind):
    x, codes = blobs(90, 3 if kind == "multiclass" else 2)
    y = codes if kind == "multiclass" else codes[:, None].astype(np.float32)
    p = baselines(kind, x, y, x[:7], classes=3 if kind == "multiclass" else 2)
    assert tuple(p) == tuple(WORDS[kind])
    for value in p.values():
        assert value.shape == (7, 3 if kind == "multiclass" else 1) and np.isfinite(value).all()
        if kind == "multiclass":
            assert value.sum(axis=1) == pytest.approx(np.ones(7)) and (value >= 0).all()


def test_the_constant_one_says_the_weighted_shares_or_mean():
    x, weight = np.zeros((4, 1), np.float32), np.array([1.0, 1.0, 2.0, 0.0])
    assert baselines("multiclass", x, np.array([0, 1, 1, 2]), x, classes=3, weight=weight)["majority"][0] == (
        pytest.approx([0.25, 0.75, 0])
    )
    y = np.array([[1.0], [2.0], [4.0], [1e9]])
    assert baselines("regression", x, y, x, weight=weight)["mean"][0] == pytest.approx([2.75])


def test_the_linear_one_is_logistic_regression_on_scaled_columns():
    x, codes = blobs(80, 2)
    found = baselines("binary", x, codes[:, None], x)["logistic"][:, 0]
    scaled = StandardScaler().fit_transform(x)
    witness = LogisticRegression(C=1.0, tol=1e-8).fit(scaled, codes).predict_proba(scaled)[:, 1]
    assert found == pytest.approx(witness, abs=1e-3)  # scikit-learn's own tolerance is 1e-4


def test_a_row_of_weight_two_counts_as_two_rows_and_one_of_weight_zero_as_none():
    x, codes = blobs(60, 2, seed=1)
    twice = np.concatenate([np.arange(60), np.arange(20)])
    weight = np.repeat([2.0, 1.0], [20, 40])
    by_weight = baselines(
        "binary", np.vstack([x, 9 + x[:5]]), np.r_[codes, 1 - codes[:5]][:, None], x, weight=np.r_[weight, np.zeros(5)]
    )
    by_rows = baselines("binary", x[twice], codes[twice][:, None], x)
    assert by_weight["majority"] == pytest.approx(by_rows["majority"])
    assert by_weight["logistic"] == pytest.approx(by_rows["logistic"], abs=0.03)  # columns are scaled without weights


def test_class_weights_move_the_linear_model_and_the_trees_but_not_the_majority():
    rng = np.random.default_rng(0)
    codes = (np.arange(400) < 40).astype(int)
    x = (rng.normal(size=(400, 2)) + 0.5 * codes[:, None]).astype(np.float32)
    plain = baselines("binary", x, codes[:, None], x)
    heavy = baselines("binary", x, codes[:, None], x, class_weight=np.array([1.0, 9.0]))
    assert heavy["majority"] == pytest.approx(plain["majority"])
    for name in ("logistic", "boosted trees"):
        assert heavy[name].mean() > plain[name].mean() + 0.02, name
    weight = np.where(codes, 9.0, 1.0)  # an intercept makes the weighted mean of p the weighted share of the class
    assert np.average(heavy["logistic"][:, 0], weights=weight) == pytest.approx(0.5, abs=1e-3)


def test_trees_see_what_a_linear_model_cannot():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (400, 2)).astype(np.float32)
    y = (x[:, :1] * x[:, 1:] > 0).astype(np.float32)
    p = baselines("binary", x[:300], y[:300], x[300:])
    right = {name: ((value > 0.5) == y[300:]).mean() for name, value in p.items()}
    assert right["boosted trees"] > 0.9
    assert right["logistic"] < 0.7


def test_a_class_that_a_fold_has_not_seen_gets_probability_zero():
    x, codes = blobs(60, 2)
    p = baselines("multiclass", x, np.where(codes == 1, 3, 0), x, classes=4)
    for value in p.values():
        assert value.shape == (60, 4) and (value[:, [1, 2]] == 0).all()


def test_a_fold_of_one_class_says_that_class():
    x, _ = blobs(20, 2)
    for value in baselines("binary", x, np.ones((20, 1)), x).values():
        assert (value == 1).all()


def test_several_targets_at_once():
    x, _ = blobs(60, 2)
    y = x[:, :2] * [1.0, 100.0]
    p = baselines("regression", x, y, x)
    assert p["ridge"] == pytest.approx(y, rel=0.05, abs=1.0)
    assert np.corrcoef(p["boosted trees"][:, 1], y[:, 1])[0, 1] > 0.9


def test_rows_that_are_arrays_are_flattened():
    x, codes = blobs(40, 2)
    flat = baselines("binary", x, codes[:, None], x)
    image = x.reshape(40, 2, 2, 1)
    for name, value in baselines("binary", image, codes[:, None], image).items():
        assert value == pytest.approx(flat[name])


def test_many_rows_are_capped_and_it_is_said(monkeypatch):
    monkeypatch.setattr(room, "_ROWS", 1_000)
    x, codes = blobs(1_500, 2)
    seen = []
    monkeypatch.setattr(
        room, "_classify", lambda make, changed, x, x_score, codes, *rest: seen.append(len(x)) or np.ones((3, 2))
    )
    baselines("binary", x, codes[:, None], x[:3])
    assert seen == [1_000, 1_000]
    said = words("binary", 1_500, 4)
    assert said["boosted trees"] == "gradient-boosted decision trees, fitted on 1,000 of the 1,500 rows to stay quick"
    assert said["majority"] == "always says the most frequent class"
    assert words("binary", 900, 4)["logistic"] == "a linear model: logistic regression"


def test_no_warning_about_convergence_and_the_filters_are_given_back(monkeypatch):
    monkeypatch.setattr(room, "_logistic", lambda *_: LogisticRegression(max_iter=1))
    x, codes = blobs(200, 3)
    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        inside = list(warnings.filters)
        with ThreadPoolExecutor(3) as pool:
            found = list(pool.map(lambda _: baselines("multiclass", x, codes, x, classes=3)["logistic"], range(6)))
        assert warnings.filters == inside
    assert caught == [] and warnings.filters == before and room._inside == []
    assert all((each == found[0]).all() for each in found)


def test_an_error_in_one_thread_leaves_nothing_behind():
    done = threading.Event()

    def fails():
        x = np.zeros((3, 2), np.float32)
        with pytest.raises(ValueError, match="could not convert"):
            baselines("regression", x, np.array([["a"], ["b"], ["c"]]), x)
        done.set()

    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    assert done.is_set() and room._inside == []
