"""Where a decision comes from: slopes held to finite differences, covered squares to covering by hand."""

import jax
import numpy as np
import pytest

from photic.backprop.saliency import occlusion, saliency
from photic.errors import RequestError
from photic.layers import PREDICT, Conv, Dense, Flatten, MaxPool, ReLU
from photic.model import Model


@pytest.fixture(scope="module")
def small():
    model = Model(Conv(3, 3), ReLU(), MaxPool(2), Flatten(), Dense(4))
    params, state = model.init(jax.random.key(0), (8, 8, 2))
    return model, params, state, np.random.default_rng(0).normal(size=(2, 8, 8, 2)).astype(np.float32)


def answer(small, x):
    model, params, state, _ = small
    return np.asarray(model.apply(params, state, jax.numpy.asarray(x), PREDICT)[0], np.float64)


def test_the_slope_agrees_with_finite_differences(small):
    model, params, state, x = small
    found = saliency(model, params, state, x, 2)
    step = 1e-2  # large enough for 32-bit outputs; the network is piecewise linear
    for place in [(0, 0, 0, 0), (0, 4, 5, 1), (1, 7, 3, 0)]:
        moved = np.stack([x, x]).astype(np.float32)
        moved[0][place] += step
        moved[1][place] -= step
        slope = (answer(small, moved[0]) - answer(small, moved[1]))[place[0], 2] / (2 * step)
        assert found[place] == pytest.approx(slope, abs=2e-3)


def test_a_covered_square_is_one_covered_by_hand(small):
    model, params, state, x = small
    found = occlusion(model, params, state, x, 1, patch=4)
    assert found.shape == (2, 3, 3)
    covered = x.copy()
    covered[1, 2:6, 4:8] = x[1].mean((0, 1))
    assert found[1, 1, 2] == pytest.approx((answer(small, x) - answer(small, covered))[1, 1], abs=1e-5)


def test_a_covered_stretch_is_one_covered_by_hand():
    model = Model(Conv(3, 3), ReLU(), Flatten(), Dense(2))
    params, state = model.init(jax.random.key(0), (16, 2))
    x = np.random.default_rng(0).normal(size=(1, 16, 2)).astype(np.float32)
    found = occlusion(model, params, state, x, 1)
    assert found.shape == (1, 15)  # an eighth: 2 steps, one apart
    covered = x.copy()
    covered[0, 5:7] = x[0].mean(0)
    by_hand = (answer((model, params, state, x), x) - answer((model, params, state, x), covered))[0, 1]
    assert found[0, 5] == pytest.approx(by_hand, abs=1e-5)


def test_squares_reach_every_edge(small):
    model, params, state, x = small
    assert occlusion(model, params, state, x, 0).shape == (2, 7, 7)  # of a quarter, 2 pixels: one apart
    assert occlusion(model, params, state, x, 0, patch=8).shape == (2, 1, 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: saliency(*s, 4), "saliency: needs an output from 0 to 3, got 4"),
        (lambda s: occlusion(*s, -1), "occlusion: needs an output from 0 to 3, got -1"),
        (lambda s: occlusion(*s, 0, patch=9), "occlusion: patch needs to be from 1 to 8, got 9"),
    ],
)
def test_what_cannot_be_looked_at_is_said(small, call, words):
    with pytest.raises(RequestError) as caught:
        call(small)
    assert str(caught.value).startswith(words)


def test_a_table_has_no_squares():
    model = Model(Dense(1))
    params, state = model.init(jax.random.key(0), (3,))
    with pytest.raises(RequestError, match=r"needs images \[n, h, w, c\] or series \[n, t, d\], got \[2, 3\]"):
        occlusion(model, params, state, np.zeros((2, 3)), 0)
