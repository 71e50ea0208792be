"""Pools against NumPy, window by window; what is padded never counts."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from photic.errors import ShapeError, SpecError
from photic.layers import AveragePool, Context, GlobalAveragePool, GlobalMaxPool, MaxPool

CASES = [
    ({}, (4, 6, 2), (0, 0)),
    ({"window": 2}, (5, 7, 2), (0, 0)),
    ({"window": (2, 3), "stride": 1}, (4, 5, 2), (0, 0)),
    ({"window": 3, "stride": 2, "padding": "same"}, (7, 3), (1, 1)),
    ({"window": 3, "stride": 2, "padding": 1}, (6, 3), (1, 1)),
    ({"window": 2, "padding": "same"}, (5, 1), (0, 1)),
]


def walked(x, layer, before, take):
    """One window after another, of which only what lies inside the input is taken."""
    window = layer.placed(x.shape[1:])
    y = np.zeros((len(x), *window.places(x.shape[1:-1]), x.shape[-1]))
    for place in np.ndindex(y.shape[1:-1]):
        starts = (p * a.stride - before for p, a in zip(place, window.axes, strict=True))
        cut = tuple(slice(max(s, 0), s + a.size) for s, a in zip(starts, window.axes, strict=True))
        y[:, *place] = take(x[:, *cut], axis=tuple(range(1, x.ndim - 1)))
    return y


@pytest.mark.parametrize(("kind", "take"), [(MaxPool, np.max), (AveragePool, np.mean)], ids=["max", "average"])
@pytest.mark.parametrize(("settings", "shape", "around"), CASES, ids=str)
def test_a_pool_is_a_walk_of_its_window(kind, take, settings, shape, around):
    layer = kind(**settings)
    x = np.random.default_rng(0).normal(size=(3, *shape)).astype(np.float32)
    y, state = layer.apply({}, {}, jnp.asarray(x), Context())
    assert state == {} and y.shape[1:] == layer.shape(shape)
    np.testing.assert_allclose(y, walked(x, layer, around[0], take), rtol=1e-5, atol=1e-6)  # float32 sums of a few


def test_global_pools_are_one_number_a_channel():
    x = np.random.default_rng(0).normal(size=(3, 4, 5, 2)).astype(np.float32)
    for layer, take in ((GlobalMaxPool(), np.max), (GlobalAveragePool(), np.mean)):
        y, _ = layer.apply({}, {}, jnp.asarray(x), Context())
        np.testing.assert_allclose(y, take(x, axis=(1, 2)), rtol=1e-5, atol=1e-6)
        assert layer.shape((4, 5, 2)) == (2,)
        assert layer.lengths(jnp.array([3])) is None


def test_steps_beyond_the_end_of_a_sequence_do_not_count():
    x, lengths = jnp.array([[[1.0], [-3.0], [9.0], [9.0]], [[-2.0], [9.0], [9.0], [9.0]]]), jnp.array([2, 1])
    at = Context(lengths=lengths)
    results = [layer.apply({}, {}, x, at)[0][..., 0].tolist() for layer in (MaxPool(3, padding="same"), AveragePool())]
    assert results == [[[1.0, 0.0], [-2.0, 0.0]], [[-1.0, 0.0], [-2.0, 0.0]]]
    assert GlobalMaxPool().apply({}, {}, x, at)[0].tolist() == [[1.0], [-2.0]]
    assert GlobalAveragePool().apply({}, {}, x, at)[0].tolist() == [[-1.0], [-2.0]]


def test_a_sequence_without_steps_gives_0():
    x, at = jnp.ones((1, 4, 1)), Context(lengths=jnp.array([0]))
    for layer in (MaxPool(), AveragePool(), GlobalMaxPool(), GlobalAveragePool()):
        assert not np.any(layer.apply({}, {}, x, at)[0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: MaxPool(0),
            "MaxPool: window must be a whole number of at least 1, or one for every space axis, got 0",
        ),
        (lambda: AveragePool(2, stride=0), "AveragePool: stride must be a whole number of at least 1"),
        (
            lambda: MaxPool(padding="causal"),
            "MaxPool: padding must be one of 'valid', 'same', or a whole number, got 'causal'",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(make, message):
    with pytest.raises(SpecError) as caught:
        make()
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (MaxPool(4), (3, 8, 1), "MaxPool(4): window must not be larger than its input: it spans 4 places, got 3 in"),
        (MaxPool(), (3,), "MaxPool(): input needs one to three space axes and channels, as [n, t, c] or [n, h, w, c]"),
        (MaxPool(padding=2), (8, 1), "MaxPool(padding=2): padding must be smaller than the window"),
        (GlobalMaxPool(), (3,), "GlobalMaxPool(): input needs space axes and channels, as [n, t, c] or [n, h, w, c]"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(layer, shape, message):
    with pytest.raises(ShapeError) as caught:
        layer.shape(shape)
    assert str(caught.value).startswith(message)
