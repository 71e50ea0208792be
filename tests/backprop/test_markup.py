from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from photic.backprop.markup import bars
from photic.backprop.neurons import neuron
from photic.backprop.trace import trace
from photic.layers import Dense, ReLU
from photic.maths.losses import MSE
from photic.model import Model

WIDE = 50
RNG = np.random.default_rng(0)
PARAMS = {
    "layers": {
        "0": {"w": RNG.normal(size=(2, WIDE)).astype("f"), "b": np.zeros(WIDE, "f")},
        "2": {"w": RNG.normal(size=(WIDE, 1)).astype("f"), "b": np.zeros(1, "f")},
    }
}
MODEL = Model(Dense(WIDE), ReLU(), Dense(1))
NAMES = ["<script>alert(1)</script>", "height & weight"]


def parsed(page):
    """The page as a tree, which is only possible when every tag is closed; a boolean attribute needs its value."""
    whole = page.replace("<details open>", '<details open="">')
    return ElementTree.fromstring(f"<page>{whole}</page>")


def pages():
    seen = trace(MODEL, PARAMS, {}, [[1.0, 0.5], [2.0, 1.0]], [[6.0], [1.0]], MSE(), features=NAMES)
    one = neuron(MODEL, PARAMS, {}, RNG.normal(size=(9, 2)), 2, 0, NAMES)
    return {"trace": seen._repr_html_(), "neuron": one._repr_html_()}


PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_escaped_and_alone(name):
    page = PAGES[name]
    parsed(page)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"https?:|src=|href=|@import|url\(", page)
    assert len(page) < 40_000


@pytest.mark.parametrize("name", PAGES)
def test_pictures_and_tables_are_told_to_a_screen_reader(name):
    tree = parsed(PAGES[name])
    pictures = list(tree.iter("svg"))
    assert pictures
    for picture in pictures:
        assert picture.get("aria-hidden") == "true" or picture.get("aria-label")
    for table in tree.iter("table"):
        assert table.find("thead/tr/th[@scope='col']") is not None
        assert all(row.find("th[@scope='row']") is not None for row in table.findall("tbody/tr"))


def test_wide_layers_are_closed_and_small_ones_open():
    found = list(parsed(PAGES["trace"]).iter("details"))
    names = ["".join(each.find("summary").itertext()).split()[0] for each in found]
    assert names == ["the", "layers.0", "layers.1", "layers.2", "loss"]
    assert [each.get("open") is not None for each in found] == [True, False, False, False, True]
    assert "… 42 more, within ±" in "".join(found[2].itertext())


def test_text_takes_the_colour_of_the_page():
    style = PAGES["trace"].split("</style>")[0]
    assert not re.search(r"[^-]color:\s*#|background:\s*#", style)
    assert "currentColor" in style


def test_bars_stand_up_and_hang_down():
    picture = ElementTree.fromstring(bars([4.0, -2.0, 0.0, np.nan]))
    assert picture.get("aria-label") == "4 numbers from -2 to 4, 1 of them not finite"
    picture = ElementTree.fromstring(bars([4.0, -2.0, 0.0]))
    assert picture.get("aria-label") == "3 numbers from -2 to 4"
    up, down = (path.get("d") for path in picture.findall("path")[1:])
    assert re.fullmatch(r"M\S+ 13v-12.0", up)
    assert re.fullmatch(r"M\S+ 13v6.0", down)


def test_of_more_numbers_than_bars_the_larger_of_neighbours_is_shown():
    values = np.zeros(9600)
    values[5000] = -1.0
    picture = ElementTree.fromstring(bars(values))
    assert picture.findall("path")[2].get("d").count("M") == 1
    assert picture.get("aria-label") == "9600 numbers from -1 to 0"
