"""Convolutions against SciPy, transposed ones against their definition, refusals word for word."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import signal

from photic import keys
from photic.errors import ShapeError, SpecError
from photic.layers import Context, Conv, ConvTranspose


def applied(layer, x, **at):
    params, state = layer.init(keys.root(0), x.shape[1:])
    y, after = layer.apply(params, state, jnp.asarray(x), Context(**at))
    assert after == {}
    return np.asarray(params["w"], float), np.asarray(y)


def drawn(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def laid(x, w, padding, stride, dilation):
    """SciPy's correlation for every filter and channel, of which every stride-th place is kept."""
    rank = w.ndim - 2
    wide = np.zeros((*((size - 1) * gap + 1 for size, gap in zip(w.shape, dilation, strict=False)), *w.shape[rank:]))
    wide[tuple(slice(None, None, gap) for gap in dilation)] = w
    x = np.pad(x.astype(float), ((0, 0), *padding, (0, 0)))
    keep = tuple(slice(None, None, step) for step in stride)
    one = lambda row, u: sum(signal.correlate(row[..., c], wide[..., c, u], "valid") for c in range(x.shape[-1]))
    return np.stack([np.stack([one(row, u)[keep] for u in range(w.shape[-1])], -1) for row in x])


@pytest.mark.parametrize(
    ("layer", "shape", "padding", "stride", "dilation"),
    [
        (Conv(3, 3, bias=False), (2, 5, 6, 2), ((1, 1), (1, 1)), (1, 1), (1, 1)),
        (Conv(3, 3, padding="valid"), (2, 5, 6, 2), ((0, 0), (0, 0)), (1, 1), (1, 1)),
        (Conv(2, (2, 3), stride=(2, 1), padding="valid"), (2, 6, 5, 2), ((0, 0), (0, 0)), (2, 1), (1, 1)),
        (Conv(2, 3, stride=2), (2, 6, 7, 2), ((1, 0), (1, 1)), (2, 2), (1, 1)),
        (Conv(2, 3, dilation=2), (1, 8, 8, 1), ((2, 2), (2, 2)), (1, 1), (2, 2)),
        (Conv(4, 3, padding=(2, 0)), (1, 4, 5, 3), ((2, 2), (0, 0)), (1, 1), (1, 1)),
        (Conv(4, 4), (3, 9, 2), ((1, 2),), (1,), (1,)),
        (Conv(4, 3, padding="causal", dilation=2), (3, 9, 2), ((4, 0),), (1,), (2,)),
        (Conv(2, 5, stride=3), (3, 11, 40), ((2, 1),), (3,), (1,)),
        (Conv(2, 2), (1, 3, 4, 3, 2), ((0, 1), (0, 1), (0, 1)), (1, 1, 1), (1, 1, 1)),
    ],
    ids=str,
)
def test_a_convolution_is_scipys(layer, shape, padding, stride, dilation):
    x = drawn(*shape)
    w, y = applied(layer, x)
    # float32 sums of at most 200 products of about 1
    np.testing.assert_allclose(y, laid(x, w, padding, stride, dilation), rtol=1e-4, atol=1e-5)
    assert y.shape[1:] == layer.shape(shape[1:])


def test_groups_are_convolutions_side_by_side():
    x = drawn(2, 6, 5, 4)
    w, y = applied(Conv(6, 3, groups=2), x)
    assert w.shape == (3, 3, 2, 6)
    halves = [
        laid(x[..., 2 * i : 2 * i + 2], w[..., 3 * i : 3 * i + 3], ((1, 1), (1, 1)), (1, 1), (1, 1)) for i in (0, 1)
    ]
    np.testing.assert_allclose(y, np.concatenate(halves, -1), rtol=1e-4, atol=1e-5)


def test_the_bias_is_one_number_a_filter():
    x, layer = drawn(2, 4, 4, 1), Conv(3, 3)
    params, _ = layer.init(keys.root(0), (4, 4, 1))
    b = jnp.array([1.0, -2.0, 0.5])
    with_bias, without = (layer.apply(p, {}, jnp.asarray(x), Context())[0] for p in (params | {"b": b}, params))
    np.testing.assert_allclose(with_bias - without, np.broadcast_to(b, (2, 4, 4, 3)), atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "shape", "space"),
    [
        (ConvTranspose(3, 3, stride=2, bias=False), (2, 3, 4, 2), (6, 8)),
        (ConvTranspose(3, 2, stride=3), (2, 3, 4, 2), (9, 12)),
        (ConvTranspose(3, (3, 2), stride=2, padding="valid"), (2, 3, 4, 2), (7, 8)),
        (ConvTranspose(3, 4, stride=2, padding=1), (2, 3, 4, 2), (6, 8)),
        (ConvTranspose(2, 3), (3, 5, 4), (5,)),
    ],
    ids=str,
)
def test_a_transposed_convolution_is_its_definition(layer, shape, space):
    x = drawn(*shape)
    w, y = applied(layer, x)
    assert y.shape[1:] == (*space, layer.units) == layer.shape(shape[1:])
    want = np.zeros(y.shape)
    window = layer.placed(shape[1:])
    for place in np.ndindex(*shape[1:-1]):
        for tap in np.ndindex(*w.shape[:-2]):
            at = tuple(p * a.stride + k - a.before for p, k, a in zip(place, tap, window.axes, strict=True))
            if all(0 <= q < n for q, n in zip(at, space, strict=True)):
                want[:, *at] += x[:, *place].astype(float) @ w[tap].T
    np.testing.assert_allclose(y, want, rtol=1e-4, atol=1e-5)


