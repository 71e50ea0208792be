"""Spaces: what may be tried, said, read, and refused."""

from __future__ import annotations

import json

import pytest

from photic.errors import PlanError
from photic.experiment import space
from photic.experiment.space import choice, integer, log_uniform, uniform

KNOWN = ("width", "depth", "dropout", "learning_rate")


class Given:
    """A trial that suggests what it is told."""

    def __init__(self, **values):
        self.values = values

    def suggest_categorical(self, name, choices):
        assert self.values[name] in choices
        return self.values[name]

    def suggest_float(self, name, low, high, *, log=False):
        assert low <= self.values[name] <= high
        return self.values[name]

    def suggest_int(self, name, low, high, *, log=False):
        assert low <= self.values[name] <= high
        return self.values[name]


FULL = {
    "dropout": uniform(0.0, 0.5, when={"depth": (2, 3)}),
    "depth": integer(1, 3),
    "width": choice(32, 64),
    "learning_rate": log_uniform(1e-4, 1e-1),
}


def test_a_name_counts_only_beside_the_values_it_asks_for():
    given = Given(depth=1, width=32, learning_rate=0.01, dropout=0.3)
    assert "dropout" not in space.suggest(given, FULL)
    given.values["depth"] = 3
    assert space.suggest(given, FULL)["dropout"] == 0.3


def test_wide_whole_numbers_are_brought_to_the_nearest_of_eight():
    wide = {"width": integer(16, 256)}
    assert space.suggest(Given(width=100), wide) == {"width": 116}
    assert space.suggest(Given(width=16), wide) == {"width": 16}
    assert len(wide["width"].grid()) == 8


def test_the_grid_has_every_setting_once():
    small = {name: FULL[name] for name in ("depth", "width", "dropout")}
    found = list(space.settings(small))
    # depth 1 without dropout, depths 2 and 3 with three values of it; two widths of each
    assert len(found) == 2 * (1 + 3 + 3)
    assert len({json.dumps(each, sort_keys=True) for each in found}) == len(found)


def test_json_there_and_back():
    assert space.from_json(json.loads(json.dumps(space.to_json(FULL))), "a test") == FULL


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({}, "space: needs at least one name to try, got none"),
        ({"widht": choice(1)}, "did you mean 'width'"),
        ({"width": choice()}, "space width: needs at least one value, got an empty choice"),
        ({"width": choice([1, 2])}, "needs plain values"),
        ({"width": 64}, "needs choice, uniform, log_uniform or integer, got 64"),
        ({"depth": integer(3, 1)}, "needs low below high, got 3 and 1"),
        ({"depth": integer(1.5, 3)}, "needs whole numbers"),
        ({"dropout": uniform(0, float("inf"))}, "needs two finite numbers"),
        ({"learning_rate": log_uniform(0, 1)}, "needs numbers above 0"),
        ({"dropout": uniform(0, 1, when={"width": (1,)})}, "when needs another name of this space, got 'width'"),
        ({"dropout": uniform(0, 1, when={"depth": (7,)}), "depth": integer(1, 2)}, "when needs values that depth can"),
        (
            {"depth": integer(1, 2, when={"width": (1,)}), "width": choice(1, when={"depth": (1,)})},
            "when must not lead back to itself, got depth and width",
        ),
    ],
)
def test_a_space_that_cannot_be_searched_is_refused(bad, words):
    with pytest.raises(PlanError) as error:
        space.check(bad, dict.fromkeys(KNOWN), "a test")
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ([], "needs an object with a dimension for each name, got list"),
        ({"width": {"type": "choise", "options": []}}, "did you mean 'choice'"),
        ({"width": [1, 2]}, "needs a known type, got [1, 2]"),
        ({"width": {"type": "uniform", "low": 1}}, "uniform needs 'high', got nothing"),
        ({"width": {"type": "integer", "low": 1, "hihg": 2}}, "did you mean 'high'"),
        ({"width": {"type": "choice", "options": 3}}, "options needs a list, got 3"),
    ],
)
def test_a_file_that_is_no_space_is_refused(bad, words):
    with pytest.raises(PlanError) as error:
        space.from_json(bad, "space.json")
    assert words in str(error.value)
    assert "from space.json" in str(error.value)


def test_words():
    assert space.words("dropout", FULL["dropout"]) == "dropout from 0 to 0.5 (when depth is 2 or 3)"
    assert space.words("width", choice(1, 2, 3)) == "width 1, 2 or 3"
    assert space.words("width", choice(1)) == "width 1"


def test_a_single_value_needs_no_brackets():
    assert uniform(0, 1, when={"optimizer": "sgd"}) == uniform(0, 1, when={"optimizer": ("sgd",)})
    assert choice(1, when={"depth": 2}).when == {"depth": (2,)}
    read = {"type": "uniform", "low": 0, "high": 1, "when": {"optimizer": "sgd"}}
    assert space.from_json({"momentum": read}, "here")["momentum"].when == {"optimizer": ("sgd",)}
    with pytest.raises(PlanError, match="when needs an object"):
        space.from_json({"momentum": {**read, "when": "sgd"}}, "here")
