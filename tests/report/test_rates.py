"""The chart of the rates that were tried: what was taken, what diverged, and nothing where nothing was looked for."""

from __future__ import annotations

import dataclasses
import json
import math

from photic.experiment.rates import Found
from photic.report.page import build
from photic.report.rates import chart
from photic.report.record import Record
from photic.report.tag import html

FINAL = Found.of("final", 12, {1e-6: 1.4, 0.01: 0.3, 0.1: 0.02, 1.0: 2.0, 10.0: math.nan})
FOLD = Found.of("fold 1", 12, {1e-6: 1.5, 0.01: 0.1, 0.1: 0.2, 1.0: math.nan, 10.0: math.nan})


def _with(folder, found):
    plan = json.loads((folder / "plan.json").read_text())
    plan["rates"] = None if found is None else [dataclasses.asdict(each) for each in found]
    (folder / "plan.json").write_text(json.dumps(plan))
    return folder


def test_the_rate_taken_is_marked_and_a_rate_that_diverged_has_a_cross(make) -> None:
    drawn = html(chart(Record.read(_with(make("multiclass"), (FOLD, FINAL)))))
    assert "The learning rate 0.1 brought the loss lowest" in drawn and "taken: 0.1" in drawn
    assert drawn.count("×") == 1, "the crosses are those of the final network"
    assert drawn.count("diverged") == 3, "and the table names all of them"
    assert "after 12 epochs at each rate" in drawn and "Thin lines are the folds" in drawn
    assert "nan" not in drawn


def test_folds_alone_show_the_span_of_their_rates(make) -> None:
    other = dataclasses.replace(FINAL, lane="fold 2")
    drawn = html(chart(Record.read(_with(make("multiclass"), (FOLD, other)))))
    assert "Learning rates from 0.01 to 0.1 brought the loss lowest" in drawn


def test_it_stands_on_the_page_of_a_run_and_only_where_rates_were_looked_for(make) -> None:
    folder = make("regression")
    for found in (None, (), (Found.of("final", 1, {1.0: math.nan}),)):
        assert chart(Record.read(_with(folder, found))) is None
    assert "brought the loss lowest" not in build(folder)
    assert "brought the loss lowest" in build(_with(folder, (FINAL,)))


def test_where_the_loss_fell_nowhere_the_curve_is_shown_without_a_rate(make) -> None:
    flat = Found.of("final", 12, {1e-6: 1.4, 0.1: 1.41})
    drawn = html(chart(Record.read(_with(make("regression"), (flat,)))))
    assert "taken" not in drawn and "At no learning rate did the loss fall" in drawn
