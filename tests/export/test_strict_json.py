"""JSON as other readers see it: strict, exact, and refused in words when it is not whole."""

from __future__ import annotations

import json
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photic.errors import PlanError, RunError
from photic.export import strict_json


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_come_back_to_the_last_bit(value: float) -> None:
    back = strict_json.load(strict_json.dump({"x": value}, "a test"), "a test")["x"]
    assert struct.pack("d", back) == struct.pack("d", value)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=8))
def test_values_come_back_as_they_were(value) -> None:
    assert strict_json.load(strict_json.dump(value, "a test"), "a test") == value


def test_numpy_values_become_plain_ones() -> None:
    value = {
        "a": np.float32(0.1),
        "b": np.arange(4).reshape(2, 2),
        "c": np.bool_(True),
        "d": (np.int32(3), np.str_("é")),
        7: np.array(1.5),
    }
    expected = {"a": 0.10000000149011612, "b": [[0, 1], [2, 3]], "c": True, "d": [3, "é"], "7": 1.5}
    text = strict_json.dump(value, "a test")
    assert json.loads(text) == expected
    assert "é".encode() in text, "names stay readable"


def test_results_without_a_number_are_null() -> None:
    lines = [{"loss": math.nan, "score": np.float32("inf")}, {"loss": 0.5, "all": np.array([1.0, -np.inf])}]
    text = strict_json.dump(lines, "history.jsonl", results=True, lines=True)
    assert text == b'{"loss": null, "score": null}\n{"loss": 0.5, "all": [1.0, null]}\n'
    assert strict_json.load(text, "history.jsonl", lines=True)[1] == {"loss": 0.5, "all": [1.0, None]}


def test_a_choice_without_a_number_is_refused() -> None:
    with pytest.raises(PlanError) as caught:
        strict_json.dump({"descent": {"rates": [0.1, math.inf]}}, "plan.json")
    assert str(caught.value) == (
        "plan.json descent.rates.1: needs a finite number, got inf\nfrom the run being saved; set another value."
    )
    with pytest.raises(TypeError, match=r"plan\.json\.x: no JSON form for object"):
        strict_json.dump({"x": object()}, "plan.json")


def test_what_is_cut_short_is_refused() -> None:
    words = r"plan\.json: needs whole JSON text, got .*\nfrom the file's content; put the file back as it was saved"
    for data in (b'{"epochs": 3', b"", b"\xff\xfe", b'{"a": 1} x'):
        with pytest.raises(RunError, match=words):
            strict_json.load(data, "plan.json")


def test_any_text_gives_a_file_in_utf8() -> None:
    name = b"daten-\xff.csv".decode("utf-8", "surrogateescape")
    text = strict_json.dump({"source": name, "lines": "a\u2028b\nc"}, "plan.json")
    text.decode("utf-8")
    assert strict_json.load(text, "plan.json") == {"source": name, "lines": "a\u2028b\nc"}
    both = strict_json.dump([{"a": "x\u2028y"}, {"a": "z"}], "history.jsonl", lines=True)
    assert strict_json.load(both, "history.jsonl", lines=True) == [{"a": "x\u2028y"}, {"a": "z"}]


def test_no_reader_meets_a_constant_that_is_not_json() -> None:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    text = strict_json.dump({"x": math.nan, "y": [-math.inf, np.float64("nan")]}, "scores.json", results=True)
    assert json.loads(text, parse_constant=refuse) == {"x": None, "y": [None, None]}
