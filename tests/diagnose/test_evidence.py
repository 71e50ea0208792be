"""Evidence, from runs and by hand, and the facts of rows."""

from __future__ import annotations

import numpy as np
import pytest

import photic
from photic.diagnose import doubt, facts, measures
from photic.diagnose.diagnose import diagnose
from photic.diagnose.evidence import Evidence
from photic.diagnose.probes import probe
from tests.diagnose.conftest import history

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> photic.Run:
    x = RNG.normal(size=(240, 3))
    y = np.where(x[:, 0] + 0.5 * x[:, 1] > 0, "yes", "no")
    folder = tmp_path_factory.mktemp("runs") / "run"
    return photic.fit(x, y, epochs=12, folds=2, out=folder)


def test_a_run_as_evidence(run) -> None:
    evidence = Evidence.of(run)
    assert list(evidence.lanes) == ["fold 1", "fold 2", "final"]
    assert evidence.classes == ("no", "yes")
    assert evidence.chance == pytest.approx(np.log(2), abs=0.02)
    assert evidence.skill(evidence.score) > 0.7
    assert evidence.baseline_name in {"logistic", "boosted trees"}
    assert evidence.x is None, "its data is not needed"
    assert measures.at_first(evidence)["layers.0"]["update"] > 0


def test_a_healthy_run_has_no_problem(run) -> None:
    assert diagnose(Evidence.of(run)).problems == ()


def test_skill_is_0_for_guessing_and_1_for_perfection() -> None:
    of = lambda kind, classes, **scores: Evidence(None, kind, classes, {}, [], []).skill(scores)
    assert of("binary", ("a", "b"), balanced_accuracy=0.5) == 0.0
    assert of("multiclass", ("a", "b", "c", "d"), balanced_accuracy=0.25) == 0.0
    assert of("regression", (), r2=1.0) == 1.0
    assert of("regression", (), r2=float("nan")) == -np.inf, "an answer that is no number is worth nothing"
    assert np.isnan(of("regression", ()))


def test_inputs_by_hand() -> None:
    x = RNG.normal(3.0, 2.0, size=(500, 2)).astype(np.float32)
    found = facts.Inputs.of(x)
    np.testing.assert_allclose(found.means, x.mean(0), rtol=1e-5)
    np.testing.assert_allclose(found.spreads, x.std(0), rtol=1e-5)
    assert (found.low, found.high, found.missing) == (x.min(), x.max(), 0.0)


def test_order_sees_sorting_and_not_chance() -> None:
    y = RNG.integers(0, 3, 600)
    assert facts.order(np.sort(y), "multiclass") > 0.95
    assert facts.order(y, "multiclass") < 0.1
    values = RNG.normal(size=600)
    assert facts.order(np.sort(values), "regression") > 0.95
    assert facts.order(values, "regression") < 0.15


def test_one_column_that_holds_the_answer_is_a_leak_and_two_good_ones_are_not() -> None:
    x = RNG.normal(size=(300, 4))
    y = (x[:, 0] + x[:, 1] > 0).astype(int)
    names = ["a", "b", "c", "d"]
    assert facts.leaks(x, y, "binary", names) == ()
    x[:, 3] = y + RNG.normal(0, 0.05, 300)
    assert [name for name, _ in facts.leaks(x, y, "binary", names)] == ["d"]


def test_wrong_labels_are_doubted() -> None:
    y = RNG.integers(0, 3, 600)
    x = RNG.normal(size=(600, 2)) * 0.4 + np.eye(3)[y][:, :2] * 4
    assert doubt.labels(x, y, 3) < 0.03
    wrong = RNG.random(600) < 0.25
    noisy = np.where(wrong, (y + 1) % 3, y)
    assert doubt.labels(x, noisy, 3) == pytest.approx(wrong.mean(), abs=0.06)


def test_rows_that_are_hard_to_tell_apart_are_not_doubted() -> None:
    x = RNG.normal(size=(800, 2))
    y = (RNG.random(800) < 1 / (1 + np.exp(-2 * x[:, 0]))).astype(int)
    assert doubt.labels(x, y, 2) == 0.0


def test_copies_count_unless_chance_explains_them() -> None:
    fit = RNG.normal(size=(100, 3))
    assert facts.duplicates(fit, np.concatenate([fit[:10], RNG.normal(size=(30, 3))])) == 0.25
    coins = RNG.integers(0, 2, size=(100, 3)).astype(float)
    assert facts.duplicates(coins, coins[:20]) == 0.0


def test_curves_are_measured_as_the_median_of_lanes(make) -> None:
    at = np.arange(40)
    done, halfway = np.exp(-at / 3) + 0.1, 1 - at / 80
    lanes = [*history(done, done, "a"), *history(done, done, "b"), *history(halfway, halfway, "c")]
    evidence = make(history=lanes)
    assert measures.gaining(evidence) < 0.01
    assert measures.gaining(make(history=history(halfway, halfway))) == pytest.approx(0.22, abs=0.04)
    assert measures.drop(make(history=history(halfway, halfway), first_loss=1.0)) == pytest.approx(0.5, abs=0.05)


def test_experiments_are_announced_and_made_only_where_something_is_open(make) -> None:
    said, tried = [], []

    def carry(setup, rows, epochs, alone):
        tried.append((setup, rows, epochs, alone))
        return make(skills={"fit_score": 0.3, "score": 0.2})

    told = probe(make(), "underfitting", carry, said.append)
    assert said == ["trying whether the network can learn 32 rows by heart"]
    assert told.probes["few rows"]["skill"] == pytest.approx(0.3)
    assert tried[0][1:] == (32, make().setup.epochs // 2, True)
    assert told.seconds["probes"] >= 0
    assert probe(make(), "loss", carry, said.append).probes == {}
    assert len(tried) == 1
    curve = probe(make(), "overfitting", carry).probes["rows"]
    assert [each["skill"] for each in curve] == pytest.approx([0.2, 0.2, 0.8])
    assert [rows for _, rows, _, _ in tried[1:]] == [300 // 8, 300 // 4]
