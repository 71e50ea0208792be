"""The ready convolutional network: its layers, its shapes, and what it refuses."""

from __future__ import annotations

import json

import pytest

from photic.errors import ShapeError, SpecError
from photic.layers import BatchNorm, Conv, Crop, Dense, Dropout, Flatten, Flip, MaxPool, ReLU, Rescale
from photic.model import Model
from photic.spec import Knob
from photic.zoo import cnn


def block(units):
    return Conv(units, 3, bias=False, initializer="uniform"), BatchNorm(), ReLU(), MaxPool()


HIDDEN = (Flatten(), Dense(128, initializer="uniform"), ReLU())


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (cnn(10), Model(Rescale(), *block(32), *block(64), *HIDDEN, Dropout(0.3), Dense(10, initializer="uniform"))),
        (cnn(1, width=8, depth=1, dropout=0), Model(Rescale(), *block(8), *HIDDEN, Dense(1, initializer="uniform"))),
        (
            cnn(3, depth=4, dropout=Knob("dropout", 0.0), augment=[Flip(), Crop(2)]),
            Model(
                Rescale(), Flip(), Crop(2), *block(32), *block(64), *block(128), *block(128), *HIDDEN,
                Dropout(Knob("dropout", 0.0)), Dense(3, initializer="uniform"),
            ),
        ),
    ],
)  # fmt: skip
def test_blocks_are_convolution_norm_relu_pool(made, expected):
    assert made == expected
    assert Model.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_its_size_is_counted():
    # 32 filters of 9 taps, 64 of 9 x 32, their scales and shifts; 7 x 7 x 64 numbers to 128 neurons, and to 10
    numbers = 9 * 32 + 64 + 9 * 32 * 64 + 128 + (7 * 7 * 64 + 1) * 128 + (128 + 1) * 10
    assert f"\n{numbers:,} numbers to learn" in cnn(10).summary((28, 28, 1))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: cnn(10, depth=0),
            "cnn: depth must be a whole number of at least 1, got 0\nfrom the arguments of cnn; set depth to 1 or",
        ),
        (lambda: cnn(10, width=0), "Conv: units must be a whole number of at least 1, got 0"),
        (lambda: cnn(0), "Dense: units must be a whole number of at least 1, got 0"),
        (lambda: cnn(10, dropout=1.0), "Dropout: rate must be a number at least 0 and below 1, got 1.0"),
    ],
)
def test_what_cannot_be_is_refused_in_words(build, message):
    with pytest.raises(SpecError) as caught:
        build()
    assert str(caught.value).startswith(message)


def test_a_picture_that_is_too_small_is_refused():
    with pytest.raises(ShapeError, match=r"layers.8 MaxPool\(\): window must not be larger than its input"):
        cnn(10).check((3, 3, 1))
