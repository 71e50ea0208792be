"""The page: whole, self-contained, true to the files, safe against what a table may hold, and content with less."""

import html
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from safetensors.numpy import load, save

from photic import report
from photic.data.task import Task
from photic.errors import RunError
from photic.experiment.outcome import Outcome

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """The page as a browser takes it: tags in order, ids, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.tags, self.ids, self.text = [], [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag: str) -> list[dict]:
        return [attrs for name, attrs in self.tags if name == tag]


def test_the_page_is_whole_and_every_chart_is_named(run):
    page = Page(report.build(run))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    charts = page.all("svg")
    assert len(charts) >= 8 and all(chart["role"] == "img" for chart in charts)
    for chart in charts:
        assert "aria-label" in chart or set(chart["aria-labelledby"].split()) <= set(page.ids)


def test_nothing_is_fetched_and_nothing_runs(run):
    text = report.build(run)
    page = Page(text)
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "img", "iframe", "object"}]
    assert not [attrs for _, attrs in page.tags if {"src", "href", "onclick", "onload"} & set(attrs)]
    assert "url(" not in text and "@import" not in text and "http" not in text


def test_the_verdict_comes_first_and_every_score_is_there(run):
    page = Page(report.build(run))
    found = Outcome.from_json(json.loads((run / "scores.json").read_text()))
    text = page.text[page.text.index("Photic run") :]
    assert 0 < text.index(found.verdict) < text.index("The network minus")
    for contender in found.contenders:
        for metric, score in contender.test.items():
            assert str(score).partition(" ")[0] in text, (contender.name, metric)
        for value in contender.folds[found.main]:
            assert str(type(score)(value)) in text


def test_the_numbers_come_from_the_files(make):
    run = make("binary")
    before = report.build(run)
    data = json.loads((run / "scores.json").read_text())
    data["verdict"] = "Something else."
    data["contenders"][0]["test"]["accuracy"] = {"value": 0.1234, "low": 0.123, "high": 0.124}
    (run / "scores.json").write_text(json.dumps(data))
    after = Page(report.build(run)).text
    assert "Something else." in after and "12.34 %" in after and "0.1234" in after
    assert "Something else." not in before and "12.34 %" not in before


NASTY = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a&b", "</style></svg>", "''`${x}")


def test_what_a_table_may_hold_stays_text(make):
    task = Task("multiclass", "<b>target</b>", ("<i>one</i>", '"two" onload="x"', "</text><script>"))
    run = make("multiclass", names=NASTY, task=task)
    data = json.loads((run / "plan.json").read_text())
    data["name"] = "</title><script>alert(2)</script>"
    data["said"].append("<script>alert(3)</script>: no")
    (run / "plan.json").write_text(json.dumps(data))
    text = report.build(run)
    page = Page(text)
    assert page.open == []
    assert not [tag for tag, _ in page.tags if tag in {"script", "img"}]
    assert not [attrs for _, attrs in page.tags if {"onerror", "onload"} & set(attrs)]
    for words in (*NASTY, *task.classes, task.target):
        assert html.escape(words, quote=False) in text


def test_a_name_that_is_no_unicode_does_not_stop_the_page(make):
    text = report.build(make("regression", names=("broken \udc80 name", "b", "c", "d", "e")))
    assert "broken \\udc80 name" in text and text.encode("utf-8")


def test_without_a_test_part_the_folds_speak(make, kind):
    run = make(kind, test=False)
    page = Page(report.build(run))
    assert "confusion-title" not in page.ids and "test-scores-title" not in page.ids
    assert "fold-scores-title" in page.ids and "the rows of 5 folds (95 % interval" in page.text


def test_without_folds_the_test_part_speaks(make, kind):
    page = Page(report.build(make(kind, folds=0)))
    assert "fold-scores-title" not in page.ids and "test-scores-title" in page.ids


def test_without_baselines_the_network_stands_alone(make, kind):
    text = Page(report.build(make(kind, baselines=False))).text
    assert "What it scored" in text and "No simple model was scored beside it" in text
    assert "the network alone was scored" in text


@pytest.mark.parametrize(
    "name", ["audit.json", "history.jsonl", "scores.json", "model.json", "test.safetensors", "plan.json"]
)
def test_a_missing_file_leaves_its_part_out(run, name):
    whole = len(report.build(run))
    (run / name).unlink()
    page = Page(report.build(run))
    assert page.open == [] and len(report.build(run)) < whole
    assert ("never scored" in page.text) == (name == "scores.json")


def test_an_empty_folder_still_gives_a_page(tmp_path):
    assert "This network was never scored." in Page(report.build(tmp_path)).text


def test_folds_without_a_network_make_no_promise_to_predict(make):
    run = make("multiclass", test=False)
    for name in ("model.json", "preparation.json"):
        (run / name).unlink()
    lines = [line for line in (run / "history.jsonl").read_text().splitlines() if '"final"' not in line]
    (run / "history.jsonl").write_text("\n".join(lines) + "\n")
    text = Page(report.build(run)).text
    assert "The networks of 5 folds were trained for" in text
    assert "photic predict" not in text and "photic fit --plan" in text


def test_predictions_that_are_no_numbers_draw_no_chart(make):
    run = make("regression")
    arrays = load((run / "test.safetensors").read_bytes())
    arrays["prediction"] = np.full_like(arrays["prediction"], np.nan)
    (run / "test.safetensors").write_bytes(save(arrays))
    assert "truth-title" not in Page(report.build(run)).ids


@pytest.mark.parametrize(("classes", "numbered", "drawn"), [(12, True, True), (30, False, True), (60, False, False)])
def test_many_classes_lose_their_numbers_then_their_cells(make, classes, numbered, drawn):
    run, rng = make("multiclass"), np.random.default_rng(0)
    task = Task("multiclass", "word", tuple(f"class {i}" for i in range(classes)))
    plan = json.loads((run / "plan.json").read_text()) | {"task": task.to_json()}
    (run / "plan.json").write_text(json.dumps(plan))
    y = rng.integers(0, classes, 400)
    p = rng.dirichlet(np.full(classes, 0.1), 400)
    (run / "test.safetensors").write_bytes(save({"rows": np.arange(400), "target": y, "prediction": p}))
    page = Page(report.build(run))
    assert ("confusion-title" in page.ids) == drawn
    assert bool([t for t in page.all("text") if t["class"].startswith("count middle o") and "fit" not in t["class"]
                 and "stop" not in t["class"] and "test" not in t["class"]]) == numbered  # fmt: skip


def test_a_confusion_matrix_counts_what_the_file_holds(make):
    run = make("multiclass")
    arrays = load((run / "test.safetensors").read_bytes())
    right = int((arrays["prediction"].argmax(axis=1) == arrays["target"]).sum())
    text = report.build(run)
    assert f"{right} of {len(arrays['target'])} test rows are right" in text
    told = re.findall(r"(\d+) rows of (\w+) said to be (\w+),", text)
    assert sum(int(count) for count, *_ in told) == len(arrays["target"])
    assert sum(int(count) for count, true, said in told if true == said) == right


@pytest.mark.parametrize("name", ["plan.json", "scores.json", "history.jsonl"])
def test_a_file_cut_short_is_refused_in_words(run, name):
    (run / name).write_text((run / name).read_text()[:-40])
    with pytest.raises(RunError, match=rf"{name}: needs whole JSON text"):
        report.build(run)


def test_a_test_part_cut_short_is_refused_in_words(run):
    (run / "test.safetensors").write_bytes((run / "test.safetensors").read_bytes()[:-9])
    with pytest.raises(RunError, match=r"test.safetensors: needs a whole safetensors file"):
        report.build(run)


def test_no_path_of_the_machine_is_on_the_page(run, tmp_path):
    assert str(tmp_path) not in report.build(run)
