"""`photic landscape`: text on standard output, a page, progress elsewhere; bad lines are refused in words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from photic import cli
from photic.runs import store


@pytest.fixture
def own(run: Path, tmp_path: Path) -> Path:
    """A copy of the run, for a page is put into its folder."""
    return Path(shutil.copytree(run, tmp_path / "run"))


def test_it_prints_what_is_seen_and_where_the_page_is(own: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["landscape", str(own), "--points", "3"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("The landscape of fruit from fruit\n")
    assert "On the straight line between the two" in shown.out.replace("\n", " ")
    assert shown.out.endswith(f"\nPage  {own / 'landscape.html'}\n")
    assert "<svg" in (own / "landscape.html").read_text(encoding="utf-8")
    assert store.verify(own) == (), "the page came under the seal"


def test_rules_side_by_side_as_json(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    page = tmp_path / "page.html"
    line = ["landscape", str(own), "--rules", "sgd, adam", "--rates", "0.1,0.01", "--points", "3"]
    assert cli.main([*line, "--out", str(page), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [path["name"] for path in told["paths"]] == ["sgd", "adam"]
    assert told["page"] == str(page) and "Every rule takes its own way down" in page.read_text(encoding="utf-8")
    assert not (own / "rules.html").exists()


REFUSED = [
    (["--rules", "adm"], "optimizer: needs a known rule, got 'adm'\n", "did you mean 'adam'?"),
    (["--rules", "sgd", "--rates", "fast"], "--rates: needs numbers, got 'fast'\n", "0.1,0.01"),
    (["--rules", "sgd", "--rates", "0"], "rates: needs numbers above 0, got 0.0\n", "such as 0.01"),
    (["--rules", "sgd", "--rates", "1,2"], "rates: needs as many as rules, got 2 for 1\n", "one rate for each rule"),
    (["--points", "0"], "points: needs a whole number from 3 to 201, got 0\n", "leave it out"),
    (["nowhere.csv"], "nowhere.csv: needs", "nowhere.csv"),
]


@pytest.mark.parametrize(("line", "words", "advice"), REFUSED, ids=[" ".join(row[0]) for row in REFUSED])
def test_a_wrong_line_is_refused(
    line: list[str], words: str, advice: str, run: Path, capsys: pytest.CaptureFixture
) -> None:
    assert cli.main(["landscape", str(run), *line]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and "Traceback" not in shown.err
    text = shown.err.replace("\n        ", "\n")
    assert words in text and advice in text


def test_what_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["landscape", str(tmp_path)]) == 2
    assert "needs the folder of a run" in capsys.readouterr().err
