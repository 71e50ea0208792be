"""The law of this room: what the formulas worked out by hand say is what automatic differentiation says."""

from __future__ import annotations

import dataclasses
import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys, tree
from photic.backprop import loss_slope
from photic.backprop.backward import BACKWARD
from photic.backprop.propagation import backward
from photic.backprop.trace import trace
from photic.layers import (
    ELU,
    GELU,
    GRU,
    LSTM,
    TYPES,
    AveragePool,
    BatchNorm,
    Context,
    Conv,
    ConvTranspose,
    Crop,
    Cutout,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Flip,
    GlobalAveragePool,
    GlobalMaxPool,
    Identity,
    LayerNorm,
    LeakyReLU,
    MaxPool,
    Parallel,
    Periodic,
    ReLU,
    Rescale,
    Reshape,
    Residual,
    Rotate,
    Shift,
    Sigmoid,
    SiLU,
    SimpleRNN,
    Softmax,
    Softplus,
    Tanh,
)
from photic.layers.activation import ActivationLayer
from photic.maths import losses
from photic.maths.losses import MSE
from photic.model import Model
from photic.spec import Knob

ROWS = 6
WEIGHT = np.array([1.0, 2.0, 0.0, 1.5, 0.7, 1.0])  # one row is padding

# Every layer of the house in one network, so that one program compiles instead of twenty: a branch a case, all of the
# same three columns. Embeddings take the whole part of them as codes, some of which they do not know.
CASES = (
    (Embedding(3, 3), Dense(3)),
    (Parallel(((Embedding(3, 3), Tanh()), ()), columns=((0, 2), (1, 3))), Dense(3)),
    (Dense(3), ReLU(), Dense(3, bias=False)),
    (LeakyReLU(0.3), Dense(3), LeakyReLU(Knob("slope", 0.2))),
    (ELU(0.3), Dense(3), ELU()),
    (GELU(), Dense(3)),
    (SiLU(), Dense(3)),
    (Softplus(), Dense(3)),
    (Sigmoid(), Dense(3)),
    (Tanh(), Identity(), Dense(3)),
    (Periodic(2), Dense(3)),
    (Softmax(), Dense(3)),
    (Reshape((1, 3)), Softmax(), Flatten(), Dense(3)),
    (Dropout(0.3), Dense(3)),
    (BatchNorm(0.3), Tanh(), Dense(3)),
    (Dense(6), Reshape((2, -1)), BatchNorm(), Tanh(), Flatten()),
    (Dense(6), Reshape((2, -1)), LayerNorm(epsilon=0.1), Dropout(0.5), Tanh(), Reshape((-1,))),
    (Dense(12), Reshape((3, 4)), Conv(4, 2, groups=2), Tanh(), Conv(2, 2, dilation=2, padding="causal"), Flatten()),
    (
        Dense(16),
        Reshape((4, 4, 1)),
        Conv(2, 3, stride=2),
        BatchNorm(),
        ConvTranspose(2, 3, stride=2),
        MaxPool(),
        Flatten(),
    ),
    (Dense(8), Reshape((4, 2)), AveragePool(3, stride=2, padding=1), BatchNorm(frozen=True), GlobalAveragePool()),
    (Dense(8), Reshape((4, 2)), MaxPool(3, stride=1, padding="same"), GlobalMaxPool()),
    (Dense(6), Reshape((3, 2)), LSTM(2, "both", "all"), GRU(2, returns="all"), SimpleRNN(2, "backward")),
    (Dense(12), Rescale(), Reshape((3, 4, 1)), Flip(), Shift(1), Crop(1), Rotate(20), Cutout(1), Flatten(), Tanh()),
    (Residual((Dense(3), BatchNorm(), Tanh(), Dropout(0.3))), Dense(3)),
    (Parallel(((Dense(3), Tanh()), (Residual((LayerNorm(), Dense(3))),), ())), Residual((Dense(9), ReLU()))),
)
EVERYTHING = Model(Parallel(CASES), Dense(2))


def arrays(model, dtype, seed=0):
    """Params and state away from their special starting values, and a batch."""
    rng = np.random.default_rng(seed)
    shapes = jax.eval_shape(lambda: model.init(keys.root(0), (3,)))
    params = jax.tree.map(lambda leaf: jnp.asarray(rng.normal(0.2, 0.4, leaf.shape), dtype), shapes[0])
    state = jax.tree.map(lambda leaf: jnp.asarray(rng.uniform(0.5, 1.5, leaf.shape), dtype), shapes[1])
    x, y = rng.normal(1, 1.5, size=(ROWS, 3)), rng.normal(size=(ROWS, *model.shape((3,))))
    return params, state, x.astype(dtype), y.astype(dtype)


