"""A plan survives JSON, and a plan that is cut short, newer or foreign is refused in words."""

from __future__ import annotations

import json

import pytest

from photic.data import toy
from photic.errors import RunError, SpecError
from photic.experiment.choose import Wishes, choose
from photic.experiment.plan import FORMAT, Plan, Source
from photic.layers import Dense, Dropout
from photic.model import Model
from photic.optim.schedules import Cosine, WarmUp
from photic.spec import Knob

XOR = toy.xor(n=100)


def _plan(**wishes: object) -> Plan:
    return choose(XOR, Source("xor.csv", XOR.task.target), Wishes(**wishes))


def _written(plan: Plan, **changes: object) -> dict:
    return json.loads(json.dumps(plan.to_json() | changes))


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"model": Model(Dense(3), Dropout(Knob("rate", 0.1)), Dense(1)), "clip": 1.0, "class_weight": "balanced"},
        {"optimizer": "nesterov", "schedule": WarmUp(0.1, then=Cosine()), "folds": 0, "seed": 7},
    ],
)
def test_a_plan_survives_json(wishes: dict) -> None:
    plan = _plan(**wishes)
    assert Plan.from_json(_written(plan), "a test") == plan


def test_a_plan_says_what_it_was_made_with() -> None:
    made = _plan().to_json()["made_with"]
    assert set(made) == {"photic", "jax", "python"} and all(made.values())


def test_a_plan_of_a_newer_format_is_refused_with_both_versions() -> None:
    words = rf"plan: needs format {FORMAT} or older, got format 99\nfrom p.json, .*; update Photic\."
    with pytest.raises(RunError, match=words):
        Plan.from_json(_written(_plan(), format=99), "p.json")


def test_what_is_no_plan_is_refused() -> None:
    for foreign in ([], {}, {"layers": []}):
        with pytest.raises(RunError, match="plan: needs a plan with a format"):
            Plan.from_json(foreign, "p.json")


def test_a_plan_that_is_cut_short_names_what_is_missing() -> None:
    cut = _written(_plan())
    del cut["epochs"]
    with pytest.raises(RunError, match="plan: needs 'epochs', got nothing"):
        Plan.from_json(cut, "p.json")


def test_a_model_in_a_plan_is_checked() -> None:
    broken = _written(_plan(), model={"layers": [{"type": "dense", "units": -3}]})
    with pytest.raises(SpecError, match=r"layers.0.*units"):
        Plan.from_json(broken, "p.json")
