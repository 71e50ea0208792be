"""Reading as a whole: what comes in, what goes out, and what is refused in words."""

import io
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from photic.data import table, toy
from photic.data.dataset import Column, LeftOut
from photic.data.opening import open_table
from photic.data.read import read
from photic.errors import DataError

HOUSES = "id,size,kind,price\n" + "".join(f"{i + 1},{i * 1.5},{'ab'[i % 2]},{i % 7 + 0.5}\n" for i in range(30))


@pytest.fixture
def houses(tmp_path):
    path = tmp_path / "houses.csv"
    path.write_text(HOUSES)
    return path


def test_a_table_becomes_two_blocks_with_a_task(houses):
    data = read(houses, "price")
    assert (data.name, data.source, data.n) == ("houses", "houses.csv", 30)
    assert data.columns == (Column("size", "number"), Column("kind", "category", ("a", "b")))
    assert data.numbers[:, 0].tolist() == [i * 1.5 for i in range(30)]
    assert data.codes[:, 0].tolist() == [i % 2 for i in range(30)]
    assert data.y.tolist() == [i % 7 + 0.5 for i in range(30)]
    assert (data.numbers.dtype, data.codes.dtype, data.y.dtype) == (np.float64, np.int32, np.float64)
    assert data.left_out == (LeftOut("id", "counts the rows"),)
    assert data.said == ()


def test_roles_are_read_by_name_and_are_not_features(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{i * 0.5},{'xy'[i % 2]},{i % 3},2020-01-{i + 1:02d},{i + 1}" for i in range(12)]
    path.write_text("\n".join(["a,y,who,day,w", *rows, ""]))
    data = read(path, "y", groups="who", time="day", weights="w")
    assert [column.name for column in data.columns] == ["a"]
    assert data.groups.tolist() == [i % 3 for i in range(12)]
    assert np.diff(data.time).tolist() == [86400.0] * 11
    assert data.weight.tolist() == list(range(1, 13))


def test_rows_without_a_target_are_left_out_of_every_role():
    table = {
        "a": [1.5, 2.5, 3.5, 5],
        "y": ["u", None, "v", "u"],
        "g": [3, 4, 5, 5],
        "w": [1, 2, 3, 4],
        "t": [9, 8, 7, 6],
    }
    data = read(table, "y", groups="g", weights="w", time="t")
    assert data.numbers[:, 0].tolist() == [1.5, 3.5, 5]
    assert data.groups.tolist() == [0, 1, 1]
    assert (data.weight.tolist(), data.time.tolist()) == ([1, 3, 4], [9, 7, 6])
    assert data.said[0] == "1 row without 'y' is left out."


def test_a_role_may_be_missing_where_the_target_is():
    table = {"a": [1.5, 2.5, 4.5, 5], "y": ["u", None, "v", "v"], "w": [1.0, None, 3.0, 1]}
    data = read(table, "y", weights="w")
    assert data.weight.tolist() == [1, 3, 1]


def test_roles_may_be_arrays():
    data = read(
        pl.DataFrame({"a": [1.5, 2.5, 4.5, 5]}),
        np.array([0, 1, 1, 0]),
        weights=[1, 2, 3, 4],
        groups=pl.Series(["x", "y", "x", "y"]),
    )
    assert data.task.target == "target"
    assert (data.y.tolist(), data.weight.tolist(), data.groups.tolist()) == ([0, 1, 1, 0], [1, 2, 3, 4], [0, 1, 0, 1])
    with pytest.raises(DataError, match=r"^weights: needs one value for each of 4 rows, got shape \[3\]\n"):
        read(pl.DataFrame({"a": [1.5, 2.5, 4.5, 5]}), np.array([0, 1, 1, 0]), weights=[1, 2, 3])


def test_a_known_set_has_a_usual_target_and_another_may_be_named():
    data = read("penguins")
    assert (data.name, data.source, data.n) == ("penguins", "the set penguins", 344)
    assert data.task.classes == ("Adelie", "Chinstrap", "Gentoo")
    assert [column.kind for column in data.columns] == ["category", *["number"] * 4, "category", "number"]
    assert int(np.isnan(data.numbers).sum()) == 8
    assert int((data.codes < 0).sum()) == 11
    assert data.said[0] == "No target was named: 'species' is the usual one of this set."
    assert "bill_length_mm ('NA': 2)" in data.said[1]
    assert read("penguins", "body_mass_g").task.kind == "regression"


def test_a_file_comes_before_a_set_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "penguins").write_text(HOUSES)
    assert read("penguins", "price").columns[0].name == "size"
    (tmp_path / "iris").mkdir()
    assert read("iris").n == 150


def test_standard_input_is_read_as_text(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(HOUSES.replace(",", "\t").encode())))
    data = read("-", "price")
    assert (data.name, data.n, data.columns[0].name) == ("standard input", 30, "size")


def test_a_dataset_is_given_back():
    data = toy.xor(n=10)
    assert read(data) is data


def test_columns_that_only_count_are_kept_when_nothing_else_is_left():
    data = read({"x": range(1, 31), "y": [i * 0.5 for i in range(30)]}, "y")
    assert data.columns == (Column("x", "number"),)
    assert data.left_out == ()
    assert data.said == ("Columns that seem to number the rows are kept, because nothing else is left: x.",)


