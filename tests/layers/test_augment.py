"""Pictures changed while training: each layer against NumPy or SciPy by hand, with the draw it really made."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage

from photic import keys
from photic.errors import ShapeError, SpecError
from photic.layers import Context, Crop, Cutout, Flip, Rescale, Rotate, Shift

LAYERS = [Flip(), Shift(2), Crop(2), Rotate(30), Cutout(3)]
X = np.random.default_rng(0).normal(size=(40, 6, 9, 2)).astype(np.float32)


def changed(layer, x=X, seed=1, **more):
    at = Context(train=True, key=keys.root(seed), **more)
    return np.asarray(jax.jit(lambda x: layer.apply({}, {}, x, at)[0])(jnp.asarray(x)))


def kinds(y, ways):
    """For every row the only way that gives it."""
    found = []
    for row, given in zip(X, y, strict=True):
        fits = [name for name, way in ways.items() if np.array_equal(way(row), given)]
        assert len(fits) == 1, fits
        found.append(fits[0])
    return found


def test_flip_mirrors_half_of_the_pictures():
    ways = {"as it is": lambda row: row, "mirrored": lambda row: row[:, ::-1]}
    found = kinds(changed(Flip()), ways)
    assert 10 < found.count("mirrored") < 30  # 20 expected of 40; a deviation of 10 has a chance of 1 in 600


def test_flip_in_both_directions_draws_them_apart():
    ways = {(a, b): lambda row, a=a, b=b: row[::a, ::b] for a in (1, -1) for b in (1, -1)}
    assert set(kinds(changed(Flip(vertical=True)), ways)) == set(ways)
    assert set(kinds(changed(Flip(False, True)), ways)) == {(1, 1), (-1, 1)}


@pytest.mark.parametrize(("layer", "mode"), [(Shift(2), "edge"), (Crop(2), "reflect")], ids=["shift", "crop"])
def test_moves_are_cuts_out_of_a_padded_picture(layer, mode):
    def cut(a, b):
        return lambda row: np.pad(row, ((2, 2), (2, 2), (0, 0)), mode=mode)[a : a + 6, b : b + 9]

    found = kinds(changed(layer), {(a, b): cut(a, b) for a in range(5) for b in range(5)})
    assert {a for a, _ in found} == {b for _, b in found} == set(range(5))


def test_rotate_turns_every_picture_around_its_middle():
    layer, at = Rotate(30), Context(train=True, key=keys.root(1))
    y = changed(layer)
    angles = np.asarray(jax.random.uniform(at.draw(), (40, 1, 1), jnp.float32, -30, 30)).reshape(-1)
    for row, given, angle in zip(X, y, np.deg2rad(angles), strict=True):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        middle = np.array([2.5, 4.0])
        for channel in range(2):
            want = ndimage.affine_transform(
                row[..., channel].astype(float), turn, middle - turn @ middle, order=1, mode="nearest"
            )
            # float32 places in a picture of 9 pixels: 1e-6 of a pixel, times the step between pixels of at most 6
            np.testing.assert_allclose(given[..., channel], want, atol=2e-5)
    assert len(set(angles.round(3))) > 30


def test_a_quarter_turn_of_a_square_is_exact():
    square = np.arange(9.0, dtype=np.float32).reshape(1, 3, 3, 1)
    rows, columns, share = (np.stack([np.broadcast_to(each[i], (1, 3, 3)) for each in Rotate(90).sources(
        keys.root(0), (1, 3, 3, 1))]) for i in range(3))  # fmt: skip
    np.testing.assert_allclose(share.sum(0), 1, atol=1e-6)
    assert ((rows >= 0) & (rows < 3) & (columns >= 0) & (columns < 3)).all()
    assert changed(Rotate(90), square)[0, 1, 1, 0] == pytest.approx(4.0, abs=1e-5)  # the middle stays


def test_cutout_covers_one_square_in_each_picture():
    y = changed(Cutout(3))
    covered = (y == 0).all(-1)
    assert np.array_equal(y[~covered], X[~covered])
    for mask in covered:
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        assert mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert mask.sum() == len(rows) * len(columns)
        assert 2 <= len(rows) <= 3 and 2 <= len(columns) <= 3  # the middle lies inside, so at least two of three
    assert len({mask.tobytes() for mask in covered}) > 20


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_another_key_another_draw_and_a_prediction_sees_the_picture_as_it_is(layer):
    assert np.array_equal(changed(layer), changed(layer))
    assert not np.array_equal(changed(layer), changed(layer, seed=2))
    y, state = layer.apply({}, {}, jnp.asarray(X), Context())
    assert np.array_equal(y, X) and state == {}


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_bytes_become_numbers(layer):
    x = np.arange(40 * 5 * 5, dtype=np.uint8).reshape(40, 5, 5, 1)
    y = changed(layer, x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, changed(layer, x.astype(np.float32)), atol=1e-5)


@pytest.mark.parametrize("layer", [Shift(6), Crop(6), Cutout(6)], ids=repr)
def test_a_picture_that_is_too_small_is_refused(layer):
    with pytest.raises(ShapeError, match=r"input needs more than 6 pixels on each side, got \[n, h=6, w=9, c=2\]"):
        layer.shape((6, 9, 2))


def test_what_is_no_picture_is_refused():
    with pytest.raises(ShapeError, match=r"Flip\(\): input needs rank 4 \[n, h, w, c\], got rank 2"):
        Flip().shape((784,))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Flip(False, False), "horizontal or vertical must be True, got False"),
        (lambda: Shift(0), "pixels must be a whole number of at least 1, got 0"),
        (lambda: Crop(0), "padding must be a whole number of at least 1, got 0"),
        (lambda: Rotate(0), "degrees must be a number above 0 and below 180, got 0"),
        (lambda: Rotate(181), "degrees must be a number above 0 and below 180, got 181"),
        (lambda: Cutout(-1), "size must be a whole number of at least 1, got -1"),
        (lambda: Rescale(0), "scale must be a finite number other than 0, got 0"),
        (lambda: Rescale(1.0, float("nan")), "shift must be a finite number, got nan"),
    ],
)
def test_settings_that_cannot_be_are_refused(make, words):
    with pytest.raises(SpecError) as error:
        make()
    assert words in str(error.value)
    assert Rotate(180).degrees == 180


def test_rescale_brings_pixels_to_minus_one_and_one():
    x = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    y, _ = Rescale().apply({}, {}, jnp.asarray(x), Context())
    np.testing.assert_allclose(np.asarray(y), (x.astype(float) - 127.5) / 127.5, atol=1e-6)  # float32
