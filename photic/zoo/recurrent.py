"""The default network for sequences: recurrent layers that read, and a last layer that answers from what they remember.

Reference: Hochreiter and Schmidhuber, "Long short-term memory", 1997, https://doi.org/10.1162/neco.1997.9.8.1735;
dropout between the layers only, not from step to step: Zaremba, Sutskever and Vinyals, "Recurrent neural network
regularization", 2014, https://arxiv.org/abs/1409.2329. Lessons 17 and 18.
"""

from __future__ import annotations

from photic.errors import SpecError, nearest
from photic.layers import GRU, LSTM, Dense, Dropout, Layer, SimpleRNN
from photic.model import Model
from photic.spec import Number

_CELLS = {"lstm": LSTM, "gru": GRU, "simple_rnn": SimpleRNN}


def recurrent(
    outputs: int,
    units: int = 64,
    depth: int = 1,
    cell: str = "lstm",
    direction: str = "forward",
    dropout: Number = 0.0,
    returns: str = "last",
) -> Model:
    """`depth` recurrent layers of `units`, then `outputs` without activation.

    Every layer but the last hands on its state after every step; the last one too, with `returns="all"`.

    Args:
        outputs: how many numbers come out: 1 for a value or for two classes, else one a class.
        units: numbers in the state of each layer and direction.
        depth: how many recurrent layers, at least 1.
        cell: "lstm", "gru" or "simple_rnn".
        direction: "forward", "backward" or "both". Only "forward" can read a sequence as it arrives.
        dropout: the share dropped after each layer; a Knob is kept even at 0.
        returns: "last" answers once a sequence, "all" after every step.

    Raises:
        SpecError: for an unknown cell, a depth below 1, or what a layer refuses.

    >>> recurrent(3, units=32, dropout=0.2)
    Model(LSTM(32), Dropout(0.2), Dense(3))
    """
    if cell not in _CELLS:
        raise _refused("cell must be a known name", cell, nearest(str(cell), _CELLS))
    if type(depth) is not int or depth < 1:
        raise _refused("depth must be a whole number of at least 1", depth, "set depth to 1 or more")
    layers: list[Layer] = []
    for index in range(depth):
        layers.append(_CELLS[cell](units, direction, "all" if index < depth - 1 else returns))
        layers += [Dropout(dropout)] if dropout != 0 else []
    return Model(*layers, Dense(outputs))


def _refused(required: str, got: object, fix: str) -> SpecError:
    return SpecError("recurrent", required, repr(got), source="the arguments of recurrent", fix=fix)
