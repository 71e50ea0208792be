"""Wiring: layers that hold layers. Residual adds what goes in to what comes out; Parallel runs branches side by side.

Reference: He et al., "Deep residual learning for image recognition", 2016, https://arxiv.org/abs/1512.03385
(equation 1); branches joined at the end: Szegedy et al., "Going deeper with convolutions", 2015,
https://arxiv.org/abs/1409.4842
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from photic import keys
from photic.errors import ShapeError
from photic.layers import chain
from photic.layers.base import Context, Layer, Lengths, Params, State
from photic.layers.limits import as_tuple, need_layers, refuse
from photic.tensor import Shape, words


@dataclasses.dataclass(frozen=True, repr=False)
class Residual(Layer):
    """A shortcut around its inner layers, which then only learn what to change: y = x + layers(x).

    Args:
        layers: the layers inside; together they must keep the shape.

    Params and state: `layers.0`, `layers.1` ... as in a model.

    Raises:
        SpecError: for no layers, or something that is not a layer.
        ShapeError: from `shape`, when the inner layers change the shape.

    >>> from photic.layers.activation import ReLU
    >>> Residual((ReLU(),)).apply({}, {}, jnp.array([[-2.0, 3.0]]), Context())[0].tolist()
    [[-2.0, 6.0]]
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        as_tuple(self, "layers")
        need_layers("Residual", self.layers)

    def words(self) -> str:
        """The layer's name; its inner layers have lines of their own."""
        return "Residual(...)"

    def shape(self, input: Shape) -> Shape:
        """The shape stays as it is."""
        after = chain.shapes(self.layers, input)
        if after[-1] != input:
            raise ShapeError(
                self.words(),
                f"the layers inside must keep the shape {words(input)}",
                words(after[-1]),
                source=f"layers.{len(after) - 1} {self.layers[-1].words()}",
                fix=f"end them with Dense({input[-1]})" if len(input) == 1 else f"make them end in {words(input)}",
            )
        return input

    def lengths(self, lengths: Lengths) -> Lengths:
        """Those after the layers inside, which keep the shape."""
        return chain.lengths(self.layers, lengths)[-1]

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """The params and state of the inner layers, under `layers`."""
        params, state = chain.init(self.layers, keys.fold(key, "layers"), input)
        return chain.filled({"layers": params}), chain.filled({"layers": state})

    def apply(
        self, params: Params, state: State, x: Float[Array, "n *axes"], at: Context
    ) -> tuple[Float[Array, "n *axes"], State]:
        """The input plus what the layers inside make of it."""
        own, kept = params.get("layers", {}), state.get("layers", {})
        y, after = chain.apply(self.layers, own, kept, x, at.inside("layers"))
        return x + y, chain.filled({"layers": after})


