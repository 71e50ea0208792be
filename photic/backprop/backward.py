"""For every layer of the house, its backward formula, worked out by hand. Chapter: "Backpropagation".

A layer gives y for x. Going backward it is told g, the gradient of the loss for every number of y, and answers two
questions by the chain rule: what is the gradient for every number of x (handed on to the layer before), and for every
one of its own params (what training would change)?

Written in NumPy with 64-bit numbers and for clarity: an independent witness of the gradients that training takes by
automatic differentiation, which tests/backprop compares with it for every layer.

Reference: Goodfellow, Bengio and Courville, "Deep learning", 2016, section 6.5, https://www.deeplearningbook.org.
Lesson 7.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from photic import tree
from photic.backprop import places, recurrence
from photic.backprop.seen import Back, Seen, Values
from photic.layers import (
    ELU,
    GELU,
    GRU,
    LSTM,
    AveragePool,
    BatchNorm,
    Conv,
    ConvTranspose,
    Crop,
    Cutout,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Flip,
    GlobalAveragePool,
    GlobalMaxPool,
    Identity,
    Layer,
    LayerNorm,
    LeakyReLU,
    MaxPool,
    Parallel,
    Periodic,
    ReLU,
    Rescale,
    Reshape,
    Residual,
    Rotate,
    Shift,
    Sigmoid,
    SiLU,
    SimpleRNN,
    Softmax,
    Softplus,
    Tanh,
    chain,
)


def dense(seen: Seen, g: Float[np.ndarray, "n *t units"]) -> Back:
    """Neurons, z = x w + b: each weight joins one input and one neuron, so its gradient is the product of theirs.

    dL/dx = g wᵀ,  dL/dw = xᵀ g,  dL/db = the sum of g over the rows (and over the steps of a sequence).
    """
    x, rows = seen.x.reshape(-1, seen.x.shape[-1]), g.reshape(-1, g.shape[-1])
    return g @ seen.params["w"].T, {"w": x.T @ rows} | ({"b": rows.sum(0)} if seen.layer.bias else {})


def activation(seen: Seen, g: Values) -> Back:
    """An activation, y = f(x) number by number: dL/dx = g f'(x)."""
    return g * SLOPES[type(seen.layer)](seen), {}


def softmax(seen: Seen, g: Values) -> Back:
    """A vote, y_i = exp(x_i) / sum_j exp(x_j): every output hangs on every input, and they always sum to 1.

    dL/dx_i = y_i (g_i - sum_j g_j y_j).
    """
    shares = np.exp(seen.x - seen.x.max(-1, keepdims=True))
    y = shares / shares.sum(-1, keepdims=True)
    return y * (g - (g * y).sum(-1, keepdims=True)), {}


def dropout(seen: Seen, g: Values) -> Back:
    """Silencing, y = x * kept / (1 - rate): dL/dx = g * kept / (1 - rate), so what was silenced learns nothing.

    The same draw again, on ones this time, shows what was kept; when predicting that is everything.
    """
    kept, _ = seen.layer.apply({}, {}, jnp.ones(seen.x.shape), seen.at)
    return g * np.asarray(kept, np.float64), {}


def batch_norm(seen: Seen, g: Values) -> Back:
    """Each channel brought to a common size, y = (x - m) / sqrt(v + epsilon) * scale + shift.

    Predicting, m and v are fixed: dL/dx = g * scale / sqrt(v + epsilon). Training, they are those of the batch, so each
    row moves them for all rows by its share of the weight; see `_through_statistics`.
    """
    rows = tuple(range(seen.x.ndim - 1))
    if seen.layer.frozen or not seen.at.train:
        centred, spread = seen.x - seen.state["mean"], np.sqrt(seen.state["variance"] + seen.layer.epsilon)
        share = None
    else:
        share = _shares(seen)
        centred = seen.x - (share * seen.x).sum(rows, keepdims=True)
        spread = np.sqrt((share * centred**2).sum(rows, keepdims=True) + seen.layer.epsilon)
    learned = not seen.layer.frozen
    gradients = {"scale": learned * (g * centred / spread).sum(rows), "shift": learned * g.sum(rows)}
    g = g * seen.params["scale"]
    return (g / spread if share is None else _through_statistics(g, centred, spread, share, rows)), gradients


