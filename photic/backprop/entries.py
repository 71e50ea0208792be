"""The numbers of a trace by name, each beside its gradient; of many only the strongest, so that a person can read them.

Strongest is what the loss hangs on most: the largest gradient first, and of equal gradients the largest number.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from photic import spec
from photic.backprop import names
from photic.backprop.names import Names
from photic.backprop.propagation import Step
from photic.backprop.trace import Trace
from photic.errors import RequestError
from photic.tensor import words


class Entry(NamedTuple):
    """One number, and the gradient of the loss for it; None where nothing is learned."""

    name: str
    value: float
    gradient: float | None


@dataclasses.dataclass(frozen=True)
class Group:
    """Numbers that belong together: what comes out of a layer, or one of its params.

    Args:
        entries: all of them in their order, or the strongest of many, strongest first.
        left_out: how many are not shown.
        largest, steepest: the largest value and gradient among those, by size.
    """

    entries: tuple[Entry, ...]
    left_out: int = 0
    largest: float = 0.0
    steepest: float | None = None


@dataclasses.dataclass(frozen=True)
class Block:
    """One layer as it is shown.

    Args:
        path: where it is.
        words: what it is.
        shape: of what comes out of it, or of the loss the target.
        depth: in how many wiring layers it lies.
        groups: its numbers by name.
        values, gradients: all numbers of the row that come out of it, for a picture of them.
    """

    path: str
    words: str
    shape: str
    depth: int
    groups: tuple[Group, ...]
    values: np.ndarray
    gradients: np.ndarray | None = None


def group(values: np.ndarray, gradients: np.ndarray | None, most: int, name: Callable[[tuple[int, ...]], str]) -> Group:
    """The numbers of one array: all of them if there are at most `most`, else the strongest.

    >>> group(np.array([1.0, 2.0, 3.0]), np.array([0.1, -9.0, 0.0]), 2, lambda index: f"neuron {index[0]}").entries
    (Entry(name='neuron 1', value=2.0, gradient=-9.0), Entry(name='neuron 0', value=1.0, gradient=0.1))
    """
    flat = np.asarray(values, float).reshape(-1)
    slopes = None if gradients is None else np.asarray(gradients, float).reshape(-1)
    sizes = _sizes(flat)
    steep = np.zeros(flat.size) if slopes is None else _sizes(slopes)
    shown, rest = np.arange(flat.size), np.zeros(flat.size, bool)
    if flat.size > most:
        shown = np.flatnonzero(steep >= np.partition(steep, -most)[-most])
        shown = shown[np.lexsort((-sizes[shown], -steep[shown]))][:most]
        rest = np.isin(np.arange(flat.size), shown, invert=True)
    entries = tuple(
        Entry(
            name(tuple(map(int, np.unravel_index(i, np.shape(values))))),
            float(flat[i]),
            None if slopes is None else float(slopes[i]) + 0.0,  # no sign on zero
        )
        for i in shown
    )
    largest, steepest = (float(part[rest].max(initial=0.0)) for part in (sizes, steep))
    return Group(entries, int(rest.sum()), largest, None if slopes is None else steepest)


def blocks(trace: Trace, row: int, most: int) -> tuple[Block, ...]:
    """What a person reads from top to bottom: the input, every layer's params and what came out of it, the loss.

    Args:
        row: whose numbers; the gradients of params are always those of all rows together.
        most: how many of an array are shown; of a longer one the strongest.

    Raises:
        RequestError: when the trace has no such row.
    """
    if not 0 <= row < len(trace.x):
        required, fix = f"needs a row from 0 to {len(trace.x) - 1}", "count the rows of the trace from 0"
        raise RequestError("trace", required, str(row), source="the argument row", fix=fix)
    known, _ = names.inputs(trace.model.layers, trace.features)
    columns = _naming(trace.features, "column ")
    x, back = trace.x[row], trace.input_gradient[row]
    found = [Block("the input", "", words(x.shape), 0, (group(x, back, most, columns),), x, back)]
    for step in trace.steps:
        own = _own(step, known[step.path], trace.train, most)
        is_last = step.path == f"layers.{len(trace.model.layers) - 1}"
        named = trace.outputs if is_last and trace.outputs else names.after(step.layer, known[step.path])
        y, g = step.output[row], step.output_gradient[row]
        groups = (*own, group(y, g, most, _naming(named, "neuron ")))
        found += [
            Block(step.path, step.layer.words(), words(y.shape), step.depth, groups, y, g),
            *_inner(step, row, most),
        ]
    return (*found, _loss(trace, row, most))


def _own(step: Step, sources: Names, train: bool, most: int) -> list[Group]:
    kept = {} if train else step.state  # while training, running statistics are written but not used
    order = [*step.gradients, *(name for name in step.params if name not in step.gradients)]  # w before b
    learned = {name: step.params[name] for name in order if name in step.params}
    return [
        group(own, step.gradients.get(name), most, functools.partial(names.param, step.layer, name, sources=sources))
        for name, own in (*learned.items(), *kept.items())
    ]


def _inner(step: Step, row: int, most: int) -> list[Block]:
    """What arises inside a recurrent layer, a block each: of its many steps the first and the last, the picture of all.

    The picture shows a bar a step: the mean over the units, and the length of the gradient.
    """
    blocks = []
    for name, told in step.inner.items():
        count = told.values.shape[1] if step.lengths is None else max(1, int(step.lengths[row]))
        values, gradients = told.values[row, :count], told.gradients[row, :count]
        ends = tuple(
            group(values[s], gradients[s], -(-most // 2), lambda index, s=s: f"step {s}, unit {index[0]}")
            for s in sorted({0, count - 1})
        )
        shown = (values.mean(1), np.linalg.norm(gradients, axis=1))
        blocks.append(Block("", name, words(values.shape), step.depth + 1, ends, *shown))
    return blocks


def _loss(trace: Trace, row: int, most: int) -> Block:
    """The target, what was predicted instead, and the loss, where the way back starts with a gradient of 1."""
    probable = "regression" not in trace.loss.kinds
    predicted = _naming(trace.outputs, "output ")
    title = "probability of " if probable else "prediction of "
    p = trace.prediction[row]
    told = group(p, None, most, lambda index: title + predicted(index))
    codes = trace.y.ndim == 1
    wanted = "" if not codes else trace.outputs[trace.y[row]] if trace.outputs else f"output {trace.y[row]}"
    targets = () if codes else (group(trace.y[row], None, most, lambda index: "target of " + predicted(index)),)
    whole = "the loss" if len(trace.x) == 1 else f"the loss, over all {len(trace.x)} rows"
    losses = (Entry("loss of this row", float(trace.rows[row]), None), Entry(whole, trace.value, 1.0))
    shown = losses[1:] if len(trace.x) == 1 and losses[0].value == trace.value else losses
    return Block(
        "loss", spec.words(trace.loss), f"target {wanted}" if codes else "", 0, (*targets, told, Group(shown)), p
    )


def _naming(named: Names, otherwise: str) -> Callable[[tuple[int, ...]], str]:
    return lambda index: names.number(named, index, otherwise)


def _sizes(values: np.ndarray) -> np.ndarray:
    # what is not a number is what to look at
    return np.where(np.isnan(values), np.inf, np.abs(values))