@dataclasses.dataclass(frozen=True, repr=False)
class Parallel(Layer):
    """Branches side by side, each a tuple of layers; their outputs are joined on the last axis.

    Args:
        branches: one tuple of layers a branch; an empty one passes its part of the input on as it is.
        columns: for every branch which part of the last axis it gets, as (start, stop) from 0 and without stop;
            None gives all of it to each.

    Params and state: `branches.0.0`, `branches.0.1` ... by branch and layer.

    Raises:
        SpecError: for no branches, something that is not a layer, or columns that cannot be.
        ShapeError: from `shape`, when columns lie outside the input or the outputs cannot be joined.

    >>> from photic.layers.activation import ReLU
    >>> both = Parallel(((ReLU(),), ()), columns=((0, 2), (2, 3)))
    >>> both.apply({}, {}, jnp.array([[-2.0, 3.0, -4.0]]), Context())[0].tolist()
    [[0.0, 3.0, -4.0]]
    """

    branches: tuple[tuple[Layer, ...], ...]
    columns: tuple[tuple[int, int], ...] | None = None

    def __post_init__(self) -> None:
        as_tuple(self, "branches")
        if not self.branches:
            refuse(self, "needs at least one branch", self.branches, "write Parallel(((Dense(8),), (Dense(8),)))")
        for index, branch in enumerate(self.branches):
            if not isinstance(branch, tuple):
                fix = f"write the branch as a tuple, ({branch!r},)"
                refuse(self, f"branches.{index} must be a tuple of layers", branch, fix)
            need_layers("Parallel", branch, f"branches.{index}", least=0)
        if self.columns is not None:
            as_tuple(self, "columns")
            self._check_columns(self.columns)

    def words(self) -> str:
        """The layer's name; the layers of its branches have lines of their own."""
        return "Parallel(...)"

    def shape(self, input: Shape) -> Shape:
        """The shape of one branch, with the last axis as long as all of them together."""
        outputs = [
            (chain.shapes(branch, part, f"branches.{index}") or (part,))[-1]
            for index, (branch, part) in enumerate(zip(self.branches, self._parts(input), strict=True))
        ]
        for index, output in enumerate(outputs):
            if not output or output[:-1] != outputs[0][:-1]:
                raise ShapeError(
                    self.words(),
                    "the outputs of its branches must be equal on all axes but the last",
                    f"{words(outputs[0])} and {words(output)}",
                    source=f"branches.{index}",
                    fix="end each branch with Flatten()",
                )
        return (*outputs[0][:-1], sum(output[-1] for output in outputs))

    def lengths(self, lengths: Lengths) -> Lengths:
        """Those after the first branch: all of them end with as many steps."""
        ends = [
            (lengths, *chain.lengths(branch, lengths, f"branches.{i}"))[-1] for i, branch in enumerate(self.branches)
        ]
        return ends[0]

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """The params and state of all branches, under `branches`."""
        made = {
            str(index): chain.init(branch, keys.fold(key, "branches", index), part)
            for index, (branch, part) in enumerate(zip(self.branches, self._parts(input), strict=True))
        }
        params, state = ({name: pair[which] for name, pair in made.items()} for which in (0, 1))
        return _tree(params), _tree(state)

    def apply(self, params: Params, state: State, x: Float[Array, "n *axes"], at: Context) -> tuple[Array, State]:
        """The outputs of all branches, joined on the last axis."""
        outputs, after = [], {}
        for index, branch in enumerate(self.branches):
            name = str(index)
            part = x if self.columns is None else lax.slice_in_dim(x, *self.columns[index], axis=-1)
            own, kept = (tree.get("branches", {}).get(name, {}) for tree in (params, state))
            y, after[name] = chain.apply(branch, own, kept, part, at.inside("branches", name))
            outputs.append(y)
        return jnp.concatenate(outputs, axis=-1), _tree(after)

    def _check_columns(self, columns: tuple[Any, ...]) -> None:
        if len(columns) != len(self.branches):
            required, fix = (
                f"columns need one pair for each of {len(self.branches)} branches",
                "give each branch its own",
            )
            refuse(self, required, columns, fix)
        for index, pair in enumerate(columns):
            whole = isinstance(pair, tuple) and len(pair) == 2 and all(type(end) is int for end in pair)
            if not whole or not 0 <= pair[0] < pair[1]:
                required = f"columns.{index} must be (start, stop) with 0 <= start < stop"
                refuse(self, required, pair, "write them as in columns=((0, 1), (1, 5))")

    def _parts(self, input: Shape) -> list[Shape]:
        if self.columns is None:
            return [input] * len(self.branches)
        last = max(stop for _, stop in self.columns)
        if not input or last > input[-1]:
            required, fix = f"input needs at least {last} columns", "correct the columns of its branches"
            raise ShapeError(self.words(), required, words(input), source="the input", fix=fix)
        return [(*input[:-1], stop - start) for start, stop in self.columns]


def _tree(branches: dict[str, Any]) -> dict[str, Any]:
    return chain.filled({"branches": chain.filled(branches)})
