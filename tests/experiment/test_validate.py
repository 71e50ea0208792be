"""Validation learns inside the fold: nothing a fold's score rows hold can change what is predicted for them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photic.data import toy
from photic.data.dataset import Dataset
from photic.data.split import split
from photic.errors import PlanError, ShapeError
from photic.experiment.choose import Wishes, choose
from photic.experiment.plan import Plan, Source
from photic.experiment.validate import Validated, check, prepare, validate
from photic.layers import Dense, Flatten, Reshape, Sigmoid
from photic.model import Model

DATA = toy.friedman(n=160, seed=3)


def _run(dataset: Dataset, **wishes: object) -> tuple[Plan, Validated]:
    plan = choose(dataset, Source(None, dataset.task.target), Wishes(epochs=80, folds=3, **wishes))
    parts = split(dataset, folds=plan.folds, seed=plan.seed)
    prepared = prepare(plan, dataset, (*parts.folds, parts.final))
    check(plan, prepared[0].x.shape[1:])
    return plan, validate(plan, prepared)


@pytest.fixture(scope="module")
def plain() -> Validated:
    return _run(DATA)[1]


def test_predictions_come_in_the_users_units_and_beat_the_mean(plain: Validated) -> None:
    for scored in plain.scored:
        rows = scored.prepared.fold.score
        truth = DATA.y[rows]
        assert scored.prediction.shape == (len(rows), 1)
        error = np.sqrt(np.mean((scored.prediction[:, 0] - truth) ** 2))
        assert error < 0.9 * truth.std()


def test_score_rows_change_nothing_that_is_learned(plain: Validated) -> None:
    """The rows of the first fold's score part are made absurd; that fold's network and preparation must not notice."""
    first = plain.scored[0]
    numbers, y = DATA.numbers.copy(), DATA.y.copy()
    numbers[first.prepared.fold.score] *= 1e6
    y[first.prepared.fold.score] = 1e9
    spoiled = _run(dataclasses.replace(DATA, numbers=numbers, y=y))[1].scored[0]
    assert spoiled.prepared.preparation == first.prepared.preparation
    np.testing.assert_array_equal(spoiled.trained.params["layers"]["1"]["w"], first.trained.params["layers"]["1"]["w"])


def test_balanced_class_weights_are_learned_inside_the_fold() -> None:
    data = toy.imbalanced_blobs(n=200, seed=0) if hasattr(toy, "imbalanced_blobs") else toy.xor(n=200)
    plan = choose(data, Source(None, data.task.target), Wishes(folds=0, class_weight="balanced"))
    parts = split(data, folds=0)
    weight = prepare(plan, data, [parts.final])[0].weight
    fit = parts.final.fit
    shares = [weight[fit][data.y[fit] == code].sum() for code in range(2)]
    assert shares[0] == pytest.approx(shares[1], rel=1e-4)


def test_several_seeds_train_several_networks_on_each_fold() -> None:
    done = _run(DATA, seeds=2)[1]
    assert [scored.trained.name for scored in done.scored[:2]] == ["fold 1 seed 1", "fold 1 seed 2"]
    assert not np.array_equal(done.scored[0].prediction, done.scored[1].prediction)


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        (Model(Dense(3)), PlanError, "output"),
        (Model(Dense(1), Sigmoid()), PlanError, "sigmoid"),
        (Model(Reshape((7, 7)), Flatten(), Dense(1)), ShapeError, "layers.0"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_before_anything_compiles(model: Model, error: type, words: str) -> None:
    plan = choose(DATA, Source(None, None), Wishes(model=model))
    with pytest.raises(error, match=f"(?i){words}"):
        check(plan, (10,))
