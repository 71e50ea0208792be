"""mixup as a choice of a run: it is kept in the plan, replays to the same scores, and a bad strength is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import photic
from photic.errors import PlanError
from photic.experiment.plan import Plan
from photic.runs.fit import replay

QUICK = {"epochs": 3, "folds": 0, "baselines": False}


def test_a_blended_run_differs_from_a_plain_one_and_replays(tmp_path: Path) -> None:
    plain, blended = (photic.fit("iris", mixup=a, out=tmp_path / f"{a}", **QUICK) for a in (0.0, 0.4))
    assert blended.plan.mixup == 0.4 and Plan.from_json(blended.plan.to_json(), "a test") == blended.plan
    losses = [[line["loss"] for line in run.bundle.history] for run in (plain, blended)]
    assert losses[0] != losses[1]
    again = replay(blended.plan, out=tmp_path / "again")
    assert again.bundle.history == blended.bundle.history


@pytest.mark.parametrize("strength", [-0.1, float("inf")])
def test_a_strength_that_cannot_be_is_refused(strength: float, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="mixup: needs a number of at least 0"):
        photic.fit("iris", mixup=strength, out=tmp_path / "none", **QUICK)
