"""Winners: each arena's setting is trained on its own rows, the default beside it, and neither touches the other."""

from __future__ import annotations

import numpy as np
import pytest

import photic as ph
from photic.data.read import read
from photic.data.split import split
from photic.experiment import winners
from photic.experiment.choose import Wishes, choose
from photic.experiment.plan import Source
from photic.experiment.recipe import Recipe
from photic.experiment.validate import prepare, validate

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 3)).astype(np.float32)
Y = np.where(X[:, 0] > X[:, 1] ** 2 - 0.5, "yes", "no")
NETWORK = ph.Model(ph.Dense(4), ph.ReLU(), ph.Dropout(ph.Knob("dropout", 0.1)), ph.Dense(1))


@pytest.fixture(scope="module")
def parts():
    dataset = read(X, Y)
    plan = choose(dataset, Source(None, None), Wishes(NETWORK, epochs=4, folds=2))
    recipe = Recipe(plan, None, {"learning_rate": ph.log_uniform(1e-4, 1e-1), "dropout": ph.uniform(0, 0.5),
                                 "batch_size": ph.choice(16, 64)})  # fmt: skip
    cut = split(dataset, folds=2)
    return recipe, prepare(plan, dataset, (*cut.folds, cut.final)), dataset


def test_the_default_is_what_fit_would_have_trained(parts):
    recipe, prepared, _ = parts
    settings = [{"learning_rate": 0.05, "dropout": 0.2, "batch_size": 16}] * 2 + [recipe.default()]
    won, default = winners.train(recipe, prepared, settings)
    alone = validate(recipe.plan, prepared)
    for mine, its in zip(default.scored, alone.scored, strict=True):
        np.testing.assert_allclose(mine.prediction, its.prediction, atol=1e-5)
    assert won.scored[2] is default.scored[2]
    assert not np.allclose(won.scored[0].prediction, default.scored[0].prediction)
    assert [line["lane"] for line in won.result.history if line["epoch"] == 1] == ["fold 1", "fold 2", "final"]
    assert {line["lane"] for line in won.result.inspection} >= {"final"}


def test_a_winner_is_the_training_of_its_own_plan(parts):
    recipe, prepared, _ = parts
    setting = {"learning_rate": 0.02, "dropout": 0.0, "batch_size": 64}
    won, _ = winners.train(recipe, prepared, [setting, recipe.default(), setting])
    alone = validate(recipe.settled(setting), prepared)
    for place in (0, 2):
        np.testing.assert_allclose(won.scored[place].prediction, alone.scored[place].prediction, atol=1e-5)
