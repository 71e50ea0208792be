"""What each column is, and why one is left out."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from photic.data import spelling
from photic.data.columns import typed
from photic.data.dataset import Column
from photic.data.said import listed, sentences
from photic.errors import DataError

DAY = 86400.0


def of(values, name="a", **settings):
    raw = values if isinstance(values, np.ndarray | pl.Series) else pl.Series(name, values, strict=False)
    return typed(name, raw, "a test", **settings)


def column(values, **settings):
    found = of(values, **settings)
    assert not found.reason, found.reason
    return found.column.kind, found.values.tolist()


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, 5, 3], "number", [1, 5, 3]),
        ([1.5, None, 2.5], "number", [1.5, None, 2.5]),
        (np.array([1.5, np.nan, 2.5], np.float32), "number", [1.5, None, 2.5]),
        (np.array([3, 1, 2], np.uint8), "number", [3, 1, 2]),
        ([0, 1, 1, 0], "boolean", [0, 1, 1, 0]),
        ([0.0, None, 1.0], "boolean", [0, -1, 1]),
        ([True, None, False], "boolean", [1, -1, 0]),
        (np.array([True, False]), "boolean", [1, 0]),
        (["yes", "No", "YES", "?"], "boolean", [1, 0, 1, -1]),
        (["t", "f", "t"], "boolean", [1, 0, 1]),
        (["b", "a", None, "b"], "category", [1, 0, -1, 1]),
        ([" b", "b ", "a", "a"], "category", [1, 1, 0, 0]),
        (["1", "2", "10"] * 2, "category", [0, 1, 2] * 2),
        ([dt.date(1970, 1, 2), None, dt.date(1970, 1, 1)], "date", [DAY, None, 0]),
        ([dt.datetime(1970, 1, 1, 0, 1), dt.datetime(1970, 1, 1)], "date", [60, 0]),
        (np.array(["1970-01-02", "NaT", "1970-01-01"], "M8[D]"), "date", [DAY, None, 0]),
        (["1970-01-02", "1970-01-01", "NA"], "date", [DAY, 0, None]),
        (["1970-01-01T01:00:00Z", "1970-01-01T01:00:00+01:00"], "date", [3600, 0]),
        (["1970-01-01 00:01", "1970-01-01 00:00:01.5"], "date", [60, 1.5]),
        ([dt.timedelta(minutes=1), dt.timedelta(0)], "number", [60, 0]),
        ([dt.time(0, 1), dt.time(0, 2)], "number", [60, 120]),
    ],
)
def test_kinds_and_values(values, kind, expected):
    found, numbers = column(values)
    assert found == kind
    assert np.array_equal(numbers, np.array(expected, float), equal_nan=True)


def test_levels_are_ordered_and_the_false_one_comes_first():
    assert of(["b", "a", "b", "a"]).column == Column("a", "category", ("a", "b"))
    assert of(["10", "9", "9", "10"]).column.levels == ("9", "10")
    assert of(["Yes", "No"]).column.levels == ("No", "Yes")
    assert of([True, False]).column.levels == ("false", "true")
    assert of([1, 0]).column.levels == ("0", "1")


def test_in_a_text_table_digits_are_numbers_and_in_a_typed_one_a_choice():
    digits = ["1", "2", "3", "2"] * 5
    assert of(digits, text=True).column.kind == "number"
    assert of(digits).column.kind == "category"
    assert of(["1.5", "2.5", "1.5", "2.5"]).column.kind == "number"
    assert of(pl.Series([str(i) for i in (7, 9, 3, 4, 1)])).column.kind == "number"  # too many to be levels
    assert of(pl.Series(["1.5", "2.5", "1.5"], dtype=pl.Categorical)).column.kind == "category"


@pytest.mark.parametrize("more", [1, 10])  # few missing ones are found by a quicker way than many
def test_missing_spellings_are_missing_and_said(more):
    found = of(["1.5", "2.5"] * more + ["NA", "?", "", "n/a", None, "-", "null", "None", "NaN"], text=True)
    assert found.column.kind == "number"
    assert np.isnan(found.values).tolist() == [False] * 2 * more + [True] * 9
    assert found.notes == (("missing", "'-', '?', 'NA': 7"),)  # an empty cell is no spelling
    words = of(["a", "b", "N/A", "a", "b"])
    assert words.values.tolist() == [0, 1, -1, 0, 1]
    assert words.notes == (("missing", "'N/A': 1"),)


def test_infinite_values_are_missing_and_said():
    for values in (np.array([1.0, np.inf, -np.inf, 2.0]), ["1", "inf", "-inf", "2"]):
        found = of(values, text=True)
        assert np.isnan(found.values).tolist() == [False, True, True, False]
        assert found.notes == (("infinite", "2"),)


def test_thousands_and_decimal_commas():
    found = of(["1,234.5", "2,000", "12"], text=True)
    assert found.values.tolist() == [1234.5, 2000, 12]
    assert found.notes == (("thousands", ""),)
    assert of(["1,5", "2,25", "3"], text=True, decimal=",").values.tolist() == [1.5, 2.25, 3]


@pytest.mark.parametrize(
    ("values", "settings", "reason"),
    [
        ([None, None, None], {}, "has no value in any row"),
        (["?", "NA", ""], {}, "has no value in any row"),
        ([3, 3, 3], {}, "has the same value in every row"),
        (["a", "a", "a"], {}, "has the same value in every row"),
        ([3, None, 3], {}, "has one value only, or none"),
        ([True, True, True], {}, "has the same value in every row"),
        ([[1], [2], [3]], {}, "holds lists or records, not single values"),
        ([{"b": 1}, {"b": 2}], {}, "holds lists or records, not single values"),
        ([4, 5, 6, 7], {}, "counts the rows"),
        ([17, 4, 99, 23], {"name": "customer_id"}, "identifies the rows: a different number in each"),
        ([17, 4, 99, 23], {"name": "PassengerId"}, "identifies the rows: a different number in each"),
        ([f"{i:08x}-0000-4000-8000-{i:012x}" for i in range(4)] * 3, {}, "identifies the rows: unique codes (UUIDs)"),
        (["ann", "bob", "cid"], {}, "identifies the rows: a different word in each"),
        ([f"what a fine day number {i} was" for i in range(9)], {}, "is free text"),
        ([f"word{i % 9}" for i in range(12)], {}, "has 9 different words in 12 rows, too many to learn from"),
        ([f"{i + 1}/12/2020" for i in range(9)], {}, "dates are read as 2020-12-31 only, these are like '1/12/2020'"),
    ],
)  # fmt: skip
def test_a_column_is_left_out_with_a_reason(values, settings, reason):
    assert of(values, **settings).reason == reason


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([4, 6, 5, 7], "a"),  # consecutive but not counting
        ([17, 4, 99, 99], "customer_id"),  # comes back: it groups rows rather than naming them
        ([17, 4, 99, 23], "humid"),  # ends in id but is a word
        ([1.5, 2.5, 3.5], "id"),  # measured
    ],
)
def test_a_column_that_only_looks_like_an_identifier_stays(values, name):
    assert not of(values, name=name).reason


def test_a_few_stray_words_among_numbers_are_refused_with_column_row_and_value():
    values = [str(i / 7) for i in range(40)]
    values[16] = "abc"
    with pytest.raises(DataError) as error:
        of(values, name="price", text=True)
    assert str(error.value) == (
        "column 'price': needs numbers only, or words only, got 'abc' in row 17 (1 such among 40 values)\n"
        "from a test; correct such values, or leave them empty."
    )


def test_stray_words_name_the_row_of_the_table_when_rows_are_left_out():
    values = np.array([str(i / 7) for i in range(40)])
    values[30] = "abc"
    with pytest.raises(DataError, match="'abc' in row 31 "):
        of(pl.Series(values), text=True, rows=np.arange(10, 40))


def test_a_stray_word_among_dates_is_refused():
    values = [f"2020-01-{day:02d}" for day in range(1, 31)] + ["soon"]
    with pytest.raises(DataError, match="needs dates only, or words only, got 'soon' in row 31"):
        of(values)


def test_levels_that_mix_numbers_and_words_are_categories_and_said():
    found = of(["1", "2", "3+"] * 10, text=True)
    assert found.column == Column("a", "category", ("1", "2", "3+"))
    assert found.notes == (("mixed", ""),)


def test_a_long_column_is_factored_like_a_short_one():
    draw = np.random.default_rng(0)
    values = np.array(["b", " b", "a", "NA", "", "c"])[draw.integers(0, 6, 200)].tolist()
    many = values * (spelling.SHORT // 200 + 1)
    short, long = spelling.Words.of(pl.Series(values)), spelling.Words.of(pl.Series(many))
    assert len(many) > spelling.SHORT
    assert short.levels.to_list() == long.levels.to_list()
    assert long.codes.tolist() == short.codes.tolist() * (spelling.SHORT // 200 + 1)
    assert long.spelled[0] == short.spelled[0] == ("NA",)


def test_sentences_gather_columns():
    notes = [("infinite", f"c{i}", "1") for i in range(8)] + [("mixed", "z", "")]
    assert sentences(notes) == (
        "Infinite values are read as missing: c0 (1), c1 (1), c2 (1), c3 (1), c4 (1), c5 (1) and 2 more.",
        "Numbers and words mixed are read as categories: z.",
    )
    assert listed([str(i) for i in range(2000)], 1) == "0 and 1,999 more"