def test_weights_start_with_the_spread_of_their_fans():
    # glorot_uniform: the limit is sqrt(6 / (fan_in + fan_out)), fans counted with the taps
    for layer, shape, fans in (
        (Conv(64, 3), (8, 8, 32), 9 * 32 + 9 * 64),
        (Conv(64, 3, groups=4), (8, 8, 32), 9 * 8 + 9 * 16),
        (ConvTranspose(32, 5), (8, 64), 5 * 64 + 5 * 32),
    ):
        params, _ = layer.init(keys.root(0), shape)
        limit = np.sqrt(6 / fans)
        assert 0.97 * limit < float(jnp.abs(params["w"]).max()) <= limit  # thousands of draws come close to it
        assert not params["b"].any()


def test_lengths_count_the_places_that_see_real_steps():
    lengths = jnp.array([0, 1, 2, 5, 8])
    assert Conv(1, 3).lengths(lengths).tolist() == [0, 1, 2, 5, 8]
    assert Conv(1, 3, stride=2).lengths(lengths).tolist() == [0, 1, 1, 3, 4]
    assert Conv(1, 3, padding="valid").lengths(lengths).tolist() == [0, 0, 0, 3, 6]
    assert Conv(1, 3, padding=(1,)).lengths(lengths).tolist() == [0, 1, 2, 5, 8]
    assert Conv(1, 2, padding="causal", stride=3).lengths(lengths).tolist() == [0, 1, 1, 2, 3]
    assert ConvTranspose(1, 3, stride=2, padding="valid").lengths(lengths).tolist() == [0, 3, 5, 11, 17]
    assert Conv(1, 3).lengths(None) is None and ConvTranspose(1, 3).lengths(None) is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conv(0, 3), "Conv: units must be a whole number of at least 1, got 0"),
        (lambda: Conv(4, 0), "Conv: kernel must be a whole number of at least 1, or one for every space axis, got 0"),
        (lambda: Conv(4, (3, 0)), "Conv: kernel must be a whole number of at least 1, or one for every space axis"),
        (lambda: Conv(4, 3, stride=0), "Conv: stride must be a whole number of at least 1"),
        (lambda: Conv(4, 3, dilation=-1), "Conv: dilation must be a whole number of at least 1"),
        (lambda: Conv(4, 3, groups=0), "Conv: groups must be a whole number of at least 1, got 0"),
        (lambda: Conv(4, 3, padding=-1), "Conv: padding must be a whole number of at least 0"),
        (
            lambda: Conv(4, 3, padding="sane"),
            "Conv: padding must be one of 'same', 'valid', 'causal', or a whole number, got 'sane'",
        ),
        (
            lambda: ConvTranspose(4, 3, padding="causal"),
            "ConvTranspose: padding must be one of 'same', 'valid', or a whole number, got 'causal'",
        ),
        (lambda: Conv(4, 3, initializer="he"), "Conv: initializer must be a known name, got 'he'"),
    ],
)
def test_settings_that_cannot_be_are_refused(make, message):
    with pytest.raises(SpecError) as caught:
        make()
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            Conv(4, 5, padding="valid"),
            (3, 8, 1),
            """Conv(4, kernel=5, padding='valid'): kernel must not be larger than its input: it spans 5 places, got 3 \
in [n, h=3, w=8, c=1]\nfrom the input; make kernel smaller, or set padding to 'same'.""",
        ),
        (
            Conv(4, 3, dilation=3, padding=1),
            (4, 2),
            """Conv(4, kernel=3, dilation=3, padding=1): kernel must not be larger than its input: it spans 7 places, \
got 4 with its padding of 2 in [n, t=4, d=2]""",
        ),
        (Conv(4, 3), (7,), "Conv(4, kernel=3): input needs one to three space axes and channels, as [n, t, c]"),
        (
            Conv(4, (3, 3)),
            (7, 2),
            "Conv(4, kernel=(3, 3)): kernel needs one size for each of 1 space axes, got 2, (3, 3)",
        ),
        (
            Conv(4, 3, padding="causal"),
            (7, 7, 2),
            "Conv(4, kernel=3, padding='causal'): padding 'causal' needs an input of one space axis, [n, t, c]",
        ),
        (
            Conv(4, 3, groups=2),
            (7, 3),
            """Conv(4, kernel=3, groups=2): groups must divide the channels and the units: 2, got 3 channels and 4 \
units in [n, t=7, d=3]\nfrom the input; set groups to a divisor of 1.""",
        ),
        (
            ConvTranspose(4, 2, padding=3),
            (2, 3),
            "ConvTranspose(4, kernel=2, padding=3): padding must leave something of the output, got 3 of",
        ),
    ],
)
def test_inputs_that_do_not_fit_are_refused(layer, shape, message):
    with pytest.raises(ShapeError) as caught:
        layer.shape(shape)
    assert str(caught.value).startswith(message)
