"""Recipes: from a setting to a plan with Knobs, and to one with plain numbers."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from photic import zoo
from photic.data import toy
from photic.data.read import read
from photic.errors import PlanError, SpecError
from photic.experiment.choose import Wishes, choose
from photic.experiment.makers import Maker, maker
from photic.experiment.plan import Source
from photic.experiment.recipe import Recipe, knobs_in, settled, usual_space
from photic.experiment.space import choice, integer, log_uniform, uniform
from photic.experiment.usual import USUAL
from photic.layers import Dense, Dropout, ReLU, Residual
from photic.model import Model
from photic.spec import Knob


@functools.cache
def plan(model=None):
    return choose(toy.xor(n=100), Source(None, "different signs"), Wishes(model))


def recipe(space, **more):
    return Recipe(plan(), maker(toy.xor(n=100), 1, None), space, **more)


@pytest.mark.parametrize("shape", [(5,), (16, 16, 1), (12, 2)])
def test_a_maker_with_its_usual_settings_makes_the_usual_network(shape):
    numbers = np.random.default_rng(0).integers(0, 255, (30, *shape))
    dataset = read(numbers.astype(np.uint8 if len(shape) == 3 else np.float32), np.arange(30) % 3, task="multiclass")
    for called, made in USUAL[dataset.kind].models.items():
        assert maker(dataset, 3, called).make({}) == made(dataset, 3)[0], called


def test_numbers_become_knobs_and_the_rest_structure():
    made = recipe({"width": choice(8, 16), "dropout": uniform(0, 0.5), "learning_rate": log_uniform(1e-3, 1e-1)})
    values = {"width": 8, "dropout": 0.3, "learning_rate": 0.02}
    structure = made.structure(values)
    assert structure == ((("width", 8),), ("dropout", "learning_rate"))
    assert made.knobs(values) == {"dropout": 0.3, "learning_rate": 0.02}
    planned = made.planned(structure)
    assert set(knobs_in(planned.model)) == {"dropout"}
    assert planned.descent.rule.learning_rate == Knob("learning_rate", 0.01)
    whole = made.settled(values)
    assert not knobs_in(whole.model)
    assert whole.descent.rule.learning_rate == 0.02
    assert whole.model.layers[3] == Dropout(0.3)


def test_the_default_setting_is_the_plan_as_it_is():
    made = recipe(usual_space(maker(toy.xor(n=100), 1, None), plan()))
    assert made.settled(made.default()) == plan()


def test_whatever_a_training_is_made_of_may_be_tried():
    space = {
        "optimizer": choice("adamw", "sgd"),
        "momentum": uniform(0, 0.9, when={"optimizer": ("sgd",)}),
        "schedule": choice("cosine", "one_cycle"),
        "peak": uniform(0.1, 0.5, when={"schedule": ("one_cycle",)}),
        "clip": log_uniform(0.1, 10),
        "mixup": uniform(0, 0.4),
        "label_smoothing": uniform(0, 0.2),
        "batch_size": choice(16, 32),
        "epochs": choice(5, 10),
    }
    made = recipe(space)
    values = {"optimizer": "sgd", "momentum": 0.5, "schedule": "one_cycle", "peak": 0.2, "clip": 1.0, "mixup": 0.1,
              "label_smoothing": 0.1, "batch_size": 16, "epochs": 5}  # fmt: skip
    whole = made.settled(values)
    assert (whole.descent.rule.momentum, whole.descent.schedule.peak, whole.descent.clip) == (0.5, 0.2, 1.0)
    assert (whole.mixup, whole.loss.label_smoothing, whole.batch_size, whole.epochs) == (0.1, 0.1, 16, 5)


def test_knobs_are_found_and_settled_wherever_they_stand():
    model = Model(Residual((Dense(2), Dropout(Knob("drop", 0.5)))), Dense(1))
    assert knobs_in(model) == {"drop": 0.5}
    assert settled(model, {"drop": 0.25}) == Model(Residual((Dense(2), Dropout(0.25))), Dense(1))


def test_a_model_with_knobs_is_tried_by_their_names():
    model = Model(Dense(4), ReLU(), Dropout(Knob("drop", 0.5)), Dense(1))
    made = Recipe(plan(model), None, {"drop": uniform(0, 0.9)})
    assert made.default() == {"drop": 0.5}
    assert made.settled({"drop": 0.25}).model.layers[2] == Dropout(0.25)


@pytest.mark.parametrize(
    ("space", "kind", "words"),
    [
        ({"widht": choice(8)}, PlanError, "did you mean 'width'"),
        ({"width": uniform(8, 64)}, PlanError, "space width: needs whole values: it decides which program is compiled"),
        ({"width": choice(0)}, SpecError, "units"),
        ({"activation": choice("rel")}, SpecError, "did you mean 'relu'"),
        ({"momentum": uniform(0, 0.9)}, PlanError, "needs a name that this network and its training know"),
        ({"optimizer": choice("adam", "sgd"), "momentum": uniform(0, 1)}, PlanError, "an optimizer with momentum"),
        ({"optimizer": choice("adma")}, PlanError, "did you mean 'adam'"),
        ({"loss": choice("mes")}, PlanError, "space loss: needs a known loss, got 'mes'"),
        ({"batch_size": choice(0, 8)}, PlanError, "space batch_size: needs whole numbers of at least 1, got 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_refused_at_once(space, kind, words):
    with pytest.raises(kind) as error:
        recipe(space)
    assert words in str(error.value)


def test_a_function_is_a_maker():
    made = Maker.of(lambda width, dropout=0.1: zoo.mlp(1, width=width, dropout=dropout))
    tried = Recipe(plan(), made, {"width": integer(2, 4), "dropout": uniform(0, 0.5)})
    assert tried.settled({"width": 3, "dropout": 0.2}).model == zoo.mlp(1, width=3, dropout=0.2)


@pytest.mark.parametrize(
    ("function", "settings", "words"),
    [
        (lambda *sizes: None, {}, "needs a function whose settings have names, got *sizes"),
        (lambda width: 3, {"width": 2}, "needs a function that gives a Model, got int"),
        (lambda width, depth: None, {"width": 2}, "missing 1 required positional argument: 'depth'"),
    ],
)
def test_a_function_that_makes_no_model_is_refused(function, settings, words):
    with pytest.raises(PlanError) as error:
        Maker.of(function).make(settings)
    assert words in str(error.value)
