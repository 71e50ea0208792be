"""Frames of pandas, polars and pyarrow, and dicts of lists, all give the same Dataset."""

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from photic.data.read import read
from photic.errors import DataError

DAYS = [dt.datetime(1970, 1, 1), None, dt.datetime(1970, 1, 3), dt.datetime(1970, 1, 2)]
TABLE = {
    "size": [1.5, 2.5, None, 4.0],
    "count": [7, 9, 8, 7],
    "kind": ["a", None, "b", "a"],
    "garden": [True, False, None, True],
    "day": DAYS,
    "price": [0.5, 1.5, 2.5, 3.25],
}


def pandas_frame():
    frame = pd.DataFrame({name: values for name, values in TABLE.items() if name != "day"})
    return frame.assign(day=pd.to_datetime(DAYS), kind=frame["kind"].astype("category"))[list(TABLE)]


FRAMES = {
    "pandas": pandas_frame,
    "pandas nullable": lambda: pandas_frame().convert_dtypes(),
    "polars": lambda: pl.DataFrame(TABLE),
    "polars lazy": lambda: pl.DataFrame(TABLE).lazy(),
    "pyarrow": lambda: pa.table(TABLE),
    "dict": lambda: TABLE,
}


@pytest.mark.parametrize("name", FRAMES)
def test_every_frame_gives_the_same_dataset(name):
    data = read(FRAMES[name](), "price")
    kinds = ["number", "number", "category", "boolean", "date"]
    assert [(column.name, column.kind) for column in data.columns] == list(zip(TABLE, kinds, strict=False))
    assert data.columns[2].levels == ("a", "b")
    days = 86400.0 * np.array([0, np.nan, 2, 1])
    expected = np.c_[[1.5, 2.5, np.nan, 4], [7, 9, 8, 7], days]
    assert np.array_equal(data.numbers, expected, equal_nan=True)
    assert data.codes.tolist() == [[0, 1], [-1, 0], [1, -1], [0, 1]]
    assert data.y.tolist() == TABLE["price"]
    assert data.fingerprint == read(TABLE, "price").fingerprint


def test_a_pandas_index_is_no_column_and_names_may_be_numbers():
    frame = pd.DataFrame({0: [1.5, 2.5, 4], 1: [0.5, 1.5, 2.5]}, index=["x", "y", "z"])
    data = read(frame, 1)
    assert [column.name for column in data.columns] == ["0"]
    assert data.task.target == "1"


def test_pandas_objects_that_mix_types_are_words():
    frame = pd.DataFrame({"a": [1, "x", 2.5, "x"] * 5, "y": np.arange(20) * 0.5})
    assert read(frame, "y").columns[0].levels == ("1", "2.5", "x")


def test_a_time_zone_counts():
    frame = pd.DataFrame({"t": pd.to_datetime(["1970-01-01 01:00+01:00", "1970-01-01 03:00+01:00"]), "y": [0.5, 1.5]})
    assert read(frame, "y").numbers[:, 0].tolist() == [0, 7200]


def test_float32_of_pandas_is_kept():
    frame = pd.DataFrame({"a": [1.5, 2.5, 4], "y": [0.5, 1.5, 2.5]}, dtype=np.float32)
    assert read(frame, "y").numbers.dtype == np.float32


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame([[1, 2, 3.5], [2, 3, 4.5]], columns=["a", "a", "y"]),
        pa.table([pa.array([1, 2]), pa.array([2, 3]), pa.array([3.5, 4.5])], names=["a", "a", "y"]),
        pd.DataFrame([[1, 2, 3.5], [2, 3, 4.5]], columns=[1, "1", "y"]),
    ],
    ids=["pandas", "pyarrow", "pandas numbers"],
)
def test_names_that_come_twice_are_refused(frame):
    with pytest.raises(
        DataError, match=r"columns: need different names, got '[a1]' in places 1, 2\nfrom the p.* frame; rename"
    ):
        read(frame, "y")


def test_a_dict_of_unequal_lists_is_refused():
    with pytest.raises(DataError, match="the dict: needs columns of equal length, got "):
        read({"a": [1, 2, 3], "y": [1, 2]}, "y")
