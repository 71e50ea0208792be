"""Rules about the data."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photic.diagnose import data
from photic.diagnose.facts import Inputs, Targets
from photic.diagnose.parts import HeldOut, InputForm, TargetForm


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize(
    "rule",
    [data.values, data.unscaled_input, data.unscaled_target, data.order, data.label_noise, data.leak, data.duplicates,
     data.imbalance],
)  # fmt: skip
def test_a_healthy_training_has_none(make, rule, kind) -> None:
    assert rule(make(kind)) is None


def _inputs(means, spreads, missing=0.0) -> Inputs:
    names = tuple(f"x{i}" for i in range(len(means)))
    return Inputs(names, tuple(means), tuple(spreads), min(means), max(means), missing)


def test_nan_in_the_columns_is_named_and_filled(make) -> None:
    found = data.values(make(x=_inputs([0.0, 0.0], [1.0, 1.0], missing=0.031)))
    assert found.level == "problem"
    assert "3.1% of the numbers that go into the network are no numbers" in found.words
    assert found.advice.change(make().setup).inputs.missing == "median"


def test_nan_in_the_target_is_named_though_only_a_person_can_help(make) -> None:
    y = Targets("values", 1, 0.0, 1.0, 0.5, 0.5, None, 9, 0.25)
    found = data.values(make("regression", y=y))
    assert "25.0% of the targets are no numbers" in found.words
    assert found.advice.change is None


def test_a_column_of_thousands_is_named(make) -> None:
    evidence = make(x=_inputs([0.0, 40_000.0], [1.0, 12_000.0]))
    evidence = dataclasses.replace(evidence, setup=dataclasses.replace(evidence.setup, inputs=InputForm("none")))
    found = data.unscaled_input(evidence)
    assert found.where == "column 'x1'"
    assert "about 4.18e+04 in size, while those of 'x0' are about 1" in found.words
    assert found.advice.change(evidence.setup).inputs.scaling == "standard"


def test_scaled_columns_with_outliers_are_left_alone(make) -> None:
    assert data.unscaled_input(make(x=_inputs([0.0, 0.5], [1.0, 8.0]))) is None


def test_a_target_of_prices_is_named(make) -> None:
    y = Targets("values", 1, 10_000.0, 900_000.0, 206_000.0, 115_000.0, None, 300, 0.0)
    found = data.unscaled_target(make("regression", y=y, first_loss=5.5e10))
    assert "The target is about 2.06e+05 and varies by 1.15e+05" in found.words
    assert "its first loss is 5.5e+10" in found.words
    assert found.advice.change(make("regression").setup).target == TargetForm("values", "standard")


def test_sorted_rows_matter_only_unshuffled(make) -> None:
    setup = dataclasses.replace(make().setup, shuffle=False)
    found = data.order(make(setup=setup, order=0.93))
    assert "they are not shuffled" in found.words
    assert "0.93" in found.words
    assert found.advice.change(setup).shuffle
    assert data.order(make(setup=setup, order=0.02)) is None
    assert data.order(make(order=0.93)) is None


def test_a_tail_of_sorted_rows_is_another_kind_of_rows(make) -> None:
    setup = dataclasses.replace(make().setup, split=HeldOut(method="tail"))
    found = data.order(make(setup=setup, skills={"constant": -1.0}))
    assert "the best constant answer has a skill of -100 % on them" in found.words
    assert found.advice.change(setup).split.method == "shuffled"
    assert data.order(make("multiclass", setup=setup, skills={"constant": -0.2})) is not None
    assert data.order(make(setup=setup)) is None, "a tail is no fault where the rows are mixed"


def test_doubted_labels_are_for_a_person_to_look_at(make) -> None:
    found = data.label_noise(make(doubted=0.3))
    assert "contradicts 30% of the labels" in found.words
    assert found.certainty == "likely"


def test_a_leaking_column_is_left_out(make) -> None:
    found = data.leak(make(leaks=(("refund", 1.0),)))
    assert "From 'refund' alone the target can be told with a skill of 100%" in found.words
    assert found.advice.change(make().setup).data.without == ("refund",)


def test_copies_are_kept_once(make) -> None:
    found = data.duplicates(make(duplicates=0.4))
    assert "40% of the rows held out" in found.words
    assert found.advice.change(make().setup).data.distinct


@pytest.mark.parametrize(("kind", "rule"), [("copies", data.duplicates), ("giveaway", data.leak)])
def test_what_the_audit_found_is_told_in_its_words(make, kind, rule) -> None:
    assert rule(make(audited=((kind, "problem", "Said by the audit."),))).words == "Said by the audit."
    assert rule(make(audited=((kind, "note", "Said by the audit."),))) is None


def test_a_rare_class_that_is_missed_is_a_problem_and_one_that_is_learned_a_note(make) -> None:
    y = Targets("codes", 1, 0.0, 1.0, 0.05, 0.2, None, 2, 0.0, (285, 15))
    missed = data.imbalance(make(y=y, score={"accuracy": 0.95, "balanced_accuracy": 0.5}))
    assert missed.level == "problem"
    assert "95% of the rows are of one class, and only 15 of the rarest" in missed.words
    assert "on average over the classes only 50%" in missed.words
    assert missed.advice.change(make().setup).class_weight == "balanced"
    assert data.imbalance(make(y=y, score={"accuracy": 0.5, "bits_per_character": 2.0})) is None  # a text
    learned = data.imbalance(make(y=y, score={"accuracy": 0.97, "balanced_accuracy": 0.93}))
    assert learned is None or learned.level == "note"


def test_values_are_counted(make) -> None:
    facts = Inputs.of(np.array([[1.0, np.nan], [3.0, np.inf]]), ["a", "b"])
    assert facts.missing == 0.5
    assert facts.means == (2.0, 0.0)
