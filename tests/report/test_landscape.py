"""The page of a landscape: well formed, alone, every number where it belongs; the same in a terminal."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from photic.experiment.landscape import Landscape, Path, Plane, Slice
from photic.report import contour, landscape
from photic.report.tag import html

AT = np.linspace(-2.0, 2.0, 9)
BOWL = AT[None] ** 2 + AT[:, None] ** 2 + 0.01
SAID = ("The training was done again, and came to the weights of the run, to the last bit.",)


def _path(name: str, ends: tuple[float, float], *, kept: int | None = None, diverged: int | None = None) -> Path:
    x, y = np.linspace(-1.5, ends[0], 4), np.linspace(1.5, ends[1], 4)
    fit = x**2 + y**2 + 0.01
    history = [{"epoch": i, "loss": float(fit[i]), "stop_loss": float(fit[i]) + 0.1} for i in (1, 2, 3)]
    return Path(name, (0, 1, 2, 3), x, y, fit, fit + 0.1, 2.5, 2.1, kept, diverged, history)


def _cut(name: str, at: np.ndarray, fit: np.ndarray, marks: dict[str, float]) -> Slice:
    return Slice(name, at, fit, fit + 0.1, marks)


def _own(hill: float = 0.0) -> Landscape:
    way = np.linspace(-0.25, 1.5, 71)
    far = np.geomspace(0.01, 9.0, 41)
    cuts = (
        _cut("straight", way, (1 - way) ** 2 + 0.1 + hill * np.exp(-((way - 0.5) ** 2) * 80), {"first": 0, "kept": 1}),
        _cut("downhill", far, (far - 2) ** 2 + 0.5, {"distance to the kept weights": 3.0}),
        _cut("gradient", AT, AT**2 + 0.1, {"kept": 0.0}),
    )
    plane = Plane(AT, AT, BOWL, BOWL + 0.1, (0.83, 0.11))
    return Landscape((_path("this run", (0.0, 0.0), kept=3),), plane, cuts, {"fit": 54, "stop": 10}, statistics=True)


def _rules() -> Landscape:
    plane = Plane(AT, AT, BOWL, BOWL + 0.1, (0.6, 0.2))
    lost = _path("sgd", (50.0, 50.0), diverged=2)
    paths = (_path("adam", (0.5, 0.0)), _path("momentum", (0.4, 0.0)), lost)
    return Landscape(paths, plane, (), {"fit": 54, "stop": 0}, statistics=False)


class _Checker(HTMLParser):
    """Every tag that opens is closed, in order; ids are there once."""

    _VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [str(value) for name, value in attrs if name == "id"]
        assert not any(name in {"src", "onclick"} or "http" in (value or "") for name, value in attrs)
        assert tag not in {"script", "link"}
        assert not (tag in {"ul", "div", "p"} and "p" in self.open), "a paragraph holds no block"
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("seen", [_own(), _rules()], ids=["own", "rules"])
def test_the_page_is_well_formed_and_stands_alone(seen: Landscape) -> None:
    checked = _Checker(landscape.build("species from <penguins>", seen, SAID))
    assert checked.open == [] and len(set(checked.ids)) == len(checked.ids)


def test_no_number_is_missing_from_a_drawing() -> None:
    for seen in (_own(), _rules()):
        assert not re.search(r"nan|inf\b", landscape.build("t", seen, SAID))


def test_the_verdict_says_what_is_seen() -> None:
    told = landscape.text("species from penguins", _own(), SAID)
    assert "In 3 epochs the weights walked a way of 2.50, and ended 2.10 from where they began." in _flat(told)
    assert "The weights of epoch 3 were kept; up to there the loss on the fit rows fell from 4.51 to 0.0100." in _flat(
        told
    )
    assert "the loss falls all the way: no hill had to be walked around" in _flat(told)
    assert "the loss falls for a distance of 1.95 and is back at its height after 3.97" in _flat(told)
    assert "Batch norm's statistics were taken anew from the fit rows at every point." in _flat(told)
    assert "at 81 points of the plane, on 54 fit rows and 10 stop rows" in _flat(told)


def test_a_hill_on_the_straight_line_is_named_with_its_height() -> None:
    told = _flat(landscape.text("t", _own(hill=3.0), SAID))
    found = re.search(r"The straight line between the two climbs a hill of ([\d.]+), which the path went around", told)
    assert found and 2.0 < float(found[1]) < 3.0


def test_rules_are_compared_on_both_kinds_of_rows_and_one_that_diverged_is_named() -> None:
    seen = _rules()
    told = _flat(landscape.text("t", seen, ()))
    assert "for 3 epochs, momentum brought the loss on the fit rows lowest: 0.170." in told
    assert "On the stop rows, which it did not train on, momentum was lowest too: 0.270." in told
    assert "With sgd the training diverged in epoch 2: its steps were too long." in told
    page = landscape.build("t", seen, ())
    assert page.count("way under") == 3 and "Every rule takes its own way down" in page


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_a_path_that_leaves_the_plane_is_drawn_as_far_as_it_reaches() -> None:
    chart = html(contour.contour("plane", _rules().plane, _rules().paths, ("a", "b")))
    circles = [float(x) for x in re.findall(r'cx="(-?[\d.]+)"', chart)]
    assert all(0 <= x <= 460 for x in circles)
    assert chart.count("sgd, epoch") == 1, "its first point alone lies on the plane"


def test_bands_rise_in_equal_ratios_and_a_loss_that_is_no_number_lies_in_the_highest() -> None:
    edges = contour.levels(BOWL)
    np.testing.assert_allclose(edges[1:] / edges[:-1], edges[1] / edges[0], rtol=1e-9)
    spoilt = BOWL.copy()
    spoilt[0, 0] = np.nan
    chart = html(contour.contour("plane", Plane(AT, AT, spoilt, spoilt, (0.5, 0.5)), (), ("a", "b")))
    assert f"band-{len(edges)}" in chart and "nan" not in chart
    assert len(contour.levels(np.full((3, 3), np.nan))) == 0


def test_words_at_the_ends_of_lines_do_not_lie_on_each_other() -> None:
    moved = landscape._apart({0: 50.0, 1: 51.0, 2: 90.0, 3: 49.0})
    places = sorted(moved.values())
    assert min(np.diff(places)) >= 12.0 and moved[3] == 49.0 and moved[2] == 90.0
