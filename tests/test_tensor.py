from __future__ import annotations

import pytest

from photic import tensor
from photic.errors import ShapeError


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((), "[n]"),
        ((2,), "[n, d=2]"),
        ((7, 2), "[n, t=7, d=2]"),
        ((28, 28, 1), "[n, h=28, w=28, c=1]"),
        ((1, 2, 3, 4), "[n, axis0=1, axis1=2, axis2=3, axis3=4]"),
    ],
)
def test_axes_have_names(shape, words):
    assert tensor.words(shape) == words


def test_rows_can_be_left_out():
    assert tensor.words((28, 28, 1), rows=False) == "[h=28, w=28, c=1]"
    assert tensor.words((), rows=False) == "[]"


def test_the_right_rank_passes():
    tensor.need_rank("Dense(10)", (64,), 1, "put Flatten() before it")


@pytest.mark.parametrize(
    ("shape", "rank", "message"),
    [
        ((28, 28, 1), 1, "input needs rank 2 [n, d], got rank 4 [n, h=28, w=28, c=1]"),
        ((64,), 3, "input needs rank 4 [n, h, w, c], got rank 2 [n, d=64]"),
    ],
)
def test_another_rank_is_refused_in_words(shape, rank, message):
    with pytest.raises(ShapeError) as caught:
        tensor.need_rank("Dense(10)", shape, rank, "put Flatten() before it")
    assert str(caught.value) == f"Dense(10): {message}\nfrom the input; put Flatten() before it."
