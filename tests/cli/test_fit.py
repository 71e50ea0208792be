"""`photic fit`: from a line to a saved run, what is printed, and what --json, --plan and --resume do."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

import photic
from photic import cli

QUICK = ["--model", "linear", "--epochs", "2", "--folds", "0", "--no-baselines"]


def test_a_run_is_fitted_saved_and_told(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "run"
    assert cli.main(["fit", str(table), "--target", "fruit", "--out", str(out), *QUICK]) == 0
    shown = capsys.readouterr()
    assert "accuracy" in shown.out
    assert str(out / "report.html") in shown.out
    assert f"photic predict {out}" in shown.out
    assert "training 1 network, at most 2 epochs\ntrained 1 network for 2 epochs in" in shown.err
    assert photic.load(out).task.classes == ("apple", "orange")


def test_json_is_one_object(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "run"
    assert cli.main(["fit", str(table), "-t", "fruit", "-o", str(out), *QUICK, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == str(out)
    assert told["task"]["kind"] == "binary"
    assert told["scores"]["main"] == "accuracy"
    assert Path(told["page"]).is_file()


def test_standard_input_is_read(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Piped(io.TextIOWrapper):
        pass

    monkeypatch.setattr("sys.stdin", Piped(io.BytesIO(table.read_bytes())))
    assert cli.main(["fit", "-", "-t", "fruit", "-o", str(tmp_path / "run"), *QUICK, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["rows"]["all"] == 90


def test_every_choice_reaches_the_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def fit(data: str, target: str, **choices: Any) -> None:
        seen.update(choices, data=data, target=target)
        raise photic.PhoticError("the test", "needs no training", "enough", source="here", fix="stop")

    monkeypatch.setattr("photic.runs.fit.fit", fit)
    spec = tmp_path / "m.json"
    spec.write_text(json.dumps(photic.mlp(1, width=2).to_json()), encoding="utf-8")
    line = (
        "fit d.csv --target y --task binary --groups g --time t --weights w --class-weight balanced --loss mae"
        " --optimizer adam --lr 0.1 --schedule step --clip 1 --batch-size 8 --epochs 9 --patience 3 --seed 4 --folds 2"
        f" --test 0.3 --stop 0.2 --method plain --no-baselines --out o --spec {spec}"
        " --size 48x32 --sequence who,day --horizon 3 --window 7 --memory 2GB --every-step --mixup 0.2"
        " --tokenizer t.json --log mlflow"
    )
    assert cli.main(line.split()) == 2
    seen.pop("progress")
    assert seen.pop("model") == photic.mlp(1, width=2)
    assert seen == {
        "data": "d.csv", "target": "y", "task": "binary", "groups": "g", "time": "t", "weights": "w",
        "class_weight": "balanced", "loss": "mae", "optimizer": "adam", "learning_rate": 0.1, "schedule": "step",
        "clip": 1.0, "batch_size": 8, "epochs": 9, "patience": 3, "seed": 4, "folds": 2, "test": 0.3, "stop": 0.2,
        "method": "plain",
        "baselines": False, "out": "o", "size": "48x32", "sequence": "who,day", "horizon": 3, "window": 7,
        "memory": "2GB", "every_step": True, "mixup": 0.2,
        "tokenizer": "t.json", "log": "mlflow",
    }  # fmt: skip


def test_a_plan_gives_the_same_scores_again(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["fit", "--plan", str(run / "plan.json"), "-o", str(tmp_path / "again"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["scores"] == json.loads((run / "scores.json").read_text(encoding="utf-8"))


def test_what_cannot_be_done_is_refused_before_any_folder_is_made(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "run"
    for line, words in (
        (["-t", "friut"], "'friut'"),
        (["-t", "fruit", "--loss", "mse"], "needs a regression task"),
        (["-t", "fruit", "--optimizer", "adamm"], "did you mean 'adam'"),
        (["-t", "fruit", "--epochs", "0"], "needs a whole number of at least 1"),
    ):
        assert cli.main(["fit", str(table), "-o", str(out), *line]) == 2
        assert words in capsys.readouterr().err
        assert not out.exists()


def test_an_unfinished_run_is_needed_to_resume(run: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["fit", "--resume", str(run)]) == 2
    assert "needs a run that was interrupted" in capsys.readouterr().err