def compare(model, train, dtype, tolerance, seed=0):
    """Both ways to the gradients of one loss: automatic, as training takes them, and by hand."""
    params, state, x, y = arrays(model, dtype, seed)
    at = Context(train=train, key=keys.root(1), weight=jnp.asarray(WEIGHT, x.dtype))

    def measure(params, x):
        passed = model.steps(params, state, x, at)
        z = passed[f"layers.{len(model.layers) - 1}"]
        return losses.reduce(MSE(), MSE().rows(z, jnp.asarray(y), {}), at.weight), passed

    # no need to optimise what runs only once
    run = jax.jit(
        jax.grad(measure, argnums=(0, 1), has_aux=True), compiler_options={"xla_backend_optimization_level": 0}
    )
    (own, back), passed = run(params, jnp.asarray(x))
    passed = {path: np.asarray(y) for path, y in passed.items()}
    last = f"layers.{len(model.layers) - 1}"
    start = loss_slope.gradient(MSE(), passed[last].astype(float), y.astype(float), WEIGHT)
    steps = backward(model, params, state, x, passed, {last: start}, at)
    assert steps.keys() == model.walk().keys()
    found = {f"{path}.{name}": own for path, step in steps.items() for name, own in step.gradients.items()}
    expected = {"x": back, **tree.flatten(own)}
    found["x"] = steps["layers.0"].input_gradient
    assert found.keys() == expected.keys()
    size = max(np.abs(gradient).max() for gradient in expected.values())
    for path, gradient in expected.items():
        np.testing.assert_allclose(found[path], gradient, rtol=tolerance, atol=tolerance * size, err_msg=path)
    return steps


def test_every_layer_of_the_house_has_a_formula_and_a_case():
    assert set(BACKWARD) == set(TYPES.values()) == {type(layer) for layer in EVERYTHING.walk().values()}


def test_every_formula_agrees_with_automatic_differentiation():
    with jax.enable_x64(True):
        # 1e-10 in float64: exact formulas on both sides, sums of some tens of numbers in another order
        steps = compare(EVERYTHING, True, np.float64, 1e-10)
    assert all(np.abs(step.output_gradient).max() > 0 for step in steps.values())  # they do not agree for being 0


def test_formulas_of_layers_that_predict_in_another_way_agree():
    model = Model(Dense(3), BatchNorm(), Dropout(0.5), Tanh(), Residual((BatchNorm(0.5), Dense(3))), Dense(1))
    with jax.enable_x64(True):
        compare(model, False, np.float64, 1e-10)


def test_in_float32_they_agree_as_far_as_float32_goes():
    # 1e-4: forward numbers of 24 bits, errors of some 1e-7 that add up over layers and the division by small spreads
    compare(wild(1), True, np.float32, 1e-4)


def wild(seed, width=3):
    """A network nobody planned: up to six layers, wiring in it, every size a multiple of three."""
    dice = random.Random(seed)
    bends = [kind() for kind in TYPES.values() if issubclass(kind, ActivationLayer)]
    plain = [*bends, BatchNorm(), LayerNorm(), Dropout(0.4)]
    layers = []
    for _ in range(dice.randint(3, 6)):
        kind = dice.choice(["dense", "plain", "residual", "parallel"])
        if kind == "dense":
            width = dice.choice([3, 6])
            layers += [Dense(width), dice.choice(plain)]
        elif kind == "plain":
            layers += [dice.choice(plain)]
        elif kind == "residual":
            layers += [Residual((Dense(6), dice.choice(plain), Dense(width)))]
        else:
            layers += [Parallel(((dice.choice(plain), Dense(3)), ()))]
            width += 3
    return Model(*layers, Dense(1))


@pytest.mark.parametrize("seed", range(4))
def test_random_networks_agree(seed):
    with jax.enable_x64(True):
        compare(wild(seed), seed % 2 == 0, np.float64, 1e-9, seed)  # deeper: ten layers of norms and sums


def test_a_layer_of_ones_own_goes_by_automatic_differentiation():
    @dataclasses.dataclass(frozen=True, repr=False)
    class Cube(ActivationLayer):
        def bend(self, x, at):
            return x * x * x

    model = Model(Cube())
    seen = trace(model, {}, {}, [[2.0]], [[0.0]], MSE())
    assert seen.input_gradient.item() == pytest.approx(2 * 8 * 3 * 4)  # 2 (x^3 - 0) * 3 x^2
