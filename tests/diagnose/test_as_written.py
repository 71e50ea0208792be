"""Losses as they were written, against formulas by hand and against scikit-learn."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.metrics import log_loss

from photic.diagnose.as_written import AsWritten, encode, fits
from photic.diagnose.chance import chance
from photic.errors import SpecError
from photic.layers import Dense, Sigmoid, Softmax
from photic.maths import losses

RNG = np.random.default_rng(0)
Z3, Y3 = RNG.normal(size=(6, 3)), np.array([0, 1, 2, 2, 1, 0])
Z1, Y1 = RNG.normal(size=(6, 1)), np.array([[0.0], [1.0], [1.0], [0.0], [1.0], [0.0]])
softmax = lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
sigmoid = lambda z: 1 / (1 + np.exp(-z))


def _loss(name: str, takes: str, encoding: str, kind: str, classes: int, probabilities: bool = False) -> AsWritten:
    return AsWritten(name, takes, encoding, kind, classes, probabilities)


@pytest.mark.parametrize("encoding", ["codes", "one_hot"])
def test_cross_entropy_of_logits_and_probabilities_is_the_log_loss(encoding: str) -> None:
    witness = log_loss(Y3, softmax(Z3))
    for takes, z in (("logits", Z3), ("probabilities", softmax(Z3)), ("log_probabilities", np.log(softmax(Z3)))):
        found = _loss("cross_entropy", takes, encoding, "multiclass", 3).values(np, z, Y3)
        assert found.mean() == pytest.approx(witness, rel=1e-6)


def test_the_trainer_and_numpy_compute_the_same() -> None:
    z, y = jnp.asarray(Z3, jnp.float32), jnp.asarray(Y3, jnp.int32)
    for name, takes in (("cross_entropy", "logits"), ("binary_cross_entropy", "logits"), ("mse", "values")):
        loss = _loss(name, takes, "one_hot", "multiclass", 3)
        np.testing.assert_allclose(
            jax.jit(lambda z, loss=loss: loss.rows(z, y, {}))(z), loss.values(np, Z3, Y3), rtol=1e-5
        )
    ours = _loss("binary_cross_entropy", "logits", "codes", "binary", 2).rows(jnp.float32(Z1), jnp.float32(Y1), {})
    np.testing.assert_allclose(ours, losses.BinaryCrossEntropy().rows(jnp.float32(Z1), jnp.float32(Y1), {}), rtol=1e-5)


def test_a_softmax_twice_is_flatter_than_one() -> None:
    twice = _loss("cross_entropy", "logits", "codes", "multiclass", 3).values(np, softmax(Z3), Y3).mean()
    assert twice == pytest.approx(log_loss(Y3, softmax(softmax(Z3))), rel=1e-6)
    perfect = _loss("cross_entropy", "logits", "codes", "multiclass", 3).values(np, np.eye(3)[Y3], Y3)
    np.testing.assert_allclose(perfect, -math.log(math.e / (math.e + 2)))  # it can never come near 0


def test_logits_taken_for_probabilities_are_clipped_and_give_no_gradient_below() -> None:
    loss = _loss("binary_cross_entropy", "probabilities", "codes", "binary", 2)
    np.testing.assert_allclose(loss.values(np, np.array([[-3.0]]), np.array([[1.0]])), -math.log(1e-7))
    slope = jax.grad(lambda z: loss.rows(z, jnp.ones((1, 1)), {}).sum())(jnp.full((1, 1), -3.0))
    assert float(slope[0, 0]) == 0.0


def test_squared_error_on_codes_and_the_nearest_code_as_answer() -> None:
    loss = _loss("mse", "values", "codes", "multiclass", 3)
    z = np.array([[0.2], [1.4], [1.6], [9.0]])
    np.testing.assert_allclose(loss.values(np, z, np.array([0, 1, 2, 2])), [0.04, 0.16, 0.16, 49])
    assert loss.answers(np, z).argmax(axis=1).tolist() == [0, 1, 2, 2]


def test_binary_cross_entropy_of_codes_beyond_one_goes_below_zero() -> None:
    loss = _loss("binary_cross_entropy", "probabilities", "codes", "multiclass", 3, True)
    assert loss.values(np, np.array([[0.999]]), np.array([2]))[0] < 0


def test_softmax_of_one_output_is_always_sure() -> None:
    np.testing.assert_allclose(_loss("cross_entropy", "logits", "codes", "binary", 2).values(np, Z1, Y1), 0, atol=1e-12)


def test_labels_of_minus_one_and_one() -> None:
    assert encode(np, Y1, "minus_plus", 2).tolist() == [[-1.0], [1.0], [1.0], [-1.0], [1.0], [-1.0]]
    hinge = _loss("hinge", "values", "minus_plus", "binary", 2)
    np.testing.assert_allclose(hinge.values(np, np.array([[0.5], [-2.0]]), np.array([[1.0], [0.0]])), [0.5, 0.0])
    assert (hinge.answers(np, np.array([[0.1], [-0.1]]))[:, 0] > 0.5).tolist() == [True, False]


def test_answers_are_read_as_their_writer_does() -> None:
    plain = _loss("binary_cross_entropy", "logits", "codes", "binary", 2)
    np.testing.assert_allclose(plain.answers(np, Z1), sigmoid(Z1))
    np.testing.assert_allclose(_loss("binary_cross_entropy", "logits", "codes", "binary", 2, True).answers(np, Y1), Y1)
    two = _loss("cross_entropy", "logits", "codes", "binary", 2)
    np.testing.assert_allclose(two.answers(np, Z3[:, :2])[:, 0], softmax(Z3[:, :2])[:, 1])


@pytest.mark.parametrize(("encoding", "outputs"), [("codes", 2), ("one_hot", 2), ("one_hot", 4)])
def test_sizes_that_cannot_be_brought_together_are_refused(encoding: str, outputs: int) -> None:
    loss = _loss("cross_entropy", "logits", encoding, "multiclass", 3)
    with pytest.raises(SpecError, match=r"the last layer: needs .* got \d\n.*end the network with 3 units"):
        fits(loss, (outputs,))
    fits(loss, (3,))
    fits(loss, (1,))


def test_chance_is_the_entropy_the_variance_or_the_best_that_the_last_layer_can_give() -> None:
    y, weight = np.repeat([0, 1, 2], [5, 3, 2]), np.ones(10)
    share = np.array([0.5, 0.3, 0.2])
    entropy = -(share * np.log(share)).sum()
    plain = _loss("cross_entropy", "logits", "codes", "multiclass", 3)
    assert chance(plain, Dense(3), y, weight, 3) == pytest.approx(entropy, abs=1e-4)
    keras = _loss("cross_entropy", "probabilities", "one_hot", "multiclass", 3, True)
    assert chance(keras, Softmax(), y, weight, 3) == pytest.approx(entropy, abs=1e-4)
    corners = [log_loss(y, softmax(np.tile(p, (10, 1)))) for p in np.eye(3)]
    assert entropy < chance(plain, Softmax(), y, weight, 3) <= min(corners)
    numbers = RNG.normal(2.0, 3.0, 50)[:, None]
    mse = _loss("mse", "values", "values", "regression", 0)
    assert chance(mse, Dense(1), numbers, np.ones(50), 1) == pytest.approx(numbers.var(), rel=1e-4)
    assert chance(mse, Sigmoid(), numbers + 50, np.ones(50), 1) > 40**2
