from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.backprop.neurons import neuron
from photic.backprop.trace import trace
from photic.errors import RequestError, ShapeError
from photic.layers import BatchNorm, Context, Dense, Dropout, Parallel, ReLU, Reshape, Residual
from photic.maths import losses
from photic.maths.losses import MSE, RMSE, BinaryCrossEntropy, CrossEntropy
from photic.model import Model

NAMES = ["age", "height"]


def small():
    """The network of a page of paper: two inputs, two neurons with ReLU, one output."""
    first = {"w": jnp.array([[1.0, -1.0], [2.0, 0.5]]), "b": jnp.array([0.5, 0.0])}
    second = {"w": jnp.array([[3.0], [4.0]]), "b": jnp.array([-1.0])}
    return Model(Dense(2), ReLU(), Dense(1)), {"layers": {"0": first, "2": second}}


def test_a_network_small_enough_for_paper():
    model, params = small()
    seen = trace(model, params, {}, [[1.0, 0.5]], [[6.0]], MSE(), features=NAMES)
    # forward: z = (1*1 + 0.5*2 + 0.5, -1 + 0.25) = (2.5, -0.75); relu (2.5, 0); out 3*2.5 - 1 = 6.5; loss 0.25
    first, bend, last = seen.steps
    assert [step.path for step in seen.steps] == ["layers.0", "layers.1", "layers.2"]
    np.testing.assert_array_equal(first.output, [[2.5, -0.75]])
    np.testing.assert_array_equal(bend.input, first.output)
    np.testing.assert_array_equal(bend.output, [[2.5, 0.0]])
    np.testing.assert_array_equal(seen.z, [[6.5]])
    assert seen.value == 0.25
    # backward: dL/dz = 2 * 0.5 = 1; to the hidden layer 3 and 4; the silent neuron stops its 4
    np.testing.assert_array_equal(last.output_gradient, [[1.0]])
    np.testing.assert_array_equal(last.gradients["w"], [[2.5], [0.0]])
    np.testing.assert_array_equal(last.gradients["b"], [1.0])
    np.testing.assert_array_equal(bend.output_gradient, [[3.0, 4.0]])
    np.testing.assert_array_equal(bend.input_gradient, [[3.0, 0.0]])
    np.testing.assert_array_equal(first.gradients["w"], [[3.0, 0.0], [1.5, 0.0]])
    np.testing.assert_array_equal(seen.input_gradient, [[3.0, 6.0]])


def test_the_loss_and_all_gradients_are_those_of_training():
    model = Model(Dense(3), BatchNorm(), ReLU(), Dropout(0.5), Dense(3))
    params, state = model.init(keys.root(0), (3,))
    rng = np.random.default_rng(0)
    x, y, weight = rng.normal(size=(5, 3)).astype("f"), np.array([0, 2, 1, 1, 0]), np.array([1, 2, 0, 1, 0.5], "f")
    seen = trace(model, params, state, x, y, CrossEntropy(0.1), weight=weight, train=True, key=keys.root(3))

    def objective(params):
        at = Context(train=True, key=keys.root(3), weight=jnp.asarray(weight))
        z, _ = model.apply(params, state, jnp.asarray(x), at)
        return losses.reduce(CrossEntropy(0.1), CrossEntropy(0.1).rows(z, jnp.asarray(y), {}), at.weight)

    value, gradients = jax.jit(jax.value_and_grad(objective))(params)
    assert seen.value == pytest.approx(value.item(), rel=1e-5)
    # float32 on one side: forward numbers good to 1e-7, gradients some layers later to 1e-5
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), seen.gradients, gradients)
    assert (seen["layers.3"].output_gradient[weight == 0] == 0).all()


def test_steps_inside_wiring_follow_the_layer_that_holds_them():
    inner = Parallel(((Dense(1),), ()), columns=((0, 1), (1, 2)))
    model = Model(Dense(2), Residual((Dense(2), inner)), Dense(1))
    params, state = model.init(keys.root(0), (2,))
    seen = trace(model, params, state, [[1.0, 2.0]], [[0.0]], MSE(), features=NAMES)
    assert [(step.path, step.depth) for step in seen.steps] == [
        ("layers.0", 0),
        ("layers.1", 0),
        ("layers.1.layers.0", 1),
        ("layers.1.layers.1", 1),
        ("layers.1.layers.1.branches.0.0", 2),
        ("layers.2", 0),
    ]
    assert seen["layers.1.layers.1.branches.0.0"].input.shape == (1, 1)
    assert seen[2] is seen["layers.2"]


