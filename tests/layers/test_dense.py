from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.errors import ShapeError, SpecError
from photic.layers import Context, Dense
from photic.maths.initializers import INITIALIZERS, draw


def test_a_neuron_is_a_weighted_sum_plus_a_bias():
    rng = np.random.default_rng(0)
    x, w, b = (rng.normal(size=size).astype(np.float32) for size in ((4, 3), (3, 2), (2,)))
    z, _ = Dense(2).apply({"w": jnp.asarray(w), "b": jnp.asarray(b)}, {}, jnp.asarray(x), Context())
    by_hand = [[sum(x[n, d] * w[d, u] for d in range(3)) + b[u] for u in range(2)] for n in range(4)]
    np.testing.assert_allclose(z, by_hand, rtol=1e-5)  # float32 sums of three products


def test_without_bias_nothing_is_added():
    params, _ = Dense(2, bias=False).init(keys.root(0), (3,))
    assert list(params) == ["w"]
    z, _ = Dense(2, bias=False).apply(params, {}, jnp.zeros((1, 3)), Context())
    assert z.tolist() == [[0.0, 0.0]]


def test_weights_come_from_keys_of_their_own_names():
    params, state = Dense(4, initializer="he_normal").init(keys.root(0), (3,))
    assert np.array_equal(params["w"], draw("he_normal", keys.fold(keys.root(0), "w"), (3, 4), 3, 4))
    assert params["b"].tolist() == [0.0] * 4
    assert state == {}


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_every_initializer_can_be_named(name):
    params, _ = Dense(3, initializer=name).init(keys.root(0), (2,))
    assert params["w"].shape == (2, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"units": 0}, "Dense: units must be a whole number of at least 1, got 0"),
        ({"units": -3}, "Dense: units must be a whole number of at least 1, got -3"),
        ({"units": True}, "Dense: units must be a whole number of at least 1, got True"),
        ({"units": 2, "initializer": "he_nromal"}, "Dense: initializer must be a known name, got 'he_nromal'"),
        ({"units": 2, "bias_initializer": "orthogonal"}, "Dense: bias_initializer must be a known name, got 'orth"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words(settings, message):
    with pytest.raises(SpecError) as caught:
        Dense(**settings)
    assert str(caught.value).startswith(message)
    assert "\nfrom the arguments of Dense; " in str(caught.value)


def test_the_advice_names_what_was_meant():
    with pytest.raises(SpecError, match="did you mean 'he_normal'"):
        Dense(2, initializer="he_nromal")


def test_an_image_is_sent_to_flatten():
    with pytest.raises(ShapeError) as caught:
        Dense(10).shape((28, 28, 1))
    assert str(caught.value) == (
        "Dense(10): input needs rank 2 [n, d], got rank 4 [n, h=28, w=28, c=1]\n"
        "from the input; put Flatten() before it."
    )
