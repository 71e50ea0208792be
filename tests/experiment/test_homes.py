"""Homes: which widths share a program, and which do not."""

from __future__ import annotations

import numpy as np
import pytest

from photic.data import toy
from photic.errors import SpecError
from photic.experiment.choose import Wishes, choose
from photic.experiment.homes import Home, homes, training
from photic.experiment.makers import Maker
from photic.experiment.plan import Source
from photic.experiment.recipe import Recipe
from photic.experiment.space import choice, integer, log_uniform
from photic.train.run import Table
from photic.zoo import mlp

TABLE = Table(np.zeros((60, 2), np.float32), np.zeros((60, 1), np.float32), np.ones(60, np.float32))
NUMBERS = ("learning_rate",)


def recipe(space, **usual):
    maker = Maker(lambda **given: mlp(1, **given), {"width": 64, "depth": 2, **usual})
    wishes = Wishes(maker.make({}), batch_size=32, epochs=5, folds=0, test=0.0)
    plan = choose(toy.xor(n=60), Source(None, None), wishes)
    return Recipe(plan, maker, {"learning_rate": log_uniform(1e-3, 1e-1), **space})


def structure(**values):
    return tuple(sorted(values.items())), NUMBERS


def told(own, given, steps):
    return homes(own, given, TABLE, steps)


def test_widths_share_the_program_of_the_widest_where_steps_are_few():
    own = recipe({"width": choice(16, 32, 64)})
    found = told(own, structure(width=32), 1000)
    wide, others = structure(width=64), (structure(width=32), structure(width=16))
    assert found == {each: Home(wide, place, others) for place, each in enumerate((wide, *others))}
    assert [len(each.layers) for each in training(own, found[wide]).narrower] == [5, 5]


def test_where_steps_are_many_each_has_its_own():
    found = told(recipe({"width": choice(16, 64, 256)}), structure(width=16), 1e12)
    assert found == {each: Home(each) for each in (structure(width=width) for width in (16, 64, 256))}


def test_a_narrow_one_moves_in_with_the_nearest_where_it_pays():
    found = told(recipe({"width": choice(16, 32, 2048)}), structure(width=16), 3e4)
    assert found[structure(width=2048)] == Home(structure(width=2048))
    assert found[structure(width=16)] == Home(structure(width=64), 2, (structure(width=32), structure(width=16)))


def test_depths_do_not_share_but_widths_within_them_do():
    found = told(recipe({"width": choice(16, 32), "depth": integer(1, 3)}), structure(width=16, depth=2), 1000)
    assert {own: home.structure for own, home in found.items()} == {
        structure(width=width, depth=depth): structure(width=64, depth=depth)
        for width in (16, 32, 64)
        for depth in (1, 2, 3)
    }


def test_the_default_outside_of_the_space_is_reckoned_with_from_whichever_side():
    own = recipe({"width": choice(16, 32)})
    assert told(own, structure(width=64), 1000) == told(own, structure(width=16), 1000)


@pytest.mark.parametrize("activation", ["sigmoid", "softplus"])
def test_what_does_not_stay_zero_stays_alone(activation):
    found = told(recipe({"width": choice(16, 32)}, activation=activation), structure(width=16), 1000)
    assert all(home == Home(own) for own, home in found.items())


def test_a_width_that_decides_whether_other_names_count_is_left_alone():
    space = {"width": choice(16, 32), "weight_decay": log_uniform(1e-3, 1e-1, when={"width": (32,)})}
    given = structure(width=16)
    assert told(recipe(space), given, 1000) == {given: Home(given)}


def test_a_combination_that_cannot_be_is_left_out():
    def made(**given):
        if given["width"] == 32:
            raise SpecError("mlp", "needs another width", "32", source="the test", fix="take one")
        return mlp(1, **given)

    own = recipe({"width": choice(16, 64)})
    maker = Maker(made, {"width": 64, "depth": 2})
    own = Recipe(own.plan, maker, {**own.space, "width": choice(16, 64)})
    own.space["width"] = choice(16, 32, 64)  # as a space whose values were only looked at one by one
    assert set(told(own, structure(width=16), 1000)) == {structure(width=16), structure(width=64)}
