"""One network trained on all rows: a plan as one lane, begun fresh, at known weights, or where it was left."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import numpy as np

from photic.experiment import lanes
from photic.experiment.assignment import arrays
from photic.experiment.lanes import Result
from photic.experiment.layout import room
from photic.experiment.plan import Plan
from photic.experiment.validate import Prepared, lay_out
from photic.optim.descent import Descent
from photic.spec import Knob
from photic.train import stop
from photic.train.history import Watcher
from photic.train.run import Lane, Table
from photic.train.step import Walk
from photic.tree import Tree

_NO_END = 1 << 24  # epochs, of a training that goes on as long as rows come
_LARGE = 1 << 17  # rows; copying a larger table would cost more than it saves
_STAND_IN = 0.5  # stands in the structure for every number; within the limits of all of them


@dataclasses.dataclass(eq=False)
class Kept:
    """A training as it was left, in memory: the keeper of `lanes.train` that hands it on from call to call.

    Args:
        lane: the arrays of the lane, by number; None before the first step.
        epoch: how many epochs it has had.
        keeps: whether it is to be kept after every epoch.
    """

    lane: dict[str, np.ndarray] | None
    epoch: int = 0
    keeps: bool = True

    def due(self) -> bool:
        """Whether the lane is wanted after this epoch."""
        return self.keeps

    def save(self, arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
        """Keep the lane."""
        self.lane, self.epoch = arrays, meta["epoch"]

    def load(self) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """Where to begin."""
        return None if self.lane is None else (self.lane, {"epoch": self.epoch, "history": [], "inspection": []})


def numbered(descent: Descent) -> tuple[Descent, dict[str, float]]:
    """A descent with a Knob in the place of every number, and the numbers; trials of numbers then share one program.

    A number that is 0 is left out of the program, and stays.

    >>> from photic.optim.rules import SGD
    >>> numbered(Descent(SGD(0.1)))[1]
    {'learning_rate': 0.1}
    """
    rule, numbers = descent.rule, {}
    for field in dataclasses.fields(rule):
        value = getattr(rule, field.name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value:
            numbers[field.name] = float(value)
    knobs = {name: Knob(name, _STAND_IN) for name in numbers}
    descent = dataclasses.replace(descent, rule=dataclasses.replace(rule, **knobs))
    if isinstance(descent.clip, int | float):
        numbers["clip"] = float(descent.clip)
        descent = dataclasses.replace(descent, clip=Knob("clip", _STAND_IN))
    return descent, numbers


def train(plan: Plan, prepared: Prepared, *, weights: tuple[Tree, Tree] | None, watch: Watcher) -> Result:
    """Train to the end of the plan.

    Args:
        weights: params and state to begin with; None for fresh ones.
    """
    training, table, (lane,) = lay_out(plan, [prepared])
    descent, knobs = numbered(training.descent)
    training, lane = dataclasses.replace(training, descent=descent), dataclasses.replace(lane, knobs=knobs)
    keeper = None if weights is None else Kept(_begun(descent, knobs, *weights), keeps=False)
    return lanes.train(training, _filled(table), [lane], inspects=False, alike=True, keeper=keeper, watch=watch)


def train_on(plan: Plan, prepared: Prepared, kept: Kept, *, watch: Watcher) -> Result:
    """One more epoch, on these rows; the rate is constant, for nobody knows how many will follow."""
    training, table, (lane,) = lay_out(plan, [prepared])
    descent, knobs = numbered(Descent(plan.descent.rule, clip=plan.descent.clip))
    training = dataclasses.replace(training, descent=descent, epochs=_NO_END, stops=False)
    lane = dataclasses.replace(lane, knobs=knobs)
    until = kept.epoch + 1
    return lanes.train(
        training, _filled(table), [lane], inspects=False, alike=True, until=until, keeper=kept, watch=watch
    )


def begun(plan: Plan, params: Tree, state: Tree) -> Kept:
    """A training at known weights, to be gone on with by `train_on`."""
    descent, knobs = numbered(Descent(plan.descent.rule, clip=plan.descent.clip))
    return Kept(_begun(descent, knobs, params, state))


def _filled(table: Table) -> Table:
    """The table filled up with rows that no lane has, so that tables of nearly equal sizes share one program."""
    more = room(len(table.x)) - len(table.x)
    if len(table.x) > _LARGE:
        return table
    return jax.tree.map(lambda array: np.pad(array, [(0, more), *[(0, 0)] * (array.ndim - 1)]), table)


def _begun(descent: Descent, knobs: dict[str, float], params: Tree, state: Tree) -> dict[str, np.ndarray]:
    """A lane at known weights, before its first step."""
    lane = Lane(Walk(params, state, descent.init(params, knobs)), stop.start(params, state))
    return arrays(jax.tree.map(lambda leaf: np.asarray(leaf)[None], lane))
