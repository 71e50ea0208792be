"""Cross-validation: repeats multiply the folds, scores are of rows no network saw, and it can be saved."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from photic.errors import PlanError
from photic.layers import Dense
from photic.model import Model
from photic.runs.validation import Validation, cross_validate

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1 * RNG.normal(size=90)


@pytest.fixture(scope="module")
def found() -> Validation:
    return cross_validate(Model(Dense(1)), X, Y, folds=3, repeats=2, epochs=60, batch_size=32, learning_rate=0.05)


def test_every_fold_of_every_repeat_has_a_score_and_a_curve(found: Validation) -> None:
    network = found.scores.network
    assert len(network.folds["rmse"]) == 6 and network.test is None
    assert {line["lane"] for line in found.history} == {f"repeat {r} fold {f}" for r in (1, 2) for f in (1, 2, 3)}
    assert network.validation["rmse"].value == pytest.approx(np.mean(network.folds["rmse"]))
    assert network.validation["rmse"].low < network.validation["rmse"].value < network.validation["rmse"].high


def test_a_linear_network_on_linear_rows_explains_nearly_all(found: Validation) -> None:
    assert found.scores.network.validation["rmse"].value < 0.2 * Y.std()
    names = [contender.name for contender in found.scores.contenders]
    assert names == ["network", "mean", "ridge", "boosted trees"]


def test_a_validation_is_saved_as_files_a_person_can_read(found: Validation, tmp_path: Path) -> None:
    folder = found.save(tmp_path / "validation")
    assert json.loads((folder / "scores.json").read_text())["main"] == "rmse"
    assert len((folder / "history.jsonl").read_text().splitlines()) == len(found.history)


def test_a_method_that_does_not_fit_is_refused() -> None:
    with pytest.raises(PlanError, match="stratified"):
        cross_validate(None, X, Y, method="stratified")
