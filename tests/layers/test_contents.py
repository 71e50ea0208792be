from __future__ import annotations

import dataclasses
import inspect

import pytest

from photic import layers, spec
from photic.layers import TYPES, Dense, Layer, ReLU, Residual


def test_types_are_keyed_by_their_names_in_json():
    assert list(TYPES) == [spec.type_name(kind) for kind in TYPES.values()]


def test_every_final_layer_is_in_the_table_and_on_the_contents_page():
    def final(kind):
        house = [each for each in kind.__subclasses__() if each.__module__.startswith("photic.layers.")]
        return {kind} if not house else set().union(*map(final, house))

    ours = final(Layer)
    assert ours == set(TYPES.values())
    assert {kind.__name__ for kind in ours} <= set(layers.__all__)


@pytest.mark.parametrize("kind", TYPES.values())
def test_a_layer_is_frozen_abstract_or_final_and_shows_what_was_typed(kind):
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert kind.__repr__ is Layer.__repr__, "write @dataclasses.dataclass(frozen=True, repr=False)"
    assert not inspect.isabstract(kind)


def test_a_layer_in_a_line():
    assert repr(Dense(64)) == "Dense(64)"
    assert repr(Residual((Dense(64), ReLU()))) == "Residual((Dense(64), ReLU()))"
    assert Residual((Dense(64), ReLU())).words() == "Residual(...)"
