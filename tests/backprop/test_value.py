from __future__ import annotations

import ast
import math
from pathlib import Path

import numpy as np
import pytest

from photic.backprop import value
from photic.backprop.trace import trace
from photic.backprop.value import Value
from photic.layers import Dense, Sigmoid, Tanh
from photic.maths.losses import MSE, CrossEntropy
from photic.model import Model

FORMULAS = {
    "add": lambda a, b: a + b,
    "add a number": lambda a, b: 2 + a + 3 + b,
    "subtract": lambda a, b: a - b,
    "subtract from a number": lambda a, b: 2 - a - 3 + b,
    "multiply": lambda a, b: a * b * 2,
    "divide": lambda a, b: a / b + 2 / a,
    "power": lambda a, b: a**3 + b**-2 + a**0.5 + b**0,
    "negate": lambda a, b: -a + b,
    "exp": lambda a, b: (a * b).exp(),
    "log": lambda a, b: a.log() * b,
    "tanh": lambda a, b: (a - b).tanh(),
    "sigmoid": lambda a, b: 3 * (b - a).sigmoid(),
    "relu": lambda a, b: (a - b).relu() + (b - a).relu() * 2,
    "max": lambda a, b: a.max(b) * a + a.max(0.5),
    "used twice": lambda a, b: a * a + (a + b) * (a + b),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_every_operation_has_the_slope_that_finite_differences_measure(name):
    formula, point, h = FORMULAS[name], (1.3, 0.7), 1e-6
    a, b = (Value(number) for number in point)
    formula(a, b).backward()
    for found, way in ((a, (h, 0)), (b, (0, h))):
        ahead, behind = (
            formula(*(Value(number + sign * move) for number, move in zip(point, way, strict=True))).data
            for sign in (1, -1)
        )
        # h^2 truncation and rounding 1e-16 / h: about 1e-10
        assert found.gradient == pytest.approx((ahead - behind) / (2 * h), rel=1e-7, abs=1e-9)


def test_values_are_those_of_the_math_module():
    x = Value(0.8)
    assert [made.data for made in (x.exp(), x.log(), x.tanh(), x.sigmoid(), x.relu(), (-x).relu(), x.max(2.0))] == [
        math.exp(0.8),
        math.log(0.8),
        math.tanh(0.8),
        pytest.approx(1 / (1 + math.exp(-0.8))),
        0.8,
        0.0,
        2.0,
    ]
    assert Value(-1e4).sigmoid().data == 0.0


def test_at_a_tie_the_slope_of_max_is_shared():
    a, b = Value(2.0), Value(2.0)
    a.max(b).backward()
    assert (a.gradient, b.gradient) == (0.5, 0.5)


def test_backward_starts_anew_every_time():
    x = Value(3.0)
    y = x * x
    y.backward()
    y.backward()
    assert x.gradient == 6.0


def test_a_graph_may_be_deeper_than_python_can_recurse():
    start = end = Value(1.0)
    for _ in range(20_000):
        end = end + 1.0
    end.backward()
    assert (end.data, start.gradient) == (20_001.0, 1.0)


def test_a_graph_whose_paths_double_at_every_step_is_walked_once():
    start = end = Value(1.0)
    for _ in range(100):
        end = end + end
    end.backward()
    assert start.gradient == 2.0**100
    assert len(end.order()) == 101


def test_the_graph_is_printed_in_the_order_it_was_computed():
    w, x = Value(3.0, "w"), Value(2.0, "x")
    loss = (w * x - 10.0) ** 2
    loss.name = "loss"
    loss.backward()
    assert str(loss).splitlines() == [
        "                value  gradient",
        "w                   3       -16",
        "x                   2       -24",
        "v1 = w * x          6        -8",
        "v2 = v1 - 10       -4        -8",
        "loss = v2 ** 2     16         1",
    ]
    assert repr(x) == "Value(2, gradient=-24)"


def neurons(inputs, w, b, bend=lambda z: z):
    """One layer of a network, number by number."""
    return [bend(sum((x * w[i][j] for i, x in enumerate(inputs)), start=b[j] + 0.0)) for j in range(len(b))]


@pytest.mark.parametrize("classes", [False, True])
def test_a_network_built_number_by_number_agrees_with_the_trace(classes):
    # an independent witness: no array, no formula of a layer, only the chain rule of single numbers
    rng = np.random.default_rng(0)
    sizes = [(3, 4), (4, 2), (2, 3)]
    arrays = [(rng.normal(size=size), rng.normal(size=size[1])) for size in sizes]
    values = [
        ([[Value(number) for number in row] for row in w.tolist()], [Value(number) for number in b.tolist()])
        for w, b in arrays
    ]
    x = [0.5, -1.0, 2.0]
    first = neurons([Value(number) for number in x], *values[0], bend=Value.tanh)
    z = neurons(neurons(first, *values[1], bend=Value.sigmoid), *values[2])
    if classes:
        largest = z[0].max(z[1]).max(z[2])
        loss = sum(((each - largest).exp() for each in z), start=Value(0.0)).log() + largest - z[1]
    else:
        loss = sum(((each - target) ** 2 for each, target in zip(z, (1.0, 2.0, 3.0), strict=True)), Value(0.0)) / 3.0
    loss.backward()

    model = Model(Dense(4), Tanh(), Dense(2), Sigmoid(), Dense(3))
    params = {"layers": {str(2 * i): {"w": w.astype("f"), "b": b.astype("f")} for i, (w, b) in enumerate(arrays)}}
    seen = trace(model, params, {}, [x], [1] if classes else [[1, 2, 3]], CrossEntropy() if classes else MSE())
    assert seen.value == pytest.approx(loss.data, rel=1e-5)  # forward numbers are float32
    for i, (w, b) in enumerate(values):
        found = seen[f"layers.{2 * i}"].gradients
        by_value = [[number.gradient for number in row] for row in w]
        np.testing.assert_allclose(found["w"], by_value, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(found["b"], [number.gradient for number in b], rtol=1e-4, atol=1e-6)


def test_it_imports_nothing_but_math():
    nodes = ast.walk(ast.parse(Path(value.__file__).read_text()))
    found = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in found] == ["from __future__ import annotations", "import math"]
