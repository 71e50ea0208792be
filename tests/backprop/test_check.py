from __future__ import annotations

import jax
import numpy as np
import pytest

from photic.backprop.check import check
from photic.errors import RequestError


def bowl(x):
    return float((np.array([1.0, 10.0, 100.0]) * x**2).sum())


POINT = np.array([0.5, -2.0, 30.0])
RIGHT = 2 * np.array([1.0, 10.0, 100.0]) * POINT


def test_a_right_gradient_agrees_to_many_digits():
    report = check(bowl, POINT, RIGHT)
    assert report.agrees
    assert report.error < 1e-6
    assert (report.checked, report.entries) == (3, 3)


def test_a_wrong_entry_is_found_and_told():
    wrong = RIGHT + np.array([0.0, 0.01, 0.0])
    report = check(bowl, POINT, wrong)
    assert not report.agrees
    assert report.where == "[1]"
    assert str(report) == (
        "The gradient does not agree with finite differences in 3 entries. Worst: [1] is given as -39.99 and measured "
        "as -40, a relative error of 0.00025."
    )


def test_nested_params_are_checked_by_path():
    point = {"layers": {"0": {"w": np.ones((2, 2)), "b": np.array(3.0)}}}
    gradient = {"layers": {"0": {"w": np.full((2, 2), 3.0), "b": np.array(5.0)}}}
    report = check(lambda p: p["layers"]["0"]["w"].sum() * p["layers"]["0"]["b"], point, gradient)
    assert (report.where, report.given, round(report.measured, 6)) == ("layers.0.b", 5.0, 4.0)


def test_a_sample_is_enough_for_many_entries():
    report = check(lambda x: float((x**2).sum()), np.ones(1000), np.full(1000, 2.0), most=7)
    assert report.agrees
    assert str(report).startswith("The gradient agrees with finite differences in 7 of 1000 entries.")


def test_functions_of_32_bits_are_held_to_what_32_bits_can_show():
    def function(x):
        return jax.numpy.tanh(x).sum() * 100

    point = np.array([0.3, -0.7], np.float32)
    right = 100 * (1 - np.tanh(point) ** 2)
    assert check(function, point, right).agrees
    assert check(function, point.astype(np.float64), right).agrees  # the point has 64 bits, the function does not
    assert not check(function, point, right * 1.1).agrees


def test_a_slope_of_0_in_the_rounding_of_a_large_function_agrees():
    assert check(lambda x: 1e6 + 0 * x[0] + np.sin(1e-3 * x[1]) * 0, np.ones(2), np.zeros(2)).agrees


def test_nan_never_agrees():
    report = check(bowl, POINT, np.array([RIGHT[0], np.nan, RIGHT[2]]))
    assert not report.agrees
    assert report.where == "[1]"


def test_another_form_is_refused():
    with pytest.raises(RequestError, match=r"gradient needs the form of the point, .*\(3,\).*, got .*\(2,\)"):
        check(bowl, POINT, RIGHT[:2])
    with pytest.raises(RequestError, match="give one gradient for every number"):
        check(bowl, np.zeros(0), np.zeros(0))