def layer_norm(seen: Seen, g: Values) -> Back:
    """As batch_norm while training, but m and v are those of each row over its last axis."""
    centred = seen.x - seen.x.mean(-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(-1, keepdims=True) + seen.layer.epsilon)
    rows = tuple(range(seen.x.ndim - 1))
    gradients = {"scale": (g * centred / spread).sum(rows), "shift": g.sum(rows)}
    share = np.array(1 / seen.x.shape[-1])
    return _through_statistics(g * seen.params["scale"], centred, spread, share, (-1,)), gradients


def _shares(seen: Seen) -> np.ndarray:
    # What part every number has in the mean of its channel: none for padding, be it a row or a step of a sequence.
    weight = np.ones(len(seen.x)) if seen.at.weight is None else np.asarray(seen.at.weight, np.float64)
    weight = np.broadcast_to(weight.reshape(-1, *[1] * (seen.x.ndim - 1)), (*seen.x.shape[:-1], 1))
    if seen.at.lengths is not None:
        real = np.arange(seen.x.shape[1]) < np.asarray(seen.at.lengths)[:, None]
        weight = weight * real.reshape(*real.shape, *[1] * (seen.x.ndim - 2))
    return weight / (weight.sum() or 1.0)


def _through_statistics(
    g: np.ndarray, centred: np.ndarray, spread: np.ndarray, share: np.ndarray, axes: tuple[int, ...]
) -> np.ndarray:
    # n = c / s with c = x - m, m = sum share x, s = sqrt(sum share c^2 + epsilon); g is the gradient for n.
    # A number of x moves n in three ways: itself, through the deviation s, and through the mean m.
    through_spread = -(g * centred).sum(axes, keepdims=True) / spread**3
    back = g / spread + share * centred * through_spread
    return back - share * back.sum(axes, keepdims=True)


def embedding(seen: Seen, g: Float[np.ndarray, "n *d"]) -> Back:
    """A lookup, y = table[code + 1]: each row of the table collects the g of every place it was looked up for.

    A code is a name and not an amount, so there is no slope for x: its gradient is 0.
    """
    known = (seen.x >= 0) & (seen.x < seen.layer.levels)
    rows = np.where(known, seen.x, -1).astype(int) + 1
    table = np.zeros(seen.params["table"].shape)
    np.add.at(table, rows.reshape(-1), g.reshape(-1, seen.layer.units))
    return np.zeros(seen.x.shape), {"table": table}


def periodic(seen: Seen, g: Float[np.ndarray, "n e"]) -> Back:
    """A column and its waves, y = (x, cos a) with a = frequency x + phase: the waves' g comes back through -sin a.

    With s = -sin(a) g: dL/dx = the columns' own g + sum_k s frequency,  dL/dfrequency = sum_n s x,
    dL/dphase = sum_n s.
    """
    own, waves = g[:, : seen.x.shape[1]], g[:, seen.x.shape[1] :]
    frequency, x = seen.params["frequency"], seen.x[..., None]
    s = -np.sin(x * frequency + seen.params["phase"]) * waves.reshape(len(g), *frequency.shape)
    return own + (s * frequency).sum(-1), {"frequency": (s * x).sum(0), "phase": s.sum(0)}


def rescale(seen: Seen, g: Values) -> Back:
    """A fixed scale and shift, y = scale * x + shift: dL/dx = scale g."""
    return seen.layer.scale * g, {}


def moved(seen: Seen, g: Float[np.ndarray, "n h w c"]) -> Back:
    """Pixels from elsewhere, y = share * x[there]: g goes back to where its pixel came from, by the same share."""
    if not seen.at.train:
        return g, {}
    back, row = np.zeros(seen.x.shape), np.arange(len(g))[:, None, None]
    for rows, columns, share in seen.layer.sources(seen.at.draw(), seen.x.shape):
        np.add.at(back, (row, np.asarray(rows), np.asarray(columns)), np.asarray(share)[..., None] * g)
    return back, {}


def rearranged(seen: Seen, g: Values) -> Back:
    """The same numbers in another arrangement: g is put back into that of x."""
    return g.reshape(seen.x.shape), {}


