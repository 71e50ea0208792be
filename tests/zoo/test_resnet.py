"""The ready residual network: its layers, its shapes, and what it refuses."""

from __future__ import annotations

import json

import pytest

from photic.errors import SpecError
from photic.layers import BatchNorm, Conv, Dense, Flip, GlobalAveragePool, ReLU, Rescale, Residual
from photic.model import Model
from photic.zoo import resnet


def conv(units, **more):
    return Conv(units, 3, bias=False, initializer="he_uniform", **more), BatchNorm()


def block(units):
    return Residual((*conv(units), ReLU(), *conv(units))), ReLU()


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            resnet(10),
            Model(
                Rescale(), *conv(16), ReLU(), *block(16), *conv(32, stride=2), ReLU(), *block(32),
                *conv(64, stride=2), ReLU(), *block(64), GlobalAveragePool(), Dense(10),
            ),
        ),
        (
            resnet(1, width=8, depth=2, stages=1, augment=(Flip(),)),
            Model(Rescale(), Flip(), *conv(8), ReLU(), *block(8), *block(8), GlobalAveragePool(), Dense(1)),
        ),
    ],
)  # fmt: skip
def test_stages_are_a_convolution_and_residual_blocks(made, expected):
    assert made == expected
    assert Model.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize(("depth", "stages"), [(1, 3), (2, 2)])
def test_its_convolutions_are_counted(depth, stages):
    model = resnet(10, depth=depth, stages=stages)
    assert sum(isinstance(layer, Conv) for layer in model.walk().values()) == stages * (1 + 2 * depth)
    assert model.shapes((33, 32, 3))[-3] == (
        -(-33 // 2 ** (stages - 1)),
        32 // 2 ** (stages - 1),
        16 * 2 ** (stages - 1),
    )


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: resnet(10, depth=0),
            "resnet: depth must be a whole number of at least 1, got 0\nfrom the arguments of resnet; set depth",
        ),
        (lambda: resnet(10, stages=0), "resnet: stages must be a whole number of at least 1, got 0"),
        (lambda: resnet(10, width=0), "Conv: units must be a whole number of at least 1, got 0"),
    ],
)
def test_what_cannot_be_is_refused_in_words(build, message):
    with pytest.raises(SpecError) as caught:
        build()
    assert str(caught.value).startswith(message)
