from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from photic.errors import ShapeError, SpecError
from photic.layers import Context, Flatten, Reshape

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def test_flatten_keeps_the_order_of_a_row():
    y, _ = Flatten().apply({}, {}, jnp.asarray(X), Context())
    assert y.tolist() == [list(range(12)), list(range(12, 24))]


def test_flatten_gives_a_single_number_an_axis():
    assert Flatten().apply({}, {}, jnp.ones(3), Context())[0].shape == (3, 1)


def test_reshape_and_flatten_undo_each_other():
    flat, _ = Flatten().apply({}, {}, jnp.asarray(X), Context())
    assert np.array_equal(Reshape((3, 4)).apply({}, {}, flat, Context())[0], X)


def test_one_size_may_be_left_open():
    assert Reshape((2, -1)).shape((3, 4)) == (2, 6)
    assert Reshape((-1,)).shape(()) == (1,)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((5,), "Reshape((5,)): input needs 5 numbers a row, got 12 in [n, t=3, d=4]"),
        ((2, 3), "Reshape((2, 3)): input needs 6 numbers a row, got 12 in [n, t=3, d=4]"),
        ((5, -1), "Reshape((5, -1)): input needs a multiple of 5 numbers a row, got 12 in [n, t=3, d=4]"),
    ],
)
def test_sizes_that_do_not_hold_the_row_are_refused_in_words(sizes, message):
    with pytest.raises(ShapeError) as caught:
        Reshape(sizes).shape((3, 4))
    assert str(caught.value) == f"{message}\nfrom the input; choose sizes whose product is 12."


@pytest.mark.parametrize("sizes", [(0,), (-2,), (-1, -1), (True,)])
def test_sizes_that_cannot_be_are_refused_in_words(sizes):
    with pytest.raises(SpecError) as caught:
        Reshape(sizes)
    required = "sizes must be whole numbers of at least 1, at most one of them -1"
    assert str(caught.value).startswith(f"Reshape: {required}, got {sizes}\nfrom the arguments of Reshape; write")
