"""What a user may type instead of a number, and what is said to it.

The type checker that tests run under would refuse most of it first, so the settings are put into the layer past it.
"""

from __future__ import annotations

import math

import pytest

from photic.errors import SpecError
from photic.layers import Crop, Dense, Dropout, Flip, LayerNorm, Parallel, ReLU, Reshape, Residual
from photic.layers.limits import need_layers
from photic.spec import Knob


def typed(kind, **settings):
    layer = object.__new__(kind)
    for name, value in settings.items():
        object.__setattr__(layer, name, value)
    layer.__post_init__()
    return layer


DENSE = {"bias": True, "initializer": "zeros", "bias_initializer": "zeros"}
NEEDS_RATE = "Dropout: rate must be a number at least 0 and below 1, got "
NEEDS_SIZES = "Reshape: sizes must be whole numbers of at least 1, at most one of them -1, got "


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (Dense, DENSE | {"units": "64"}, "Dense: units must be a whole number of at least 1, got '64'"),
        (Dense, DENSE | {"units": 2.0}, "Dense: units must be a whole number of at least 1, got 2.0"),
        (Dense, DENSE | {"units": None}, "Dense: units must be a whole number of at least 1, got None"),
        (Dense, DENSE | {"units": 2, "bias": 1}, "Dense: bias must be True or False, got 1"),
        (Dense, DENSE | {"units": 2, "initializer": None}, "Dense: initializer must be a known name, got None"),
        (Dropout, {"rate": "half"}, f"{NEEDS_RATE}'half'"),
        (Dropout, {"rate": True}, f"{NEEDS_RATE}True"),
        (Dropout, {"rate": math.nan}, f"{NEEDS_RATE}nan"),
        (Dropout, {"rate": Knob("rate", 1.5)}, f"{NEEDS_RATE}1.5"),
        (Crop, {"padding": 1.5}, "Crop: padding must be a whole number of at least 1, got 1.5"),
        (Flip, {"horizontal": 1, "vertical": False}, "Flip: horizontal must be True or False, got 1"),
        (LayerNorm, {"epsilon": math.inf}, "LayerNorm: epsilon must be a number above 0, got inf"),
        (Reshape, {"sizes": 5}, "Reshape: sizes must be a tuple, got 5"),
        (Reshape, {"sizes": (2.0,)}, f"{NEEDS_SIZES}(2.0,)"),
        (Reshape, {"sizes": ("a",)}, f"{NEEDS_SIZES}('a',)"),
        (Residual, {"layers": Dense(3)}, "Residual: layers must be a tuple, got Dense(3)"),
        (Residual, {"layers": (Dense,)}, "Residual: layers.0 must be a layer, got Dense"),
        (Parallel, {"branches": (Dense(3),)}, "Parallel: branches.0 must be a tuple of layers, got Dense(3)"),
        (Parallel, {"branches": ((3,),)}, "Parallel: branches.0.0 must be a layer, got 3"),
        (
            Parallel,
            {"branches": ((),), "columns": (3,)},
            "Parallel: columns.0 must be (start, stop) with 0 <= start < stop, got 3",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(kind, settings, message):
    with pytest.raises(SpecError) as caught:
        typed(kind, **({"columns": None} if kind is Parallel else {}) | settings)
    assert str(caught.value).startswith(f"{message}\nfrom the arguments of {kind.__name__}; ")


def test_whole_numbers_do_for_rates():
    assert typed(Dropout, rate=0) == Dropout(0.0)


def test_lists_become_tuples():
    assert typed(Reshape, sizes=[3, 4]) == Reshape((3, 4))
    nested = typed(Parallel, branches=[[ReLU()], []], columns=[[0, 1], [1, 2]])
    assert nested == Parallel(((ReLU(),), ()), columns=((0, 1), (1, 2)))
    assert hash(nested) == hash(Parallel(((ReLU(),), ()), columns=((0, 1), (1, 2))))


@pytest.mark.parametrize(
    ("item", "got", "fix"),
    [
        (ReLU, "ReLU", "write ReLU(...) with its brackets"),
        ([ReLU()], "[ReLU()]", "list the layers one by one, without brackets around them"),
        ("relu", "'relu'", 'in Python write a layer such as Dense(64), in JSON {"type": "relu"}'),
        (64, "64", "use one of the layers of photic, such as Dense(64)"),
    ],
)
def test_what_is_not_a_layer_is_answered_with_what_was_meant(item, got, fix):
    with pytest.raises(SpecError) as caught:
        need_layers("Model", [Dense(3), item])
    assert str(caught.value) == f"Model: layers.1 must be a layer, got {got}\nfrom the arguments of Model; {fix}."
