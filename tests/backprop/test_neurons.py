from __future__ import annotations

import json

import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.backprop import neurons
from photic.backprop.neurons import neuron
from photic.errors import RequestError, ShapeError
from photic.layers import BatchNorm, Dense, Dropout, LayerNorm, Parallel, ReLU, Reshape, Residual, Softmax, Tanh
from photic.model import Model

NAMES = ["age", "height", "weight"]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3)).astype("f")


def made(*layers, shape=(3,)):
    model = Model(*layers)
    return model, *model.init(keys.root(0), shape)


def test_weights_by_feature_and_the_rows_that_excite_and_silence_it():
    model, params, state = made(Dense(4), BatchNorm(), Tanh(), Dropout(0.3), Dense(2))
    w = np.asarray(params["layers"]["0"]["w"])[:, 2]
    found = neuron(model, params, state, X, "layers.3", 2, NAMES)
    assert (found.path, found.layer, found.unit) == ("layers.3", "Dropout(0.3)", 2)
    assert found.source == "layers.0"
    assert found.before == "layers.1"
    assert dict(found.weights) == pytest.approx(dict(zip(NAMES, w.tolist(), strict=True)))
    sizes = [abs(value) for _, value in found.weights]
    assert sizes == sorted(sizes, reverse=True)
    z = X @ w / np.sqrt(1 + 1e-5)
    np.testing.assert_allclose(found.values, np.tanh(z), rtol=1e-4, atol=1e-5)  # float32
    assert [moment.row for moment in found.exciting] == np.argsort(-z)[:5].tolist()
    assert [moment.row for moment in found.silencing] == np.argsort(z)[:5].tolist()
    first = found.exciting[0]
    parts = dict(zip(NAMES, (X[first.row] * w / np.sqrt(1 + 1e-5)).tolist(), strict=True))
    assert dict(first.because) == pytest.approx(parts, rel=1e-4)


def test_slopes_of_a_deep_neuron_are_those_of_finite_differences():
    model, params, state = made(Dense(4), Tanh(), Residual((Dense(4), Tanh())), Dense(2))
    found = neuron(model, params, state, X, 3, 1, NAMES)
    assert found.source == found.before == "layers.3"
    assert not found.direct

    def mean(x):
        return float(model.apply(params, state, jnp.asarray(x, jnp.float32))[0][:, 1].mean())

    for name, slope in found.slopes:
        h = np.zeros(3)
        h[NAMES.index(name)] = 1e-2
        # float32 functions and h = 1e-2: truncation h^2 = 1e-4, rounding 1e-7 / h = 1e-5
        assert slope == pytest.approx((mean(X + h) - mean(X - h)) / 2e-2, abs=1e-3)


def test_rows_it_is_silent_for_are_told_apart_by_the_sum_before():
    model, params, state = made(Dense(1), ReLU())
    found = neuron(model, params, state, X, 1, 0)
    z = X @ np.asarray(params["layers"]["0"]["w"])[:, 0]
    assert found.silencing[0].row == z.argmin()
    assert found.silencing[0].value == 0
    assert found.silencing[0].because  # the slope through the activation itself would be 0
    assert found.silent == pytest.approx((z <= 0).mean())


def test_inside_wiring_and_where_neurons_mix():
    parts = Parallel(((Dense(2), Tanh()), (LayerNorm(),)), columns=((0, 2), (1, 3)))
    model, params, state = made(parts, Softmax())
    inner = neuron(model, params, state, X, "layers.0.branches.0.1", 1, NAMES)
    assert inner.source == "layers.0.branches.0.0"
    assert {name for name, _ in inner.weights} == {"age", "height"}
    assert dict(inner.slopes)["weight"] == 0
    for path in ("layers.0.branches.1.0", "layers.0", "layers.1"):
        mixed = neuron(model, params, state, X, path, 0, NAMES)
        assert (mixed.source, mixed.weights, mixed.bias) == (None, (), None)
        assert len(mixed.slopes) == 3


def test_of_an_output_with_places_the_mean_is_taken():
    model, params, state = made(Reshape((2, 2)), Tanh(), shape=(4,))
    x = RNG.normal(size=(6, 4)).astype("f")
    found = neuron(model, params, state, x, 1, 1)
    np.testing.assert_allclose(found.values, np.tanh(x[:, [1, 3]]).mean(1), rtol=1e-5)
    assert dict(found.slopes) == pytest.approx({"column 0": 0, "column 1": 0.5, "column 2": 0, "column 3": 0.5})


def test_many_rows_go_through_in_parts(monkeypatch):
    model, params, state = made(Dense(2), ReLU())
    whole = neuron(model, params, state, X, 1, 1)
    monkeypatch.setattr(neurons, "_AT_ONCE", 15)
    parts = neuron(model, params, state, X, 1, 1)
    np.testing.assert_allclose(parts.values, whole.values, rtol=1e-5)  # float32, products of another size
    assert [moment.row for moment in parts.exciting] == [moment.row for moment in whole.exciting]


def test_the_json_holds_everything_but_the_values_of_all_rows():
    model, params, state = made(Dense(2), ReLU())
    found = neuron(model, params, state, X, 1, 1, NAMES, most=2)
    data = json.loads(json.dumps(found.to_json()))
    assert data.keys() == {
        *("path", "layer", "unit", "source", "weights", "bias", "before", "slopes"),
        *("exciting", "silencing", "rows", "mean", "spread", "silent"),
    }
    assert (data["rows"], data["unit"]) == (40, 1)
    assert data["exciting"][0]["row"] == found.exciting[0].row
    assert data["weights"] == [list(pair) for pair in found.weights]
    assert repr(found) == "Neuron 1 of layers.1 ReLU()"


@pytest.mark.parametrize(
    ("layer", "unit", "words"),
    [
        (2, 0, r"layer: needs a layer of the model, got 2\nfrom the argument layer; choose a layer from 0 to 1"),
        ("2", 0, "needs a layer of the model, got '2'"),
        (-1, 0, "needs a layer of the model, got -1"),
        ("layers.0.w", 0, "did you mean 'layers.0'"),
        (1, 4, r"layers.1 ReLU\(\): needs a neuron from 0 to 3, got 4\nfrom the argument unit; count the neurons"),
        (0, -1, r"layers.0 Dense\(4\): needs a neuron from 0 to 3, got -1"),
    ],
)
def test_a_layer_or_neuron_that_does_not_exist_is_refused(layer, unit, words):
    model, params, state = made(Dense(4), ReLU())
    with pytest.raises(RequestError, match=words):
        neuron(model, params, state, X, layer, unit)


def test_rows_that_do_not_fit_are_refused():
    model, params, state = made(Dense(4), ReLU())
    with pytest.raises(RequestError, match="neuron: x needs at least one row"):
        neuron(model, params, state, X[:0], 1, 0)
    with pytest.raises(
        ShapeError, match=r"neuron: layers.0.w needs the shape \(2, 4\) for rows \[n, d=2\], got \(3, 4\)"
    ):
        neuron(model, params, state, X[:, :2], 1, 0)
