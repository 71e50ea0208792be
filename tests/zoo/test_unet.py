"""The encoder-decoder keeps the size of its pictures, and its skips carry the full size past the halvings."""

import jax
import jax.numpy as jnp
import pytest

from photic.errors import ShapeError, SpecError
from photic.zoo import unet


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_every_pixel_gets_its_outputs(depth):
    model = unet(3, width=4, depth=depth)
    params, state = model.init(jax.random.key(0), (8, 12, 1))
    z, _ = model.apply(params, state, jnp.zeros((2, 8, 12, 1), jnp.uint8))
    assert z.shape == (2, *model.shape((8, 12, 1))) == (2, 8, 12, 3)


def test_sides_that_cannot_be_halved_are_refused_before_anything_runs():
    with pytest.raises(ShapeError, match="must be equal on all axes but the last"):
        unet(1, depth=2).check((10, 10, 1), "the pictures")


def test_a_depth_below_zero_is_refused():
    with pytest.raises(SpecError, match="depth must be a whole number of at least 0, got -1"):
        unet(1, depth=-1)
