"""The page of a series: every channel over what decides, every unit as a line, and the gradient of every run."""

import numpy as np

from photic.backprop.distance import Reach
from photic.backprop.walk import Course, Walk
from photic.report import walk


def page(**changed):
    rng = np.random.default_rng(0)
    seen = {
        "output": 0,
        "slope": rng.normal(size=(9, 8)),
        "falls": np.array([1.0, 0.0, -0.5]),
        "courses": (Course("layers.0", "LSTM(40)", "forget gate", rng.random((9, 40))),),
    } | changed
    far = Reach(np.arange(9), 0.5 ** np.arange(9.0), np.full(9, 3))
    channels = [f"x{at}" for at in range(8)]
    return walk.build("a walk", channels, rng.normal(size=(9, 8)), [("up", "90%")], "up", Walk(**seen), {"lstm": far})


def test_the_page_holds_channels_units_and_reach():
    text = page()
    assert text.count('id="channel-') == 2 * 6  # a title and a description for each
    assert "Of 8 channels those with the largest slopes." in text
    assert "forget gate, the 32 largest of 40 units" in text
    assert "How far back it can learn" in text and "0.0625" in text


def test_what_speaks_for_the_answer_is_shaded_as_found():
    text = page()
    assert text.count('class="shade found" style="opacity:0.550"') == 6
    assert text.count('class="shade against" style="opacity:0.275"') == 6


def test_a_series_that_nothing_depends_on_is_still_drawn():
    assert "no stretch makes a difference" in page(falls=np.zeros(3), slope=np.zeros((9, 8)), courses=())
