"""One step: forward, backward, one move downhill. Chapter: "Backpropagation"."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
from jaxtyping import Array, Float, Shaped

from photic.layers.base import Context
from photic.optim.descent import Descent
from photic.train.objective import Objective
from photic.tree import Tree


class Walk(NamedTuple):
    """What changes from step to step: weights, the layers' state, the rule's memory."""

    params: Tree
    state: Tree
    memory: Any


def step(
    objective: Objective,
    descent: Descent,
    walk: Walk,
    x: Shaped[Array, "b ..."],
    y: Array,
    t: Float[Array, ""],
    at: Context,
) -> tuple[Walk, dict[str, Array]]:
    """One batch: the gradient of the objective, and the step it gives.

    Args:
        t: the share of the training that is done.
        at: `at.weight` is `[b]`, 0 for padding.

    Returns:
        The walk after the step, and info: the batch's `loss` before the step, and the `learning_rate` used.
    """
    measure = jax.value_and_grad(objective, has_aux=True)
    (loss, state), gradient = measure(walk.params, walk.state, x, y, at)
    params, memory, info = descent.update(gradient, walk.memory, walk.params, t=t, knobs=at.knobs)
    return Walk(params, state, memory), {"loss": loss, **info}
