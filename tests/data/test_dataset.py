"""The Dataset: immutable, with a fingerprint of its content."""

import dataclasses
import hashlib

import numpy as np
import pytest

from photic.data.dataset import Column, Dataset, LeftOut, fingerprint
from photic.data.read import read
from photic.data.task import Task
from photic.errors import RunError


def example():
    columns = [Column("a", "number"), Column("b", "category", ("x", "y")), Column("c", "date")]
    return Dataset.of(
        "example", "a test", columns, np.arange(8.0).reshape(4, 2), np.array([[0], [1], [-1], [0]], np.int32),
        task=Task("binary", "t", ("no", "yes")), y=np.array([0, 1, 1, 0], np.int32), weight=np.ones(4),
        groups=np.array([0, 0, 1, 1]), time=np.arange(4.0), left_out=(LeftOut("d", "is free text"),), said=("Said.",),
    )  # fmt: skip


def test_arrays_are_read_only_and_the_caller_s_own_stay_writable():
    x = np.ones((3, 1))
    data = Dataset.of("x", "a test", [Column("a", "number")], x)
    with pytest.raises(ValueError, match="read-only"):
        data.numbers[0, 0] = 2
    x[0, 0] = 2  # not a copy, and still the caller's
    assert data.numbers[0, 0] == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.name = "other"


def test_columns_by_block():
    data = example()
    assert [column.name for column in data.number_columns] == ["a", "c"]
    assert [column.name for column in data.code_columns] == ["b"]
    assert data.n == 4


def test_take_takes_every_role_in_the_given_order():
    data = example()
    part = data.take(np.array([3, 1]))
    assert part.numbers.tolist() == [[6, 7], [2, 3]]
    assert part.codes.tolist() == [[0], [1]]
    assert (part.y.tolist(), part.weight.tolist(), part.groups.tolist(), part.time.tolist()) == (
        [0, 1], [1, 1], [1, 0], [3, 1],
    )  # fmt: skip
    assert (part.columns, part.task, part.left_out, part.said) == (data.columns, data.task, data.left_out, data.said)
    assert part.fingerprint not in {data.fingerprint, data.take(np.array([1, 3])).fingerprint}
    assert part.fingerprint == data.take(np.array([3, 1])).fingerprint


def test_the_fingerprint_is_the_sha256_of_content_whatever_the_layout():
    x = np.arange(6.0).reshape(3, 2)
    by_hand = hashlib.sha256(b"()<f8(3, 2)" + x[:, 0].tobytes() + x[:, 1].tobytes()).hexdigest()
    assert fingerprint([], [x]) == fingerprint((), [np.asfortranarray(x)]) == by_hand
    assert fingerprint([], [x.astype(np.float32)]) != by_hand
    assert fingerprint([Column("a", "number")], [x]) != by_hand
    assert fingerprint([], [x, None]) != by_hand


@pytest.mark.parametrize("change", [{"y": np.array([1, 1, 1, 0], np.int32)}, {"weight": np.zeros(4)}, {"time": None}])
def test_the_fingerprint_covers_the_roles(change):
    data = example()
    roles = {role: getattr(data, role) for role in ("y", "weight", "groups", "time")} | change
    other = Dataset.of("example", "a test", data.columns, data.numbers, data.codes, **roles)
    assert other.fingerprint != data.fingerprint


def test_the_same_table_has_the_same_fingerprint_from_a_file_and_from_a_frame(tmp_path):
    import polars as pl

    frame = pl.DataFrame({"a": [1.5, 2.5, 4.0], "b": ["x", "y", "x"], "y": [0.5, 1.5, 2.5]})
    frame.write_csv(tmp_path / "t.csv")
    frame.write_parquet(tmp_path / "t.parquet")
    marks = {read(each, "y").fingerprint for each in (frame, tmp_path / "t.csv", tmp_path / "t.parquet")}
    assert len(marks) == 1


@pytest.mark.parametrize("column", example().columns)
def test_a_column_survives_json(column):
    assert Column.from_json(column.to_json()) == column


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            {"name": "a", "kind": "nubmer"},
            "column 'a': needs a known kind, got 'nubmer'\nfrom p.json; did you mean 'number'",
        ),
        ({"name": None, "kind": "number"}, "needs a name and a list of levels"),
        ({"name": "a", "kind": "category", "levels": 3}, "needs a name and a list of levels"),
    ],
)
def test_an_edited_column_is_refused(data, words):
    with pytest.raises(RunError, match=words):
        Column.from_json(data, source="p.json")


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        (np.zeros((2, 3)), "table"),
        (np.zeros((2, 3), np.float32), "table"),
        (np.zeros((2, 4, 4, 1), np.uint8), "images"),
        (np.zeros((2, 5, 1), np.float32), "series"),
        (np.zeros((2, 5), np.int32), "text"),
    ],
)
def test_the_kind_is_told_by_the_array(numbers, kind):
    assert Dataset.of("x", "a test", (), numbers).kind == kind


def test_lengths_and_the_given_test_part_are_taken_along_and_count_in_the_fingerprint():
    numbers, lengths = np.zeros((3, 4, 1), np.float32), np.array([4, 2, 1], np.int32)
    data = Dataset.of("x", "a test", (), numbers, lengths=lengths, given_test=np.array([False, True, True]))
    part = data.take(np.array([2, 0]))
    assert (part.lengths.tolist(), part.given_test.tolist()) == ([1, 4], [True, False])
    plain = Dataset.of("x", "a test", (), numbers)
    assert (
        len({plain.fingerprint, data.fingerprint, Dataset.of("x", "a test", (), numbers, lengths=lengths).fingerprint})
        == 3
    )
