"""`photic diagnose`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from photic import cli
from photic.export import seal

POINTS = np.random.default_rng(0).normal(size=(160, 2))
COLUMNS = {
    "a": POINTS[:, 0].round(3).tolist(),
    "b": POINTS[:, 1].round(3).tolist(),
    "side": ["left" if x < 0 else "right" for x in POINTS.sum(axis=1)],
}
TRAINING = {
    "data": {"columns": COLUMNS, "target": "side"},
    "layers": [{"type": "dense", "units": 8, "activation": "relu"}, {"type": "dense", "units": 1}],
    "loss": "binary_cross_entropy",
    "optimizer": {"type": "adam", "learning_rate": 0.0},
    "epochs": 30,
    "batch_size": 16,
}


@pytest.fixture
def training(tmp_path: Path):
    """A file that describes a training, with changes."""

    def write(**changed: object) -> str:
        path = tmp_path / "training.json"
        path.write_text(json.dumps({**TRAINING, **changed}), encoding="utf-8")
        return str(path)

    return write


def test_a_run_is_read_without_its_data(run: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["diagnose", str(run)]) == 0
    shown = capsys.readouterr().out
    assert "Verdict" in shown
    assert "loss of guessing" in shown
    assert max(len(line) for line in shown.splitlines() if str(run) not in line) <= 80


def test_a_training_described_in_a_file(training, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["diagnose", "--plan", training(), "--seeds", "1"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "What is wrong: the learning rate is zero." in shown
    assert "no weight ever moves" in shown
    assert "Try first: Take a learning rate of 0.003." in shown
    assert "--try" in shown


def test_the_advice_is_tried(training, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["diagnose", "--plan", training(), "--seeds", "1", "--try", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["findings"][0]["kind"] == "rate zero"
    assert told["retry"]["change"] == "Take a learning rate of 0.003."
    skill = "skill (0 % guessing, 100 % perfect)"
    assert told["retry"]["before"][skill] != told["retry"]["after"][skill]
    assert "after the change" in told["retry"]["words"]


def test_a_batch_larger_than_the_data_is_a_finding_or_does_no_harm(training, capsys: pytest.CaptureFixture) -> None:
    slow = {"type": "adam", "learning_rate": 0.0005}
    assert cli.main(["diagnose", "--plan", training(batch_size=4000, optimizer=slow), "--seeds", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["findings"][0]["kind"] == "batch size"
    assert "A batch of 4,000 of the 120 rows leaves 1 step in an epoch" in told["findings"][0]["words"]


def test_values_that_are_no_numbers_are_a_finding(training, capsys: pytest.CaptureFixture) -> None:
    holes = {**COLUMNS, "a": [None] * 20 + COLUMNS["a"][20:]}
    data, adam = {"columns": holes, "target": "side"}, {"type": "adam", "learning_rate": 0.01}
    file = training(data=data, optimizer=adam, inputs={"scaling": "standard", "missing": "leave"})
    assert cli.main(["diagnose", "--plan", file, "--seeds", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["findings"][0]["kind"] == "values"
    assert "are no numbers" in told["findings"][0]["words"]


EXAMPLES = Path(__file__).parents[2] / "examples" / "plans"
FIRST = {
    "pytorch-softmax-twice": ("loss", "expects plain sums (logits) of any size, but the last layer is a softmax"),
    "keras-softmax-of-one": ("loss", "A softmax over a single output always gives 1"),
    "pytorch-not-shuffled": ("order", "they are not shuffled, so each step forgets what the steps before it learned"),
}


def test_every_example_is_told_its_fault() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(FIRST)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIRST)
def test_an_example_gives_the_first_finding_that_it_is_an_example_of(name: str, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["diagnose", "--plan", str(EXAMPLES / f"{name}.json"), "--seeds", "2", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["findings"][0]
    kind, words = FIRST[name]
    assert first["kind"] == kind and words in first["words"]


REFUSED = [
    ([], "needs a run or a plan, got nothing"),
    (["somewhere", "--plan", "there.json"], "needs a run or a plan, got the run somewhere and the plan there.json"),
    (["--plan", "nowhere.json"], "needs a JSON file, got no such file"),
    (["nowhere"], "needs the folder of a run"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED, ids=["neither", "both", "no file", "no run"])
def test_what_cannot_be_diagnosed_is_said(words: list[str], message: str, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["diagnose", *words]) == 2
    assert message in " ".join(capsys.readouterr().err.split())


LAYERS = [{"type": "dense", "units": 1}]
WRONG = [
    ({"layers": [{"type": "dens", "units": 1}]}, "layers.0: needs a known type, got 'dens'", "did you mean 'dense'?"),
    ({"layers": [{**LAYERS[0], "activation": "relo"}]}, "layers.0 activation: needs a known word", "mean 'relu'?"),
    ({"layers": [{**LAYERS[0], "l2": "much"}]}, "layers.0 l2: needs a number, got 'much'", "give one such as 0.001"),
    ({"data": {"file": "nowhere.csv", "target": "y"}}, "nowhere.csv: needs an existing file", "got nothing"),
    ({"data": {"columns": {"a": [], "y": []}, "target": "y"}}, "rows: needs at least two rows", "add rows"),
    ({"data": {"columns": [1, 2], "target": "y"}}, "data columns: needs an object", "got [1, 2]"),
    ({"data": {"toy": "moons", "settings": 5}}, "data settings: needs an object of settings, got 5", "docs/"),
    ({"loss": "crossentropy"}, "needs a known word, got 'crossentropy'", "did you mean 'cross_entropy'?"),
    ({"epochs": "ten"}, "plan epochs: needs a whole number, got 'ten'", "docs/described-training.md"),
    ({"layers": [{"type": "reshape", "sizes": [2, 1]}, *LAYERS]}, "the last layer: needs to give one row", "Flatten()"),
]


@pytest.mark.parametrize(("changed", "required", "fix"), WRONG, ids=[required[:24] for _, required, _ in WRONG])
def test_a_training_that_cannot_be_is_refused(
    training, changed: dict, required: str, fix: str, capsys: pytest.CaptureFixture
) -> None:
    assert cli.main(["diagnose", "--plan", training(**changed), "--seeds", "1"]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert required in told and fix in told


def test_a_plan_that_is_not_json_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "plan.json").write_text("epochs: 5", encoding="utf-8")
    assert cli.main(["diagnose", "--plan", str(tmp_path / "plan.json")]) == 2
    assert "--plan: needs JSON text, got Expecting value: line 1 column 1" in " ".join(capsys.readouterr().err.split())


def test_rows_layers_and_neurons_that_do_not_exist_are_said(run: Path, capsys: pytest.CaptureFixture) -> None:
    for words, required in (
        (["trace", str(run), "--row", "100000"], "needs a row from 0 to"),
        (["show", str(run), "--layer", "99"], "layer: needs a layer of the model, got 99"),
        (["show", str(run), "--layer", "0", "--neuron", "9999"], "needs a neuron from 0 to"),
    ):
        assert cli.main(words) == 2
        assert required in " ".join(capsys.readouterr().err.split())


def _changed(run: Path, place: Path, **files: str | None) -> Path:
    """A copy of a run with other files, sealed again."""
    shutil.copytree(run, place)
    content = {path.name: path.read_bytes() for path in place.iterdir() if path.name not in {"run.json", "report.html"}}
    for key, text in files.items():
        name = key.replace("__", ".")
        content.pop(name, None)
        if text is not None:
            content[name] = text.encode()
    shutil.rmtree(place)
    seal.write(place, content)
    return place


def test_a_run_without_history_is_said(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    bare = _changed(run, tmp_path / "bare", history__jsonl="")
    assert cli.main(["diagnose", str(bare)]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "history.jsonl: needs a line for each epoch, got none from the run folder; train again with" in told


def test_a_run_without_inspection_is_diagnosed_all_the_same(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    bare = _changed(run, tmp_path / "bare", inspection__jsonl=None)
    assert cli.main(["diagnose", str(bare), "--json"]) == 0
    assert "first step, as a share of the weights" not in json.loads(capsys.readouterr().out)["measured"]


def test_a_run_of_a_newer_version_is_said(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(run, newer)
    guard = json.loads((newer / "run.json").read_text(encoding="utf-8"))
    (newer / "run.json").write_text(json.dumps({**guard, "format": 99, "photic": "9.0"}), encoding="utf-8")
    assert cli.main(["diagnose", str(newer)]) == 2
    assert "upgrade Photic" in " ".join(capsys.readouterr().err.split())


def test_show_tells_the_verdict(run: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["show", str(run), "--json"]) == 0
    assert "verdict" in json.loads(capsys.readouterr().out)["diagnosis"]