def residual(seen: Seen, g: Values) -> Back:
    """A shortcut, y = x + layers(x): g comes back over the shortcut and through the layers, and both add up."""
    return g + seen.inside(seen.layer.layers, ("layers",), seen.x, g), {}


def parallel(seen: Seen, g: Values) -> Back:
    """Every branch gets its part of g, and what comes back adds up over the columns each of them was given."""
    whole, start = np.zeros(seen.x.shape), 0
    columns = seen.layer.columns or [(0, seen.x.shape[-1])] * len(seen.layer.branches)
    for index, (branch, (first, last)) in enumerate(zip(seen.layer.branches, columns, strict=True)):
        part = seen.x[..., first:last]
        *_, output = (part.shape[1:], *chain.shapes(branch, part.shape[1:]))
        stop = start + output[-1]
        whole[..., first:last] += seen.inside(branch, ("branches", str(index)), part, g[..., start:stop])
        start = stop
    return whole, {}


def automatic(seen: Seen, g: Values) -> Back:
    """For a layer that is not of the house: automatic differentiation of its own forward pass."""
    wide = (jax.tree.map(jnp.asarray, seen.params), jnp.asarray(seen.x))
    state = jax.tree.map(jnp.asarray, seen.state)
    y, pull = jax.vjp(lambda params, x: seen.layer.apply(params, state, x, seen.at)[0], *wide)
    gradients, back = pull(jnp.asarray(g, y.dtype))
    own = {name: np.asarray(leaf, np.float64) for name, leaf in tree.flatten(gradients).items()}
    return np.asarray(back, np.float64), own


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), written with tanh, which cannot overflow.

    >>> sigmoid(np.array([-1e4, 0.0, 1e4])).tolist()
    [0.0, 0.5, 1.0]
    """
    return (1 + np.tanh(x / 2)) / 2


def _gelu(seen: Seen) -> np.ndarray:
    below = (1 + np.vectorize(math.erf, otypes=[float])(seen.x / math.sqrt(2))) / 2
    return below + seen.x * np.exp(-(seen.x**2) / 2) / math.sqrt(2 * math.pi)


def _number(seen: Seen, name: str) -> float:
    return float(seen.at.number(getattr(seen.layer, name)))


#: The slope f'(x) of every activation that works number by number; at a kink, the side training takes too.
SLOPES: dict[type[Layer], Callable[[Seen], np.ndarray]] = {
    Identity: lambda seen: np.ones(seen.x.shape),
    ReLU: lambda seen: np.where(seen.x > 0, 1.0, 0.0),
    LeakyReLU: lambda seen: np.where(seen.x >= 0, 1.0, _number(seen, "slope")),
    ELU: lambda seen: np.where(seen.x > 0, 1.0, _number(seen, "alpha") * np.exp(np.minimum(seen.x, 0))),
    GELU: _gelu,
    SiLU: lambda seen: sigmoid(seen.x) * (1 + seen.x * sigmoid(-seen.x)),
    Softplus: lambda seen: sigmoid(seen.x),
    Sigmoid: lambda seen: sigmoid(seen.x) * sigmoid(-seen.x),
    Tanh: lambda seen: 1 - np.tanh(seen.x) ** 2,
}

#: The backward formula of every layer.
BACKWARD: dict[type[Layer], Callable[[Seen, np.ndarray], Back]] = {
    Dense: dense,
    Conv: places.conv,
    ConvTranspose: places.conv_transpose,
    MaxPool: places.max_pool,
    AveragePool: places.average_pool,
    GlobalMaxPool: places.global_max_pool,
    GlobalAveragePool: places.global_average_pool,
    **dict.fromkeys((SimpleRNN, LSTM, GRU), recurrence.recurrent),
    **dict.fromkeys(SLOPES, activation),
    Softmax: softmax,
    Dropout: dropout,
    BatchNorm: batch_norm,
    LayerNorm: layer_norm,
    Embedding: embedding,
    Periodic: periodic,
    Rescale: rescale,
    **dict.fromkeys((Flip, Shift, Crop, Rotate, Cutout), moved),
    Flatten: rearranged,
    Reshape: rearranged,
    Residual: residual,
    Parallel: parallel,
}
