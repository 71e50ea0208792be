"""Rules about activations."""

from __future__ import annotations

import pytest

from photic.diagnose import activations
from photic.diagnose.parts import Stage
from photic.layers import BatchNorm, Dense, Dropout, ReLU, Sigmoid, Softmax, Tanh

RULES = [activations.missing, activations.doubled, activations.saturation, activations.dead_units]
BEHIND = {"score": 0.2, "fit_score": 0.2, "baseline": 0.8}


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("rule", RULES)
def test_a_healthy_training_has_none(make, rule, kind) -> None:
    assert rule(make(kind)) is None


def _net(make, *layers):
    return make(setup=make().setup.with_layers(*map(Stage, layers)), skills=BEHIND)


def test_sums_of_sums_are_named_and_get_an_activation(make) -> None:
    evidence = _net(make, Dense(8), ReLU(), Dense(8), Dropout(0.1), Dense(1))
    found = activations.missing(evidence)
    assert found.where == "layers.2"
    assert "layers.2 Dense(8) is followed by another weighted sum" in found.words
    repaired = found.advice.change(evidence.setup)
    assert [type(stage.layer).__name__ for stage in repaired.layers] == [
        "Dense", "ReLU", "Dense", "ReLU", "Dropout", "Dense",
    ]  # fmt: skip


def test_norms_and_dropout_between_are_no_activation_and_do_not_hide_one(make) -> None:
    assert activations.missing(_net(make, Dense(8), BatchNorm(), ReLU(), Dropout(0.1), Dense(1))) is None


def test_an_activation_of_an_activation(make) -> None:
    evidence = _net(make, Dense(8), ReLU(), Dropout(0.2), Tanh(), Dense(1))
    found = activations.doubled(evidence)
    assert "layers.3 Tanh() takes what ReLU() made" in found.words
    assert activations.doubled(make(setup=found.advice.change(evidence.setup))) is None


def test_a_softmax_inside(make) -> None:
    evidence = _net(make, Dense(8), Softmax(), Dense(1))
    found = activations.doubled(evidence)
    assert "A softmax stands inside the network" in found.words
    assert found.advice.change(evidence.setup).layers[1] == Stage(ReLU())


def test_flat_neurons_count_where_the_training_suffers(make) -> None:
    setup = make().setup.with_layers(*map(Stage, (Dense(8), Sigmoid(), Dense(1))))
    layers = {"layers_1": {"saturated": 0.8}}
    found = activations.saturation(make(setup=setup, layers=layers, skills=BEHIND))
    assert found.level == "problem"
    assert "At epoch 37, 80% of what comes into layers.1" in found.words
    assert found.where == "layers.1, epoch 37"


def test_a_relu_that_is_zero_for_half_of_the_rows_is_what_a_relu_does(make) -> None:
    assert activations.saturation(make(layers={"layers_1": {"saturated": 0.6}}, skills=BEHIND)) is None


def test_dead_neurons(make) -> None:
    found = activations.dead_units(make(layers={"layers_3": {"dead": 0.9}}, skills=BEHIND))
    assert "90% of the neurons of layers.3 give the same answer for every row" in found.words
    assert found.level == "problem"
