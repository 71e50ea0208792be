from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from photic import keys
from photic.errors import ShapeError, SpecError
from photic.layers import BatchNorm, Context, LayerNorm

RNG = np.random.default_rng(0)
X = RNG.normal(3, 2, (6, 4)).astype(np.float32)
CLOSE = {"rtol": 1e-5, "atol": 1e-5}  # float32: sums over some rows, in another order than NumPy's


def run(x, weight=None, layer=None, state=None, train=True):
    layer = layer or BatchNorm()
    params, fresh = layer.init(keys.root(0), x.shape[1:])
    at = Context(train=train, weight=None if weight is None else jnp.asarray(weight, jnp.float32))
    return layer.apply(params, state or fresh, jnp.asarray(x), at)


def test_a_batch_comes_out_with_mean_0_and_deviation_1():
    y, _ = run(X, layer=BatchNorm(epsilon=1e-12))
    np.testing.assert_allclose(y, StandardScaler().fit_transform(X), **CLOSE)


def test_scale_and_shift_are_applied_last():
    params = {"scale": jnp.array([2.0] * 4), "shift": jnp.array([10.0] * 4)}
    _, state = BatchNorm().init(keys.root(0), (4,))
    y, _ = BatchNorm().apply(params, state, jnp.asarray(X), Context(train=True))
    by_hand = (X - X.mean(0)) / np.sqrt(X.var(0) + 1e-5) * 2 + 10
    np.testing.assert_allclose(y, by_hand, **CLOSE)


def test_momentum_is_the_share_of_the_old_that_is_kept():
    _, state = run(X, layer=BatchNorm(momentum=0.75))
    np.testing.assert_allclose(state["mean"], 0.25 * X.mean(0), **CLOSE)
    np.testing.assert_allclose(state["variance"], 0.75 * 1 + 0.25 * X.var(0), **CLOSE)  # biased, divided by n


def test_prediction_uses_the_running_values_and_leaves_them():
    state = {"mean": jnp.array([1.0] * 4), "variance": jnp.array([4.0] * 4)}
    y, after = run(X, state=state, train=False)
    np.testing.assert_allclose(y, (X - 1) / np.sqrt(4 + 1e-5), **CLOSE)
    assert after is state


def test_rows_of_weight_0_are_as_if_they_were_not_there():
    padded = np.concatenate([X, np.full((2, 4), 1e4, np.float32)])
    y, state = run(padded, weight=[1] * 6 + [0] * 2)
    y_alone, alone = run(X)
    np.testing.assert_allclose(y[:6], y_alone, **CLOSE)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, **CLOSE), state, alone)


def test_weight_2_is_the_same_as_being_there_twice():
    y, state = run(X, weight=[2, 1, 1, 1, 1, 1])
    y_twice, twice = run(np.concatenate([X[:1], X]))
    np.testing.assert_allclose(y, y_twice[1:], **CLOSE)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, **CLOSE), state, twice)


@pytest.mark.parametrize("weight", [None, [1.0, 0.0, 3.0]])
def test_an_image_is_normalised_channel_by_channel(weight):
    x = RNG.normal(size=(3, 4, 5, 2)).astype(np.float32)
    y, state = run(x, weight=weight, layer=BatchNorm(momentum=0.0))
    share = np.broadcast_to(np.reshape(weight or [1.0] * 3, (3, 1, 1)), x.shape[:-1])
    mean = np.average(x.reshape(-1, 2), axis=0, weights=share.ravel())
    variance = np.average((x.reshape(-1, 2) - mean) ** 2, axis=0, weights=share.ravel())
    np.testing.assert_allclose(state["mean"], mean, **CLOSE)
    np.testing.assert_allclose(state["variance"], variance, **CLOSE)
    np.testing.assert_allclose(y, (x - mean) / np.sqrt(variance + 1e-5), **CLOSE)


def test_a_constant_channel_becomes_0_and_has_a_finite_gradient():
    x = jnp.full((5, 2), 1e4)
    params, state = BatchNorm().init(keys.root(0), (2,))

    def total(x):
        return (BatchNorm().apply(params, state, x, Context(train=True))[0] ** 2).sum()

    value, gradient = jax.value_and_grad(total)(x)
    assert value == 0
    assert np.isfinite(gradient).all()


def test_a_large_offset_costs_no_precision():
    # the variance is taken of x - mean; the mean of squares minus the squared mean would lose everything here
    y, _ = run(X + np.float32(1e4), layer=BatchNorm(epsilon=1e-12))
    np.testing.assert_allclose(y, StandardScaler().fit_transform(X), atol=2e-3)  # x itself is rounded to 1e-3


def test_layer_norm_is_every_row_by_itself():
    y, state = run(X, layer=LayerNorm())
    by_hand = (X - X.mean(1, keepdims=True)) / np.sqrt(X.var(1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(y, by_hand, **CLOSE)
    assert state == {}


@pytest.mark.parametrize("layer", [BatchNorm(), LayerNorm()])
def test_a_row_without_channels_is_refused_in_words(layer):
    with pytest.raises(ShapeError) as caught:
        layer.shape(())
    name = type(layer).__name__
    assert str(caught.value) == f"{name}(): input needs channels, got [n]\nfrom the input; put Flatten() before it."


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: BatchNorm(momentum=1.0), "BatchNorm: momentum must be a number at least 0 and below 1, got 1.0"),
        (lambda: BatchNorm(epsilon=0.0), "BatchNorm: epsilon must be a number above 0, got 0.0"),
        (lambda: LayerNorm(epsilon=-1.0), "LayerNorm: epsilon must be a number above 0, got -1.0"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words(build, message):
    with pytest.raises(SpecError) as caught:
        build()
    assert str(caught.value).startswith(message)
