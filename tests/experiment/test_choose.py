"""What is chosen fits the data and is said; what was asked for is kept; what cannot be is refused before any work."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photic.data import toy
from photic.data.dataset import Dataset
from photic.errors import PlanError, SpecError
from photic.experiment.choose import Wishes, choose
from photic.experiment.plan import Plan, Source
from photic.layers import Dense
from photic.maths.losses import MAE, MSE, BinaryCrossEntropy
from photic.model import Model
from photic.optim.rules import SGD, Adam, AdamW

XOR = toy.xor(n=100)


def _choose(dataset: Dataset = XOR, **wishes: object) -> Plan:
    return choose(dataset, Source(None, dataset.task.target), Wishes(**wishes))


def test_every_choice_is_said_and_every_wish_is_not() -> None:
    chosen = " ".join(_choose().said)
    for word in ("Model:", "Optimizer:", "Batch size:", "Epochs:", "Folds:"):
        assert word in chosen
    asked = _choose(model="linear", optimizer="adam", batch_size=10, epochs=3, folds=4)
    assert asked.said == ()
    assert (asked.batch_size, asked.epochs, asked.folds) == (10, 3, 4)
    assert asked.model == Model(Dense(1)) and isinstance(asked.descent.rule, Adam)


def test_the_loss_suits_the_task() -> None:
    assert _choose().loss == BinaryCrossEntropy(label_smoothing=0.1)
    assert _choose(model="linear").loss == BinaryCrossEntropy()
    assert _choose(toy.linear(n=60)).loss == MSE()
    assert _choose(toy.linear(n=60), loss="mae").loss == MAE()


def test_the_optimizer_of_the_default_network_is_its_own() -> None:
    rule = _choose().descent.rule
    assert rule == AdamW(0.01, weight_decay=0.01)
    assert _choose(model="linear").descent.rule == AdamW(0.003, weight_decay=0.01)
    assert _choose(learning_rate=0.5).descent.rule == dataclasses.replace(rule, learning_rate=0.5)


def test_a_learning_rate_goes_into_any_rule() -> None:
    assert _choose(optimizer="momentum", learning_rate=0.5).descent.rule == SGD(0.5, momentum=0.9)


def test_small_classes_and_few_groups_lower_the_number_of_folds() -> None:
    y = np.zeros(100, np.int32)
    y[:4] = 1
    rare = dataclasses.replace(XOR, y=y)
    assert _choose(rare).folds == 3
    y = np.zeros(100, np.int32)
    y[:2] = 1
    none = _choose(dataclasses.replace(XOR, y=y))
    assert none.folds == 0 and any("too few to be divided" in sentence for sentence in none.said)
    assert _choose(dataclasses.replace(XOR, groups=np.arange(100) % 5)).folds == 3


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"batch_size": 0}, "batch-size: needs a whole number of at least 1, got 0"),
        ({"epochs": -1}, "epochs: needs a whole number of at least 1, got -1"),
        ({"learning_rate": 0.0}, "learning-rate: needs 'auto' or a number above 0, got 0.0"),
        ({"folds": 1}, "folds: needs 0 or at least 2, got 1"),
        ({"class_weight": "even"}, "class-weight: needs 'balanced' or nothing, got 'even'"),
        ({"seed": -1}, "seed: needs a whole number"),
        ({"model": "mpl"}, "did you mean 'mlp'"),
        ({"loss": "mes"}, "did you mean 'mse'"),
        ({"optimizer": "adma"}, "did you mean 'adam"),
        ({"schedule": "cosinus"}, "did you mean 'cosine'"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_refused_in_words(wish: dict, words: str) -> None:
    with pytest.raises(PlanError, match=words):
        _choose(**wish)


def test_a_model_in_json_is_read_and_checked() -> None:
    assert _choose(model={"layers": [{"type": "dense", "units": 1}]}).model == Model(Dense(1))
    with pytest.raises(SpecError, match="did you mean 'dense'"):
        _choose(model={"layers": [{"type": "dens", "units": 1}]})
