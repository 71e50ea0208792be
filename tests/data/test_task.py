"""The task, and how the target column decides it."""

import numpy as np
import polars as pl
import pytest

from photic.data import roles
from photic.data.task import Task
from photic.errors import DataError, RequestError, RunError


@pytest.mark.parametrize(
    ("task", "outputs"),
    [
        (Task("regression", "price"), 1),
        (Task("binary", "smoker", ("no", "yes")), 1),
        (Task("multiclass", "species", ("a", "b", "c")), 3),
    ],
)
def test_outputs_and_json_round_trip(task, outputs):
    assert task.outputs == outputs
    assert Task.from_json(task.to_json()) == task


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "ranking", "target": "y"}, "needs a known kind, got 'ranking'"),
        ({"kind": "binary", "target": "y", "classes": ["a"]}, "needs classes that fit binary, got 1 classes"),
        ({"kind": "regression", "target": "y", "classes": ["a"]}, "needs classes that fit regression"),
        ({"kind": "regression", "classes": []}, "needs a target and a list of classes"),
    ],
)
def test_an_edited_task_is_refused(data, words):
    with pytest.raises(RunError, match=words):
        Task.from_json(data, source="run.json")


def kind(values, **settings):
    raw = values if isinstance(values, np.ndarray | pl.Series) else pl.Series(values)
    return roles.target("y", raw, "a test", **settings).task


def test_the_target_decides_the_kind():
    assert kind(["a", "b"] * 5) == Task("binary", "y", ("a", "b"))
    assert kind(["b", "a", "c"] * 5) == Task("multiclass", "y", ("a", "b", "c"))
    assert kind([True, False] * 5) == Task("binary", "y", ("false", "true"))
    assert kind(["Yes", "no"] * 5).classes == ("no", "Yes")
    assert kind(np.arange(100) % 3) == Task("multiclass", "y", ("0", "1", "2"))
    assert kind(np.arange(100) % 2 * 1.0) == Task("binary", "y", ("0", "1"))
    assert kind(np.arange(100) % 30).kind == "regression"  # too many values for classes
    assert kind(np.arange(9) % 3).kind == "regression"  # too few rows a value
    assert kind(np.linspace(0, 1, 10)).kind == "regression"
    assert kind(np.array([1.0, 2.0, 3.0] * 10)).kind == "regression"  # floats are measured
    assert kind(np.array([10, 9, 2] * 10)).classes == ("2", "9", "10")  # ordered as numbers


def test_strings_of_digits_in_a_typed_table_are_classes_and_in_a_text_table_numbers():
    assert kind(["1", "2", "10"] * 10).classes == ("1", "2", "10")
    assert kind([str(i / 4) for i in range(30)]).kind == "regression"
    assert kind([f"{i}" for i in range(30)], text=True).kind == "regression"


def test_the_choice_of_classes_for_numbers_is_said_and_can_be_overruled():
    y = np.arange(100) % 3
    (said,) = roles.target("y", y, "a test").said
    assert said == "'y' has 3 different whole numbers: taken as classes; task 'regression' predicts the number."
    assert roles.target("y", y, "a test", task="regression").said == ()
    assert kind(y, task="regression").kind == "regression"
    assert kind(np.array([0.5, 1.5, 0.5, 1.5, 2.5]), task="classification").classes == ("0.5", "1.5", "2.5")
    assert kind(np.array([0, 1] * 5), task="multiclass") == Task("multiclass", "y", ("0", "1"))
    assert kind([True, False] * 5, task="regression").kind == "regression"


def test_codes_and_rows_agree_with_the_classes():
    found = roles.target("y", pl.Series(["b", None, "a", "?", "b"]), "a test")
    assert found.rows.tolist() == [0, 2, 4]
    assert found.y.tolist() == [1, 0, 1]
    assert found.y.dtype == np.int32
    assert found.said == (
        "2 rows without 'y' are left out (among them '?': 1).",
        "Class with a single row: a.",
    )
    numbers = roles.target("y", np.array([1.5, np.nan, 2.25]), "a test")
    assert numbers.y.tolist() == [1.5, 2.25]
    assert numbers.said == ("1 row without 'y' is left out.",)


def test_whole_numbers_that_pandas_made_floats_for_missing_ones_are_still_classes():
    assert kind(np.array([1.0, 2.0, 3.0] * 10 + [np.nan])).classes == ("1", "2", "3")


@pytest.mark.parametrize(
    ("values", "settings", "words"),
    [
        (["a"] * 5, {}, "needs at least two classes, got 'a' in every row"),
        (["a", "b", "c"], {}, "needs classes that come back in several rows, got 3 different ones in 3 rows"),
        ([1.5] * 5, {}, "needs at least two different values, got 1.5 in every row"),
        ([None, None], {}, "needs values, got none in any row"),
        (["?", "NA"], {}, "needs values, got none in any row"),
        ([1.5, float("inf"), 2.5], {}, "needs finite numbers, got 1 infinite values"),
        (["2020-01-01", "2020-01-02"], {}, "needs numbers or classes, got dates"),
        ([[1], [2]], {}, "needs numbers or classes, got lists or records"),
        (["a", "b"] * 5, {"task": "regression"}, "needs numbers for a regression, got words"),
        (["1", "2", "x", "3"], {"task": "regression"}, "needs numbers only, or words only, got 'x' in row 3"),
        (["a", "b", "c"] * 5, {"task": "binary"}, "needs two classes for a binary task, got 3"),
    ],
)
def test_a_target_that_cannot_be_predicted_is_refused_in_words(values, settings, words):
    with pytest.raises(DataError, match=f"^target 'y': {words}") as error:
        kind(values, **settings)
    assert "\nfrom a test; " in str(error.value)


def test_numbers_with_a_stray_word_are_refused_with_the_row():
    values = [str(i + 0.5) for i in range(40)] + ["n.a."]
    with pytest.raises(
        DataError, match=r"target 'y': needs numbers only, or words only, got 'n.a.' in row 41 \(1 such"
    ):
        kind(values, text=True)


def test_an_unknown_task_is_refused_with_the_nearest():
    with pytest.raises(RequestError, match="got 'regresion'\nfrom the call; did you mean 'regression'"):
        kind([1.5, 2.5], task="regresion")
