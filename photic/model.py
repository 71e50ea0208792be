"""Model: an immutable tuple of layers, and all that can be done with it. Chapter: "Artificial neural network".

A model holds no numbers. `init` makes them, `apply` computes with them, and everything else tells what the model is:
its shapes, its summary, its JSON form. So a model can be compared, hashed, printed, saved, and shared by many lanes.

Reference: Goodfellow, Bengio and Courville, "Deep learning", 2016, chapter 6, https://www.deeplearningbook.org.
Lessons 5 and 6.
"""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from photic import keys, spec, tree
from photic.errors import ShapeError, SpecError, nearest
from photic.layers import TYPES, chain
from photic.layers.base import PREDICT, Context, Layer, Lengths, Params, State
from photic.layers.limits import need_layers
from photic.tensor import Shape, words


@dataclasses.dataclass(frozen=True, init=False, repr=False)
class Model:
    """Layers applied one after another: `Model(Dense(64), ReLU(), Dense(1))`.

    Shapes are per row, without n: a table with five features goes in as `(5,)`. A layer's path, `layers.2`, is the
    same in errors, in the names of its weights, in `steps` and in the JSON form.

    Raises:
        SpecError: for no layers, or something that is not a layer.

    >>> from photic.layers import Dense, ReLU
    >>> model = Model(Dense(64), ReLU(), Dense(1))
    >>> params, state = model.init(keys.root(0), (5,))
    >>> z, _ = model.apply(params, state, jnp.ones((10, 5)))
    >>> z.shape
    (10, 1)
    """

    layers: tuple[Layer, ...]

    def __init__(self, *layers: Layer) -> None:
        need_layers("Model", layers)
        object.__setattr__(self, "layers", layers)

    def init(self, key: Array, input: Shape) -> tuple[Params, State]:
        """Fresh weights for a per-row input shape, each from a key of its own path: the same key, the same bits.

        Returns:
            params, `{"layers": {"0": {"w": ...}}}`, and state of the same form; layers without any have no entry.

        Raises:
            ShapeError: when the layers do not fit the input or each other.
        """
        self.check(input)
        params, state = chain.init(self.layers, keys.fold(key, "layers"), input)
        return chain.filled({"layers": params}), chain.filled({"layers": state})

    def apply(self, params: Params, state: State, x: Array, at: Context = PREDICT) -> tuple[Array, State]:
        """The forward pass: the output `[n, ...]` for a batch `x: [n, *input]`, and the state after it.

        With `at.lengths`, every layer is given the lengths of its own input; `lengths` tells those of the output.
        """
        own, kept = params.get("layers", {}), state.get("layers", {})
        z, after = chain.apply(self.layers, own, kept, x, at.inside("layers"))
        return z, chain.filled({"layers": after})

    def steps(self, params: Params, state: State, x: Array, at: Context = PREDICT) -> dict[str, Array]:
        """The output of every layer by path, in the order they were computed; those inside wiring come before it.

        Inside `jit` the order is lost, the paths are not. To change what passes instead of looking, give `apply` a
        Context with a `tap`.

        >>> from photic.layers import Dense, ReLU, Residual
        >>> model = Model(Dense(3), Residual((Dense(3), ReLU())))
        >>> list(model.steps(*model.init(keys.root(0), (2,)), jnp.ones((1, 2))))
        ['layers.0', 'layers.1.layers.0', 'layers.1.layers.1', 'layers.1']
        """
        outputs: dict[str, Array] = {}

        def keep(path: str, y: Array) -> Array:
            outputs[path] = y = y if at.tap is None else at.tap(path, y)
            return y

        self.apply(params, state, x, dataclasses.replace(at, tap=keep))
        return outputs

    def check(self, input: Shape, source: str = "the input") -> None:
        """Refuse an input the layers cannot take, or layers that do not fit each other, before anything compiles.

        Args:
            input: the per-row shape.
            source: where the input comes from, in the words of an error: `houses.csv`.

        Raises:
            ShapeError: at the first layer that does not fit, with the layer its input comes from.

        >>> from photic.layers import Dense, Reshape
        >>> Model(Reshape((8, 8, 1)), Dense(2)).check((64,))
        Traceback (most recent call last):
        photic.errors.ShapeError: layers.1 Dense(2): input needs rank 2 [n, d], got rank 4 [n, h=8, w=8, c=1]
        from layers.0 Reshape((8, 8, 1)); put Flatten() before it.
        """
        self.shapes(input, source)

    def shapes(self, input: Shape, source: str = "the input") -> tuple[Shape, ...]:
        """The per-row shape after every layer.

        Raises:
            ShapeError: as `check`.
        """
        if not all(size >= 1 for size in input):
            fix = "give at least one feature"
            raise ShapeError("Model", "input sizes must be at least 1", words(input), source=source, fix=fix)
        return chain.shapes(self.layers, input, source=source)

    def shape(self, input: Shape) -> Shape:
        """The per-row shape of the output.

        Raises:
            ShapeError: as `check`.
        """
        return self.shapes(input)[-1]

    def lengths(self, lengths: Lengths) -> Lengths:
        """How many steps of each row of the output are real, for those of the input; None without an axis of time.

        Raises:
            PlanError: when a layer would let padded steps count.

        >>> from photic.layers import Dense
        >>> Model(Dense(2)).lengths(jnp.array([3, 1])).tolist()
        [3, 1]
        """
        return chain.lengths(self.layers, lengths)[-1]

    def walk(self) -> dict[str, Layer]:
        """Every layer by path, an outer layer before those inside it."""
        return dict(chain.walk(self.layers, "layers"))

    def summary(self, input: Shape) -> str:
        """A table in text: every layer, the shape that comes out of it, how many numbers it learns; and the totals.

        Raises:
            ShapeError: as `check`.

        >>> from photic.layers import Dense, ReLU
        >>> print(Model(Dense(64), ReLU(), Dense(1)).summary((5,)))
        layer               output     numbers
        the input           [n, d=5]
        layers.0 Dense(64)  [n, d=64]      384
        layers.1 ReLU()     [n, d=64]        0
        layers.2 Dense(1)   [n, d=1]        65
        <BLANKLINE>
        449 numbers to learn (1.8 kB)
        """
        params, state, outputs = _outline(self, input)
        lines = [("layer", "output", "numbers"), ("the input", words(input), "")]
        for path, layer in self.walk().items():
            indent = "  " * ((path.count(".") - 1) // 2)
            own = sum(leaf.size for name, leaf in params.items() if name.rpartition(".")[0] == path)
            lines.append((f"{indent}{path} {layer.words()}", words(outputs[path].shape[1:]), f"{own:,}"))
        learned, kept = (sum(leaf.size for leaf in leaves.values()) for leaves in (params, state))
        total = f"{learned:,} numbers to learn ({learned * 4 / 1000:,.1f} kB)"
        return f"{_columns(lines)}\n\n{total}" + (f", {kept:,} running statistics" if kept else "")

    def to_json(self) -> dict[str, Any]:
        """The model as JSON values; `from_json` reads them back.

        >>> from photic.layers import Dense
        >>> Model(Dense(64)).to_json()
        {'layers': [{'type': 'dense', 'units': 64}]}
        """
        return {"layers": spec.to_json(self.layers)}

    @classmethod
    def from_json(cls, data: Any, source: str = "the model's JSON") -> Model:
        """The model that JSON values describe; an "input" beside the layers is for the reader and not looked at.

        Args:
            data: what `json.load` gave: `{"layers": [{"type": "dense", "units": 64}, ...]}`.
            source: the file it came from, for errors.

        Raises:
            SpecError: for anything but known layers with settings that can be.
        """
        layers = data.get("layers") if isinstance(data, dict) else None
        if not isinstance(layers, list):
            got = "no layers" if isinstance(data, dict) else type(data).__name__
            fix = 'write {"layers": [{"type": "dense", "units": 64}, ...]}'
            raise SpecError("model", 'needs an object with a list "layers"', got, source=source, fix=fix)
        for name in data.keys() - {"layers", "input"}:
            fix = nearest(name, ["layers", "input"])
            raise SpecError("model", "needs known settings", repr(name), source=source, fix=fix)
        found = spec.from_json(layers, TYPES, "layers", source)
        need_layers("model", found, source=source)
        return cls(*found)

    def __repr__(self) -> str:
        return f"Model({', '.join(map(repr, self.layers))})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="color:#888">{path}</td><td><code>{html.escape(layer.words())}</code></td>'
            f'<td style="text-align:left">{html.escape(_first_line(layer))}</td></tr>'
            for path, layer in self.walk().items()
        )
        head = '<tr><th>layer</th><th></th><th style="text-align:left">what it does</th></tr>'
        return f'<table style="border-collapse:collapse"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def _outline(model: Model, input: Shape) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Shapes of params, state and every layer's output, by path, without computing any of them."""
    model.check(input)
    params, state = jax.eval_shape(lambda: model.init(keys.root(0), input))
    outputs = jax.eval_shape(model.steps, params, state, jax.ShapeDtypeStruct((1, *input), jnp.float32))
    return tree.flatten(params), tree.flatten(state), outputs


def _columns(lines: Iterable[tuple[str, str, str]]) -> str:
    lines = list(lines)
    first, second, third = (max(len(line[i]) for line in lines) for i in range(3))
    return "\n".join(f"{a:<{first}}  {b:<{second}}  {c:>{third}}".rstrip() for a, b, c in lines)


def _first_line(layer: Layer) -> str:
    return (type(layer).__doc__ or "").split("\n")[0]
