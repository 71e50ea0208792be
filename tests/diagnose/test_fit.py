"""Rules about loss, last layer, labels, start, regularisation and size."""

from __future__ import annotations

import dataclasses

import pytest

from photic.diagnose import fit
from photic.diagnose.misfit import misfit
from photic.diagnose.parts import LossUse, Stage, Start, TargetForm
from photic.layers import Dense, Dropout, LayerNorm, ReLU, Sigmoid, Softmax, Tanh

RULES = [fit.loss, fit.initialisation, fit.first_loss, fit.regularisation, fit.too_small, fit.output_constant]


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("rule", RULES)
def test_a_healthy_training_has_none(make, rule, kind) -> None:
    assert rule(make(kind)) is None


def _ending(make, kind, loss, takes, encoding, *end):
    setup = make(kind).setup
    layers = (*setup.layers[:-1], *(Stage(layer) for layer in end))
    return make(
        kind, setup=dataclasses.replace(setup, layers=layers, loss=LossUse(loss, takes), target=TargetForm(encoding))
    )


FITTING = [
    ("binary", "binary_cross_entropy", "logits", "codes", Dense(1)),
    ("binary", "binary_cross_entropy", "probabilities", "codes", Dense(1), Sigmoid()),
    ("binary", "cross_entropy", "logits", "one_hot", Dense(2)),
    ("binary", "hinge", "", "minus_plus", Dense(1)),
    ("multiclass", "cross_entropy", "logits", "codes", Dense(3)),
    ("multiclass", "cross_entropy", "probabilities", "one_hot", Dense(3), Softmax()),
    ("regression", "mse", "", "values", Dense(1)),
    ("regression", "huber", "", "values", Dense(1)),
]
WRONG = [
    (("binary", "binary_cross_entropy", "logits", "codes", Dense(1), Sigmoid()), "expects plain sums (logits)"),
    (("multiclass", "cross_entropy", "logits", "codes", Dense(3), Softmax()), "the last layer is a softmax"),
    (("multiclass", "cross_entropy", "logits", "codes", Dense(3), ReLU()), "the last layer is a relu"),
    (("multiclass", "cross_entropy", "probabilities", "one_hot", Dense(3)), "gives plain sums of any size"),
    (("binary", "binary_cross_entropy", "probabilities", "codes", Dense(1), Softmax()), "always gives 1"),
    (("binary", "binary_cross_entropy", "logits", "minus_plus", Dense(1)), "written as -1 and 1"),
    (("multiclass", "binary_cross_entropy", "logits", "codes", Dense(1)), "codes from 0 to 2"),
    (("multiclass", "mse", "", "codes", Dense(1)), "one of 3 classes"),
    (("multiclass", "cross_entropy", "logits", "codes", Dense(2)), "There are 3 classes, but 2 outputs"),
    (("binary", "cross_entropy", "logits", "codes", Dense(1)), "it is then always certain"),
    (("binary", "hinge", "", "codes", Dense(1)), "labels of -1 and 1"),
    (("regression", "cross_entropy", "logits", "values", Dense(1)), "is for classes, but the target is a number"),
    (("regression", "mse", "", "values", Dense(1), Sigmoid()), "only numbers in (0, 1); the targets are from -2 to 2"),
    (("regression", "mse", "", "values", Dense(1), ReLU()), "a relu, gives only numbers in [0, inf)"),
    (("regression", "mse", "", "values", Dense(1), Dropout(0.5)), "disturbs it at random"),
]


@pytest.mark.parametrize("case", FITTING, ids=str)
def test_what_belongs_together_is_left_alone(make, case) -> None:
    assert misfit(_ending(make, *case)) is None


@pytest.mark.parametrize(("case", "words"), WRONG, ids=str)
def test_what_does_not_belong_together_is_said_and_repaired(make, case, words) -> None:
    evidence = _ending(make, *case)
    found = fit.loss(evidence)
    assert words in found.words
    assert found.level == "problem"
    repaired = found.advice.change(evidence.setup)
    assert misfit(make(case[0], setup=repaired)) is None


