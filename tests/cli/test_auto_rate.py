"""`--lr auto`: the rate that was found is said, kept in the plan, done again without looking, and shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from photic import cli
from photic.experiment import rates

QUICK = ["--target", "fruit", "--model", "linear", "--epochs", "4", "--no-baselines"]


@pytest.fixture(scope="module")
def found(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("auto") / "run"
    line = ["fit", str(table), *QUICK, "--lr", "auto", "--schedule", "constant", "--folds", "2", "--out", str(folder)]
    assert cli.main(line) == 0
    return folder


def _plan(folder: Path) -> dict:
    return json.loads((folder / "plan.json").read_text(encoding="utf-8"))


def test_the_plan_records_what_was_found_and_says_so(found: Path) -> None:
    plan = _plan(found)
    own = {each["lane"]: each for each in plan["rates"]}
    assert list(own) == ["fold 1", "fold 2", "final"]
    assert plan["descent"]["rule"]["learning_rate"] == own["final"]["rate"]
    said = next(each for each in plan["said"] if each.startswith("Learning rate: "))
    assert said.startswith(f"Learning rate: {own['final']['rate']:g}, found: of 12 rates from 1e-06 to ")
    assert "Every fold found its own on its own fit rows: " in said
    lines = [json.loads(line) for line in (found / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    for line in lines:
        assert line["learning_rate"] == pytest.approx(own[line["lane"]]["rate"], rel=1e-6)  # 32 bits


def test_a_plan_is_done_again_without_looking_for_a_rate(
    found: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(rates, "find", lambda *_, **__: pytest.fail("it looked again"))
    assert cli.main(["fit", "--plan", str(found / "plan.json"), "-o", str(tmp_path / "again"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["scores"] == json.loads((found / "scores.json").read_text(encoding="utf-8"))
    assert _plan(tmp_path / "again")["rates"] == _plan(found)["rates"]


def test_show_and_the_report_have_the_curve(found: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["show", str(found)]) == 0
    shown = capsys.readouterr().out
    assert "\nRates" in shown and "loss after 4 epochs" in shown
    assert max(map(len, shown.partition("\nPage ")[0].splitlines())) <= 80
    assert "brought the loss lowest" in (found / "report.html").read_text(encoding="utf-8")


def test_validate_finds_a_rate_for_every_fold(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    line = ["validate", str(table), *QUICK, "--learning-rate", "auto", "--folds", "3", "--seeds", "2", "--json"]
    assert cli.main([*line, "--out", str(tmp_path / "kept")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["lane"] for each in told["plan"]["rates"]] == ["fold 1", "fold 2", "fold 3"]
    said = next(each for each in told["plan"]["said"] if each.startswith("Learning rate: "))
    assert ", found by every fold on its own fit rows: of 12 rates" in said
    used = {line["lane"]: line["learning_rate"] for line in told["history"] if line["epoch"] == 1}
    assert used["fold 1 seed 1"] == used["fold 1 seed 2"], "the first of the seeds speaks for all"
    assert _plan(tmp_path / "kept")["rates"] == told["plan"]["rates"]


def test_without_auto_no_rate_is_looked_for(run: Path) -> None:
    assert _plan(run)["rates"] is None
