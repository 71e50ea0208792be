"""The report in a terminal."""

import json

import pytest

from photic import report
from photic.report.text import sparkline


def test_verdict_scores_lanes_findings_choices_and_the_next_command(run):
    text = report.text(run)
    verdict = json.loads((run / "scores.json").read_text())["verdict"]
    assert " ".join(text.split()).count(" ".join(verdict.split())) == 1
    assert text.index("boosted trees  ") < text.index("Loss on the stop rows") < text.index("Problem: 12 test rows")
    assert text.count(" kept epoch ") == 6
    assert "Left out: notes, free text." in text and "Model: two hidden layers" in text
    assert text.splitlines()[-1] == f"photic predict {run.name} new.csv -o predictions.csv"


def test_no_line_but_a_table_is_wider_than_the_terminal(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "70")
    blocks = report.text(run).split("\n\n")
    prose = [line for i, block in enumerate(blocks) if i not in {2, 3} for line in block.splitlines()]
    assert max(map(len, prose)) <= 70


def test_a_run_that_was_never_scored_says_so(run):
    (run / "scores.json").unlink()
    assert "This network was never scored." in report.text(run)


@pytest.mark.parametrize(
    ("values", "line"),
    [([], ""), ([1.0], "▁"), ([2.0, 2.0], "▁▁"), ([0, 7], "▁█"), ([7, 6, 5, 4, 3, 2, 1, 0], "█▇▆▅▄▃▂▁")],
)
def test_a_sparkline_goes_from_low_to_high(values, line):
    assert sparkline(values) == line


def test_a_long_sparkline_keeps_its_ends():
    line = sparkline([float(i) for i in range(1000)], 10)
    assert len(line) == 10 and line[0] == "▁" and line[-1] == "█"
