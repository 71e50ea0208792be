from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from photic.backprop.loss_slope import SLOPES, gradient
from photic.maths import losses
from photic.maths.losses import LOSSES, MAE, MSE, RMSE, BinaryCrossEntropy, CrossEntropy, Huber
from photic.spec import Knob

RNG = np.random.default_rng(0)
Z, NUMBERS = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 3))
TWO, CODES = (NUMBERS > 0).astype(float), np.array([0, 2, 1, 1, 0])
WEIGHT = np.array([1.0, 0.0, 2.0, 0.5, 3.0])

CASES = [
    (MSE(), NUMBERS),
    (RMSE(), NUMBERS),
    (MAE(), NUMBERS),
    (Huber(), NUMBERS),
    (Huber(Knob("delta", 0.3)), NUMBERS),
    (BinaryCrossEntropy(), TWO),
    (BinaryCrossEntropy(label_smoothing=0.2), TWO),
    (CrossEntropy(), CODES),
    (CrossEntropy(label_smoothing=Knob("smoothing", 0.1)), CODES),
]

every_loss = pytest.mark.parametrize(
    ("loss", "y"), CASES, ids=lambda each: "" if isinstance(each, np.ndarray) else str(each)
)


def automatic(loss, z, y, weight):
    def measure(z):
        return losses.reduce(loss, loss.rows(z, jnp.asarray(y), {}), jnp.asarray(weight))

    return jax.grad(measure)(jnp.asarray(z))


def test_every_loss_of_the_house_has_a_slope_and_a_case():
    assert set(SLOPES) == set(LOSSES.values()) == {type(loss) for loss, _ in CASES}


@every_loss
@pytest.mark.parametrize("size", [1.0, 30.0])
def test_every_loss_agrees_with_automatic_differentiation(loss, y, size):
    with jax.enable_x64(True):
        # 1e-10 in float64: the same formula, summed in another order
        expected = automatic(loss, Z * size, y, WEIGHT)
        np.testing.assert_allclose(gradient(loss, Z * size, y, WEIGHT), expected, rtol=1e-10, atol=1e-12)


@every_loss
def test_a_row_of_weight_0_has_no_gradient_whatever_it_holds(loss, y):
    z = Z.copy()
    z[1] = np.nan
    found = gradient(loss, z, y, WEIGHT)
    assert (found[1] == 0).all()
    assert np.isfinite(found).all()
    assert (gradient(loss, Z, y, np.zeros(5)) == 0).all()


def test_a_perfect_fit_has_no_slope():
    assert (gradient(RMSE(), NUMBERS, NUMBERS, WEIGHT) == 0).all()


def test_logits_of_any_size_give_finite_gradients():
    z = np.array([[1e4, -1e4], [-1e4, 1e4]])
    both = gradient(BinaryCrossEntropy(), z, np.array([[1.0, 1.0], [0.0, 1.0]]), np.ones(2))
    np.testing.assert_array_equal(both, [[0.0, -0.25], [0.0, 0.0]])
    np.testing.assert_array_equal(gradient(CrossEntropy(), z, np.array([1, 1]), np.ones(2)), [[0.5, -0.5], [0, 0]])
