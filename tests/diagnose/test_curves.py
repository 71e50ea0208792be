"""Rules about the curves."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photic.diagnose import curves
from photic.diagnose.parts import HeldOut
from tests.diagnose.conftest import history

RULES = [curves.divergence, curves.rate_zero, curves.rate_too_high, curves.rate_too_low, curves.too_few_epochs,
         curves.overfitting, curves.no_stop_rows, curves.oscillation, curves.underfitting,
         curves.too_large]  # fmt: skip
BEHIND = {"score": 0.2, "fit_score": 0.2, "baseline": 0.8}
AT = np.arange(40)


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("rule", RULES)
def test_a_healthy_training_has_none(make, rule, kind) -> None:
    assert rule(make(kind)) is None


def _steps(update: float) -> dict[str, dict[str, float]]:
    return {f"layers_{place}": {"update": update} for place in (0, 2, 4)}


def _rate(make, rate: float):
    return make().setup.with_rule(learning_rate=rate)


def test_a_loss_that_is_no_number_any_more(make) -> None:
    lost = np.where(AT < 2, 1.0, np.nan)
    found = curves.divergence(make(history=history(lost, lost)))
    assert found.where == "epoch 3"
    assert "is no longer a number" in found.words


def test_one_lane_that_diverges_is_not_most_of_three(make) -> None:
    fine, lost = np.exp(-AT / 6) + 0.1, np.where(AT < 2, 1.0, np.nan)
    lanes = [*history(fine, fine, "seed 1"), *history(fine, fine, "seed 2"), *history(lost, lost, "seed 3")]
    assert curves.divergence(make(history=lanes)) is None


def test_a_rate_of_zero(make) -> None:
    found = curves.rate_zero(make(setup=_rate(make, 0.0)))
    assert "no weight ever moves" in found.words
    assert found.advice.change(make().setup).descent.rule.learning_rate == 0.003


def test_steps_larger_than_the_weights(make) -> None:
    setup = _rate(make, 3.0)
    found = curves.rate_too_high(make(setup=setup, layers=_steps(12.0), skills=BEHIND))
    assert "The learning rate is 3; the first step moves the weights by 1200 % of their size" in found.words
    assert found.advice.words == "Take a learning rate of 0.003."


def test_steps_that_lead_nowhere(make) -> None:
    flat = 1 - AT / 4000
    evidence = make(setup=_rate(make, 1e-6), layers=_steps(5e-6), history=history(flat, flat), skills=BEHIND)
    found = curves.rate_too_low(evidence)
    assert "moves the weights by 0.0005 % of their size, where about 1 % is usual" in found.words
    assert curves.rate_too_high(evidence) is None


def test_an_end_in_the_middle_of_the_way(make) -> None:
    few = 1.0 - 0.08 * np.arange(4)
    setup = dataclasses.replace(make().setup, epochs=4)
    found = curves.too_few_epochs(make(setup=setup, history=history(few, few), skills=BEHIND))
    assert "It was trained for 4 epochs" in found.words
    assert found.advice.change(setup).epochs > 100


def test_a_single_epoch_is_too_few_as_soon_as_a_simple_model_knows_a_little_more(make) -> None:
    one = dataclasses.replace(make().setup, epochs=1)
    knows = {"score": 0.85, "fit_score": 0.85, "baseline": 0.9}
    found = curves.too_few_epochs(make(setup=one, history=history(np.array([0.5]), np.array([0.5])), skills=knows))
    assert found.words.startswith("It was trained for 1 epoch; its skill is 85 %")
    assert curves.too_few_epochs(make(skills=knows)) is None


def test_a_network_that_knows_its_rows_by_heart_needs_no_more_epochs(make) -> None:
    few = 1.0 - 0.02 * AT
    skills = {"score": 0.8, "fit_score": 1.0, "baseline": 0.8}
    assert curves.too_few_epochs(make(history=history(few, few), skills={**skills, "fit_score": 0.9})) is not None
    assert curves.too_few_epochs(make(history=history(few, few), skills=skills)) is None


def test_many_weights_and_few_rows_make_a_gap_a_fault(make) -> None:
    skills = {"score": 0.85, "fit_score": 1.0, "baseline": 0.8}
    assert curves.overfitting(make(skills=skills)) is None
    assert curves.overfitting(make(skills=skills, rows={"fit": 3, "stop": 400})).kind == "overfitting"


def test_rows_learned_by_heart(make) -> None:
    stop = 0.4 + np.abs(AT - 8) * 0.05
    evidence = make(history=history(np.exp(-AT / 4), stop), skills={"score": 0.4, "fit_score": 1.0, "baseline": 0.8})
    found = curves.overfitting(evidence)
    assert "lowest at epoch 9" in found.words
    assert "100 % on training rows and 40 % on others" in found.words
    assert found.advice.change(evidence.setup).patience is not None


def test_no_rows_held_out(make) -> None:
    setup = dataclasses.replace(make().setup, split=HeldOut(0.0, "none"))
    found = curves.no_stop_rows(make(setup=setup))
    assert "nobody can see whether the network learns or only remembers" in found.words
    assert found.advice.change(setup).split.any


def test_a_loss_that_jumps(make) -> None:
    loss = 0.6 + 0.4 * (-1.0) ** AT
    found = curves.oscillation(make(history=history(loss, loss), skills=BEHIND))
    assert "moves by 133% from one epoch to the next" in found.words


def test_less_than_a_simple_model(make) -> None:
    found = curves.underfitting(make(skills=BEHIND))
    assert "skill is 20 % on its own training rows; a simple model (logistic) has 80 %" in found.words


def test_what_the_experiments_say_is_told_with_the_finding(make) -> None:
    few = {"rows": 32, "loss": 0.6, "chance": 0.69, "skill": 0.2}
    found = curves.underfitting(make(skills=BEHIND, probes={"few rows": few}))
    assert "not even those can be learned by heart" in found.words
    found = curves.underfitting(make(skills=BEHIND, probes={"few rows": few | {"skill": 1.0}}))
    assert "network and steps work" in found.words
