"""NumPy arrays as a Dataset."""

import numpy as np
import pytest

from photic.data.dataset import Column, LeftOut
from photic.data.read import read
from photic.errors import DataError

X = np.array([[1.5, 3, 0], [2.5, 3, 1], [3.5, 3, 0], [0.5, 3, 1]])
Y = np.array([0, 1, 1, 0])


def test_columns_are_numbers_and_constants_are_left_out():
    data = read(X, Y)
    assert data.columns == (Column("x1", "number"), Column("x3", "number"))
    assert data.left_out == (LeftOut("x2", "has the same value in every row that has one"),)
    assert np.array_equal(data.numbers, X[:, [0, 2]])
    assert (data.task.target, data.task.classes, data.source) == ("target", ("0", "1"), "the arrays")


def test_the_numbers_are_not_copied_and_stay_the_caller_s():
    x = X[:, [0, 2]].copy()
    data = read(x, Y)
    assert np.shares_memory(data.numbers, x)
    assert not data.numbers.flags.writeable
    assert x.flags.writeable


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8, bool, np.float16])
def test_dtypes(dtype):
    x = np.array([[0, 1], [1, 1], [1, 0]], dtype)
    data = read(x, [0.5, 1.5, 2.5])
    assert data.numbers.dtype == (np.float32 if dtype == np.float32 else np.float64)
    assert data.numbers.tolist() == [[0, 1], [1, 1], [1, 0]]


def test_lists_series_and_one_axis():
    import pandas as pd

    data = read([1.5, 2.5, 4], [0.5, 1.5, 2.5])
    assert data.numbers.shape == (3, 1)
    assert read(X, pd.Series(Y)).y.tolist() == Y.tolist()
    assert read(X, Y[:, None]).y.tolist() == Y.tolist()
    assert read(X, np.array(["no", "yes", "yes", "no"])).task.classes == ("no", "yes")


def test_roles_and_rows_without_a_target():
    data = read(X, [0.5, np.nan, 1.5, 2.5], groups=["a", "b", "b", "a"], time=[4, 3, 2, 1], weights=[1, 2, 3, 4])
    assert data.numbers[:, 0].tolist() == [1.5, 3.5, 0.5]
    assert (data.groups.tolist(), data.time.tolist(), data.weight.tolist()) == ([0, 1, 0], [4, 2, 1], [1, 3, 4])
    assert data.said == ("1 row without 'target' is left out.",)


def test_missing_and_infinite_values():
    x = X.copy()
    x[0, 0], x[1, 0], x[2, 2] = np.inf, np.nan, -np.inf
    data = read(x, Y)
    assert np.isnan(data.numbers).tolist() == [[True, False], [True, False], [False, True], [False, False]]
    assert data.said == ("Infinite values are read as missing: x1 (1), x3 (1).",)
    assert np.isinf(x[0, 0])  # the caller's own stays


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (X, None, "target: needs an array, because x has no names, got none\nfrom the arrays; pass y, one"),
        (X, "price", "target: needs an array, because x has no names, got the name of a column\n"),
        (X, Y[:3], "target: needs one value for each of 4 rows, got shape [3]\nfrom the arrays; give one"),
        (X, np.zeros((4, 2, 2)), "target: needs one value for each of 4 rows, got shape [4, 2, 2]\n"),
        (X[None, None, None], Y, "x: needs a matrix [n, d] with rows and columns, got shape [1, 1, 1, 4, 3]\nfrom the"),
        (X[:0], Y[:0], "x: needs a matrix [n, d] with rows and columns, got shape [0, 3]\n"),
        ([[1], [1, 2]], [1, 2], "x: needs rows of equal length, got rows of different lengths\n"),
        (X.astype(str), Y, "x: needs numbers, got values of type <U32\nfrom the arrays; pass a frame"),
        (X[:, [1]], Y, "x: needs at least one column that varies, got x1 has the same value in every row"),
        (X * np.nan, Y, "x: needs at least one column that varies, got x1 has no value in any row\n"),
        (X, [1.0, np.inf, 2, 3], "target 'target': needs finite numbers, got 1 infinite values\n"),
        (X.astype(object), Y, "x: needs numbers, got values of type object\n"),
        (
            object(),
            Y,
            "the data: needs a path, the name of a known set, a pandas, polars or pyarrow frame, or arrays, got a",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused(x, y, words):
    with pytest.raises(DataError) as error:
        read(x, y)
    assert str(error.value).startswith(words)
