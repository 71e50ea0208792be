"""The diagnosis on the page."""

from __future__ import annotations

import json

from photic.report import diagnosis
from photic.report.record import Record
from photic.report.tag import html

LAYERS = [{"type": "dense", "units": 8}, {"type": "relu"}, {"type": "dense", "units": 1}]


def _planned(folder, rate: float) -> None:
    """A whole plan in place of the outline that other tests need."""
    written = json.loads((folder / "plan.json").read_text())
    rule = {"type": "adam", "learning_rate": rate}
    source = {"data": "credit.csv", "target": "default", "task": None, "groups": None, "time": None, "weights": None}
    plan = written | {
        "model": {"layers": LAYERS}, "loss": {"type": "binary_cross_entropy"}, "source": source, "patience": 20,
        "descent": {"rule": rule, "schedule": {"type": "cosine"}, "clip": None}, "test": 0.2, "stop": 0.15,
        "repeats": 1, "method": None, "seeds": 1, "seed": 0,
    }  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(plan))
    audit = json.loads((folder / "audit.json").read_text())
    (folder / "audit.json").write_text(json.dumps(audit | {"findings": []}))


def test_a_healthy_run_says_so(make) -> None:
    folder = make("binary")
    _planned(folder, 0.003)
    page = html(diagnosis.section(Record.read(folder)))
    assert "No problem was found in the training" in page
    assert "loss of guessing" in page


def test_a_problem_stands_there_with_its_advice(make) -> None:
    folder = make("binary")
    _planned(folder, 0.0)
    page = html(diagnosis.section(Record.read(folder)))
    assert "The learning rate is zero" in page
    assert "<b>Try first: </b>Take a learning rate of 0.003." in page
    assert "photic diagnose" in page


def test_without_a_whole_plan_or_a_history_there_is_no_section(make) -> None:
    folder = make("binary")
    assert diagnosis.section(Record.read(folder)) is None
    _planned(folder, 0.003)
    (folder / "history.jsonl").unlink()
    assert diagnosis.section(Record.read(folder)) is None
