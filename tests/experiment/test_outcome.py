"""Outcomes: who is compared with whom, where, what is claimed, and the words for it."""

import json

import numpy as np
import pytest

from photic.data.task import Task
from photic.errors import RunError
from photic.experiment.outcome import Outcome, outcome
from photic.experiment.scored import Part

BINARY = Task("binary", "smoker", ("no", "yes"))
PRICE = Task("regression", "price")
WORDS = {"network": "this network", "majority": "always no", "logistic": "a linear model", "boosted trees": "trees"}
NUMBERS = {"network": "this network", "mean": "always the mean", "ridge": "a linear model"}
SPLIT = {"method": "stratified", "why": "there are classes"}


def classes(n: int, seed: int = 0, **share_right: float) -> Part:
    """A part of n rows, 30 % yes, on which each contender is right on a given share of rows, drawn independently."""
    rng = np.random.default_rng(seed)
    y = (np.arange(n) % 10 < 3).astype(np.int32)
    right = {name: rng.random(n) < share for name, share in share_right.items()}
    p = {name.replace("_", " "): np.where(y ^ ~hit, 0.8, 0.2)[:, None] for name, hit in right.items()}
    network = p.pop("network")
    return Part(y, {"network": network, "majority": np.full((n, 1), 0.3), **p})


def values(n: int, seed: int = 0, **error: float) -> Part:
    rng = np.random.default_rng(seed)
    y = rng.normal(100, 20, n)
    p = {name: y[:, None] + rng.normal(0, size, (n, 1)) for name, size in error.items()}
    network = p.pop("network")
    return Part(y, {"network": network, "mean": np.full((n, 1), y.mean()), **p})


def judged(
    task: Task, test: Part | None, folds: list[Part] | tuple = (), words: dict[str, str] | None = None
) -> Outcome:
    known = WORDS if task.kind == "binary" else NUMBERS
    names = list((test or folds[0]).p) if test or folds else ["network"]
    rows = {"all": 1000, "test": 0 if test is None else len(test.y), "fit": 600, "stop": 100}
    return outcome(task, test, folds, words=words or {name: known[name] for name in names}, rows=rows, split=SPLIT)


def test_a_network_ahead_beyond_the_interval_beats_the_best_baseline():
    found = judged(BINARY, classes(1000, network=0.95, logistic=0.85, boosted_trees=0.88))
    comparison = found.comparison
    assert (comparison.against, comparison.where, comparison.standing) == ("boosted trees", "test", "ahead")
    assert 0 < comparison.low < comparison.difference < comparison.high
    assert found.verdict.startswith("The network is right on 95.2 % of 1,000 test rows (95 % interval 93.7 to 96.4 %).")
    assert "It beats the best simple model, boosted trees (88.5 %): the difference of 6.7 points (" in found.verdict
    assert found.verdict.endswith("is more than chance explains.")


def test_a_network_within_the_interval_is_level_and_the_simpler_one_preferred():
    found = judged(BINARY, classes(400, network=0.9, logistic=0.89))
    assert found.comparison.standing == "level"
    assert "It is level with the best simple model, logistic regression" in found.verdict
    ahead = "the network" if found.comparison.difference > 0 else "logistic regression"
    assert found.verdict.endswith(f" for {ahead} is within chance. Between equals, prefer the simpler.")


def test_a_network_behind_is_said_plainly_first():
    found = judged(BINARY, classes(1000, network=0.84, logistic=0.8, boosted_trees=0.93))
    assert found.comparison.standing == "behind" and found.comparison.high < 0
    assert found.verdict.startswith("Boosted trees do better here: use them. The network is right on ")
    assert "more than chance explains." in found.verdict


def test_lower_is_better_for_an_error():
    ahead = judged(PRICE, values(500, network=5.0, ridge=9.0))
    assert ahead.comparison.difference < 0 and ahead.comparison.standing == "ahead"
    assert "The network has an RMSE of " in ahead.verdict and "ridge regression (RMSE 9." in ahead.verdict
    behind = judged(PRICE, values(500, network=9.0, ridge=5.0))
    assert behind.comparison.difference > 0 and behind.comparison.standing == "behind"
    assert behind.verdict.startswith("Ridge regression does better here: use it.")
    assert behind.comparison.advantage.value == -behind.comparison.difference


def test_a_network_that_is_no_better_than_the_mean_learned_nothing():
    part = values(300, network=20.0)
    found = judged(PRICE, part)
    assert found.comparison.against == "mean" and found.comparison.standing == "level"
    assert "That is level with always saying the mean" in found.verdict
    assert found.verdict.endswith("so nothing was learned that holds on new rows.")


def test_level_with_a_baseline_but_not_ahead_of_the_constant_one_says_both():
    found = judged(BINARY, classes(300, network=0.71, logistic=0.72))
    assert found.verdict.endswith("Nor is it proven to be better than always saying the same.")


def test_the_folds_choose_the_baseline_so_that_no_test_row_does():
    test = classes(1000, network=0.95, logistic=0.92, boosted_trees=0.85)
    folds = [classes(200, seed, network=0.95, logistic=0.85, boosted_trees=0.92) for seed in range(5)]
    assert judged(BINARY, test).comparison.against == "logistic"
    assert judged(BINARY, test, folds).comparison.against == "boosted trees"


