"""The search on the page: the honest score first, nothing pruned among the finished, numbers from the files."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from photic import report
from photic.errors import RunError
from photic.experiment.interval import Score
from photic.report import agreement, study, telling, trials
from photic.report.scale import Scale
from photic.report.searched import Searched
from photic.report.track import Track
from tests.report.drawn_study import DEFAULT, drawn, write
from tests.report.test_page import Page


@pytest.fixture
def searched_run(make):
    """A run folder of three classes with a study in it, and the study."""
    folder = make("multiclass")
    return folder, *write(folder)


def of(**choices):
    return Searched.of(*drawn(**choices), "a study")


def test_the_page_is_whole_and_runs_nothing(searched_run):
    folder, *_ = searched_run
    text = report.build(folder)
    page = Page(text)
    assert page.open == [] and len(page.ids) == len(set(page.ids))
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "img"}] and "url(" not in text
    named = ("optimism", "gain", "importance", "winners", "parallel", "trial-curves", "progress")
    assert {f"{name}-title" for name in named} <= set(page.ids)


def test_the_honest_score_comes_before_the_searchs_own(searched_run):
    folder, *_ = searched_run
    page = Page(report.build(folder))
    words = page.text[page.text.index("settings number") :]
    assert words.index("accuracy to expect") < words.index("accuracy inside the search")
    assert "not to be expected" in words


def test_every_trial_is_drawn_once_in_both_charts_and_listed_once(searched_run):
    folder, _, lines = searched_run
    page = Page(report.build(folder))
    own = [line for line in lines if line["arena"] == "final"]
    marks = [attrs["class"] for tag, attrs in page.tags if tag in {"g", "span"} and "trial t" in attrs.get("class", "")]
    for line in own:
        drawn_times = marks.count(f"trial t{line['number']}")
        assert drawn_times >= 2, line  # its curve may be of one epoch, which is no line
    states = [attrs["class"] for attrs in page.all("span") if attrs.get("class", "").startswith("state ")]
    assert [states.count(f"state {each}") for each in ("complete", "halved", "diverged")] == [
        sum(line["state"] == each for line in own) for each in ("complete", "halved", "diverged")
    ]


def test_what_ended_early_never_ranks_among_the_finished():
    found = of()
    ranked = found.ranked("final")
    finished = [trial.finished for trial in ranked]
    assert finished == sorted(finished, reverse=True)
    scores = [trial.score for trial in ranked if trial.finished]
    assert scores == sorted(scores, reverse=True)
    assert ranked[0].number == found.own.winner
    halved = [trial for trial in ranked if trial.state == "halved"]
    assert max(trial.score for trial in halved) > min(scores)  # and yet it is further down


def test_a_lower_score_ranks_first_where_lower_is_better():
    found = of(higher=False, scores=(0.3,))
    scores = [trial.score for trial in found.finished("final")]
    assert scores == sorted(scores)
    assert [score for _, score in found.best_so_far("final")] == sorted(
        (score for _, score in found.best_so_far("final")), reverse=True
    )


def test_the_best_so_far_is_a_running_maximum():
    found = of()
    done = [trial for trial in found.of_arena("final") if trial.finished]
    running = np.maximum.accumulate([trial.score for trial in done])
    steps = dict(found.best_so_far("final"))
    for trial, best in zip(done, running, strict=True):
        assert max(score for number, score in steps.items() if number <= trial.number) == best


@pytest.mark.parametrize(
    ("honest", "words"),
    [
        (Score(0.8, 0.7, 0.9), "The gap is 0.1"),
        (Score(0.99, 0.97, 1.0), "were kinder by 0.0"),
        (None, "No rows were kept to score it"),
        (Score(of().own.inner, 0.9, 1.0), "Here the two are level."),
    ],
)
def test_the_gap_is_said_in_words(honest, words):
    told = telling.gap(of(), honest)
    assert words in told and "not to be expected" in told
    assert honest is None or told.startswith(f"Expect {honest}")


def test_scores_of_another_unit_are_not_compared():
    made, lines = drawn(higher=False)
    found = Searched.of(made, lines, "a study", unit="standard deviations of the target")
    told = telling.gap(found, Score(54.2, 49.8, 58.9))
    assert "in standard deviations of the target" in told and "The gap" not in told


def test_searches_that_end_alike_are_said_to_agree():
    made, lines = drawn()
    same = [arena | {"values": DEFAULT} for arena in made["arenas"]]
    assert "ended close together" in agreement.sentence(Searched.of(made | {"arenas": same}, lines, "a study"))
    same[2] = same[2] | {"values": DEFAULT | {"learning_rate": 0.9, "width": 128}}
    told = agreement.sentence(Searched.of(made | {"arenas": same}, lines, "a study"))
    assert "end apart in learning rate (0.003 to 0.9), width (64 in 5, 128 in 1)" in told
    assert "They agree on optimizer (adam_w)" in told
    assert "one search" in agreement.sentence(of(outer=0))


def test_the_gain_is_judged_by_its_interval():
    made, lines = drawn()
    for low, high, words in ((0.001, 0.02, "more than chance"), (-0.02, -0.001, "lost more"), (-1, 1, "could be")):
        gain = made["gain"] | {"low": low, "high": high}
        found = Searched.of(made | {"gain": gain}, lines, "a study")
        assert words in study.paid(found.study["gain"])


@pytest.mark.parametrize("change", [{"importance": {}}, {"gain": {}}, {"rungs": [40]}, {"said": []}, {"default": {}}])
def test_a_study_with_less_gives_a_page_with_less(make, change):
    folder = make("multiclass")
    made, _ = write(folder)
    (folder / "study.json").write_text(json.dumps(made | change))
    assert Page(report.build(folder)).open == []


def test_a_search_in_which_nothing_was_finished_still_has_a_page(make):
    folder = make("multiclass")
    made, lines = write(folder, outer=0)
    lost = [line | {"state": "diverged", "score": None, "curve": []} for line in lines]
    (folder / "trials.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lost))
    arenas = [arena | {"inner": None, "default_inner": None, "score": None} for arena in made["arenas"]]
    (folder / "study.json").write_text(json.dumps(made | {"arenas": arenas}))
    page = Page(report.build(folder))
    assert page.open == [] and "64 diverged" in page.text and "No trial was finished" in page.text
    assert "nan" not in re.findall(r'(?:d|cx|cy|x1|y1)="[^"]*nan[^"]*"', report.build(folder))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 9}, r"needs a study of format 1, got format 9"),
        ({"arenas": [{"name": "final"}]}, r"needs a study as it was saved, got KeyError: 'winner'"),
    ],
)
def test_a_study_that_is_none_is_refused_in_words(searched_run, change, words):
    folder, made, _ = searched_run
    (folder / "study.json").write_text(json.dumps(made | change))
    with pytest.raises(RunError, match=words):
        report.build(folder)


def test_a_trial_of_an_unknown_state_is_refused_in_words(searched_run):
    folder, _, lines = searched_run
    (folder / "trials.jsonl").write_text(json.dumps(lines[0] | {"state": "running"}))
    with pytest.raises(RunError, match=r"state 'running'"):
        report.build(folder)


def test_names_and_values_stay_text(make):
    folder = make("multiclass")
    made, lines = write(folder, trials=4, outer=0)
    nasty = "<script>alert(1)</script>"
    space = made["space"] | {nasty: {"type": "choice", "options": [nasty]}}
    (folder / "study.json").write_text(json.dumps(made | {"space": space, "importance": {nasty: 1.0}}))
    lines = [line | {"values": line["values"] | {nasty: nasty}} for line in lines]
    (folder / "trials.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    page = Page(report.build(folder))
    assert page.open == [] and "script" not in {tag for tag, _ in page.tags}


def test_a_curve_is_cut_where_it_leaves_the_scale():
    pieces = list(trials.inside([(1.0, 0.0), (2.0, 1.0), (3.0, 0.5), (4.0, 0.0), (5.0, 0.75)], Scale(0.5, 2, 0, 1)))
    assert pieces == [[(1.5, 0.5), (2.0, 1.0), (3.0, 0.5)], [(4 + 2 / 3, 0.5), (5.0, 0.75)]]


def test_a_track_has_a_place_for_every_value():
    track = Track.of("rate", {"type": "log_uniform", "low": 1e-4, "high": 1.0}, [], 0.0, 100.0)
    assert [track(value) for value in (1e-4, 1e-2, 1.0)] == pytest.approx([0, 50, 100])
    wide = Track.of("rate", {"type": "uniform", "low": 0.0, "high": 1.0}, [2.0], 0.0, 100.0)
    assert wide(2.0) == 100 and wide(1.0) == 50
    whole = Track.of("depth", {"type": "integer", "low": 1, "high": 3}, [], 0.0, 100.0)
    assert whole.ticks() == [(0.0, "1"), (50.0, "2"), (100.0, "3")]
    choice = Track.of("width", {"type": "choice", "options": [32, 64]}, [[64, 32]], 0.0, 90.0)
    assert [choice(value) for value in (32, 64, [64, 32])] == [15, 45, 75]
    assert [choice(32, aside) for aside in (-0.5, 0.5)] == [7.5, 22.5]


def test_the_text_tells_the_search_too(searched_run):
    folder, made, _ = searched_run
    told = " ".join(report.text(folder).split())
    winner = made["arenas"][0]["winner"]
    assert f"settings number {winner} won" in told and "Expect" in told and "trainings with" in told
