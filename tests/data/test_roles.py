"""Groups, time and weights: what they are read as, and what is refused."""

import numpy as np
import polars as pl
import pytest

from photic.data import roles
from photic.errors import DataError


def test_groups_are_codes_by_value():
    assert roles.groups("g", np.array([30, 10, 30]), "a test").tolist() == [1, 0, 1]
    assert roles.groups("g", pl.Series(["b", "a", "b "]), "a test").tolist() == [0, 1, 0]
    assert roles.groups("g", pl.Series([True, False]), "a test").tolist() == [1, 0]
    assert roles.groups("g", pl.Series(["2020-01-02", "2020-01-01"]), "a test").tolist() == [1, 0]


def test_time_is_seconds_or_a_number():
    assert roles.time("t", pl.Series(["1970-01-02", "1970-01-01 00:00:01"]), "a test").tolist() == [86400, 1]
    assert roles.time("t", np.array([2021, 2020]), "a test").tolist() == [2021, 2020]


@pytest.mark.parametrize(
    ("read", "values", "words"),
    [
        (
            roles.groups,
            ["a", None, "?"],
            "groups 'r': needs a value in every row, got none in row 2 and in 1 more\nfrom a test; fill",
        ),
        (roles.groups, [1.5, None], "groups 'r': needs a value in every row, got none in row 2\n"),
        (roles.groups, [True, None], "groups 'r': needs a value in every row, got none in row 2\n"),
        (roles.groups, [[1], [2]], "groups 'r': needs single values, got lists or records\n"),
        (
            roles.time,
            ["2020-01-01", "soon"],
            "time 'r': needs dates such as 2020-12-31, or numbers, got 'soon' in row 2\nfrom",
        ),
        (roles.time, ["2020-01-01", None], "time 'r': needs a value in every row, got none in row 2\n"),
        (roles.time, [True, False], "time 'r': needs dates such as 2020-12-31, or numbers, got neither\n"),
        (roles.time, [None, None], "time 'r': needs a value in every row, got none in row 1 and in 1 more\n"),
        (roles.time, ["?", "NA"], "time 'r': needs a value in every row, got none in row 1 and in 1 more\n"),
        (
            roles.weights,
            [1.0, -2.0],
            "weights 'r': needs numbers of at least 0, got -2 in row 2\nfrom a test; correct it",
        ),
        (roles.weights, [1.0, None], "weights 'r': needs a value in every row, got none in row 2\n"),
        (roles.weights, [1.0, float("nan")], "weights 'r': needs a value in every row, got none in row 2\n"),
        (roles.weights, [1.0, float("inf")], "weights 'r': needs finite numbers, got an infinite value\n"),
        (roles.weights, [0, 0, 0], "weights 'r': needs some weight above 0, got 0 in every row\n"),
        (roles.weights, ["a", "b"], "weights 'r': needs numbers, got words or dates\n"),
    ],
)
def test_a_role_that_cannot_be_is_refused(read, values, words):
    with pytest.raises(DataError) as error:
        read("r", pl.Series(values), "a test")
    assert str(error.value).startswith(words)


def test_the_row_is_the_table_s_when_rows_were_left_out():
    values = np.array([1.0, 2.0, -1.0])
    with pytest.raises(DataError, match="got -1 in row 3"):
        roles.weights("w", values, "a test", np.array([0, 2]))
    assert roles.weights("w", values, "a test", np.array([0, 1])).tolist() == [1, 2]
