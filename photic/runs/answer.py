"""What a network answers to one row, in words, and which of its outputs speaks for the answer that is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Shaped

from photic.errors import RequestError, nearest
from photic.experiment.figures import figure
from photic.train.predict import outputs, predictions

if TYPE_CHECKING:
    from photic.runs.run import Run

_ANSWERS = 3  # said of a row


class Answer(NamedTuple):
    """The answer to one row.

    Args:
        answers: what the network says, in words and figures, the likeliest first.
        about: the answer that is explained.
        output: the number of the network's output that speaks for it.
        sign: -1 where that output speaks against it: of two classes the one output speaks for the second.
    """

    answers: tuple[tuple[str, str], ...]
    about: str
    output: int
    sign: int


def answer_of(run: Run, x: Shaped[np.ndarray, "1 ..."], asked: str | None = None) -> Answer:
    """What the run's network answers.

    Args:
        x: one prepared row, without padding.
        asked: the class to explain; the one the network says when left out.

    Raises:
        RequestError: for a class that does not exist, and for a network that answers at every place.
    """
    bundle, task = run.bundle, run.task
    if task.every_step:
        fix, got = "look at its predictions, or open a row with photic trace", "an answer at every place"
        raise RequestError(str(run.folder), "needs one answer for each row", got, source="the run", fix=fix)
    z = outputs(bundle.model, bundle.params, bundle.state, x)
    p = bundle.preparation.untarget(predictions(run.plan.loss, z))[0]
    number = task.kind == "regression"
    ahead = [f"{task.target} {step + 1} ahead" for step in range(task.horizon)]
    names = ahead or list(task.classes or task.names)
    binary = task.kind == "binary"
    p = np.array([1 - p[0], p[0]]) if binary else p
    if asked is not None and asked not in names:
        fix = nearest(asked, names)
        raise RequestError("--answer", "needs a class of the run", repr(asked), source="the answer option", fix=fix)
    place = names.index(asked) if asked is not None else 0 if number else int(np.argmax(p))
    ranked = range(len(p)) if number else np.argsort(-p, kind="stable")
    words = (lambda value: figure(float(value))) if number else (lambda value: f"{value:.0%}")
    answers = tuple((names[int(at)], words(p[at])) for at in [*ranked][:_ANSWERS])
    return Answer(answers, names[place], 0 if binary else place, -1 if binary and place == 0 else 1)
