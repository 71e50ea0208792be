"""The row `diagnose`: how trials are judged, counted and told, with trainings and diagnoses that are made up."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import faults
from bench.outcome import Choice, Session
from bench.rows import diagnose as row
from photic.diagnose.inject import FAULTS
from photic.diagnose.sound import TUNE

MOONS = {"moons": TUNE["moons"]}


class _Made:
    """A diagnosis that finds what it is told to."""

    def __init__(self, skill: float, kind: str | None, change: object = None) -> None:
        self.evidence = SimpleNamespace(score={}, fit_score={}, skill=lambda _: skill)
        advice = SimpleNamespace(change=change)
        found = SimpleNamespace(kind=kind, level="problem", explains=(), words=f"{kind}!", advice=advice)
        self.findings = self.problems = () if kind is None else (found,)
        self.first = found if kind else None


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[_Made]:
    """Diagnoses in the order they will be asked for."""
    queue: list[_Made] = []
    monkeypatch.setattr(faults, "carry_out", lambda described, *, seeds: described)
    monkeypatch.setattr(faults, "try_out", lambda described, *, seeds: queue.pop(0).evidence)
    monkeypatch.setattr(faults, "diagnose", lambda _: queue.pop(0))
    return queue


def _same(setup: object) -> object:
    return setup


@pytest.mark.parametrize(
    ("named", "after", "detected", "closed"),
    [("rate zero", 0.8, True, True), ("rate zero", 0.3, True, False), ("too small", 0.8, False, True)],
)
def test_a_trial_is_judged_by_name_and_by_the_distance_that_is_closed(
    told: list[_Made], named: str, after: float, detected: bool, closed: bool
) -> None:
    told += [_Made(0.9, None), _Made(0.1, named, _same), _Made(after, None)]
    (trial,) = faults.Bench(MOONS, print).trials(FAULTS["rate zero"], 1)
    assert (trial.detected, trial.first, trial.closed) == (detected, detected, closed)
    assert (trial.sound, trial.broken, trial.cured) == (0.9, 0.1, after)


def test_what_did_no_harm_does_not_count_and_another_program_is_tried(told: list[_Made]) -> None:
    told += [_Made(0.9, None), _Made(0.9, None), _Made(0.9, None), _Made(0.2, "rate zero")]
    first, second = faults.Bench(MOONS, print).trials(FAULTS["rate zero"], 1)
    assert (first.counts, second.counts) == (False, True)
    assert second.cured is None and not second.closed  # advice without a change cures nothing


def test_a_fault_without_distance_is_cured_when_it_is_found_no_more(told: list[_Made]) -> None:
    told += [_Made(0.9, None), _Made(0.9, "leak", _same), _Made(0.9, "leak", _same)]
    trial = next(faults.Bench(MOONS, print).trials(FAULTS["leaking column"], 1))
    assert trial.counts and trial.first and not trial.closed


def test_a_trial_that_fails_is_told_and_the_others_go_on(told: list[_Made]) -> None:
    told += [_Made(0.9, None)]  # then the queue is empty
    trial = next(faults.Bench(MOONS, print).trials(FAULTS["rate zero"], 1))
    assert trial.failure.startswith("IndexError") and not trial.detected


def test_sound_trainings_are_judged_as_strictly(told: list[_Made]) -> None:
    told += [_Made(0.9, None), _Made(0.8, "overfitting"), *[_Made(0.9, None)] * 4]
    found = list(faults.Bench(MOONS, print).alarms(6))
    assert [alarm.problems for alarm in found] == [(), ("overfitting",), (), (), (), ()]
    assert [alarm.program.split(", ")[1:] for alarm in found[:3]] == [
        ["one layer", "seed 0"],
        ["two layers", "seed 0"],
        ["two layers", "seed 1"],
    ]  # every architecture as often as the others, or nearly


def test_the_row_counts_tells_and_keeps(told: list[_Made], tmp_path: Path) -> None:
    kept = tmp_path / "trials.jsonl"
    told += [_Made(0.9, None), _Made(0.1, "rate zero", _same), _Made(0.9, None), _Made(0.9, "leak")]
    choice = Choice(tune=True, faults=("rate zero",), trials=1, sound=1, keep=kept)
    outcome = row.measure(Session(1, tmp_path, lambda _: None, choice))
    assert outcome.lines[0]["fault"] == "rate zero" and outcome.lines[0]["named first"] == "100%"
    assert [bar.met for bar in outcome.bars] == [True, True, True, False]
    assert outcome.notes[0].endswith("a false alarm: leak!")
    lines = [json.loads(line) for line in kept.read_text().splitlines()]
    assert [set(line) for line in lines] == [
        {field.name for field in dataclasses.fields(kind)} for kind in (faults.Trial, faults.Alarm)
    ]


def test_what_was_kept_is_not_made_again(told: list[_Made], tmp_path: Path) -> None:
    choice = Choice(tune=True, faults=("rate zero",), trials=1, sound=2, keep=tmp_path / "trials.jsonl")
    told += [_Made(0.9, None), _Made(0.1, "rate zero", _same), _Made(0.8, None), *[_Made(0.9, None)] * 2]
    session = Session(1, tmp_path, lambda _: None, choice)
    first, kept = row.measure(session), choice.keep.read_text()
    assert told == [] and len(kept.splitlines()) == 3
    assert row.measure(session).lines == first.lines  # nobody is asked again
    assert choice.keep.read_text() == kept


def test_an_unknown_fault_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="did you mean 'rate zero'"):
        row.measure(Session(1, tmp_path, lambda _: None, Choice(faults=("rate zerro",))))
