"""Learning-rate schedules: the share of the full rate at each moment of a training. Chapter: "Gradient descent".

Time is the share of the training that is done, t in [0, 1], so the same schedule fits any number of steps and lanes
with different numbers of rows. A schedule gives a factor that multiplies the learning rate.

Lesson 8.
"""

from __future__ import annotations

import abc
import dataclasses
import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from photic import spec
from photic.errors import PlanError, nearest
from photic.spec import Knobs, Number, number, plain


@dataclasses.dataclass(frozen=True)
class Schedule(abc.ABC):
    """A factor over time; every number in a schedule lies between 0 and 1."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, Schedule) and not 0 <= plain(value) <= 1:
                raise PlanError(
                    spec.words(self),
                    f"needs {field.name} between 0 and 1, a share of the training or of the rate",
                    repr(plain(value)),
                    source=f"the schedule's {field.name}",
                    fix="give a share such as 0.1",
                )

    @abc.abstractmethod
    def factor(self, t: Float[Array, ""], knobs: Knobs) -> Float[Array, ""]:
        """The factor at t, the share of the training that is done."""


@dataclasses.dataclass(frozen=True)
class Constant(Schedule):
    """The full rate throughout: factor = 1.

    >>> float(Constant().factor(jnp.float32(0.7), {}))
    1.0
    """

    def factor(self, t: Float[Array, ""], knobs: Knobs) -> Float[Array, ""]:
        return jnp.ones_like(t)


#: The schedule of those who ask for none.
CONSTANT = Constant()


@dataclasses.dataclass(frozen=True)
class Step(Schedule):
    """Stairs: factor = drop ** floor(t / every).

    >>> round(float(Step(every=0.5, drop=0.1).factor(jnp.float32(0.6), {})), 3)
    0.1
    """

    every: Number = 0.3
    drop: Number = 0.1

    def factor(self, t: Float[Array, ""], knobs: Knobs) -> Float[Array, ""]:
        return number(self.drop, knobs) ** jnp.floor(t / number(self.every, knobs))


@dataclasses.dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine down to the floor: factor = floor + (1 - floor) (1 + cos(pi t)) / 2.

    Reference: Loshchilov and Hutter, "SGDR", 2017, https://arxiv.org/abs/1608.03983 (equation 5, one cycle)

    >>> round(float(Cosine().factor(jnp.float32(0.5), {})), 3)
    0.5
    """

    floor: Number = 0.0

    def factor(self, t: Float[Array, ""], knobs: Knobs) -> Float[Array, ""]:
        floor = number(self.floor, knobs)
        return floor + (1 - floor) * (1 + jnp.cos(math.pi * t)) / 2


@dataclasses.dataclass(frozen=True)
class OneCycle(Schedule):
    """Up from `start` to 1 at t = peak, then down to `end`, both along half a cosine.

    Reference: Smith and Topin, "Super-convergence", 2018, https://arxiv.org/abs/1708.07120

    >>> float(OneCycle(peak=0.25).factor(jnp.float32(0.25), {}))
    1.0
    """

    peak: Number = 0.3
    start: Number = 0.04
    end: Number = 1e-4

    def factor(self, t: Float[Array, ""], knobs: Knobs) -> Float[Array, ""]:
        peak, start, end = (number(value, knobs) for value in (self.peak, self.start, self.end))
        up = start + (1 - start) * (1 - jnp.cos(math.pi * t / peak)) / 2
        down = end + (1 - end) * (1 + jnp.cos(math.pi * (t - peak) / (1 - peak))) / 2
        return jnp.where(t < peak, up, down)


@dataclasses.dataclass(frozen=True)
class WarmUp(Schedule):
    """A straight line from 0 to 1 during the first `share`, then another schedule over what is left.

    Reference: Goyal et al., "Accurate, large minibatch SGD", 2017, https://arxiv.org/abs/1706.02677 (section 2.2)

    >>> float(WarmUp(share=0.5).factor(jnp.float32(0.25), {}))
    0.5
    """

    share: Number = 0.05
    then: Schedule = CONSTANT

    def factor(self, t: Float[Array, ""], knobs: Knobs) -> Float[Array, ""]:
        share = number(self.share, knobs)
        rest = self.then.factor(jnp.clip((t - share) / (1 - share), 0.0, 1.0), knobs)
        return jnp.where(t < share, t / share, rest)


#: The schedules by their JSON name.
SCHEDULES: dict[str, type[Schedule]] = {
    spec.type_name(schedule): schedule for schedule in (Constant, Step, Cosine, OneCycle, WarmUp)
}


def named(name: str) -> Schedule:
    """The schedule behind a name such as "one_cycle", with its usual numbers.

    Raises:
        PlanError: for an unknown name; the nearest known one is offered.

    >>> named("cosine")
    Cosine(floor=0.0)
    """
    if name not in SCHEDULES:
        raise PlanError(
            "schedule", "needs a known schedule", repr(name), source="the schedule option", fix=nearest(name, SCHEDULES)
        )
    return SCHEDULES[name]()
