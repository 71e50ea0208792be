"""Findings ordered by cause, the verdict in words, and the proof."""

from __future__ import annotations

import dataclasses
import json

import pytest

from photic.diagnose.advice import Advice
from photic.diagnose.causes import EXPLAINS, ORDER
from photic.diagnose.diagnose import RULES, Diagnosis, Retry, diagnose, retry
from photic.diagnose.evidence import Evidence
from photic.diagnose.finding import KINDS, Finding
from photic.errors import PlanError
from tests.diagnose.test_curves import _rate, _steps

BEHIND = {"score": 0.2, "fit_score": 0.2, "baseline": 0.8}


def test_every_kind_has_a_rule_words_and_a_place_in_the_order() -> None:
    assert set(RULES) == set(KINDS) == set(ORDER)
    assert len(ORDER) == len(set(ORDER))
    assert set(EXPLAINS) <= set(KINDS)
    assert {symptom for explained in EXPLAINS.values() for symptom in explained} <= set(KINDS)


def test_a_finding_explains_only_what_comes_after_it() -> None:
    late = [(a, b) for a in EXPLAINS for b in EXPLAINS[a] if ORDER.index(b) <= ORDER.index(a)]
    assert late == []


@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass"])
def test_a_healthy_training_has_no_finding(make, kind) -> None:
    told = diagnose(make(kind))
    assert told.findings == ()
    assert told.first is None
    assert told.verdict.startswith("No problem was found in this training. Its skill is 80 %")


def test_one_fault_gives_one_first_finding_that_explains_the_rest(make) -> None:
    found = {"layers_1": {"dead": 0.9}}
    told = diagnose(make(setup=_rate(make, 3.0), layers=_steps(12.0) | found, skills=BEHIND))
    assert [each.kind for each in told.problems] == ["rate too high"]
    assert set(told.first.explains) >= {"dead units", "underfitting"}
    assert told.verdict == "What is probably wrong: the learning rate is too high."


def test_two_faults_are_both_told_the_earlier_first(make) -> None:
    setup = dataclasses.replace(_rate(make, 0.0), shuffle=False)
    told = diagnose(make(setup=setup, order=0.9, leaks=(("refund", 1.0),)))
    assert [each.kind for each in told.problems][:2] == ["order", "leak"]
    assert "begin with the first" in told.verdict


def test_as_json(make) -> None:
    told = json.loads(json.dumps(diagnose(make(skills=BEHIND)).to_json()))
    assert told["findings"][0]["kind"] == "underfitting"
    assert told["measured"]["skill (0 % guessing, 100 % perfect)"] == "20 %"


def test_evidence_of_almost_nothing_is_no_finding(make) -> None:
    bare = Evidence(make().setup, "binary", ("no", "yes"), {}, [], [])
    assert diagnose(bare).findings == ()


def test_what_cannot_be_tried_is_said(make) -> None:
    with pytest.raises(PlanError, match="needs advice that a rerun can prove, got none"):
        retry(diagnose(make()))
    with pytest.raises(PlanError, match="only a person can follow"):
        retry(diagnose(make(doubted=0.5)))


def test_a_retry_says_whether_it_helped(make) -> None:
    finding = Finding("rate too low", "problem", "Small.", advice=Advice("Take more."))
    low, high = make(skills=BEHIND), make()
    helped = Retry(finding, low, high)
    assert helped.words == "Skill on rows held out: 20 % before, 80 % after the change. It helped."
    worse = Retry(finding, high, low).words
    assert "The change alone did not help. What remains: the network learned less than a simple model does." in worse
    assert "It makes no difference on these rows" in Retry(finding, high, high).words
    leak = dataclasses.replace(finding, kind="leak")
    assert "what new rows will get" in Retry(leak, high, low).words


def test_a_lost_training_counts_as_the_worst(make) -> None:
    finding = Finding("rate too high", "problem", "Large.", advice=Advice("Take less."))
    lost = make(score={"balanced_accuracy": float("nan"), "accuracy": float("nan")})
    assert Retry(finding, lost, make()).gained == pytest.approx(1.8)


def test_the_verdict_is_as_sure_as_its_finding(make) -> None:
    words = lambda sure: Diagnosis(make(), (Finding("loss", "problem", "", sure=sure),)).verdict
    assert words(1.0).startswith("What is wrong: the loss")
    assert words(0.8).startswith("What is probably wrong")
    assert words(0.5).startswith("What is perhaps wrong")
