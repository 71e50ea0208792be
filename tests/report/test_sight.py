"""The page of a picture: every image is drawn from the numbers, in colours that mean something."""

import base64
import io
import re

import numpy as np
from PIL import Image

from photic.backprop.sight import Maps, Sight
from photic.report import sight


def drawn(page):
    """The images of the page by what they tell."""
    found = re.findall(r'<img src="data:image/png;base64,([^"]+)" alt="([^"]+)"', page)
    return {told: np.asarray(Image.open(io.BytesIO(base64.b64decode(text)))) for text, told in found}


def page(**changed):
    rng = np.random.default_rng(0)
    seen = {
        "output": 1,
        "slope": rng.normal(size=(6, 6, 1)),
        "falls": np.array([[1.0, 0.0], [0.0, -1.0]]),
        "filters": np.array([1.0, -1.0, 0.0, 0.5]).reshape(2, 2, 1, 1),
        "maps": (Maps("layers.2", "ReLU()", rng.random((3, 3, 20))),),
    } | changed
    pixels = np.full((6, 6, 1), 255, np.uint8)
    return sight.build("cat.png", pixels, [("cat", "90%"), ("dog", "10%")], "cat", Sight(**seen))


def test_the_page_holds_the_picture_the_maps_and_the_filters():
    images = drawn(page())
    assert (images["The picture"] == 255).all()
    assert images["filters"].tolist() == [[[10, 114, 134], [180, 84, 10]], [[255, 255, 255], [132, 184, 194]]]
    assert images["layers.2 ReLU()"].shape == (7, 31)  # 16 channels, eight in a row, a pixel between
    assert "16 of 20 channels" in page() and "cat 90%, dog 10%" in page()


def test_what_speaks_for_an_answer_is_blue_green_and_what_speaks_against_it_orange():
    covered = drawn(page())["Covered"].astype(int)
    assert covered[0, 0, 2] > covered[0, 0, 0] and covered[-1, -1, 0] > covered[-1, -1, 2]
    assert np.ptp(covered[0, -1]) == 0  # nothing there: grey


def test_a_picture_that_nothing_depends_on_is_still_drawn():
    text = page(slope=np.zeros((6, 6, 1)), falls=np.zeros((2, 2)), filters=None, maps=())
    assert "No square makes a difference." in text and "every layer" not in text
