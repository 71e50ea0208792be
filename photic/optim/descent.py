"""One step downhill: clip, direction, rate. Chapter: "Gradient descent"."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import optax
from jaxtyping import Array, Float

from photic.errors import PlanError
from photic.optim.rules import Rule
from photic.optim.schedules import CONSTANT, Schedule
from photic.spec import Knobs, Number, number, plain
from photic.tree import Tree


@dataclasses.dataclass(frozen=True)
class Descent:
    """params <- params - learning_rate * schedule(t) * direction(clip(gradient)).

    Args:
        rule: which way.
        schedule: how far, over the share t of the training that is done.
        clip: the largest global norm a gradient may have, or None.

    >>> from photic.optim.rules import SGD
    >>> import jax.numpy as jnp
    >>> descent = Descent(SGD(0.5))
    >>> params = {"w": jnp.array(4.0)}
    >>> memory = descent.init(params, {})
    >>> after, _, info = descent.update({"w": jnp.array(2.0)}, memory, params, t=jnp.float32(0), knobs={})
    >>> float(after["w"]), float(info["learning_rate"])
    (3.0, 0.5)
    """

    rule: Rule
    schedule: Schedule = CONSTANT
    clip: Number | None = None

    def __post_init__(self) -> None:
        if self.clip is not None and plain(self.clip) <= 0:
            raise PlanError(
                "clip",
                "needs a norm above 0",
                repr(plain(self.clip)),
                source="the clip option",
                fix="give 1.0, or leave it out",
            )

    def init(self, params: Tree, knobs: Knobs) -> Any:
        """The rule's memory (momenta and the like) before the first step."""
        return self.rule.direction(knobs).init(params)

    def update(
        self, gradient: Any, memory: Any, params: Tree, *, t: Float[Array, ""], knobs: Knobs
    ) -> tuple[Tree, Any, dict[str, Array]]:
        """New params and memory after one step, and what a screen may show of it: the rate that was used."""
        with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):  # optax mixes them on purpose
            if self.clip is not None:
                gradient, _ = optax.clip_by_global_norm(number(self.clip, knobs)).update(gradient, optax.EmptyState())
            direction, memory = self.rule.direction(knobs).update(gradient, memory, params)
        rate = number(self.rule.learning_rate, knobs) * self.schedule.factor(t, knobs)
        params = jax.tree.map(lambda leaf, d: leaf - (rate.astype(d.dtype) * d).astype(leaf.dtype), params, direction)
        return params, memory, {"learning_rate": rate}
