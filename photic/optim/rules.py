"""Update rules: how a gradient becomes a direction. Chapter: "Gradient descent".

A step is `params <- params - learning_rate * schedule(t) * direction`; a rule says what the direction is. The
arithmetic is optax's; a rule here is a spec of plain numbers, each of which may be a Knob.

Reference: Ruder, "An overview of gradient descent optimization algorithms", 2016, https://arxiv.org/abs/1609.04747.
Lesson 8.
"""

from __future__ import annotations

import abc
import dataclasses

import jax
import optax

from photic import spec
from photic.errors import PlanError, nearest
from photic.spec import Knobs, Number, number, plain


@dataclasses.dataclass(frozen=True)
class Rule(abc.ABC):
    """A rule with its learning rate; final classes say what the direction is."""

    learning_rate: Number = 0.01

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, bool) and not 0 <= plain(value) < float("inf"):
                raise PlanError(
                    spec.words(self),
                    f"needs {field.name} of at least 0",
                    repr(plain(value)),
                    source=f"the optimizer's {field.name}",
                    fix="give a positive number such as 0.001",
                )

    @abc.abstractmethod
    def direction(self, knobs: Knobs) -> optax.GradientTransformation:
        """The transformation from gradient to direction, before the learning rate and the sign."""


@dataclasses.dataclass(frozen=True)
class SGD(Rule):
    """Stochastic gradient descent: d = g, or with momentum m: v <- m v + g, d = v (Nesterov: d = g + m v).

    Reference: Sutskever et al., "On the importance of initialization and momentum", 2013,
    https://proceedings.mlr.press/v28/sutskever13.html

    >>> SGD(0.1, momentum=0.9)
    SGD(learning_rate=0.1, momentum=0.9, nesterov=False, weight_decay=0.0)
    """

    momentum: Number = 0.0
    nesterov: bool = False
    weight_decay: Number = 0.0

    def direction(self, knobs: Knobs) -> optax.GradientTransformation:
        still = self.momentum == 0.0
        trace = optax.identity() if still else optax.trace(number(self.momentum, knobs), nesterov=self.nesterov)
        return optax.chain(trace, _decay(self.weight_decay, knobs))


@dataclasses.dataclass(frozen=True)
class RMSProp(Rule):
    """v <- r v + (1 - r) g^2, d = g / sqrt(v + epsilon): each weight gets a step of its own size.

    Reference: Hinton, "Neural networks for machine learning", lecture 6e, 2012,
    https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf

    >>> RMSProp(0.001).decay
    0.9
    """

    learning_rate: Number = 0.001
    decay: Number = 0.9
    epsilon: Number = 1e-8
    weight_decay: Number = 0.0

    def direction(self, knobs: Knobs) -> optax.GradientTransformation:
        scale = optax.scale_by_rms(number(self.decay, knobs), number(self.epsilon, knobs))
        return optax.chain(scale, _decay(self.weight_decay, knobs))


@dataclasses.dataclass(frozen=True)
class Adam(Rule):
    """m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2, d = m' / (sqrt(v') + epsilon), m' and v' free of start-up bias.

    Reference: Kingma and Ba, "Adam: a method for stochastic optimization", 2015, https://arxiv.org/abs/1412.6980
    (algorithm 1)

    >>> Adam(0.001).b2
    0.999
    """

    learning_rate: Number = 0.001
    b1: Number = 0.9
    b2: Number = 0.999
    epsilon: Number = 1e-8

    def direction(self, knobs: Knobs) -> optax.GradientTransformation:
        return _adam(self.b1, self.b2, self.epsilon, knobs)


@dataclasses.dataclass(frozen=True)
class AdamW(Rule):
    """Adam with decoupled weight decay: d = adam(g) + weight_decay * w, for weights and not for biases.

    Reference: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, https://arxiv.org/abs/1711.05101
    (algorithm 2)

    >>> AdamW(0.001, weight_decay=0.1).weight_decay
    0.1
    """

    learning_rate: Number = 0.001
    b1: Number = 0.9
    b2: Number = 0.999
    epsilon: Number = 1e-8
    weight_decay: Number = 0.01

    def direction(self, knobs: Knobs) -> optax.GradientTransformation:
        return optax.chain(_adam(self.b1, self.b2, self.epsilon, knobs), _decay(self.weight_decay, knobs))


#: The rules by their JSON name.
RULES: dict[str, type[Rule]] = {spec.type_name(rule): rule for rule in (SGD, RMSProp, Adam, AdamW)}

#: What a user may type after --optimizer.
NAMED: dict[str, Rule] = {
    "sgd": SGD(),
    "momentum": SGD(momentum=0.9),
    "nesterov": SGD(momentum=0.9, nesterov=True),
    "rmsprop": RMSProp(),
    "adam": Adam(),
    "adamw": AdamW(),
}


def named(name: str, source: str = "the optimizer option") -> Rule:
    """The rule behind a name such as "nesterov".

    Args:
        source: where the name comes from, for errors.

    Raises:
        PlanError: for an unknown name; the nearest known one is offered.

    >>> named("momentum").momentum
    0.9
    """
    if name not in NAMED:
        raise PlanError("optimizer", "needs a known rule", repr(name), source=source, fix=nearest(name, NAMED))
    return NAMED[name]


def _adam(b1: Number, b2: Number, epsilon: Number, knobs: Knobs) -> optax.GradientTransformation:
    return optax.scale_by_adam(number(b1, knobs), number(b2, knobs), number(epsilon, knobs))


def _decay(weight_decay: Number, knobs: Knobs) -> optax.GradientTransformation:
    """Decay for arrays of rank two and more; biases and scales are left alone."""
    if weight_decay == 0.0:
        return optax.identity()
    return optax.add_decayed_weights(
        number(weight_decay, knobs), mask=lambda params: jax.tree.map(lambda leaf: leaf.ndim > 1, params)
    )
