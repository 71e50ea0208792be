"""`photic tune`: from a line to a winner, as words and as JSON, and lines that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import photic
from photic import cli

QUICK = ["--target", "fruit", "--model", "linear", "--epochs", "3", "--folds", "2", "--outer", "0", "--no-baselines"]


@pytest.fixture
def space(tmp_path: Path) -> Path:
    path = tmp_path / "space.json"
    path.write_text('{"learning_rate": {"type": "log_uniform", "low": 0.001, "high": 0.1}}')
    return path


def test_tune_prints_what_to_expect_and_what_was_gained(
    table: Path, space: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "run"
    line = ["tune", str(table), *QUICK, "--trials", "3", "--space", str(space), "--out", str(out)]
    assert cli.main(line) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "learning rate from 0.001 to 0.1" in shown
    assert "over the default" in shown
    assert "18 test rows" in shown
    assert str(out) in shown
    assert photic.load(out).scores is not None


def test_tune_as_json(table: Path, space: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "run"
    line = ["tune", str(table), *QUICK, "--trials", "2", "--space", str(space), "--out", str(out), "--json"]
    assert cli.main(line) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["best"] == found["study"]["arenas"][-1]["values"]
    assert found["study"]["outer"] == 0
    assert found["plan"]["descent"]["rule"].get("learning_rate", 0.003) == found["best"]["learning_rate"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["tune"], "photic tune: needs DATA, got nothing"),
        (["tune", "--resume", "x", "--seed", "3"], "--resume: needs no other choice, all of them were made when"),
        (["tune", "--join", "x", "--sampler", "grid"], "--join: needs no other choice"),
        (["tune", "--join", "x", "--trials", "3"], "--join: needs no other choice, all of them were made when"),
        (["tune", "--resume", "x", "--join", "y"], "--resume: needs no other choice"),
        (["tune", "--join", "x", "--log", "tensorboard"], "--log: needs the process that writes the run, got --join"),
        (["tune", "--resume", "nowhere"], "nowhere: needs the folder of a search, got no search.json there"),
        (["tune", "penguins", "--trials", "0"], "trials: needs a whole number of at least 1, got 0"),
        (["tune", "penguins", "--space", "none.json"], "--space: needs a JSON file, got no such file"),
        (["tune", "penguins", "--time-limit", "soon"], "time-limit: needs a time above 0, got 'soon'"),
        (["tune", "penguins", "--model", "linear", "--trials", "3", "--memory", "much"], "memory: needs an amount"),
    ],
)
def test_lines_that_cannot_be_are_refused(line: list[str], words: str, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(line) == 2
    assert words in capsys.readouterr().err


def test_a_space_that_is_no_space_is_refused(table: Path, space: Path, capsys: pytest.CaptureFixture) -> None:
    space.write_text('{"learning_rate": {"type": "log_unifrom", "low": 0.001, "high": 0.1}}')
    assert cli.main(["tune", str(table), *QUICK, "--space", str(space)]) == 2
    assert "did you mean 'log_uniform'" in capsys.readouterr().err
