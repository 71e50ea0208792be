"""`photic predict`: every way out gives the same predictions."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest

import photic
from photic import cli

COLUMNS = ["fruit", "p(apple)", "p(orange)"]


@pytest.fixture(scope="module")
def expected(run: Path, table: Path) -> pl.DataFrame:
    return photic.load(run).predict(table).to_frame()


def _same(frame: pl.DataFrame, expected: pl.DataFrame) -> bool:
    assert frame.columns == expected.columns == COLUMNS
    assert frame["fruit"].to_list() == expected["fruit"].to_list()
    return abs(frame["p(apple)"] - expected["p(apple)"]).max() < 1e-6  # float32, written with all its digits


@pytest.mark.parametrize(
    ("ending", "read"),
    [
        (".csv", pl.read_csv),
        (".tsv", lambda path: pl.read_csv(path, separator="\t")),
        (".parquet", pl.read_parquet),
        (".jsonl", pl.read_ndjson),
        (".NDJSON", pl.read_ndjson),
    ],
)
def test_a_file_by_its_ending(
    ending: str,
    read: object,
    run: Path,
    table: Path,
    tmp_path: Path,
    expected: pl.DataFrame,
    capsys: pytest.CaptureFixture,
) -> None:
    out = tmp_path / f"predicted{ending}"
    assert cli.main(["predict", str(run), str(table), "-o", str(out)]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"wrote 90 predictions to {out}" in shown.err
    assert _same(read(out), expected)


@pytest.mark.parametrize("dash", [[], ["-o", "-"]])
def test_standard_output_is_csv(
    dash: list[str], run: Path, table: Path, expected: pl.DataFrame, capsys: pytest.CaptureFixture
) -> None:
    assert cli.main(["predict", str(run), str(table), *dash]) == 0
    assert _same(pl.read_csv(io.StringIO(capsys.readouterr().out)), expected)


def test_a_terminal_gets_a_preview(
    run: Path, table: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")  # no colours
    assert cli.main(["predict", str(run), str(table)]) == 0
    shown = capsys.readouterr()
    assert shown.out.split()[:3] == COLUMNS
    assert len(shown.out.splitlines()) == 21
    assert "and 70 more" in shown.err


def test_json_holds_the_predictions_or_names_the_file(
    run: Path, table: Path, tmp_path: Path, expected: pl.DataFrame, capsys: pytest.CaptureFixture
) -> None:
    assert cli.main(["predict", str(run), str(table), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["columns"]) == (90, COLUMNS)
    assert _same(pl.DataFrame(told["predictions"]), expected)
    out = tmp_path / "p.csv"
    assert cli.main(["predict", str(run), str(table), "--json", "-o", str(out)]) == 0
    assert json.loads(capsys.readouterr().out)["out"] == str(out)
    assert out.is_file()


def test_the_run_and_the_table_must_be_there(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["predict", str(tmp_path / "nowhere"), "x.csv"]) == 2
    assert "needs the folder of a run" in capsys.readouterr().err
    assert cli.main(["predict", str(run), "nowhere.csv"]) == 2
    assert "nowhere.csv" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_a_failure_of_the_work(
    run: Path, table: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert cli.main(["predict", str(run), str(table), "-o", str(tmp_path / "file" / "p.csv")]) == 1
    assert "Traceback" not in capsys.readouterr().err
