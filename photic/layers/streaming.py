"""Streaming: a sequence fed in pieces, as it arrives, with what a network remembers carried from piece to piece.

A recurrent layer starts from an empty memory and drops it at the end, unless its state holds one: then it goes on from
there and hands the new one back. So the same `apply` serves both; `begin` puts the memory in.
"""

from __future__ import annotations

import jax.numpy as jnp

from photic import spec, tree
from photic.errors import PlanError
from photic.layers import chain
from photic.layers.base import Layer, Params, State
from photic.layers.chain import Layers
from photic.layers.conv import Conv, ConvTranspose
from photic.layers.pool import AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool
from photic.layers.recurrent import RecurrentLayer

_LOOKS_FURTHER = (Conv, ConvTranspose, MaxPool, AveragePool, GlobalMaxPool, GlobalAveragePool)


def begin(layers: Layers, params: Params, state: State, n: int) -> State:
    """The state of a model with an empty memory for n rows in every recurrent layer; `apply` hands on the filled one.

    Args:
        layers: those of the model.
        params, state: as the model has them.

    Raises:
        PlanError: for a layer that needs steps which have not come yet, or have gone.

    >>> from photic import keys
    >>> from photic.layers import LSTM
    >>> from photic.model import Model
    >>> model, x = Model(LSTM(2)), jnp.ones((1, 6, 3))
    >>> params, state = model.init(keys.root(0), (6, 3))
    >>> _, half = model.apply(params, begin(model.layers, params, state, 1), x[:, :4])
    >>> jnp.allclose(model.apply(params, half, x[:, 4:])[0], model.apply(params, state, x)[0]).item()
    True
    """
    weights, kept = tree.flatten(params), dict(tree.flatten(state))
    for path, layer in chain.walk(layers, "layers"):
        _check(path, layer)
        if isinstance(layer, RecurrentLayer):
            empty = jnp.zeros((n, layer.units), weights[f"{path}.r"].dtype)
            kept |= {f"{path}.{name}": empty for name in layer.cell.memory}
    return tree.unflatten(kept)


def _check(path: str, layer: Layer) -> None:
    backward = isinstance(layer, RecurrentLayer) and layer.direction != "forward"
    if backward or isinstance(layer, _LOOKS_FURTHER):
        required = "a sequence in pieces needs layers that read it step by step, forward"
        fix = 'set direction="forward"' if backward else "feed it whole sequences, or take a recurrent layer instead"
        raise PlanError(path, required, spec.words(layer), source="the model", fix=fix)