def test_float32_is_kept_when_the_whole_table_is(tmp_path):
    frame = pl.DataFrame({"a": [1.5, 2.5, 4], "b": [0.5, 0.25, 1], "y": [1.5, 2, 3]}).cast(pl.Float32)
    assert read(frame, "y").numbers.dtype == np.float32
    assert read(frame.with_columns(pl.col("b").cast(pl.Float64)), "y").numbers.dtype == np.float64
    frame.write_parquet(tmp_path / "t.parquet")
    assert read(tmp_path / "t.parquet", "y").numbers.dtype == np.float32


def test_infinities_are_missing_and_said_for_all_columns_at_once():
    data = read({"a": [1.5, np.inf, 2], "b": [-np.inf, 2.5, 3], "y": [1.5, 2, 3]}, "y")
    assert np.isnan(data.numbers).tolist() == [[False, True], [True, False], [False, False]]
    assert data.said == ("Infinite values are read as missing: a (1), b (1).",)


@pytest.mark.slow
@pytest.mark.parametrize(("word", "d"), [(False, 10_000), (True, 1_000)])
def test_thousands_of_columns_are_read(tmp_path, word, d):
    draw = np.random.default_rng(0).integers(0, 90, (30, d))
    cells = [[f"w{value % 3}" if word else f"{value / 8}" for value in row] for row in draw.tolist()]
    lines = [",".join([*row, str(place % 2)]) for place, row in enumerate(cells)]
    (tmp_path / "wide.csv").write_text("\n".join([",".join([*(f"c{i}" for i in range(d)), "y"]), *lines]))
    data = read(tmp_path / "wide.csv", "y")
    assert len(data.columns) == d
    if word:
        assert [data.code_columns[j].levels[data.codes[7, j]] for j in (0, d - 1)] == [cells[7][0], cells[7][-1]]
    else:
        assert np.array_equal(data.numbers, draw / 8)


@pytest.mark.parametrize(
    ("target", "settings", "words"),
    [
        (None, {}, """
target: needs the name of the column to predict, got none
from houses.csv; choose one with target=... (--target on the command line) from 'id', 'size', 'kind', 'price'."""),
        ("prize", {}, """
target 'prize': needs the name of a column, got a name that no column has
from houses.csv; did you mean 'price'? known: 'id', 'kind', 'price', 'size'."""),
        ("price", {"weights": "wait"}, """
weights 'wait': needs the name of a column, got a name that no column has
from houses.csv; choose one of 'id', 'kind', 'price', 'size'."""),
        ("price", {"groups": "price"}, """
groups 'price': needs a column of its own, got the target
from houses.csv; name different columns."""),
    ],
)  # fmt: skip
def test_a_wrong_name_is_refused_and_the_nearest_offered(houses, target, settings, words):
    with pytest.raises(DataError) as error:
        read(houses, target, **settings)
    assert str(error.value) == words.strip()
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (
            {"a": [1.5], "y": [2.5]},
            "rows: needs at least two rows, got 1\nfrom the dict; add rows, or read another table.",
        ),
        ({"a": [], "y": []}, "rows: needs at least two rows, got a header line only\n"),
        (
            {"a": [1.5, 2.5], "y": [2.5, None]},
            "target 'y': needs at least two different values, got 2.5 in every row\n",
        ),
        (
            {"a": [1.5, 1.5], "y": [2.5, 3]},
            "columns: needs at least one to learn from, got 'a' has the same value in every row\n",
        ),
        (
            {"y": [2.5, 3]},
            "columns: needs at least one to learn from, got the target alone\nfrom the dict; add columns.",
        ),
    ],
)
def test_a_table_with_nothing_to_learn_from_is_refused(table, words):
    with pytest.raises(DataError) as error:
        read(table, "y")
    assert str(error.value).startswith(words)


def test_reading_never_imports_jax_or_scikit_learn_and_arrays_not_even_polars():
    lines = [
        "import sys, numpy as np",
        "from photic.data.read import read, read_for",
        "x = np.arange(60.0).reshape(20, 3) % 7",
        "data = read(x, np.arange(20) % 2)",
        "read_for(x, data.columns)",
        "slow = {'polars', 'narwhals', 'sklearn', 'jax', 'pandas', 'pydantic'} & set(sys.modules)",
        "assert not slow, slow",
        "read('digits')",
        "slow = {'sklearn', 'jax', 'pandas', 'pydantic'} & set(sys.modules)",
        "assert not slow, slow",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_large_file_is_read_a_few_columns_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "BATCH", 100)
    frame = pl.DataFrame(np.random.default_rng(0).standard_normal((50, 7)), schema=[f"c{i}" for i in range(7)])
    frame.write_parquet(tmp_path / "big.parquet")
    opened = open_table(tmp_path / "big.parquet")
    fetch, sizes = opened.fetch, []
    opened.fetch = lambda names: sizes.append(len(names)) or fetch(names)
    read_back = {name: column.to_list() for name, column in opened.columns(opened.names)}
    assert sizes == [2, 2, 2, 1]
    assert read_back == frame.to_dict(as_series=False)


def test_a_frame_lets_its_columns_go_as_they_are_read():
    opened = table.Table.of_polars("t", "a test", pl.DataFrame({"a": [1.5, 2], "b": [2.5, 3]}))
    assert [name for name, _ in opened.columns(opened.names)] == ["a", "b"]
    with pytest.raises(KeyError):
        opened.column("a")
