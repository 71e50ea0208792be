"""A trace: every number of one forward and one backward pass, for rows of your own data through your own network.

Chapters: "Forward propagation" and "Backpropagation". Lessons 6 and 7.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from photic import spec, tree
from photic.backprop import loss_slope, names, propagation
from photic.backprop.names import Names
from photic.backprop.propagation import Step, backward, forward
from photic.errors import RequestError, ShapeError
from photic.layers import Context
from photic.maths import losses
from photic.maths.losses import CrossEntropy, Loss
from photic.model import Model
from photic.tree import Tree


@dataclasses.dataclass(frozen=True, eq=False)
class Trace:
    """What `trace` saw: print it, show it in a notebook, take any step by its path, or everything as JSON.

    Args:
        model: the network.
        loss: what is measured at its end.
        train: whether the pass was part of training: dropout thins, batch norm takes the statistics of these rows.
        x: `[n, *input]`, the rows.
        y: the targets.
        weight: `[n]`, how much each row counts.
        steps: a Step per layer, an outer layer before those inside it.
        z: `[n, k]`, the outputs of the network.
        prediction: `[n, k]`, what they mean: values, or probabilities.
        rows: `[n]`, the loss of every row.
        value: the loss, one number; all gradients are its gradients.
        input_gradient: `[n, *input]`, the gradient for every number of x.
        features, outputs: names of the columns of x and of z.
    """

    model: Model
    loss: Loss
    train: bool
    x: np.ndarray
    y: np.ndarray
    weight: Float[np.ndarray, " n"]
    steps: tuple[Step, ...]
    z: np.ndarray
    prediction: np.ndarray
    rows: Float[np.ndarray, " n"]
    value: float
    input_gradient: np.ndarray
    features: Names = None
    outputs: Names = None

    def __getitem__(self, path: str | int) -> Step:
        """The step at a path, or of a layer by its number.

        Raises:
            RequestError: when there is no such layer.
        """
        return next(step for step in self.steps if step.path == names.place(self.model, path))

    @property
    def gradients(self) -> Tree:
        """The gradient for every weight of the network, in the form of its params."""
        leaves = {f"{step.path}.{name}": own for step in self.steps for name, own in step.gradients.items()}
        return tree.unflatten(leaves)

    def text(self, row: int = 0, most: int = 6) -> str:
        """A table for the terminal: each number beside its gradient, of wide layers the `most` strongest.

        Raises:
            RequestError: when the trace has no such row.
        """
        from photic.backprop import text  # it shows a Trace, so it stands above this file

        return text.trace(self, row, most)

    def to_json(self) -> dict[str, Any]:
        """Every number as JSON values; `[n, ...]` arrays as nested lists."""
        return {
            "train": self.train,
            "features": None if self.features is None else list(self.features),
            "outputs": None if self.outputs is None else list(self.outputs),
            "input": self.x.tolist(),
            "input_gradient": self.input_gradient.tolist(),
            "steps": [_json(step) for step in self.steps],
            "loss": {
                "words": spec.words(self.loss),
                "target": self.y.tolist(),
                "weight": self.weight.tolist(),
                "prediction": self.prediction.tolist(),
                "rows": self.rows.tolist(),
                "value": self.value,
            },
        }

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Trace of {len(self.x)} {'row' if len(self.x) == 1 else 'rows'} through {len(self.model.layers)} layers"

    def _repr_html_(self) -> str:
        from photic.backprop import markup  # it shows a Trace, so it stands above this file

        return markup.trace(self)


def trace(
    model: Model,
    params: Tree,
    state: Tree,
    x: Any,
    y: Any,
    loss: Loss,
    *,
    weight: Any = None,
    features: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    lengths: Any = None,
    train: bool = False,
    key: Array | None = None,
) -> Trace:
    """Every number of one forward and one backward pass.

    Forward is the network's own pass; the gradients come from formulas worked out by hand, in 64-bit numbers.

    Args:
        x: `[n, *input]`, prepared rows.
        y: the targets of these rows, as the loss takes them: `[n, k]`, or class codes `[n]`; those of `maths.places`
            where the model answers at every place.
        weight: `[n]`, how much each row counts; None counts all alike.
        features: names of the columns of x, for reading.
        outputs: names of the outputs, such as the classes, for reading.
        lengths: `[n]`, how many steps of each row are real, where sequences are padded at the end.
        train: pass as in training instead of as in prediction.
        key: where the draws of dropout start; needed when training with dropout.

    Raises:
        ShapeError: when the rows do not fit the model, or the targets the outputs.
        RequestError: for no rows, weights of another number, or more names than columns.

    >>> from photic import keys
    >>> from photic.layers import Dense
    >>> model = Model(Dense(1))
    >>> params = {"layers": {"0": {"w": jnp.array([[2.0], [3.0]]), "b": jnp.array([1.0])}}}
    >>> seen = trace(model, params, {}, [[10.0, 1.0]], [[20.0]], losses.MSE())
    >>> seen.value, seen["layers.0"].gradients["w"].tolist(), seen.input_gradient.tolist()
    (16.0, [[80.0], [8.0]], [[16.0, 24.0]])
    """
    x = propagation.rows(model, params, x, "trace")
    shares = np.ones(len(x), x.dtype) if weight is None else np.asarray(weight, x.dtype)
    if shares.shape != (len(x),):
        fix = "give one weight for each row"
        required, came = f"weight needs the shape [{len(x)}]", str(list(shares.shape))
        raise RequestError("trace", required, came, source="the argument weight", fix=fix)
    real = None if lengths is None else jnp.asarray(lengths, jnp.int32)
    at = Context(train=train, key=key, weight=jnp.asarray(shares), lengths=real)
    passed = forward(model, params, state, x, at)
    last = f"layers.{len(model.layers) - 1}"
    z = passed[last]
    y = _targets(y, z, loss)
    rows = losses.of_rows(loss, jnp.asarray(z), jnp.asarray(y), {})
    start = loss_slope.of_rows(loss, z.astype(np.float64), y, shares.astype(np.float64))
    way = backward(model, params, state, x, passed, {last: start}, at)
    return Trace(
        model=model,
        loss=loss,
        train=train,
        x=x,
        y=y,
        weight=shares,
        steps=tuple(way.values()),
        z=z,
        prediction=np.asarray(loss.predict(jnp.asarray(z))),
        rows=np.asarray(rows),
        value=float(losses.reduce(loss, rows, jnp.asarray(shares))),
        input_gradient=way["layers.0"].input_gradient,
        features=names.columns(features, x, "features"),
        outputs=names.columns(outputs, z, "outputs"),
    )


def _targets(y: Any, z: np.ndarray, loss: Loss) -> np.ndarray:
    codes = isinstance(loss, CrossEntropy)
    y = np.asarray(y, np.int32 if codes else z.dtype)
    needed = z.shape[:-1] if codes else z.shape
    if y.shape != needed or z.ndim < 2:
        required = f"y needs the shape {list(needed)} for the outputs {list(z.shape)}"
        fix = "give a row of targets, or for several classes one code, for each row of x (or for each of its places)"
        raise ShapeError(
            f"trace with {spec.words(loss)}", required, str(list(y.shape)), source="the argument y", fix=fix
        )
    return y


def _json(step: Step) -> dict[str, Any]:
    return {
        "path": step.path,
        "layer": step.layer.words(),
        "input": step.input.tolist(),
        "output": step.output.tolist(),
        "params": {name: own.tolist() for name, own in step.params.items()},
        "state": {name: own.tolist() for name, own in step.state.items()},
        "output_gradient": step.output_gradient.tolist(),
        "input_gradient": step.input_gradient.tolist(),
        "gradients": {name: own.tolist() for name, own in step.gradients.items()},
        "inner": {
            name: {"values": told.values.tolist(), "gradients": told.gradients.tolist()}
            for name, told in step.inner.items()
        },
    }