def _started(make, start: Start | None, layer: Dense | None = None):
    setup = make().setup
    first = Stage(layer or setup.layers[0].layer, start=start)
    return make(setup=setup.with_layers(first, *setup.layers[1:]))


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (Start("constant", 0.5), "start at the same number"),
        (Start("normal", 5.0), "times as large as what keeps signals at their size"),
        (Start("normal", 0.001), "0.0024 times what keeps signals at their size"),
    ],
)
def test_a_start_that_is_hard_to_learn_from(make, start, words) -> None:
    evidence = _started(make, start)
    found = fit.initialisation(evidence)
    assert words in found.words
    assert found.where == "layers.0"
    assert fit.initialisation(make(setup=found.advice.change(evidence.setup))) is None


def test_zeros_are_wrong_inside_but_not_at_the_end(make) -> None:
    assert fit.initialisation(_started(make, None, Dense(32, initializer="zeros"))).level == "problem"
    setup = make().setup
    last = Stage(Dense(1, initializer="zeros"))
    assert fit.initialisation(make(setup=setup.with_layers(*setup.layers[:-1], last))) is None


def test_a_first_loss_far_from_guessing(make) -> None:
    found = fit.first_loss(make(first_loss=70.0, skills={"score": 0.1, "baseline": 0.9}))
    assert found.words == "Before its first step the loss is 70; the best constant answer has 0.69."
    assert fit.first_loss(make(first_loss=1.4)) is None


def test_dropout_that_leaves_nothing(make) -> None:
    setup = make().setup
    setup = setup.with_layers(*setup.layers[:2], Stage(Dropout(0.9)), *setup.layers[2:])
    found = fit.regularisation(make(setup=setup, skills={"score": 0.1, "fit_score": 0.12, "baseline": 0.8}))
    assert "Dropout silences 90% of the neurons" in found.words
    assert "12 %, a simple model has 80 %" in found.words.replace("of 12", "12")
    assert Stage(Dropout(0.1)) in found.advice.change(setup).layers


def test_penalties_that_pull_harder_than_the_data(make) -> None:
    setup = make().setup
    setup = setup.with_layers(Stage(setup.layers[0].layer, l2=1.0), *setup.layers[1:])
    found = fit.regularisation(make(setup=setup, skills={"score": 0.0, "fit_score": 0.0, "baseline": 0.8}))
    assert "Penalties on the weights" in found.words
    assert found.advice.change(setup).layers[0].l2 == 0.0


def test_two_neurons_are_too_few_only_when_it_shows(make) -> None:
    setup = make().setup
    small = setup.with_layers(Stage(Dense(2)), Stage(Tanh()), setup.layers[-1])
    found = fit.too_small(make(setup=small, skills={"score": 0.3, "fit_score": 0.32, "baseline": 0.9}))
    assert "its narrowest hidden layer has 2 neurons" in found.words
    assert found.advice.change(small).layers[0].layer.units == 64
    assert fit.too_small(make(setup=small)) is None


def test_an_answer_that_does_not_hang_on_the_columns(make) -> None:
    behind = {"score": 0.0, "fit_score": 0.0, "baseline": 0.8}
    still = {"spread": 0.001, "mean": 0.2, "low": 0.2, "high": 0.2}
    found = fit.output_constant(make(outputs=still, skills=behind))
    assert "the network's outputs vary by 0.001, around 0.2" in found.words
    assert fit.output_constant(make("regression", outputs=still, skills=behind)).level == "problem"
    assert fit.output_constant(make(outputs=still)) is None, "outputs may be small where they are right"


def test_a_norm_of_a_single_number(make) -> None:
    setup = make().setup
    setup = setup.with_layers(*setup.layers, Stage(LayerNorm()))
    found = fit.loss(make(setup=setup))
    assert "the same number for every row" in found.words
    assert isinstance(found.advice.change(setup).layers[-1].layer, Dense)
