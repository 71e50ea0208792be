"""Rescale: pixels from 0 to 255 become numbers around 0, inside the network. Chapter: "Images".

Pictures stay bytes in memory, a quarter of the room that numbers would take, and all folds share one array of them;
the first layer turns the rows of one batch into numbers when they are needed.

Reference: LeCun et al., "Efficient backprop", 1998, http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf (section 4.3:
inputs with a mean of 0 and about the same size).
"""

from __future__ import annotations

import dataclasses
import math

import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from photic.layers.base import Context, Layer, Params, State
from photic.layers.limits import refuse
from photic.tensor import Shape


@dataclasses.dataclass(frozen=True, repr=False)
class Rescale(Layer):
    """Every number times a fixed scale, plus a fixed shift: y = scale * x + shift. Nothing of it is learned.

    Args:
        scale: what each number is multiplied with, not 0.
        shift: what is then added. As they stand, 0 becomes -1 and 255 becomes 1.

    Keeps any shape. Takes bytes or numbers, gives numbers.

    Raises:
        SpecError: for what is no finite number, and for a scale of 0.

    >>> y, _ = Rescale().apply({}, {}, jnp.array([[0, 255]], jnp.uint8), Context())
    >>> y.tolist(), y.dtype
    ([[-1.0, 1.0]], dtype('float32'))
    """

    scale: float = 1 / 127.5
    shift: float = -1.0

    def __post_init__(self) -> None:
        for name in ("scale", "shift"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            if not number or (name == "scale" and value == 0):
                words = "a finite number" + (" other than 0" if name == "scale" else "")
                refuse(self, f"{name} must be {words}", value, f"set {name} to {words}")

    def shape(self, input: Shape) -> Shape:
        """The shape stays as it is."""
        return input

    def apply(
        self, params: Params, state: State, x: Shaped[Array, "n *axes"], at: Context
    ) -> tuple[Float[Array, "n *axes"], State]:
        """The scaled and shifted `x`; bytes and whole numbers become float32."""
        x = x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.float32)
        return x * self.scale + self.shift, state
