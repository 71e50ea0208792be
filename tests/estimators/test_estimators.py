"""Estimators: alone and inside what scikit-learn has for estimators, with every kind of rows and targets."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from photic import zoo
from photic.errors import DataError, PlanError
from photic.estimators import PhoticClassifier, PhoticRegressor, PhoticTransformer
from photic.experiment.program import Program
from photic.layers import Conv, Dense, Flatten, ReLU, Reshape
from photic.model import Model
from photic.optim.rules import AdamW

RNG = np.random.default_rng(0)
X = RNG.normal(size=(240, 4))
KIND = np.where(X[:, 0] + X[:, 1] > 0.5, "high", np.where(X[:, 0] + X[:, 1] < -0.5, "low", "middle"))
SIDE = (X[:, 0] > X[:, 1]).astype(int)
VALUE = 100 + 10 * X[:, 0] - 5 * X[:, 1]
SAYS = np.where(RNG.random(240) < 0.1, None, np.where(SIDE > 0, "right", "left")).astype(object)


def small(outputs: int) -> Model:
    return zoo.mlp(outputs, width=32, depth=1)


def classifier(**choices: object) -> PhoticClassifier:
    return PhoticClassifier(**{"model": small, "epochs": 20, "learning_rate": 0.02, "random_state": 0, **choices})


def regressor(**choices: object) -> PhoticRegressor:
    return PhoticRegressor(**{"model": small, "epochs": 40, "learning_rate": 0.02, "random_state": 0, **choices})


@pytest.mark.slow
def test_classes_have_names_probabilities_and_a_history() -> None:
    network = classifier().fit(X, KIND)
    p = network.predict_proba(X)
    assert network.classes_.tolist() == ["high", "low", "middle"] and network.score(X, KIND) > 0.9
    assert (network.classes_[p.argmax(axis=1)] == network.predict(X)).all() and np.allclose(p.sum(axis=1), 1)
    assert network.n_iter_ == len(network.history_) == 20 and {"epoch", "loss", "stop_loss"} <= set(network.history_[0])


@pytest.mark.slow
def test_outputs_are_those_of_numpy_by_hand() -> None:
    network = classifier(model=Model(Dense(8), ReLU(), Dense(1))).fit(X, SIDE)
    first, last = network.params_["layers"]["0"], network.params_["layers"]["2"]
    columns = network.preparation_.encodings
    z = np.column_stack([(X[:, i] - each.center) / each.scale for i, each in enumerate(columns)])
    h = np.maximum(z / np.sqrt(1 + (z / 3) ** 2) @ first["w"] + first["b"], 0)
    z = (h @ last["w"] + last["b"])[:, 0]
    # float32 in the network, float64 here
    np.testing.assert_allclose(network.decision_function(X), z, atol=1e-4)
    np.testing.assert_allclose(network.predict_proba(X)[:, 1], 1 / (1 + np.exp(-z)), atol=1e-4)


@pytest.mark.slow
def test_numbers_come_back_in_their_unit() -> None:
    network = regressor().fit(X, VALUE)
    assert network.score(X, VALUE) > 0.95 and abs(network.predict(X).mean() - VALUE.mean()) < 2


@pytest.mark.slow
def test_several_numbers_and_several_labels_are_predicted_together() -> None:
    numbers = regressor().fit(X, np.column_stack([VALUE, -1000 * X[:, 2]]))
    assert numbers.predict(X).shape == (240, 2) and numbers.predict(X)[:, 1].std() > 500
    labels = np.column_stack([SIDE, X[:, 2] > 0, X[:, 3] > 0]).astype(int)
    network = classifier(epochs=40).fit(X, labels)
    assert network.predict_proba(X).shape == (240, 3) and (network.predict(X) == labels).mean() > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_words_and_gaps_in_a_frame_are_learned_from(library: type) -> None:
    table = library({"x": X[:, 2], "says": SAYS, "gone": np.where(X[:, 3] > 1, np.nan, X[:, 3])})
    network = classifier().fit(table, SIDE)
    known = pd.notna(SAYS)
    assert network.score(table[["gone", "says", "x"]][["x", "says", "gone"]], SIDE) > 0.9
    assert (network.predict(table)[known] == SIDE[known]).all()
    assert network.feature_names_in_.tolist() == ["x", "says", "gone"] and network.n_features_in_ == 3
    more = library({"x": X[:, 2], "says": SAYS, "same": np.full(240, "all")})
    assert any(said.startswith("'same' is not learned from: it ") for said in classifier().fit(more, SIDE).said_)
    with pytest.raises(ValueError, match="feature names should match"):
        network.predict(table[["x", "says"]])


@pytest.mark.slow
def test_frames_of_numbers_keep_names_and_the_hidden_layer_can_be_a_frame() -> None:
    table = pd.DataFrame(X, columns=list("abcd"))
    hidden = PhoticTransformer(model=small, epochs=5, random_state=0).fit(table, VALUE)
    assert hidden.plan_.task.kind == "regression" and hidden.transform(table).shape == (240, 32)
    names = [f"photictransformer{place}" for place in range(32)]
    for library, kind in (("pandas", pd.DataFrame), ("polars", pl.DataFrame)):
        out = hidden.set_output(transform=library).transform(table)
        assert isinstance(out, kind) and list(out.columns) == names == list(hidden.get_feature_names_out())
    features = make_pipeline(PhoticTransformer(model=small, epochs=20, random_state=0), LogisticRegression())
    assert features.fit(table, KIND).score(table, KIND) > 0.85


@pytest.mark.slow
def test_the_tools_of_scikit_learn_take_a_network() -> None:
    pipeline = make_pipeline(StandardScaler(), classifier())
    assert cross_val_score(pipeline, X, KIND, cv=3).mean() > 0.85
    sure = CalibratedClassifierCV(classifier(), cv=2).fit(X, SIDE)
    assert ((sure.predict_proba(X)[:, 1] > 0.5) == SIDE).mean() > 0.9
    found = permutation_importance(classifier().fit(X, SIDE), X, SIDE, n_repeats=2, random_state=0)
    assert found.importances_mean[:2].min() > 0.1 > found.importances_mean[2:].max()
    logged = TransformedTargetRegressor(regressor(), func=np.log, inverse_func=np.exp).fit(X, VALUE)
    assert logged.score(X, VALUE) > 0.9


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of worker processes, which joblib leaves running
def test_a_search_and_fitted_networks_travel_between_processes() -> None:
    table = pd.DataFrame({"x": X[:, 2], "says": SAYS})
    search = GridSearchCV(classifier(), {"learning_rate": np.array([1e-6, 0.03]), "epochs": [5]}, cv=2, n_jobs=2)
    search.fit(table, SIDE)
    assert search.best_params_["learning_rate"] == 0.03 and search.best_score_ > 0.85
    # a network pickled by a worker predicts here what it scored there
    told = cross_validate(classifier(), table, SIDE, cv=2, n_jobs=2, return_estimator=True, return_indices=True)
    for network, rows, score in zip(told["estimator"], told["indices"]["test"], told["test_score"], strict=True):
        assert network.score(table.iloc[rows], SIDE[rows]) == score


@pytest.mark.slow
def test_networks_that_differ_in_numbers_share_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    built, build = [], Program._build
    monkeypatch.setattr(Program, "_build", lambda self: built.append(1) or build(self))
    scores = [
        regressor(epochs=7, optimizer=AdamW(rate, weight_decay=decay), learning_rate=None, random_state=seed).fit(
            X[:rows], VALUE[:rows]
        )
        for rate, decay, seed, rows in ((0.01, 0.1, 0, 240), (0.03, 0.2, 1, 239), (0.1, 0.3, None, 229))
    ]
    assert len(built) == 1
    assert len({network.history_[0]["learning_rate"] for network in scores}) == 3


@pytest.mark.slow
def test_numbers_as_knobs_train_as_plain_numbers_do() -> None:
    from photic.data.arrays import read_arrays
    from photic.experiment.choose import Wishes, choose
    from photic.experiment.plan import Source
    from photic.experiment.validate import cut, prepare, validate

    network = regressor(epochs=5, stop=0.0).fit(X, VALUE)
    data = read_arrays(X, VALUE)
    wishes = Wishes(model=small(1), epochs=5, folds=0, test=0.0, stop=0.0, seed=network.plan_.seed, learning_rate=0.02)
    plan = choose(data, Source(None, None), wishes)
    result = validate(plan, prepare(plan, data, [cut(plan, data).final])).result
    ours, theirs = network.params_["layers"]["0"]["w"], result.lanes[0].params["layers"]["0"]["w"]
    np.testing.assert_allclose(ours, theirs, atol=1e-4)  # float32, another compilation


@pytest.mark.slow
def test_a_row_of_weight_zero_is_as_if_it_were_not_there() -> None:
    weight = np.ones(240)
    weight[::3] = 0
    table = pd.DataFrame({"x": X[:, 0], "says": SAYS})
    for rows in (X, table):
        left = rows.iloc[weight > 0] if isinstance(rows, pd.DataFrame) else rows[weight > 0]
        with_weights = classifier().fit(rows, SIDE, sample_weight=weight).decision_function(rows)
        without = classifier().fit(left, SIDE[weight > 0]).decision_function(rows)
        np.testing.assert_allclose(with_weights, without, rtol=1e-6)


@pytest.mark.slow
def test_weights_of_rows_and_of_classes_move_the_answer() -> None:
    noise = RNG.integers(0, 2, 240)
    share = lambda network: network.predict_proba(X)[:, 1].mean()
    plain = share(classifier(epochs=10).fit(X, noise))
    assert share(classifier(epochs=10).fit(X, noise, sample_weight=np.where(noise, 9.0, 1.0))) > plain + 0.2
    assert share(classifier(epochs=10, class_weight={1: 9.0}).fit(X, noise)) > plain + 0.2
    rare = np.arange(240) % 8 == 0
    assert share(classifier(epochs=10).fit(X, rare)) < 0.3
    assert share(classifier(epochs=10, class_weight="balanced").fit(X, rare)) > 0.35


@pytest.mark.slow
def test_partial_fit_learns_on_from_call_to_call() -> None:
    network = classifier(learning_rate=0.01)
    for turn in range(30):
        part = slice(turn % 3 * 80, turn % 3 * 80 + 80)
        network.partial_fit(X[part], KIND[part], classes=["low", "middle", "high"])
    assert network.score(X, KIND) > 0.85 and network.n_iter_ == 30
    assert [line["epoch"] for line in network.history_] == list(range(1, 31))
    whole = regressor(learning_rate="auto")
    first = whole.partial_fit(X, VALUE).history_[0]["loss"]
    assert any(said.startswith("Learning rate: ") for said in whole.said_)
    assert whole.partial_fit(X, VALUE).history_[-1]["loss"] < first
    with pytest.raises(DataError, match=r"y: needs classes among \['high', 'low', 'middle'\], got 'other'"):
        network.partial_fit(X[:2], ["other", "low"])


@pytest.mark.slow
def test_one_batch_of_partial_fit_after_fit_changes_a_little() -> None:
    network = regressor().fit(X, VALUE)
    before = network.predict(X)
    after = network.partial_fit(X, VALUE).predict(X)
    assert 0 < np.abs(after - before).mean() < VALUE.std() / 4


@pytest.mark.slow
def test_a_warm_start_begins_where_the_last_fit_ended() -> None:
    network = regressor(epochs=10, warm_start=True, stop=0.0)
    first = network.fit(X, VALUE).history_
    again = network.fit(X, VALUE).history_
    assert again[0]["loss"] < first[-1]["loss"] * 2 < first[0]["loss"]
    with pytest.raises(PlanError, match="model: needs to be that of the last fit"):
        network.set_params(model=Model(Dense(1))).fit(X, VALUE)
    with pytest.raises(PlanError, match="y: needs what the last fit predicted"):
        network.set_params(model=small).fit(X, np.column_stack([VALUE, VALUE]))


@pytest.mark.slow
def test_a_clone_is_fresh_and_learns_the_same() -> None:
    network = classifier(optimizer=AdamW(0.01), model=Model(Dense(4), ReLU(), Dense(3))).fit(X, KIND)
    copy = clone(network)
    with pytest.raises(NotFittedError):
        copy.predict(X)
    assert copy.get_params() == network.get_params()
    np.testing.assert_array_equal(copy.fit(X, KIND).predict_proba(X), network.predict_proba(X))


@pytest.mark.slow
def test_a_rate_can_be_found_and_progress_told(capsys: pytest.CaptureFixture[str]) -> None:
    network = regressor(learning_rate="auto", epochs=8, verbose=True).fit(X, VALUE)
    assert any(said.startswith("Learning rate: ") for said in network.plan_.said)
    assert capsys.readouterr().err.splitlines()[-1].startswith("epoch 8/8: loss ")


@pytest.mark.slow
def test_divergence_is_told() -> None:
    with pytest.warns(ConvergenceWarning, match="The loss was no longer a number in epoch 1"):
        regressor(optimizer="sgd", learning_rate=1e30, epochs=3).fit(X, VALUE)


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    press = lambda progress: signal.raise_signal(signal.SIGINT) if progress.epoch == 3 else None
    monkeypatch.setattr("photic.estimators.estimator._tell", press)
    with pytest.warns(UserWarning, match="Ctrl-C ended the training after epoch"):
        network = regressor(verbose=True).fit(X, VALUE)
    assert network.n_iter_ < 40 and network.predict(X).shape == (240,)


@pytest.mark.slow
def test_pictures_are_rows_of_pixels_that_the_network_lays_out() -> None:
    bright = np.zeros((120, 6, 6))
    bright[:60, :3], bright[60:, 3:] = 1, 1
    rows = (bright + 0.3 * RNG.normal(size=bright.shape)).reshape(120, 36)
    model = Model(Reshape((6, 6, 1)), Conv(4, 3), ReLU(), Flatten(), Dense(1))
    half = np.repeat(["upper", "lower"], 60)
    assert classifier(model=model).fit(rows, half).score(rows, half) > 0.95


@pytest.mark.slow
def test_fits_in_threads_do_not_get_into_each_others_way() -> None:
    parts = [slice(start, None) for start in (0, 40, 80, 120)]
    one = lambda part: classifier().fit(X[part], KIND[part]).decision_function(X)
    with ThreadPoolExecutor(4) as pool:
        for together, alone in zip(pool.map(one, parts), map(one, parts), strict=True):
            np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"model": "mpl"}, "model: needs a model known for tables, got 'mpl'\nfrom the model option; did you mean"),
        ({"optimizer": "adm"}, "optimizer: needs a known rule, got 'adm'"),
        ({"epochs": 0}, "epochs: needs a whole number of at least 1, got 0"),
        ({"stop": 1.5}, "stop: needs a share of at least 0 and below 1, got 1.5"),
        ({"loss": "mse"}, "loss MSE.*: needs"),
        ({"class_weight": "even"}, "class_weight"),
    ],
)
def test_hyperparameters_are_looked_at_in_fit(choices: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        classifier(**choices).fit(X, SIDE)


def test_what_cannot_be_fitted_is_refused_in_words() -> None:
    with pytest.raises(DataError, match="y: needs at least two classes, got 1 class, 0"):
        classifier().fit(X, np.zeros(240, int))
    with pytest.raises(DataError, match="y: needs labels of 0 and 1"):
        classifier().fit(X, np.column_stack([SIDE, SIDE + 1]))
    with pytest.raises(PlanError, match="class_weight: needs one target with classes, got several labels"):
        classifier(class_weight="balanced").fit(X, np.column_stack([SIDE, SIDE]))
    with pytest.raises(DataError, match="sample_weight: needs weights of at least 0, got -1"):
        classifier().fit(X, SIDE, sample_weight=-np.ones(240))
    with pytest.raises(PlanError, match="model: needs a hidden layer"):
        PhoticTransformer(model="linear").fit(X, SIDE)
    with pytest.raises(PlanError, match="task: needs 'classification', 'regression' or None"):
        PhoticTransformer(task="classify").fit(X, SIDE)
