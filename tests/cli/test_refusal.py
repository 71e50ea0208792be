"""Errors on the command line: five parts, the right exit code, one JSON object with --json, never a traceback."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from photic import cli
from photic.cli import refusal
from photic.errors import DataError, WorkError

REFUSED = [
    (["fitt"], "photic: needs a known command, got 'fitt'\n", "did you mean 'fit'?"),
    (["fit"], "photic fit: needs DATA, got nothing\n", "photic data list names the sets"),
    (["predict", "run"], "photic predict: needs DATA, got nothing\n", "add it: photic predict DATA"),
    (["fit", "x", "--fold", "3"], "photic fit: needs options it knows, got --fold\n", "did you mean --folds?"),
    (["fit", "x", "--folds", "few"], "photic fit --folds: needs a whole number, got 'few'\n", "photic fit --help"),
    (["fit", "x", "--test", "few"], "photic fit --test: needs a number, got 'few'\n", "photic fit --help"),
    (["fit", "x", "--lr", "autoo"], "--lr: needs a number or 'auto', got 'autoo'\n", "or auto, which finds one"),
    (["validate", "x", "--learning-rate", "fast"], "--lr: needs a number or 'auto', got 'fast'\n", "such as 0.01"),
    (["fit", "penguins", "--lr", "-1"], "learning-rate: needs 'auto' or a number above 0, got -1.0\n", "leave it out"),
    (["validate", "penguins", "--lr", "0"], "learning-rate: needs 'auto' or a number above 0, got 0.0\n", "leave it"),
    (["fit", "x", "y"], "photic fit: needs a line it can read, got", "photic fit --help"),
    (["fit", "x", "--target"], "photic fit: needs a line it can read, got", "photic fit --help"),
    (["data", "infoo"], "photic data: needs a known command, got 'infoo'\n", "did you mean 'info'? known: 'get'"),
    (["data", "info"], "photic data info: needs NAME, got nothing\n", "add it: photic data info NAME"),
    (
        ["fit", "x", "--model", "mlp", "--spec", "m.json"],
        "--spec: needs to be the only model, got --model mlp too",
        "give one",
    ),
    (["fit", "x", "--spec", "nowhere.json"], "--spec: needs a JSON file, got no such file", "from nowhere.json;"),
    (["fit", "--resume", "r", "--plan", "p"], "--resume: needs no other choice", "leave them out"),
    (["fit", "--plan", "p", "--lr", "1", "--no-baselines"], "got --learning-rate, --baselines", "start a new run"),
    (["predict", "r", "x", "-o", "out.docx"], "--out: needs a known ending, got 'out.docx'", "choose one of '.csv'"),
]


@pytest.mark.parametrize(("line", "words", "advice"), REFUSED, ids=[" ".join(row[0]) for row in REFUSED])
def test_a_wrong_line_is_refused_in_five_parts(
    line: list[str], words: str, advice: str, capsys: pytest.CaptureFixture
) -> None:
    assert cli.main(line) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error   ")
    text = shown.err.removeprefix("error   ").replace("\n        ", "\n")
    assert words in text
    assert advice in text


def test_with_json_an_error_is_one_object_and_nothing_else(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["fit", "x", "--folds", "few", "--json"]) == 2
    shown = capsys.readouterr()
    assert shown.err == ""
    assert json.loads(shown.out) == {
        "error": {
            "where": "photic fit --folds",
            "required": "needs a whole number",
            "got": "'few'",
            "source": "the command line",
            "fix": "photic fit --help lists what there is",
        }
    }


def test_predictions_and_json_cannot_share_standard_output(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["predict", "run", "x", "-o", "-", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["required"] == "needs a file beside --json"


@pytest.mark.parametrize(("kind", "code"), [(DataError, 2), (WorkError, 1)])
def test_an_error_of_the_library_keeps_its_words_and_its_code(
    kind: type[DataError], code: int, capsys: pytest.CaptureFixture
) -> None:
    error = kind(
        "houses.csv column 'prize'", "needs a known column", "'prize'", source="--target", fix="did you mean 'price'?"
    )
    assert refusal.tell(error, "photic fit", [], json=False) == code
    told = capsys.readouterr().err
    first, second = told.splitlines()
    assert first == "error   houses.csv column 'prize': needs a known column, got 'prize'"
    assert second == "        from --target; did you mean 'price'?."


def test_a_fault_of_our_own_is_one_sentence_and_a_file(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def broken(name: str) -> None:
        raise ZeroDivisionError("a fault\nwith a second line")

    monkeypatch.setattr("photic.data.sources.get", broken)
    assert cli.main(["data", "get", "penguins"]) == 1
    shown = capsys.readouterr()
    details = next(tmp_path.glob("photic-fault-*.txt"))
    assert "got ZeroDivisionError: a fault\n" in shown.err
    assert str(details) in shown.err
    assert "Traceback" not in shown.out + shown.err
    assert "Traceback (most recent call last)" in details.read_text(encoding="utf-8")


def test_ctrl_c_before_anything_is_kept_says_so(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("photic.data.sources.get", stopped)
    assert cli.main(["data", "get", "penguins"]) == 1
    assert "needs time until its first epoch is over, got Ctrl-C" in capsys.readouterr().err


def test_on_a_narrow_terminal_words_wrap_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    screen = io.StringIO()
    monkeypatch.setattr(
        "photic.cli.screen.err", lambda: Console(file=screen, force_terminal=True, width=60, color_system=None)
    )
    error = DataError("a file", "needs " + "many " * 20 + "words", "few", source="here", fix="write more")
    refusal.tell(error, "photic fit", [], json=False)
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= 60
    assert " ".join(" ".join(lines).removeprefix("error").split()) == " ".join(str(error).split())