def test_every_number_is_in_the_json():
    model, params = small()
    seen = trace(model, params, {}, [[1.0, 0.5]], [[6.0]], MSE(), features=NAMES, outputs=["price"])
    data = json.loads(json.dumps(seen.to_json()))
    assert (data["features"], data["outputs"], data["train"]) == (NAMES, ["price"], False)
    assert data["input"] == [[1.0, 0.5]]
    assert data["input_gradient"] == [[3.0, 6.0]]
    assert data["steps"][0] == {
        "path": "layers.0",
        "layer": "Dense(2)",
        "input": [[1.0, 0.5]],
        "output": [[2.5, -0.75]],
        "params": {"b": [0.5, 0.0], "w": [[1.0, -1.0], [2.0, 0.5]]},
        "state": {},
        "output_gradient": [[3.0, 0.0]],
        "input_gradient": [[3.0, 6.0]],
        "gradients": {"w": [[3.0, 0.0], [1.5, 0.0]], "b": [3.0, 0.0]},
        "inner": {},
    }
    assert data["loss"] == {
        "words": "MSE()",
        "target": [[6.0]],
        "weight": [1.0],
        "prediction": [[6.5]],
        "rows": [0.25],
        "value": 0.25,
    }


def test_rows_share_the_loss_by_their_weights():
    model, params = small()
    x, y = [[1.0, 0.5], [1.0, 0.5]], [[6.0], [3.5]]
    seen = trace(model, params, {}, x, y, RMSE(), weight=[3, 1])
    assert seen.value == pytest.approx(np.sqrt((3 * 0.25 + 9) / 4))
    np.testing.assert_allclose(
        seen["layers.2"].output_gradient[:, 0], np.array([3 * 0.5, 3]) / 4 / seen.value, rtol=1e-6
    )


@pytest.mark.parametrize("bad", [1e38, np.inf, np.nan])
@pytest.mark.parametrize("loss", [MSE(), BinaryCrossEntropy()], ids=str)
def test_numbers_that_diverged_are_shown_and_not_raised(loss, bad):
    model, params = small()
    seen = trace(model, params, {}, [[bad, bad]], [[0.0]], loss)
    assert not np.isfinite(seen.value) or seen.value > 1e30
    assert "<svg" in seen._repr_html_()
    assert any(line.startswith("  the loss") for line in seen.text().splitlines())
    found = neuron(model, params, {}, [[bad, 1.0], [1.0, 0.0]], 2, 0)
    assert "neuron 0" in str(found)
    assert "<svg" in found._repr_html_()


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"x": np.zeros((0, 2))}, RequestError, "trace: x needs at least one row, got none"),
        ({"x": [[1.0]]}, ShapeError, r"trace: layers.0.w needs the shape \(1, 2\) for rows \[n, d=1\], got \(2, 2\)"),
        ({"x": [[[[1.0]]]]}, ShapeError, r"layers.0 Dense\(2\): input needs rank 2 \[n, d\], got rank 4"),
        ({"y": [1.0]}, ShapeError, r"y needs the shape \[1, 1\] for the outputs \[1, 1\], got \[1\]"),
        ({"loss": CrossEntropy()}, ShapeError, r"y needs the shape \[1\] for the outputs \[1, 1\], got \[1, 1\]"),
        ({"weight": [1.0, 2.0]}, RequestError, r"weight needs the shape \[1\], got \[2\]"),
        ({"features": ["a", "b", "c"]}, RequestError, "features: needs at most 2 names, one a column, got 3"),
        ({"outputs": ["a", "b"]}, RequestError, "outputs: needs at most 1 names, one a column, got 2"),
    ],
)
def test_what_cannot_be_traced_is_refused(more, error, words):
    model, params = small()
    given = {"x": [[1.0, 0.5]], "y": [[6.0]], "loss": MSE(), **more}
    with pytest.raises(error, match=words):
        trace(model, params, {}, given.pop("x"), given.pop("y"), given.pop("loss"), **given)


def test_a_layer_or_row_that_does_not_exist_is_refused():
    model, params = small()
    seen = trace(model, params, {}, [[1.0, 0.5]], [[1.0]], BinaryCrossEntropy())
    with pytest.raises(
        RequestError, match=r"layer: needs a layer of the model, got 7\nfrom .*; choose a layer from 0 to 2"
    ):
        seen[7]
    with pytest.raises(RequestError, match=r"got 'layer.1'\nfrom .*; did you mean 'layers.1'"):
        seen["layer.1"]
    with pytest.raises(RequestError, match="trace: needs a row from 0 to 0, got 3"):
        seen.text(row=3)


def test_training_with_dropout_needs_a_key():
    model = Model(Dropout(0.5), Dense(1))
    params, state = model.init(keys.root(0), (2,))
    with pytest.raises(RequestError, match=r"layers.0: a random draw needs a key"):
        trace(model, params, state, [[1.0, 0.5]], [[6.0]], MSE(), train=True)


def test_outputs_that_are_no_table_are_refused():
    model = Model(Reshape((1, 2)))
    with pytest.raises(ShapeError, match=r"trace with MSE\(\): y needs the shape \[1, 1, 2\]"):
        trace(model, {}, {}, [[1.0, 0.5]], [[6.0]], MSE())
