"""Several targets are read together: numbers, labels in columns, and labels in a list; mixed kinds are refused."""

from __future__ import annotations

import numpy as np
import pytest

from photic.data.prepare import Preparation
from photic.data.read import read
from photic.errors import DataError

N = 12
X = np.arange(N) % 5 + 0.5
NUMBERS = {"x": X, "size": X * 2.0 + np.arange(N), "weight": 100.0 - X + np.arange(N) ** 2}
LABELS = {"x": X, "cat": [0, 1] * 6, "dog": ["yes", "no", "no"] * 4, "bird": [True, True, False, False] * 3}


def test_several_numbers_are_one_regression_and_their_columns_are_not_learned_from():
    data = read(NUMBERS, "size, weight")
    assert data.task.kind == "regression" and data.task.targets == ("size", "weight")
    assert data.task.words == "2 numbers: size, weight" and data.task.outputs == 2
    np.testing.assert_array_equal(data.y, np.stack([NUMBERS["size"], NUMBERS["weight"]], axis=1))
    assert [column.name for column in data.columns] == ["x"]


def test_each_number_is_scaled_by_its_own_training_rows():
    data, rows = read(NUMBERS, ["size", "weight"]), np.arange(8)
    preparation = Preparation.fit(data, rows)
    y = preparation.target(data.y)
    np.testing.assert_allclose(y[rows].mean(axis=0), 0, atol=1e-6)  # float32
    np.testing.assert_allclose(y[rows].std(axis=0), 1, atol=1e-6)
    np.testing.assert_allclose(preparation.untarget(y), data.y, rtol=1e-5)
    assert Preparation.from_json(preparation.to_json()) == preparation


def test_labels_may_be_spelled_in_any_way_of_yes_and_no():
    data = read(LABELS, "cat,dog,bird")
    assert data.task.kind == "multilabel" and data.task.words == "3 labels, each a yes or no: cat, dog, bird"
    assert data.y[:4].tolist() == [[0, 1, 1], [1, 0, 1], [0, 0, 0], [1, 1, 0]]


def test_a_column_may_list_its_labels():
    data = read({"x": X, "seen": ["cat|dog", "dog", "", "bird | cat"] * 3}, "seen", task="multilabel")
    assert data.task.targets == ("bird", "cat", "dog")
    assert data.y[:4].tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 0], [1, 1, 0]]
    assert "Rows without any label in 'seen': 3; all their answers are no." in data.said


def test_rows_that_lack_one_of_the_targets_are_left_out():
    size = NUMBERS["size"].copy()
    size[3] = np.nan
    data = read(NUMBERS | {"size": size}, "size,weight")
    assert data.n == N - 1 and "1 row without 'size' is left out." in data.said


def test_a_name_with_a_comma_in_it_is_one_name():
    assert read({"x": X, "size,weight": NUMBERS["size"]}, "size,weight").task.targets == ()


@pytest.mark.parametrize("x", [np.zeros((N, 8, 8), np.uint8) + np.arange(N, dtype=np.uint8)[:, None, None],
                               np.random.default_rng(0).normal(size=(N, 5, 2)), X[:, None]])  # fmt: skip
def test_arrays_of_pictures_series_and_numbers_take_a_matrix_of_targets(x):
    numbers = read(x, np.stack([NUMBERS["size"], NUMBERS["weight"]], axis=1))
    labels = read(x, np.stack([[0, 1] * 6, [1, 0, 0] * 4], axis=1))
    assert numbers.task.kind == "regression" and numbers.y.shape == (N, 2)
    assert labels.task.kind == "multilabel" and len(labels.task.targets) == 2


def test_a_table_of_series_has_a_value_of_each_target_for_each_series():
    steps = {"id": np.repeat(np.arange(N), 3), "t": np.tile(np.arange(3), N), "v": np.arange(3.0 * N) % 7}
    own = {name: np.repeat(values, 3) for name, values in NUMBERS.items() if name != "x"}
    data = read(steps | own, "size,weight", sequence="id,t")
    assert data.kind == "series" and data.y.shape == (N, 2) and len(data.columns) == 1


@pytest.mark.parametrize(
    ("target", "task", "words"),
    [
        (
            "size,cat",
            None,
            "targets: need to be all numbers, or all yes or no, got 'size' a number, 'cat' yes or no\nfrom the",
        ),
        ("cat,sort", None, "target 'sort': needs yes or no, as one of several labels, got 'a' and 'b'\n"),
        ("cat,size", "binary", "task: needs 'regression' or 'multilabel' for several targets, got 'binary'\n"),
        ("size,weight", "multilabel", "task 'multilabel': needs columns of yes or no, got numbers\n"),
        ("size,wight", None, "target 2 'wight': needs the name of a column, got a name that no column has\n"),
        ("size,size", None, "target 2 'size': needs a column of its own, got the target 1\n"),
        ("size", "multilabel", "target 'size': needs words that list labels, got none\n"),
    ],
)
def test_targets_that_do_not_go_together_are_refused(target, task, words):
    with pytest.raises(DataError) as error:
        read(NUMBERS | LABELS | {"sort": ["a", "b"] * 6}, target, task=task)
    assert str(error.value).startswith(words)
