"""A path: the weights of one lane at many of its epochs, found by training it again as it was trained.

The other lanes sleep, which costs nothing, so the program is the one that trained the run, to the last instruction,
and usually still in the compile cache. Chapter: "Gradient descent". Lesson 8.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence

import jax
import numpy as np
from jaxtyping import Float

from photic.experiment import lanes
from photic.experiment.assignment import Assignment
from photic.experiment.program import Program
from photic.optim.landscape import ravel
from photic.train.history import Progress, Watcher, quiet
from photic.train.run import Lane, Table, Training
from photic.tree import Tree

_MOST = 60  # points of a path
_NUMBERS = 60_000_000  # weights that are kept of all points together
_FAR = 1e4  # times the length of the first weights: nothing comes back from there


@dataclasses.dataclass(frozen=True, eq=False)
class Walked:
    """Where a lane was, epoch by epoch.

    Args:
        name: of the path: "this run", or a rule's.
        epochs: `[e]`, from 0, before the first step.
        weights: `[e, p]`.
        history: a dict for every epoch, not only for those above: epoch, loss, stop_loss.
        state: what the layers remember at the end.
        diverged: the epoch after which a weight was no longer a number, or so far off that nothing comes back from
            there; None when all went well.
    """

    name: str
    epochs: tuple[int, ...]
    weights: Float[np.ndarray, "e p"]
    history: list[dict[str, float]]
    state: Tree
    diverged: int | None = None


def walk(
    name: str,
    training: Training,
    table: Table,
    assignments: Sequence[Assignment],
    lane: str,
    epochs: Sequence[int],
    *,
    watch: Watcher = quiet,
) -> Walked:
    """Train one lane of an experiment again, to the last of some epochs, and keep its weights at each of them.

    Args:
        assignments: of all lanes, as they were; `lane` is the name of the one that trains.
        epochs: in order, from 1.
    """
    place = [given.name for given in assignments].index(lane)
    training = lanes.balanced(training, assignments)
    program = Program(training, table, assignments, inspects=False)
    watch(Progress("compiling", epochs=epochs[-1], lanes=1))
    program.compile()
    now, began = program.begin(only=lane), time.perf_counter()
    kept, history, diverged = {0: _weights(now, place)}, [], None
    for number in range(1, epochs[-1] + 1):
        now, info = program.epoch(now, program.rows(number), number)
        history.append((number, info))
        if number not in epochs:
            continue
        found = _weights(now, place)
        passed = time.perf_counter() - began
        watch(Progress("training", number, epochs[-1], 1, 1, float(info["loss"][place]), seconds=passed))
        if not _length(found - kept[0]) < _FAR * max(1.0, _length(kept[0])):
            diverged = number
            break
        kept[number] = found
    state = jax.tree.map(lambda leaf: np.asarray(leaf[place]), now.walk.state)
    lines = [_line(number, info, place) for number, info in history]
    return Walked(name, tuple(kept), np.stack(list(kept.values())), lines, state, diverged)


def picked(ran: int, weights: int, kept: int | None = None, *, most: int = _MOST) -> tuple[int, ...]:
    """Which of the epochs that ran are shown: all of a few, of many the early ones more densely, for they move most.

    Args:
        weights: how many numbers an epoch costs to keep.
        kept: an epoch that must be among them.
        most: epochs.

    >>> picked(4, 100), picked(200, 100, kept=77)[:8], 77 in picked(200, 100, kept=77)
    ((1, 2, 3, 4), (1, 2, 3, 4, 5, 6, 7, 8), True)
    """
    most = int(np.clip(_NUMBERS // max(weights, 1), 12, most))
    if ran <= most:
        return tuple(range(1, ran + 1))
    even, early = np.linspace(1, ran, most // 2), np.geomspace(1, ran, most // 2)
    return tuple(sorted({*np.concatenate([even, early]).round().astype(int).tolist(), *([kept] if kept else [])}))


def _length(weights: Float[np.ndarray, " p"]) -> float:
    return float(np.linalg.norm(weights.astype(np.float64)))


def _weights(lane: Lane, place: int) -> Float[np.ndarray, " p"]:
    return ravel(jax.tree.map(lambda leaf: np.asarray(leaf[place]), lane.walk.params))


def _line(number: int, info: Mapping[str, jax.Array], place: int) -> dict[str, float]:
    return {"epoch": number, **{name: float(info[name][place]) for name in ("loss", "stop_loss")}}
