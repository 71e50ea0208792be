"""`photic data`: the known sets, listed, described and fetched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from photic import cli
from photic.data import sources


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")


def test_list_names_every_set_and_marks_those_to_be_fetched(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["data", "list"]) == 0
    shown = capsys.readouterr().out
    lines = {line.split()[0]: line for line in shown.splitlines() if line and not line.startswith(" ")}
    assert {known.name for known in sources.list_sets()} <= set(lines)
    assert "↓" in lines["titanic"]
    assert "↓" not in lines["penguins"] + lines["iris"]
    assert max(map(len, shown.splitlines())) <= 80


def test_list_as_json(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["data", "list", "--json"]) == 0
    sets = {facts["name"]: facts for facts in json.loads(capsys.readouterr().out)["sets"]}
    assert (sets["penguins"]["rows"], sets["penguins"]["target"], sets["penguins"]["here"]) == (344, "species", True)
    assert sets["titanic"]["here"] is False


def test_info_says_where_a_set_comes_from_and_what_to_type_next(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["data", "info", "wage"]) == 0
    shown = capsys.readouterr().out
    assert all(part in shown for part in ("3,000", "BSD-2-Clause", "islp 0.6.0", "logwage", "photic data get wage"))
    assert shown.splitlines()[-1].split() == ["next", "photic", "fit", "wage"]


def test_get_prints_the_path_alone(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["data", "get", "penguins"]) == 0
    shown = capsys.readouterr()
    assert Path(shown.out.strip()).read_text(encoding="utf-8").startswith("species,")
    assert shown.err == ""


def test_an_unknown_set_is_refused_with_the_nearest(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["data", "info", "penguin"]) == 2
    assert "did you mean 'penguins'?" in capsys.readouterr().err
