"""`photic show` and `photic validate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from photic import cli


def test_show_prints_scores_and_curves(run: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["show", str(run)]) == 0
    shown = capsys.readouterr().out
    assert "accuracy" in shown
    found, _, ways = shown.partition("\nPage ")
    assert max(map(len, found.splitlines())) <= 80
    assert str(run / "report.html") in ways.replace("\n", ""), "a path is never broken"
    assert [
        word for word in ("Found", "Chosen", "Curves", "Scores", "Verdict") if f"\n{word} " not in f"\n{found}"
    ] == []


def test_show_as_json(run: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["show", str(run), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [line["epoch"] for line in told["history"]] == [1, 2, 3]
    assert told["scores"] == json.loads((run / "scores.json").read_text(encoding="utf-8"))


def test_show_refuses_what_is_no_run(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["show", str(tmp_path)]) == 2
    assert "needs the folder of a run" in capsys.readouterr().err


QUICK = ["--target", "fruit", "--model", "linear", "--epochs", "2", "--folds", "2", "--no-baselines"]


def test_validate_prints_every_fold(table: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["validate", str(table), *QUICK]) == 0
    shown = capsys.readouterr().out
    assert "accuracy" in shown
    assert "fold 2" in shown


def test_validate_as_json(table: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["validate", str(table), *QUICK, "--repeats", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    network = next(each for each in told["scores"]["contenders"] if each["name"] == "network")
    assert len(network["folds"]["accuracy"]) == 4
