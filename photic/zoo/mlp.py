"""The multi-layer perceptron: hidden layers of neurons, one after another, and a last layer that answers.

Reference: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986,
https://doi.org/10.1038/323533a0. Lesson 5.
"""

from __future__ import annotations

from photic.errors import SpecError, nearest
from photic.layers import TYPES, BatchNorm, Dense, Dropout, Layer, LayerNorm, Periodic
from photic.layers.activation import ActivationLayer
from photic.model import Model
from photic.spec import Number

#: What can bend between two layers, by its name in JSON.
_BENDS = {name: kind for name, kind in TYPES.items() if issubclass(kind, ActivationLayer)}
_NORMS = {"batch": BatchNorm, "layer": LayerNorm}

#: Bends that let about half of their input through; the weights start larger to make up for it (He et al., 2015).
_HALF = {"relu", "leaky_relu", "elu", "gelu", "silu", "softplus"}


def mlp(
    outputs: int,
    width: int = 64,
    depth: int = 2,
    activation: str = "relu",
    dropout: Number = 0.0,
    norm: str | None = None,
    waves: int = 0,
) -> Model:
    """`depth` hidden layers of `width` neurons, then `outputs` without activation.

    Every hidden layer is Dense, then the norm if any, the activation, and the dropout if any. A depth of 0 is a
    linear model.

    Args:
        outputs: how many numbers come out: 1 for a value or for two classes, else one a class.
        width: neurons in each hidden layer.
        depth: how many hidden layers.
        activation: a name such as "relu", "tanh", "gelu".
        dropout: the share dropped after each hidden layer; a Knob is kept even at 0.
        norm: None, "batch" or "layer".
        waves: how many cosines of every column stand beside it, in a Periodic layer before the first; 0 for none.

    Raises:
        SpecError: for an unknown activation or norm, a negative depth, or what a layer refuses.

    >>> mlp(1, width=8, depth=1, dropout=0.1)
    Model(Dense(8, initializer='he_uniform'), ReLU(), Dropout(0.1), Dense(1))
    """
    if activation not in _BENDS:
        raise _refused("activation must be a known name", activation, nearest(str(activation), _BENDS))
    if norm is not None and norm not in _NORMS:
        raise _refused("norm must be a known name", norm, f"{nearest(str(norm), _NORMS)}, or None")
    if type(depth) is not int or depth < 0:
        raise _refused("depth must be a whole number of at least 0", depth, "set depth to 0 or more")
    initializer = "he_uniform" if activation in _HALF else "glorot_uniform"
    hidden: list[Layer] = [Dense(width, bias=norm is None, initializer=initializer)]  # a norm brings its own shift
    hidden += [_NORMS[norm]()] if norm is not None else []
    hidden += [_BENDS[activation]()]
    hidden += [Dropout(dropout)] if dropout != 0 else []
    before: list[Layer] = [Periodic(waves)] if waves != 0 else []
    return Model(*before, *hidden * depth, Dense(outputs))


def _refused(required: str, got: object, fix: str) -> SpecError:
    return SpecError("mlp", required, repr(got), source="the arguments of mlp", fix=fix)
