"""What a network does with one series: the state of every unit at every step, its gates, and which steps decide.

Chapters: "Recurrent network" and "LSTM". Reference: Karpathy, Johnson and Li, "Visualizing and understanding recurrent
networks", 2015, https://arxiv.org/abs/1506.02078. Lessons 17 and 18.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float

from photic.backprop.propagation import Step, backward, forward, rows
from photic.backprop.saliency import occlusion
from photic.backprop.sight import shown
from photic.errors import RequestError
from photic.model import Model
from photic.tree import Tree


@dataclasses.dataclass(frozen=True, eq=False)
class Course:
    """The numbers of one layer along the steps.

    Args:
        path, words: the layer.
        name: what the numbers are: "output", or of a recurrent layer a gate, "forget gate".
        values: `[t, u]`, a course for each unit.
    """

    path: str
    words: str
    name: str
    values: Float[np.ndarray, "t u"]


@dataclasses.dataclass(frozen=True, eq=False)
class Walk:
    """One series through a network.

    Args:
        output: which number of the answer is explained.
        slope: `[t, d]`, how much it changes with every number of the series; see `saliency`.
        falls: `[a]`, how much it falls when a stretch is covered; see `occlusion`.
        courses: of every layer whose output still has steps, and the gates of the recurrent ones.
    """

    output: int
    slope: Float[np.ndarray, "t d"]
    falls: Float[np.ndarray, " a"]
    courses: tuple[Course, ...]


def walk(model: Model, params: Tree, state: Tree, x: Any, output: int) -> Walk:
    """What a network does with one series on the way to one number of its answer.

    Args:
        x: `[t, d]`, a prepared series without padding.
        output: which number of the answer, from 0.

    Raises:
        RequestError: for a row that is no series, or an output that does not exist.
        ShapeError: when the series does not fit the model.

    >>> from photic import keys
    >>> from photic.layers import GRU, Dense
    >>> model = Model(GRU(3), Dense(2))
    >>> seen = walk(model, *model.init(keys.root(0), (5, 1)), np.ones((5, 1)), 0)
    >>> [course.name for course in seen.courses], seen.slope.shape
    (['update gate', 'reset gate', 'candidate', 'state'], (5, 1))
    """
    x = np.asarray(x)
    if x.ndim != 2:
        fix = "open a row of a table with photic trace"
        raise RequestError("walk", "needs a series [t, d]", str(list(x.shape)), source="the argument x", fix=fix)
    whole = rows(model, params, x[None], "walk")
    passed = forward(model, params, state, whole)
    falls = occlusion(model, params, state, whole, output)[0]  # refuses an output that does not exist
    last = f"layers.{len(model.layers) - 1}"
    start = np.zeros(passed[last].shape)
    start[..., output] = 1.0
    steps = backward(model, params, state, whole, passed, {last: start})
    looked = {path for path, _ in shown(model, passed, 3)}
    courses = [course for step in steps.values() for course in _courses(step, step.path in looked)]
    return Walk(output, steps["layers.0"].input_gradient[0], falls, tuple(courses))


def _courses(step: Step, looked: bool) -> list[Course]:
    """The gates of a recurrent layer, its states among them; of another layer what goes out, if it is worth a look."""
    path, words = step.path, step.layer.words()
    inner = [Course(path, words, name, told.values[0]) for name, told in step.inner.items()]
    return [*inner, Course(path, words, "output", step.output[0].astype(np.float64))] if looked else inner
