from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest

from photic import keys
from photic.errors import RequestError, SpecError
from photic.layers import Context, Dropout
from photic.spec import Knob


def thinned(rate, shape, key=0, **more):
    at = Context(train=True, key=keys.root(key), **more)
    return np.asarray(Dropout(rate).apply({}, {}, jnp.ones(shape), at)[0])


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_that_falls_away_is_the_rate(rate):
    n = 40_000
    dropped = (thinned(rate, (200, 200)) == 0).mean()
    # five standard deviations of a binomial share: fails by chance once in two million keys, and the key is fixed
    assert abs(dropped - rate) < 5 * math.sqrt(rate * (1 - rate) / n)


@pytest.mark.parametrize("rate", [0.2, 0.75])
def test_survivors_make_up_for_the_rest(rate):
    y = thinned(rate, (50, 20))
    np.testing.assert_allclose(y[y > 0], 1 / (1 - rate), rtol=1e-6)  # one float32 product


def test_nothing_happens_when_predicting_or_at_rate_0():
    x = jnp.ones((3, 4))
    assert Dropout(0.5).apply({}, {}, x, Context(key=keys.root(0)))[0] is x
    assert Dropout(0.0).apply({}, {}, x, Context(train=True))[0] is x


def test_a_knob_at_0_drops_nothing():
    assert (thinned(Knob("rate", 0.5), (20, 20), knobs={"rate": 0.0}) == 1).all()


def test_the_draw_hangs_on_key_and_place_alone():
    same, again = thinned(0.5, (8, 8)), thinned(0.5, (8, 8))
    assert np.array_equal(same, again)
    for other in (thinned(0.5, (8, 8), key=1), thinned(0.5, (8, 8), path=("layers", "1"))):
        assert not np.array_equal(same, other)


@pytest.mark.parametrize("shape", [(5,), (3, 1), (3, 7), (2, 3, 5)])
def test_odd_sizes_are_thinned_too(shape):
    assert thinned(0.5, shape).shape == shape


def test_neighbours_fall_away_independently():
    kept = thinned(0.5, (20_000, 4)) > 0
    # both halves of one draw, the next draw, the next row: correlations of 20,000 pairs scatter by 0.007
    pairs = [(kept[:, 0], kept[:, 1]), (kept[:, 1], kept[:, 2]), (kept[:-1, 0], kept[1:, 0])]
    for a, b in pairs:
        assert abs(np.corrcoef(a, b)[0, 1]) < 0.035


def test_a_rate_near_1_still_leaves_someone():
    assert (thinned(0.9999, (500, 500)) > 0).any()


def test_training_without_a_key_is_refused_in_words():
    with pytest.raises(RequestError) as caught:
        Dropout(0.5).apply({}, {}, jnp.ones((1, 2)), Context(train=True, path=("layers", "3")))
    assert str(caught.value) == (
        "layers.3: a random draw needs a key, got None\nfrom the Context; pass Context(key=...)."
    )


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5, math.nan, Knob("rate", 1.0)])
def test_a_rate_outside_0_to_1_is_refused_in_words(rate):
    with pytest.raises(SpecError, match=r"^Dropout: rate must be a number at least 0 and below 1, got "):
        Dropout(rate)
