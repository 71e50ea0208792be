"""The neuron: a weighted sum of everything that comes in, plus a bias. Chapter: "Neuron".

Think of a game of telephone: each person listens to several others, trusts some more than others, adds an opinion of
their own and passes one number on. A Dense layer is a row of such people who all listen to the same inputs; what
they make of the sum (the activation) is a layer of its own.

Reference: Rosenblatt, "The perceptron", 1958, https://doi.org/10.1037/h0042519. Lesson 1.
"""

from __future__ import annotations

import dataclasses

from jax import lax
from jaxtyping import Array, Float

from photic import keys, tensor
from photic.layers.base import Context, Layer, Params, State
from photic.layers.limits import need_choice, need_count, need_switch
from photic.maths.initializers import INITIALIZERS, draw
from photic.tensor import Shape


@dataclasses.dataclass(frozen=True, repr=False)
class Dense(Layer):
    """`units` neurons side by side, every one connected to every input: z = x w + b.

    Args:
        units: how many neurons, and so how many numbers come out.
        bias: whether each neuron adds a number of its own, b.
        initializer: how the weights w start, a name in `maths.initializers`; fan_in is d, fan_out is units.
        bias_initializer: how b starts.

    Takes `[n, d]`, gives `[n, units]`; a sequence `[n, t, d]` step by step, `[n, t, units]`.
    Params: `w: [d, units]` and `b: [units]`.

    Raises:
        SpecError: for fewer than one unit or an unknown initializer.

    >>> import jax.numpy as jnp
    >>> params = {"w": jnp.array([[2.0], [3.0]]), "b": jnp.array([1.0])}
    >>> z, _ = Dense(1).apply(params, {}, jnp.array([[10.0, 1.0]]), Context())
    >>> z.tolist()
    [[24.0]]
    """

    units: int
    bias: bool = True
    initializer: str = "glorot_uniform"
    bias_initializer: str = "zeros"

    def __post_init__(self) -> None:
        need_count(self, "units")
        need_switch(self, "bias")
        need_choice(self, "initializer", INITIALIZERS)
        need_choice(self, "bias_initializer", INITIALIZERS.keys() - {"orthogonal"})  # which turns a matrix, not a row

    def shape(self, input: Shape) -> Shape:
        """`(d,)` becomes `(units,)`, `(t, d)` becomes `(t, units)`; any other rank is refused."""
        if len(input) != 2:
            tensor.need_rank(self.words(), input, 1, "put Flatten() before it")
        return (*input[:-1], self.units)

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """Weights `w: [d, units]` and, with `bias`, `b: [units]`, each from a key of its own name."""
        fan_in, fan_out = input[-1], self.units
        params = {"w": draw(self.initializer, keys.fold(key, "w"), (fan_in, fan_out), fan_in, fan_out)}
        if self.bias:
            params["b"] = draw(self.bias_initializer, keys.fold(key, "b"), (fan_out,), fan_in, fan_out)
        return params, {}

    def apply(self, params: Params, state: State, x: Float[Array, "n *t d"], at: Context) -> tuple[Array, State]:
        """The weighted sums z = x w + b, `[n, units]` or `[n, t, units]`."""
        z = x @ params["w"]
        return (z + lax.expand_dims(params["b"], range(x.ndim - 1)) if self.bias else z), state
