"""Rules about gradients and batches."""

from __future__ import annotations

import dataclasses

import pytest

from photic.diagnose import gradients
from photic.diagnose.parts import Stage
from photic.layers import Dense, ReLU, Sigmoid

BEHIND = {"score": 0.2, "fit_score": 0.2, "baseline": 0.8}


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("rule", [gradients.vanishing, gradients.exploding, gradients.batch_size])
def test_a_healthy_training_has_none(make, rule, kind) -> None:
    assert rule(make(kind)) is None


def test_a_gradient_that_fades_on_its_way_back(make) -> None:
    layers = [layer for _ in range(3) for layer in (Dense(8), Sigmoid())]
    setup = make().setup.with_layers(*map(Stage, (*layers, Dense(1))))
    evidence = make(setup=setup, layers={"layers_0": {"slope": 1e-8}}, skills=BEHIND)
    found = gradients.vanishing(evidence)
    assert found.level == "problem"
    assert "for the weights of layers.0 is 3,000,000 times smaller than that of layers.6" in found.words
    assert found.advice.change(setup).layers[1] == Stage(ReLU())


def test_a_gradient_that_grows_on_its_way_back(make) -> None:
    found = gradients.exploding(make(layers={"layers_0": {"slope": 3e4}}, skills=BEHIND))
    assert "is 1,000,000 times larger than that of layers.4" in found.words
    assert found.advice.change(make().setup).descent.clip == 1.0


def test_a_batch_larger_than_the_data_leaves_one_step(make) -> None:
    setup = dataclasses.replace(make().setup, batch_size=5000, epochs=10)
    found = gradients.batch_size(make(setup=setup, skills=BEHIND))
    assert "A batch of 5,000 of the 300 rows leaves 1 step in an epoch, 10 in the whole training" in found.words
    assert found.advice.change(setup).batch_size == 32
    assert gradients.batch_size(make(setup=setup)) is None, "what learns all the same is left alone"


def test_a_batch_of_one_row_is_mostly_chance(make) -> None:
    setup = dataclasses.replace(make().setup, batch_size=1)
    found = gradients.batch_size(make(setup=setup, skills=BEHIND))
    assert "A batch has 1 row, so what a step does is mostly chance" in found.words