def test_few_test_rows_leave_the_decision_to_the_folds():
    folds = [classes(100, seed, network=0.95, logistic=0.8) for seed in range(5)]
    few = judged(BINARY, classes(80, 9, network=0.95, logistic=0.8), folds)
    many = judged(BINARY, classes(300, 9, network=0.95, logistic=0.8), folds)
    assert few.comparison.where == "folds" and many.comparison.where == "test"
    assert "80 test rows" in few.verdict and "over 5 folds is more than chance explains" in few.verdict
    assert judged(BINARY, classes(80, network=0.95, logistic=0.8)).comparison.where == "test"


def test_groups_count_as_units_not_rows():
    folds = [classes(100, seed, network=0.95, logistic=0.8) for seed in range(5)]
    part = classes(1000, network=0.95, logistic=0.8)
    grouped = Part(part.y, part.p, groups=np.repeat(np.arange(20), 50))
    assert judged(BINARY, grouped, folds).comparison.where == "folds"


def test_nothing_is_claimed_when_test_and_folds_prove_opposites():
    test = classes(1000, network=0.95, logistic=0.85)
    folds = [classes(400, seed, network=0.85, logistic=0.95) for seed in range(5)]
    assert judged(BINARY, test).comparison.standing == "ahead"
    assert judged(BINARY, None, folds).comparison.standing == "behind"
    assert judged(BINARY, test, folds).comparison.standing == "level"


def test_folds_alone_are_enough():
    found = judged(PRICE, None, [values(60, seed, network=5.0, ridge=12.0) for seed in range(5)])
    assert found.network.test is None and found.comparison.where == "folds" and found.comparison.standing == "ahead"
    assert "on the rows of 5 folds (95 % interval" in found.verdict
    assert len(found.network.folds["rmse"]) == 5
    mean = np.mean(found.network.folds["rmse"])
    assert found.network.validation["rmse"].value == pytest.approx(mean)
    assert found.network.score("rmse") == found.network.validation["rmse"]


def test_without_baselines_nothing_is_compared_and_it_is_said():
    part = classes(200, network=0.9)
    found = judged(BINARY, Part(part.y, {"network": part.p["network"]}))
    assert found.comparison is None
    assert found.verdict.endswith("nothing says whether one would do as well.")


def test_without_test_and_folds_nothing_was_scored():
    found = judged(BINARY, None, words={"network": "this network"})
    assert found.verdict == "Nothing was scored: there are neither test rows nor folds."
    assert found.table()[1] == ("network", "—", "—", "—", "—")


def test_a_network_that_diverged_is_said_to_be_lost():
    part = values(300, network=5.0, ridge=9.0)
    part.p["network"][3] = np.nan
    found = judged(PRICE, part)
    assert found.comparison.standing == "lost"
    assert found.verdict == (
        "The network's predictions are not numbers: its training diverged. "
        "Use ridge regression, or set a lower learning rate."
    )
    folds = [values(60, seed, network=5.0, ridge=9.0) for seed in range(3)]
    folds[1].p["network"][0] = np.nan
    said = judged(PRICE, values(60, 7, network=5.0, ridge=9.0), folds).verdict
    assert said.endswith("But in a fold its training diverged: use ridge regression, or set a lower learning rate.")


def test_weights_decide_what_counts():
    part = classes(400, network=0.6, logistic=0.9)
    right = (part.p["network"][:, 0] > 0.5) == part.y
    weighted = Part(part.y, part.p, weight=right.astype(float))
    assert judged(BINARY, weighted).network.test["accuracy"].value == 1.0
    nothing = Part(part.y, part.p, weight=np.zeros(400))
    assert judged(BINARY, nothing).network.test is None


def test_the_same_seed_gives_the_same_intervals():
    part = classes(200, network=0.9, logistic=0.85)
    assert judged(BINARY, part) == judged(BINARY, part)


@pytest.mark.parametrize("with_folds", [True, False])
def test_json_and_back(with_folds):
    folds = [classes(50, seed, network=0.9, logistic=0.85) for seed in range(3)] if with_folds else []
    found = judged(BINARY, classes(100, network=0.9, logistic=0.85), folds)
    text = json.dumps(found.to_json(), allow_nan=False)
    again = Outcome.from_json(json.loads(text), "scores.json")
    assert again == found and str(again) == str(found)


def test_what_is_not_defined_is_null_in_json():
    part = classes(60, network=0.9, logistic=0.85)
    found = judged(BINARY, Part(np.zeros(60, np.int32), part.p)).to_json()
    assert found["contenders"][0]["test"]["auc"] == {"value": None, "low": None, "high": None}
    assert np.isnan(Outcome.from_json(found).network.test["auc"].value)


@pytest.mark.parametrize("cut", ["verdict", "contenders", "comparison"])
def test_a_cut_file_is_refused_in_words(cut):
    data = judged(BINARY, classes(60, network=0.9, logistic=0.85)).to_json()
    del data[cut]
    with pytest.raises(
        RunError, match=r"scores: needs an outcome as it was saved, got KeyError: '\w+'\nfrom scores.json; fit again."
    ):
        Outcome.from_json(data)


def test_the_table_has_a_row_per_contender_and_prints_aligned():
    folds = [classes(50, seed, network=0.9, logistic=0.85) for seed in range(3)]
    found = judged(BINARY, classes(100, network=0.9, logistic=0.85), folds)
    heading, *rows = found.table()
    assert heading[:3] == ("", "accuracy, 100 test rows", "accuracy, 3 folds") and "AUC" in heading
    assert [row[0] for row in rows] == ["network", "majority", "logistic"]
    lines = str(found).splitlines()
    assert lines[0] == found.verdict and lines[2].index("accuracy") == lines[3].index(rows[0][1])
