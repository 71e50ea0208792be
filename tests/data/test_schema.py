"""Rows to predict, matched to what a network was fitted on."""

import numpy as np
import polars as pl
import pytest

from photic.data import toy
from photic.data.dataset import Column
from photic.data.read import read, read_for
from photic.errors import DataError

SCHEMA = (
    Column("size", "number"),
    Column("kind", "category", ("a", "b")),
    Column("garden", "boolean", ("no", "yes")),
    Column("built", "date"),
    Column("rooms", "category", ("1", "2", "3+")),
)
TABLE = {
    "size": [1.5, 2.5],
    "kind": ["a", "b"],
    "garden": ["yes", "no"],
    "built": ["1970-01-02", "1970-01-01"],
    "rooms": ["3+", "1"],
}


def match(**changes):
    return read_for(TABLE | changes, SCHEMA)


def refusal(**changes):
    with pytest.raises(DataError) as error:
        match(**changes)
    return str(error.value)


def test_the_same_columns_give_the_same_blocks():
    data = match()
    assert data.columns == SCHEMA
    assert data.numbers.tolist() == [[1.5, 86400], [2.5, 0]]
    assert data.codes.tolist() == [[0, 1, 2], [1, 0, 0]]
    assert (data.task, data.y, data.said) == (None, None, ())


def test_what_was_fitted_matches_itself_exactly():
    data = read("penguins")
    again = read_for("penguins", data.columns)
    assert np.array_equal(again.numbers, data.numbers, equal_nan=True)
    assert np.array_equal(again.codes, data.codes)
    assert again.said[0] == "Columns that the network does not use are ignored: species."


def test_order_does_not_matter_and_more_columns_are_ignored_and_said():
    frame = pl.DataFrame({"price": [1, 2]} | dict(reversed(TABLE.items())) | {"id": ["x", "y"]})
    data = read_for(frame, SCHEMA)
    assert np.array_equal(data.numbers, match().numbers)
    assert np.array_equal(data.codes, match().codes)
    assert data.said == ("Columns that the network does not use are ignored: price, id.",)


def test_one_row_is_enough_and_none_is_refused():
    assert read_for({name: values[:1] for name, values in TABLE.items()}, SCHEMA).n == 1
    with pytest.raises(DataError, match="rows: needs at least one row, got none\nfrom the dict; add rows"):
        read_for({name: [] for name in TABLE}, SCHEMA)


def test_a_missing_column_is_refused_by_name():
    table = {name: values for name, values in TABLE.items() if name not in {"kind", "rooms"}} | {"kinds": ["a", "b"]}
    with pytest.raises(DataError) as error:
        read_for(table, SCHEMA)
    assert str(error.value) == (
        "columns: need all that the network was fitted on, got none called 'kind', 'rooms'\n"
        "from the dict; add 'kind': did you mean 'kinds'? known: 'built', 'garden', 'kinds', 'size'."
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": ["1.5", "big"]}, "column 'size': needs numbers, as in the fit, got 'big' in row 2\nfrom"),
        ({"size": ["1970-01-02", "1970-01-01"]}, "column 'size': needs numbers, as in the fit, got dates\n"),
        ({"kind": [7, 8]}, "column 'kind': needs words such as 'a', as in the fit, got the number 7 in row 1\n"),
        ({"kind": [None, 8.5]}, "column 'kind': needs words such as 'a', as in the fit, got the number 8.5 in row 2"),
        (
            {"built": ["1970-01-02", "soon"]},
            "column 'built': needs dates such as 2020-12-31, as in the fit, got 'soon' in row 2",
        ),
        (
            {"built": [3, 4]},
            "column 'built': needs dates such as 2020-12-31, as in the fit, got numbers (3 in row 1)\n",
        ),
        ({"garden": [3, 4]}, "column 'garden': needs words such as 'no', as in the fit, got the number 3 in row 1\n"),
        ({"size": [[1], [2]]}, "column 'size': needs numbers, as in the fit, got lists or records\n"),
        ({"kind": [[1], [2]]}, "column 'kind': needs words, got lists or records\n"),
    ],
)
def test_another_kind_of_column_is_refused_with_its_first_row(changes, words):
    assert refusal(**changes).startswith(words)


@pytest.mark.parametrize(
    ("changes", "numbers", "codes"),
    [
        ({"size": ["1.5", "2.5"]}, [1.5, 2.5], None),
        ({"size": ["1.5", None]}, [1.5, None], None),
        ({"size": [None, None]}, [None, None], None),
        ({"size": [True, None]}, [1, None], None),
        ({"size": [1, 2]}, [1, 2], None),
        ({"garden": [True, False]}, None, (1, [1, 0])),
        ({"garden": [1, 0]}, None, (1, [1, 0])),
        ({"garden": ["TRUE", None]}, None, (1, [1, -1])),
        ({"kind": [" a", "?"]}, None, (0, [0, -1])),
        ({"kind": [None, None]}, None, (0, [-1, -1])),
        ({"rooms": [1, 2]}, None, (2, [0, 1])),
        ({"rooms": [2.0, None]}, None, (2, [1, -1])),
    ],
)
def test_what_means_the_same_is_read_the_same(changes, numbers, codes):
    data = match(**changes)
    if numbers is not None:
        assert np.array_equal(data.numbers[:, 0], np.array(numbers, float), equal_nan=True)
    if codes is not None:
        assert data.codes[:, codes[0]].tolist() == codes[1]


def test_categories_never_seen_are_unknown_counted_and_said():
    data = match(kind=["z", "b"], rooms=["4", "5"])
    assert data.codes[:, [0, 2]].tolist() == [[2, 3], [1, 3]]
    assert data.said == (
        "Categories that the network has never seen are read as unknown: kind (1: 'z'), rooms (2: '4', '5').",
    )


def test_an_array_is_matched_by_x1_x2_or_by_place():
    x = np.arange(12.0).reshape(4, 3)
    by_name = read_for(x, (Column("x1", "number"), Column("x3", "number")))
    assert np.array_equal(by_name.numbers, x[:, [0, 2]])
    by_place = read_for(x, tuple(Column(name, "number") for name in "abc"))
    assert np.array_equal(by_place.numbers, x)
    assert read_for(x.astype(np.float32), by_place.columns).numbers.dtype == np.float32
    with pytest.raises(DataError, match=r"x: needs 2 columns, as in the fit, got 3\nfrom the arrays; pass a, b\."):
        read_for(x, tuple(Column(name, "number") for name in "ab"))


def test_a_dataset_is_matched_to_itself_only():
    data = toy.xor(n=10)
    again = read_for(data, data.columns)
    assert (again.task, again.y) == (None, None)
    assert np.array_equal(again.numbers, data.numbers)
    with pytest.raises(DataError, match="columns: need to be those of the fit, got x1, x2\n"):
        read_for(data, SCHEMA)
