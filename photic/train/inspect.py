"""Inspection: what every layer does and how it learns, measured while a network trains. Chapter: "Backpropagation".

One batch is looked at in two halves, forward and backward, as a training step would take it; nothing of the training
changes. The two halves are what noise is measured with: where their gradients disagree, a step is mostly chance.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from photic import spec
from photic.layers.base import Context, Layer
from photic.maths.activations import ACTIVATIONS
from photic.model import Model
from photic.spec import Knobs
from photic.train.run import Rows, Table, Training
from photic.train.step import Walk
from photic.tree import Tree, flatten

#: What is measured of every layer, and what it means.
MEASURES: dict[str, str] = {
    "mean": "mean of the layer's outputs",
    "spread": "standard deviation of the layer's outputs, over rows and units",
    "dead": "share of units whose output is the same for every row",
    "saturated": "share of inputs at which an activation function is flat",
    "gradient": "size (root mean square) of the loss's gradient for the layer's outputs, times the number of rows",
    "weights": "size (root mean square) of the layer's weights",
    "slope": "size (root mean square) of the loss's gradient for the weights",
    "update": "size of one step of the weights as a share of their own size",
    "noise": "disagreement of the gradients of two half batches: 0 they agree, 1 or more mostly chance",
}


_STEPS = 1000  # between two inspections; one costs about eight steps, of the smallest networks about sixteen


def every(steps: int) -> int:
    """How many epochs of so many steps lie between two inspections, so that they cost less than 3 % of the time.

    The last epoch is inspected too, so that a training of a few steps is seen at its beginning and at its end.

    >>> every(8), every(45), every(400)
    (125, 23, 3)
    """
    return -(-_STEPS // max(steps, 1))


def inspect(
    training: Training, walk: Walk, table: Table, rows: Rows, key: Array, knobs: Knobs, t: Float[Array, ""]
) -> dict[str, Float[Array, " layers"]]:
    """Every measure of `MEASURES` for every layer, in the order of `Model.walk`; NaN where a layer has no such thing.

    Args:
        rows: the first batch of `rows.order` is looked at, in two halves.
        key: for what is random while training.
        t: the share of the training that is done.
    """
    half = max(1, training.batch_size // 2)
    pairs = jnp.pad(rows.order, (0, 2 * half))[: 2 * half].reshape(2, half)
    real = (jnp.arange(2 * half) < rows.fit).reshape(2, half)
    model = training.objective.model
    outputs = jax.vmap(lambda here, mask: _half(training, walk, table, here, mask, key, knobs))(pairs, real)
    (seen, pushes), gradients = outputs
    layers = model.walk()
    weight = (table.weight[pairs] > 0) & real
    found = {path: _activations(layer, path, seen, pushes, weight) for path, layer in layers.items()}
    mean = jax.tree.map(lambda leaf: leaf.mean(axis=0), gradients)
    moved, _, _ = training.descent.update(mean, walk.memory, walk.params, t=t, knobs=knobs)
    for path in layers:
        found[path] |= _weights(path, walk.params, moved, gradients)
    nothing = jnp.full((), jnp.nan, table.weight.dtype)
    return {name: jnp.stack([found[path].get(name, nothing) for path in layers]) for name in MEASURES}


def lines(model: Model, names: list[str], epoch: int, measured: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """An inspection as history keeps it: a dict per lane, with the measures of every layer by path.

    Args:
        measured: arrays `[lanes, layers]` by measure.
    """
    paths = list(model.walk())
    value = lambda lane, index: {
        name: float(array[lane, index]) for name, array in measured.items() if not np.isnan(array[lane, index])
    }
    return [
        {"lane": name, "epoch": epoch, "layers": {path: value(lane, index) for index, path in enumerate(paths)}}
        for lane, name in enumerate(names)
    ]


def _half(
    training: Training, walk: Walk, table: Table, here: Int[Array, " b"], real: Array, key: Array, knobs: Knobs
) -> tuple[tuple[dict[str, Array], dict[str, Array]], Tree]:
    """Outputs and gradients of half a batch: for every layer's output, and for every weight."""
    x, y, weight, lengths = table.at(here)
    at = Context(True, key, knobs, jnp.where(real, weight, 0.0), lengths)
    objective = training.objective
    sizes = jax.eval_shape(lambda: objective.model.steps(walk.params, walk.state, x, at))
    still = {path: jnp.zeros(size.shape, size.dtype) for path, size in sizes.items()}

    def loss(params: Tree, nudges: dict[str, Array]) -> tuple[Array, dict[str, Array]]:
        seen: dict[str, Array] = {}

        def tap(path: str, output: Array) -> Array:
            seen[path] = output = output + nudges[path]
            return output

        value, _ = objective(params, walk.state, x, y, dataclasses.replace(at, tap=tap))
        return value, seen

    (slopes, pushes), seen = jax.grad(loss, argnums=(0, 1), has_aux=True)(walk.params, still)
    rows = real.sum().astype(weight.dtype)
    return (seen, {path: push * rows for path, push in pushes.items()}), slopes


def _activations(
    layer: Layer, path: str, seen: dict[str, Array], pushes: dict[str, Array], real: Array
) -> dict[str, Array]:
    """The measures of one layer's outputs; the two halves are looked at as one batch."""
    rows = lambda array: array.reshape(-1, *array.shape[2:])
    y, push, mask = rows(seen[path]), rows(pushes[path]), rows(real)
    mask = mask.reshape(-1, *(1 for _ in y.shape[1:]))
    count = mask.sum().astype(y.dtype) * np.prod(y.shape[1:], dtype=np.float32)
    total = lambda values: jnp.where(mask, values, 0).sum() / count
    mean = total(y)
    low = jnp.where(mask, y, jnp.inf).min(axis=0)
    high = jnp.where(mask, y, -jnp.inf).max(axis=0)
    size = jnp.maximum(jnp.abs(low), jnp.abs(high))
    found = {
        "mean": mean,
        "spread": jnp.sqrt(total((y - mean) ** 2)),
        "dead": (high - low <= 1e-6 * size).astype(y.dtype).mean(),
        "gradient": jnp.sqrt(total(push**2)),
    }
    before = _before(path)
    name = spec.type_name(type(layer))
    if name in ACTIVATIONS and before in seen:
        bottom, top = ACTIVATIONS[name].flat
        z = rows(seen[before])
        found["saturated"] = total(((z < bottom) | (z > top)).astype(y.dtype))
    return found


def _weights(path: str, params: Tree, moved: Tree, gradients: Tree) -> dict[str, Array]:
    """The measures of one layer's own weights, over all its arrays; nothing for a layer without."""
    own = lambda tree: {name: leaf for name, leaf in flatten(tree).items() if name.rpartition(".")[0] == path}
    weights, after, slopes = own(params), own(moved), own(gradients)
    if not weights:
        return {}
    size = sum(leaf.size for leaf in weights.values())
    norm = lambda leaves: jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in leaves) / size)
    scale = norm(weights.values())
    step = norm([after[name] - weights[name] for name in weights])
    apart = norm([leaf[0] - leaf[1] for leaf in slopes.values()])
    together = norm([leaf[0] + leaf[1] for leaf in slopes.values()])
    tiny = jnp.finfo(scale.dtype).tiny
    return {
        "weights": scale,
        "slope": together / 2,
        "update": step / jnp.maximum(scale, tiny),
        "noise": apart / jnp.maximum(together, tiny),
    }


def _before(path: str) -> str:
    """The path of the layer whose output goes into this one, if it stands in the same row of layers."""
    place, _, index = path.rpartition(".")
    return f"{place}.{int(index) - 1}"
