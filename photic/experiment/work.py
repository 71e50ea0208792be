"""How much arithmetic a training step is, and whether splitting its rows over devices pays.

Devices that share a step must meet once in it, to add up their gradients, and each must do for itself what does not
hang on the rows: the update of the weights. A small step is over before that is worth while.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.extend.core

from photic import keys
from photic.layers.base import Context
from photic.train.run import Table, Training

#: Operations of a step for each device below which a step stays whole, and the same for each number that it learns:
#: adding up gradients takes time of its own (docs/performance.md, "Rows over devices").
LEAST, LEAST_EACH = 1e8, 1e3


def pays(training: Training, table: Table, parts: int) -> bool:
    """Whether the rows of a batch are better split into `parts`, one a device."""
    model, shape = training.objective.model, table.x.shape[1:]
    learned = sum(leaf.size for leaf in jax.tree.leaves(jax.eval_shape(lambda: model.init(keys.root(0), shape)[0])))
    share = step(training, table) / parts
    return training.batch_size >= parts and share >= LEAST and share >= LEAST_EACH * learned


def step(training: Training, table: Table) -> float:
    """About how many operations one step is: three times those of the forward pass, for each product has two gradients.

    Args:
        table: of which only the shapes are looked at.
    """
    model = training.objective.model
    batch = jax.tree.map(
        lambda array: jax.ShapeDtypeStruct((training.batch_size, *array.shape[1:]), array.dtype), table
    )

    def forward(batch: Table) -> Any:
        params, state = model.init(keys.root(0), batch.x.shape[1:])
        return model.apply(params, state, batch.x, Context(True, keys.root(0), lengths=batch.lengths))[0]

    return 3 * operations(forward, batch)


def operations(function: Callable[..., Any], *arguments: Any) -> float:
    """The operations of all matrix products and convolutions in a function, two for each product of numbers.

    Args:
        arguments: arrays, or their shapes.

    >>> operations(lambda a, b: a @ b, jax.ShapeDtypeStruct((2, 3), "float32"), jax.ShapeDtypeStruct((3, 4), "float32"))
    48.0
    """
    return _count(jax.make_jaxpr(function)(*arguments).jaxpr)


def _count(jaxpr: Any) -> float:
    total = 0.0
    for equation in jaxpr.eqns:
        if equation.primitive.name in _OWN:
            total += _OWN[equation.primitive.name](equation)
        else:
            repeats = equation.params.get("length", 1) if equation.primitive.name == "scan" else 1
            total += repeats * sum(map(_count, _inside(equation)))
    return total


def _inside(equation: Any) -> Iterator[Any]:
    for value in equation.params.values():
        for part in value if isinstance(value, tuple | list) else (value,):
            inner = getattr(part, "jaxpr", part)
            if isinstance(inner, jax.extend.core.Jaxpr):
                yield inner


def _product(equation: Any) -> float:
    (over, _), _ = equation.params["dimension_numbers"]
    return 2.0 * equation.outvars[0].aval.size * math.prod(equation.invars[0].aval.shape[axis] for axis in over)


def _convolution(equation: Any) -> float:
    filters = equation.invars[1].aval
    units = filters.shape[equation.params["dimension_numbers"].rhs_spec[0]]
    return 2.0 * equation.outvars[0].aval.size * filters.size / units


_OWN = {"dot_general": _product, "conv_general_dilated": _convolution}
