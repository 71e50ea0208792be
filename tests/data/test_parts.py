"""A table that memory does not hold is the same table: read in parts, kept in a file, prepared piece by piece."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from photic.data import maps
from photic.data.prepare import Preparation
from photic.data.read import read, read_for
from photic.errors import DataError

N = 400
RNG = np.random.default_rng(5)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def _frame() -> pl.DataFrame:
    words = [["red", "green, or so", 'a "blue"\none', None][i] for i in RNG.integers(0, 4, N)]
    late = ["1.5"] * 300 + ["2", "2.5", "NA", ""] * 25  # a missing mark long after the first rows
    return pl.DataFrame({
        "size": RNG.normal(size=N).round(4),
        "colour": words,
        "late": late,
        "when": [f"2020-01-{day + 1:02d}" for day in RNG.integers(0, 28, N)],
        "sure": RNG.integers(0, 2, N),
        "label": [["cat", "dog"][i] for i in RNG.integers(0, 2, N)],
        "number": np.arange(N),
    })  # fmt: skip


@pytest.fixture(params=["csv", "semicolons", "parquet"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    frame = _frame()
    path = tmp_path / f"table.{'parquet' if request.param == 'parquet' else 'csv'}"
    if request.param == "parquet":
        frame.write_parquet(path)
    else:
        frame.write_csv(path, separator=";" if request.param == "semicolons" else ",")
        text = path.read_text().split("\n")
        path.write_text("\n".join([*text[:20], "", *text[20:]]) if request.param == "csv" else "\n".join(text))
    return path


@pytest.mark.slow
def test_a_table_in_a_file_is_the_table_in_memory(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "PIECE", 2000)  # a part has some thirty lines
    held, mapped = read(file, "label"), read(file, "label", memory=1)
    assert mapped.mapped and not held.mapped
    assert (mapped.columns, mapped.left_out, mapped.fingerprint) == (held.columns, held.left_out, held.fingerprint)
    assert [sentence for sentence in mapped.said if "lies in a file" not in sentence] == list(held.said)
    assert len(mapped.said) == len(held.said) + 1
    for name in ("numbers", "codes", "y"):
        np.testing.assert_array_equal(getattr(mapped, name), getattr(held, name))
    rows = np.arange(0, N, 2)
    preparation = Preparation.fit(held, rows)
    assert Preparation.fit(mapped, rows) == preparation
    x = preparation.transform(mapped, mapped=True)
    assert maps.is_mapped(x)
    np.testing.assert_array_equal(x, preparation.transform(held))
    np.testing.assert_array_equal(preparation.transform(mapped, rows, width=20, mapped=True)[:, : x.shape[1]], x[rows])


def test_a_column_that_turns_to_words_late_is_words_from_the_beginning(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(maps, "PIECE", 50_000)
    path = tmp_path / "turning.csv"
    values = [*range(14_000), *(["lots", "few"] * 500)]
    labels = [("a", "b")[value] for value in RNG.integers(0, 2, 15_000)]
    lines = [f"{value},{RNG.normal():.3f},{label}" for value, label in zip(values, labels, strict=True)]
    path.write_text("\n".join(["x,z,y", *lines]))
    problems = []
    for memory in (None, 1000):
        with pytest.raises(DataError) as problem:
            read(path, "y", memory=memory)
        problems.append(str(problem.value))
    assert problems[0] == problems[1]
    assert "column 'x': needs numbers only, or words only, got 'lots' in row 14,001" in problems[0]


def test_a_line_with_too_many_values_is_named_in_parts_too(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(maps, "PIECE", 500)
    path = tmp_path / "broken.csv"
    path.write_text("a,b\n" + "1,2\n" * 500 + "1,2,3\n" + "1,2\n" * 5)
    with pytest.raises(DataError) as problem:
        read(path, "b", memory=100)
    assert str(problem.value) == (
        "broken.csv: needs 2 values in a line, as in its header, got 3 values in line 502\n"
        "from the file itself; correct that line; a value that contains the separator needs quotes."
    )


def test_what_was_parsed_goes_with_the_table(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    _frame().write_csv(path)
    dataset = read(path, "label", memory=1)
    assert list(maps.place().iterdir()) == []
    assert np.isfinite(dataset.numbers[:, 0]).all()


def test_new_rows_in_a_file_are_matched_as_in_memory(file: Path) -> None:
    schema = read(file, "label").columns
    held, mapped = read_for(file, schema), read_for(file, schema, memory=1)
    assert mapped.mapped
    np.testing.assert_array_equal(mapped.numbers, held.numbers)
    np.testing.assert_array_equal(mapped.codes, held.codes)
    assert mapped.said == held.said
