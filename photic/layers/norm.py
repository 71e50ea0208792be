"""Normalisation: numbers brought to mean 0 and deviation 1, then scaled and shifted by learned amounts.

BatchNorm takes the statistics of each channel over the rows of a batch; LayerNorm those of each row over its
channels, so it needs no memory and no other rows. Chapter: "Batch normalisation".

Reference: Ioffe and Szegedy, "Batch normalization", 2015, https://arxiv.org/abs/1502.03167 (algorithms 1 and 2);
Ba, Kiros and Hinton, "Layer normalization", 2016, https://arxiv.org/abs/1607.06450. Lesson 15.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from photic.errors import ShapeError
from photic.kernels import norm
from photic.kernels.window import Window
from photic.layers.base import Context, Layer, Lengths, Params, State
from photic.layers.limits import need_range, need_switch
from photic.layers.steps import real
from photic.spec import Number
from photic.tensor import Shape, words

Values = Float[Array, "n *axes"]
Channels = Float[Array, " c"]


@dataclasses.dataclass(frozen=True, repr=False)
class BatchNorm(Layer):
    """Normalises every channel by its mean m and variance v over the batch, then scales and shifts it.

    y = (x - m) / sqrt(v + epsilon) * scale + shift

    While training, m and v are those of the rows of this batch, weighted by `at.weight`, so padding (weight 0) has no
    part in them, nor have the padded steps of sequences; v is the biased variance. Running values are kept for
    prediction: running = momentum * running + (1 - momentum) * batch.

    Args:
        momentum: the share of the OLD running value that is kept, at least 0 and below 1; may be a Knob.
        epsilon: added to the variance, so that a constant channel divides by something; above 0.
        frozen: it computes with the running values while training too, and nothing of it is learned or remembered: as
            it must be in a network that was trained elsewhere and is kept.

    Keeps any shape with channels last. Params: `scale: [c]`, `shift: [c]`. State: `mean: [c]`, `variance: [c]`.

    Raises:
        SpecError: for a momentum or epsilon outside its limits, or a frozen that is not True or False.

    >>> params, state = BatchNorm().init(jnp.zeros(2), (1,))
    >>> y, state = BatchNorm().apply(params, state, jnp.array([[1.0], [3.0]]), Context(train=True))
    >>> y.round(3).tolist(), round(float(state["mean"][0]), 3)
    ([[-1.0], [1.0]], 0.2)
    """

    momentum: Number = 0.9
    epsilon: float = 1e-5
    frozen: bool = False

    def __post_init__(self) -> None:
        need_range(self, "momentum", 0.0, 1.0)
        need_range(self, "epsilon", 0.0, math.inf, open_low=True)
        need_switch(self, "frozen")

    def shape(self, input: Shape) -> Shape:
        """The shape stays; a row must have channels."""
        return _with_channels(self, input)

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """Scale 1 and shift 0, running mean 0 and variance 1: at first nothing changes."""
        zeros, ones = jnp.zeros(input[-1]), jnp.ones(input[-1])
        return {"scale": ones, "shift": zeros}, {"mean": zeros, "variance": ones}

    def apply(self, params: Params, state: State, x: Values, at: Context) -> tuple[Values, State]:
        """The normalised `x`, and the running statistics after this batch."""
        if self.frozen:
            params = lax.stop_gradient(params)
        if self.frozen or not at.train:
            return _normalised(x - _last(state["mean"], x), _last(state["variance"], x), params, self.epsilon), state
        return self._learning(norm.normalised, params, state, x, at)

    def pooled(self, params: Params, state: State, x: Values, at: Context, window: Window) -> tuple[Array, State]:
        """What ReLU and a MaxPool make of the normalised `x` while training; see `layers.together`."""
        return self._learning(functools.partial(norm.pooled, window=window), params, state, x, at)

    def _learning(
        self, kernel: Callable[..., tuple], params: Params, state: State, x: Values, at: Context
    ) -> tuple[Array, State]:
        share, total = _shares(x, at.weight, at.lengths)
        y, mean, variance = kernel(x, share, params["scale"], params["shift"], epsilon=self.epsilon)
        old = at.number(self.momentum)
        if total is not None:
            old = jnp.where(total > 0, old, 1.0)  # a batch of nothing but padding teaches nothing
        new = 1 - old
        after = {
            "mean": old * state["mean"] + new * lax.stop_gradient(mean),
            "variance": old * state["variance"] + new * lax.stop_gradient(variance),
        }
        return y, after


@dataclasses.dataclass(frozen=True, repr=False)
class LayerNorm(Layer):
    """Normalises every row by its own mean m and variance v over the last axis, then scales and shifts it.

    y = (x - m) / sqrt(v + epsilon) * scale + shift

    Args:
        epsilon: added to the variance, so that a constant row divides by something; above 0.

    Keeps any shape with channels last; the same when training and predicting. Params: `scale: [c]`, `shift: [c]`.

    Raises:
        SpecError: for another epsilon.

    >>> params, _ = LayerNorm().init(jnp.zeros(2), (2,))
    >>> LayerNorm().apply(params, {}, jnp.array([[1.0, 3.0]]), Context())[0].round(3).tolist()
    [[-1.0, 1.0]]
    """

    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        need_range(self, "epsilon", 0.0, math.inf, open_low=True)

    def shape(self, input: Shape) -> Shape:
        """The shape stays; a row must have channels."""
        return _with_channels(self, input)

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """Scale 1 and shift 0."""
        return {"scale": jnp.ones(input[-1]), "shift": jnp.zeros(input[-1])}, {}

    def apply(self, params: Params, state: State, x: Values, at: Context) -> tuple[Values, State]:
        """The normalised `x`, in the same shape."""
        centred = x - x.mean(-1, keepdims=True)
        variance = lax.square(centred).mean(-1, keepdims=True)
        return _normalised(centred, variance, params, self.epsilon), state


def _with_channels(layer: Layer, input: Shape) -> Shape:
    if not input:
        raise ShapeError(
            layer.words(), "input needs channels", words(input), source="the input", fix="put Flatten() before it"
        )
    return input


def _last(channels: Channels, x: Values) -> Array:
    """`[c]` beside x, as `[1, ..., c]`."""
    return lax.expand_dims(channels, range(x.ndim - 1))


def _normalised(centred: Values, variance: Array, params: Params, epsilon: float) -> Values:
    scale = lax.rsqrt(variance + epsilon) * _last(params["scale"], centred)
    return centred * scale + _last(params["shift"], centred)


def _shares(x: Values, weight: Float[Array, " n"] | None, lengths: Lengths) -> tuple[Array, Array | None]:
    """What part each number has in a mean over all axes but the last, and the sum of the weights."""
    if weight is None and lengths is None:
        return jnp.full((1,) * x.ndim, 1 / math.prod(x.shape[:-1]), x.dtype), None
    share = jnp.ones(x.shape[0], x.dtype) if weight is None else weight
    places = math.prod(x.shape[1:-1])
    if lengths is not None:
        share, places = share[:, None] * real(lengths, x.shape[1]).astype(x.dtype), math.prod(x.shape[2:-1])
    total = share.sum()
    share = share / (jnp.maximum(total, jnp.finfo(x.dtype).tiny) * places)
    return lax.expand_dims(share, range(share.ndim, x.ndim)), total
