"""The frame: the size that pictures are brought to, chosen from them or asked for."""

import pytest

from photic.data.frame import Frame, choose
from photic.errors import PlanError, RunError


def test_small_pictures_of_one_size_keep_it():
    assert choose([(28, 20)] * 3, False) == (Frame(28, 20, 1), "All pictures are 20 x 28 pixels, grey.")


def test_large_ones_of_one_shape_keep_their_shape():
    frame, said = choose([(480, 640), (960, 1280)], True)
    assert frame == Frame(48, 64, 3)
    assert said.startswith("Pictures are from 640 to 1280 wide and 480 to 960 high; they are brought to 64 x 48 pixels")


def test_unequal_shapes_become_squares_of_the_middle_size():
    frame, said = choose([(20, 40), (40, 20), (30, 30)], True)
    assert frame == Frame(20, 20, 3)
    assert "what stands over is cut off" in said


@pytest.mark.parametrize(
    ("asked", "frame"), [(32, Frame(32, 32, 1)), ("48x32", Frame(32, 48, 1)), ("16", Frame(16, 16, 1))]
)
def test_a_size_can_be_asked_for(asked, frame):
    assert choose([(9, 9)], False, asked)[0] == frame


@pytest.mark.parametrize("asked", ["big", "0", 3, "10x9999", "-5"])
def test_a_size_that_cannot_be_is_refused(asked):
    with pytest.raises(
        PlanError, match=r"size: needs a number of pixels from 4 to 1,024, or two, got .*\n.*; give one such as 64"
    ):
        choose([(9, 9)], False, asked)


@pytest.mark.parametrize(
    "data", [{}, {"size": [1], "channels": 1}, {"size": [0, 5], "channels": 1}, {"size": 5, "channels": 1}]
)
def test_a_form_that_was_not_saved_by_us_is_refused(data):
    with pytest.raises(RunError, match="form: needs a size and channels"):
        Frame.from_json(data)
