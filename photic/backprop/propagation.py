"""Forward and backward propagation through a whole model, layer by layer, with nothing hidden.

Forward is the model's own forward pass, every output kept. Backward walks the layers from last to first and hands the
gradient from each to the one before it; every layer adds its formula of backward.py.

Chapters: "Forward propagation" and "Backpropagation". Lessons 6 and 7.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from photic import keys, tree
from photic.backprop.backward import BACKWARD, automatic
from photic.backprop.seen import Inner, Inside, Seen
from photic.errors import RequestError, ShapeError
from photic.layers import PREDICT, Context, Layer, chain
from photic.layers.base import Lengths
from photic.layers.chain import Layers
from photic.model import Model
from photic.tensor import words
from photic.tree import Tree

Inputs = Float[np.ndarray, "n *input"]
Outputs = Float[np.ndarray, "n *output"]


@dataclasses.dataclass(frozen=True, eq=False)
class Step:
    """One layer on the way forward and back; the gradients are those of the loss.

    Args:
        path: its place, "layers.2", or "layers.2.layers.0" inside a wiring layer.
        layer: the layer.
        params, state: its own arrays, by name.
        input: `[n, *input]`, what came in.
        output: `[n, *output]`, what went out.
        output_gradient, input_gradient: for every number of output and input.
        gradients: for every param, by its name.
        inner: what arises between input and output, by name: the gates of a recurrent layer at every step, in 64-bit
            numbers as the backward formula computes them.
        lengths: `[n]`, the real steps of what came in; None where all are.
    """

    path: str
    layer: Layer
    params: dict[str, np.ndarray]
    state: dict[str, np.ndarray]
    input: Inputs
    output: Outputs
    output_gradient: Outputs
    input_gradient: Inputs
    gradients: dict[str, np.ndarray]
    inner: dict[str, Inner] = dataclasses.field(default_factory=dict)
    lengths: np.ndarray | None = None

    @property
    def depth(self) -> int:
        """In how many wiring layers it lies.

        >>> from photic.layers import Identity
        >>> Step("layers.2.layers.0", Identity(), {}, {}, *[np.zeros((1, 1))] * 4, {}).depth
        1
        """
        return self.path.count("layers.") + self.path.count("branches.") - 1


def rows(model: Model, params: Tree, x: Any, where: str) -> Inputs:
    """Rows as the network takes them, in the precision of its weights.

    Args:
        where: what asks for them, in words.

    Raises:
        ShapeError: when they do not fit the model or its weights.
        RequestError: when there are none.

    >>> from photic.layers import ReLU
    >>> rows(Model(ReLU()), {}, [[1, 2]], "a test")
    array([[1., 2.]], dtype=float32)
    """
    leaves = jax.tree.leaves(params)
    x = np.asarray(x, leaves[0].dtype if leaves else jnp.result_type(float))
    if len(x) == 0:
        raise RequestError(where, "x needs at least one row", "none", source="the argument x", fix="give it a row")
    model.check(x.shape[1:], "the rows given")
    fresh = jax.eval_shape(lambda: model.init(keys.root(0), x.shape[1:])[0])
    needed, own = ({path: np.shape(leaf) for path, leaf in tree.flatten(kept).items()} for kept in (fresh, params))
    for path in sorted(needed.keys() | own.keys()):
        if needed.get(path) != own.get(path):
            shape = f"the shape {needed[path]}" if path in needed else "to be absent"
            required, came = f"{path} needs {shape} for rows {words(x.shape[1:])}", str(own.get(path, "nothing"))
            fix = "give rows as the network was trained on, and its own weights"
            raise ShapeError(where, required, came, source="the weights of the network", fix=fix)
    return x


def forward(model: Model, params: Tree, state: Tree, x: Any, at: Context = PREDICT) -> dict[str, np.ndarray]:
    """The output of every layer by path, those inside wiring before it, as the network itself computes them.

    >>> from photic.layers import ReLU
    >>> forward(Model(ReLU()), {}, {}, np.array([[-1.0, 2.0]], np.float32))["layers.0"].tolist()
    [[0.0, 2.0]]
    """
    params, state, x = jax.tree.map(jnp.asarray, (params, state, x))
    return {path: np.asarray(y) for path, y in model.steps(params, state, x, at).items()}


def backward(
    model: Model,
    params: Tree,
    state: Tree,
    x: Inputs,
    outputs: Mapping[str, np.ndarray],
    starts: Mapping[str, np.ndarray],
    at: Context = PREDICT,
) -> dict[str, Step]:
    """Every layer by path on the way back, an outer layer before those inside it.

    Args:
        x: `[n, *input]`, what went into the model.
        outputs: what `forward` gave for it.
        starts: where gradients enter: for a path, the gradient for every number of that layer's output. The gradient
            of a loss enters at the last layer; that of a single neuron at its own.
        at: the context that `forward` had.

    >>> from photic.layers import ReLU
    >>> model, x = Model(ReLU(), ReLU()), np.array([[-1.0, 2.0]])
    >>> outputs = forward(model, {}, {}, x)
    >>> backward(model, {}, {}, x, outputs, {"layers.1": np.array([[1.0, 5.0]])})["layers.0"].input_gradient.tolist()
    [[0.0, 5.0]]
    """
    way = _WayBack(outputs, starts, at, {})
    last = outputs[f"layers.{len(model.layers) - 1}"]
    with np.errstate(all="ignore"):  # NaN and infinity are results here, to be shown where they arise
        own, kept = params.get("layers", {}), state.get("layers", {})
        way.chain(model.layers, ("layers",), own, kept, x, np.zeros(last.shape), at.lengths)
    return {path: way.steps[path] for path in model.walk() if path in way.steps}


@dataclasses.dataclass(frozen=True, eq=False)
class _WayBack:
    """The walk from the last layer to the first; `steps` fills up on the way."""

    outputs: Mapping[str, np.ndarray]
    starts: Mapping[str, np.ndarray]
    at: Context
    steps: dict[str, Step]

    def chain(
        self,
        layers: Layers,
        place: tuple[str, ...],
        params: Tree,
        state: Tree,
        x: np.ndarray,
        g: np.ndarray,
        lengths: Lengths,
    ) -> np.ndarray:
        """Backward through layers one after another: the gradient for x from g, that for the output of the last."""
        steps = (lengths, *chain.lengths(layers, lengths, ".".join(place)))
        for index in reversed(range(len(layers))):
            here = (*place, str(index))
            before = x if index == 0 else self.outputs[".".join((*place, str(index - 1)))]
            own = (params.get(str(index), {}), state.get(str(index), {}))
            g = self.layer(layers[index], here, *own, before, g, steps[index])
        return g

    def layer(
        self,
        layer: Layer,
        place: tuple[str, ...],
        params: Tree,
        state: Tree,
        x: np.ndarray,
        g: np.ndarray,
        lengths: Lengths,
    ) -> np.ndarray:
        """Backward through one layer, and through those inside it."""
        path = ".".join(place)
        g = g + self.starts.get(path, 0.0)
        at = dataclasses.replace(self.at, path=place, lengths=lengths)
        formula = BACKWARD.get(type(layer), automatic)
        seen = Seen(layer, _wide(params), _wide(state), _wide(x), at, self._inside(place, params, state, lengths))
        back, gradients = formula(seen, g)
        y = self.outputs[path]
        kept = None if lengths is None else np.asarray(lengths)
        self.steps[path] = Step(path, layer, _own(params), _own(state), x, y, g, back, gradients, seen.inner, kept)
        return back

    def _inside(self, place: tuple[str, ...], params: Tree, state: Tree, given: Lengths) -> Inside:
        def inside(layers: Layers, names: tuple[str, ...], x: np.ndarray, g: np.ndarray) -> np.ndarray:
            own, kept = params, state
            for name in names:
                own, kept = own.get(name, {}), kept.get(name, {})
            return self.chain(layers, (*place, *names), own, kept, x, g, given)

        return inside


def _own(arrays: Tree) -> dict[str, np.ndarray]:
    return {name: np.asarray(leaf) for name, leaf in arrays.items() if not isinstance(leaf, Mapping)}


def _wide(arrays: Any) -> Any:
    return jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), arrays)
