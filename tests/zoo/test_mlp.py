from __future__ import annotations

import pytest

from photic.errors import SpecError
from photic.layers import GELU, BatchNorm, Dense, Dropout, LayerNorm, Periodic, ReLU, Tanh
from photic.model import Model
from photic.spec import Knob
from photic.zoo import mlp

HE = {"initializer": "he_uniform"}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (mlp(3), Model(Dense(64, **HE), ReLU(), Dense(64, **HE), ReLU(), Dense(3))),
        (mlp(1, depth=0), Model(Dense(1))),
        (mlp(1, 8, 1, waves=3), Model(Periodic(3), Dense(8, **HE), ReLU(), Dense(1))),
        (mlp(1, width=8, depth=1, activation="tanh"), Model(Dense(8), Tanh(), Dense(1))),
        (mlp(1, 8, 1, "gelu", dropout=0.2), Model(Dense(8, **HE), GELU(), Dropout(0.2), Dense(1))),
        (
            mlp(1, 8, 1, "relu", dropout=Knob("dropout", 0.0), norm="batch"),
            Model(Dense(8, bias=False, **HE), BatchNorm(), ReLU(), Dropout(Knob("dropout", 0.0)), Dense(1)),
        ),
        (mlp(1, 8, 1, "tanh", norm="layer"), Model(Dense(8, bias=False), LayerNorm(), Tanh(), Dense(1))),
    ],
)
def test_hidden_layers_are_dense_norm_activation_dropout(made, expected):
    assert made == expected


def test_its_size_follows_from_width_and_depth():
    assert mlp(10, width=32, depth=3).shapes((20,))[-1] == (10,)
    numbers = (20 + 1) * 32 + 2 * (32 + 1) * 32 + (32 + 1) * 10
    assert f"\n{numbers:,} numbers to learn" in mlp(10, width=32, depth=3).summary((20,))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: mlp(1, activation="rleu"),
            "mlp: activation must be a known name, got 'rleu'\nfrom the arguments of mlp; did you mean 'relu'?",
        ),
        (lambda: mlp(1, activation="dense"), "mlp: activation must be a known name, got 'dense'"),
        (
            lambda: mlp(1, norm="bacth"),
            "mlp: norm must be a known name, got 'bacth'\nfrom the arguments of mlp; did you mean 'batch'?",
        ),
        (lambda: mlp(1, depth=-1), "mlp: depth must be a whole number of at least 0, got -1"),
        (lambda: mlp(1, waves=-1), "Periodic: waves must be a whole number of at least 1, got -1"),
        (lambda: mlp(0), "Dense: units must be a whole number of at least 1, got 0"),
        (lambda: mlp(1, width=0), "Dense: units must be a whole number of at least 1, got 0"),
        (lambda: mlp(1, dropout=1.0), "Dropout: rate must be a number at least 0 and below 1, got 1.0"),
        (lambda: mlp(1, dropout=-0.5), "Dropout: rate must be a number at least 0 and below 1, got -0.5"),
    ],
)
def test_what_cannot_be_is_refused_in_words(build, message):
    with pytest.raises(SpecError) as caught:
        build()
    assert str(caught.value).startswith(message)
