"""Layers one after another: what a Model, a Residual and a branch of a Parallel have in common.

A layer has one path everywhere: `layers.2` in the JSON form, in errors, in the names of its weights
(`layers.2.w`), in the keys of its random draws and in what a tap sees; inside a wiring layer, `layers.2.layers.0`.
Layers without params or state have no entry in the trees, so a tree is the same after a trip through a flat file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from jaxtyping import Array

from photic import keys
from photic.errors import PhoticError, PlanError, ShapeError
from photic.layers import together
from photic.layers.base import Context, Layer, Lengths, Params, State
from photic.tensor import Shape

Layers = tuple[Layer, ...]

_INPUT = "the input"


def shapes(layers: Layers, input: Shape, path: str = "layers", source: str = _INPUT) -> tuple[Shape, ...]:
    """The per-row shape after every layer.

    Args:
        layers: the layers in order.
        input: the per-row shape that goes into the first.
        path: the path of the layers, for errors.
        source: where the input comes from, in words, for errors.

    Raises:
        ShapeError: at the first layer that cannot take what the one before it gives.

    >>> from photic.layers.dense import Dense
    >>> shapes((Dense(8), Dense(2)), (4,))
    ((8,), (2,))
    """
    found = [input]
    for index, layer in enumerate(layers):
        here = f"{path}.{index}"
        try:
            found.append(layer.shape(found[-1]))
        except ShapeError as error:
            raise _placed(error, here, source) from None
        source = f"{here} {layer.words()}"
    return tuple(found[1:])


def lengths(layers: Layers, given: Lengths, path: str = "layers") -> tuple[Lengths, ...]:
    """How many steps of each row are real after every layer, for the lengths `given` of what goes into the first.

    Raises:
        PlanError: at the first layer that would let padded steps count.

    >>> from photic.layers.activation import ReLU
    >>> lengths((ReLU(), ReLU()), None)
    (None, None)
    """
    found = [given]
    for index, layer in enumerate(layers):
        here = f"{path}.{index}"
        try:
            found.append(layer.lengths(found[-1]))
        except PlanError as error:
            raise _placed(error, here, f"{path}.{index - 1} {layers[index - 1].words()}" if index else _INPUT) from None
    return tuple(found[1:])


def init(layers: Layers, key: Array, input: Shape) -> tuple[Params, State]:
    """Fresh params and state of all layers, by index; the key of layer i is `keys.fold(key, i)`.

    >>> from photic.layers.dense import Dense
    >>> params, state = init((Dense(8), Dense(2)), keys.root(0), (4,))
    >>> params["1"]["w"].shape, state
    ((8, 2), {})
    """
    params, state = {}, {}
    for index, (layer, size) in enumerate(zip(layers, (input, *shapes(layers, input)), strict=False)):
        params[str(index)], state[str(index)] = layer.init(keys.fold(key, index), size)
    return filled(params), filled(state)


def apply(layers: Layers, params: Params, state: State, x: Array, at: Context) -> tuple[Array, State]:
    """The output of the last layer and the state of all of them, every output shown to the tap on its way.

    >>> import jax.numpy as jnp
    >>> from photic.layers.activation import ReLU
    >>> apply((ReLU(),), {}, {}, jnp.array([[-1.0, 2.0]]), Context())[0].tolist()
    [[0.0, 2.0]]
    """
    after = {}
    steps = (at.lengths, *lengths(layers, at.lengths, ".".join(at.path) or "layers"))
    index = 0
    while index < len(layers):
        name = str(index)
        here = dataclasses.replace(at, path=(*at.path, name), lengths=steps[index])
        compute, count = together.found(layers[index:], x.shape[1:], here)
        x, after[name] = compute(params.get(name, {}), state.get(name, {}), x, here)
        x = here.seen(x)
        index += count
    return x, filled(after)


def walk(spec: Any, path: str) -> Iterator[tuple[str, Layer]]:
    """Every layer with its path, an outer layer before those inside it.

    >>> from photic.layers.dense import Dense
    >>> from photic.layers.wiring import Residual
    >>> [path for path, _ in walk((Dense(4), Residual((Dense(4),))), "layers")]
    ['layers.0', 'layers.1', 'layers.1.layers.0']
    """
    if isinstance(spec, tuple):
        for index, item in enumerate(spec):
            yield from walk(item, f"{path}.{index}")
    elif isinstance(spec, Layer):
        yield path, spec
        for field in dataclasses.fields(spec):
            yield from walk(getattr(spec, field.name), f"{path}.{field.name}")


def filled(tree: dict[str, Any]) -> dict[str, Any]:
    """A level of a tree without its empty branches.

    >>> filled({"0": {"w": 1}, "1": {}})
    {'0': {'w': 1}}
    """
    return {name: branch for name, branch in tree.items() if branch}


def _placed(error: PhoticError, here: str, source: str) -> PhoticError:
    # An error from inside a wiring layer starts with a path, in small letters; one of the layer's own with its name.
    where = f"{here}{'.' if error.where[0].islower() else ' '}{error.where}"
    source = source if error.source == _INPUT else f"{here}.{error.source}"
    return type(error)(where, error.required, error.got, source=source, fix=error.fix)
