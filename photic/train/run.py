"""One lane's training: `begin`, then `epoch` after `epoch`, pure functions without a Python loop. Chapter: "Epoch".

An epoch is one pass over the training rows: they are shuffled, cut into batches, and every batch is one step. How
many rows
a lane has is a number, not a structure: lanes of different sizes run in one program, and a sleeping lane has none.

Batches are balanced: 65 rows at a batch size of 32 are three batches of 22, 22 and 21 rows, not 32, 32 and 1, so
that no step is taken on a handful of rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from photic import keys
from photic.layers.base import Context
from photic.maths import losses, metrics
from photic.maths.metrics import METRICS
from photic.model import Model
from photic.optim.descent import Descent
from photic.spec import Knobs
from photic.tensor import Shape
from photic.train import stop
from photic.train.inside import narrowed
from photic.train.objective import Objective
from photic.train.step import Walk, step

NARROWER = "network inside"
_CHUNK_BYTES = 1 << 19  # shuffled rows gathered at once: half a megabyte stays in a core's cache
_LOOK_ROWS, _LOOK_NUMBERS = 4096, 800_000  # rows looked at in one forward pass, and numbers: pictures are large


@dataclasses.dataclass(frozen=True)
class Training:
    """The structure of a training: all that decides the compiled program.

    Args:
        batch_size: the largest batch; see `batches`.
        epochs: how many passes the schedule is stretched over.
        patience: epochs without a better stop loss before a lane sleeps.
        metric: the name of the metric that history shows beside the loss.
        stops: whether lanes have stop rows at all.
        best: whether a lane ends with the weights of its best epoch; otherwise with its last finite ones, after all
            epochs.
        narrower: networks inside of the objective's that a lane may train instead, see `inside.py`; which of them says
            the Knob `NARROWER`, counted from 1, and 0 is the network itself.
    """

    objective: Objective
    descent: Descent
    batch_size: int
    epochs: int
    patience: int
    metric: str
    stops: bool = True
    best: bool = True
    narrower: tuple[Model, ...] = ()


class Table(NamedTuple):
    """The prepared data all lanes draw from: `x [N, ...]`, `y [N, ...]`, `weight [N]`.

    Where every fold prepares its rows in the same way (bytes of images), `x` and `lengths` hold them once, as M = N / k
    rows: row i of `y` then goes with row i mod M of `x`.

    Args:
        x: numbers, bytes or codes; whatever the first layer takes.
        lengths: how many steps of each row are real; None where all of them are.
    """

    x: Shaped[Array, "M ..."]
    y: Array
    weight: Float[Array, " N"]
    lengths: Int[Array, " M"] | None = None

    def at(self, rows: Int[Array | np.ndarray, " m"]) -> Table:
        """Some of the rows, in the given order.

        >>> table = Table(jnp.arange(2.0), jnp.arange(4), jnp.ones(4))
        >>> table.at(jnp.array([3])).x.tolist()
        [1.0]
        """
        shared = rows if len(self.x) == len(self.y) else rows % len(self.x)
        lengths = None if self.lengths is None else self.lengths[shared]
        return Table(self.x[shared], self.y[rows], self.weight[rows], lengths)


class Rows(NamedTuple):
    """Which rows of the table one lane uses in one epoch; the tails of the arrays are padding.

    `order [s]` fit rows in this epoch's order, `fit` how many of them are real; `stop [m]`, `stops` likewise.
    """

    order: Int[Array, " s"]
    fit: Int[Array, ""]
    stop: Int[Array, " m"]
    stops: Int[Array, ""]


class Lane(NamedTuple):
    """All that changes in one lane while it trains."""

    walk: Walk
    best: stop.Best


#: Lays the rows of a batch out over devices; it may fill them up with rows of weight 0.
Spread = Callable[[Table], Table]


def together(batch: Table) -> Table:
    """All rows of a batch on one device, as they are."""
    return batch


def batches(rows: int, batch_size: int) -> tuple[int, int]:
    """How many balanced batches, and how large the largest is.

    >>> batches(65, 32), batches(64, 32), batches(10, 32)
    ((3, 22), (2, 32), (1, 10))
    """
    count = max(1, -(-rows // batch_size))
    return count, max(1, -(-rows // count))


def begin(training: Training, shape: Shape, key: Array, knobs: Knobs) -> Lane:
    """A fresh lane: initial weights drawn from the key, nothing learned yet."""
    model = training.objective.model
    params, state = model.init(keys.fold(key, "init"), shape)
    if training.narrower:
        which = jnp.asarray(knobs[NARROWER]).astype(jnp.int32)
        params, state = narrowed((params, state), model, training.narrower, shape, which)
    walk = Walk(params, state, training.descent.init(params, knobs))
    return Lane(walk, stop.start(params, state))


def epoch(
    training: Training,
    lane: Lane,
    table: Table,
    rows: Rows,
    key: Array,
    knobs: Knobs,
    number: Int[Array, ""],
    spread: Spread = together,
) -> tuple[Lane, dict[str, Array]]:
    """One pass over a lane's rows, one look at its stop rows.

    Args:
        key: the lane's own key.
        number: this epoch, counted from 1.
        spread: lays out the rows of every batch.

    Returns:
        The lane after the epoch, and info for the screen: `loss` (mean over the batches, while training),
        `learning_rate` (of the
        last step), `stop_loss`, `stop_score`, `better` (this epoch is the best so far), `active` (whether it ran at
        all).
    """
    fit = jnp.where(lane.best.active, rows.fit, 0)
    path = _pass(training, lane.walk, table, rows.order, fit, keys.fold(key, "epoch", number), knobs, number, spread)
    if training.stops:
        stops = jnp.where(lane.best.active, rows.stops, 0)
        stop_look = look(training, path.walk, table, rows.stop, stops, knobs, spread)
    else:
        stop_look = None
    return finish(training, lane, path, fit, stop_look, number)


def finish(
    training: Training,
    lane: Lane,
    path: Path,
    fit: Int[Array, ""],
    stop_look: tuple[Array, Array] | None,
    number: Int[Array, ""],
) -> tuple[Lane, dict[str, Array]]:
    """The end of an epoch: what its path came to, and whether it is the best so far.

    Args:
        lane: as it was before the epoch.
        path: all steps of the epoch.
        fit: how many rows it had.
        stop_look: loss and metric on the stop rows; None where a training has none.

    Returns:
        As `epoch`.
    """
    active = lane.best.active
    loss = path.total / jnp.maximum(steps(training, fit), 1).astype(path.total.dtype)
    stop_loss, stop_score = (jnp.full_like(loss, jnp.nan),) * 2 if stop_look is None else stop_look
    walk = path.walk
    if training.stops and training.best:
        best, better = stop.look(lane.best, walk.params, walk.state, stop_loss, number, training.patience)
    else:
        best, better = stop.latest(lane.best, walk.params, walk.state, loss, number), active
    info = {
        "loss": loss,
        "learning_rate": path.rate,
        "stop_loss": stop_loss,
        "stop_score": stop_score,
        "better": better,
        "active": active,
    }
    return Lane(walk, best), info


def look(
    training: Training,
    walk: Walk,
    table: Table,
    rows: Int[Array, " m"],
    count: Int[Array, ""],
    knobs: Knobs,
    spread: Spread = together,
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Loss and metric of the present network on some rows, with everything random switched off."""
    z = outputs(training.objective, walk.params, walk.state, table, rows, count, knobs, spread)
    weight = jnp.where(jnp.arange(rows.shape[0]) < count, table.weight[rows], 0.0)
    return judged(training, z, table.y[rows], weight, knobs)


def judged(
    training: Training, z: Float[Array, "m ..."], y: Array, weight: Float[Array, " m"], knobs: Knobs
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Loss and metric of outputs."""
    loss = training.objective.loss
    score = metrics.of_places(METRICS[training.metric], loss.predict(z), y, weight)
    return losses.reduce(loss, losses.of_rows(loss, z, y, knobs), weight), score


def outputs(
    objective: Objective,
    params: dict,
    state: dict,
    table: Table,
    rows: Int[Array, " m"],
    count: Int[Array, ""],
    knobs: Knobs,
    spread: Spread = together,
) -> Float[Array, "m ..."]:
    """Network outputs for the first `count` of some rows, in pieces of a few thousand rows; the rest is 0."""
    size = min(rows.shape[0], max(64, min(_LOOK_ROWS, _LOOK_NUMBERS // max(1, table.x[0].size))))
    shape = objective.model.shape(table.x.shape[1:])
    pieces = -(-rows.shape[0] // size)
    padded = jnp.pad(rows, (0, pieces * size - rows.shape[0]))

    def piece(index: Int[Array, ""], z: Array) -> Array:
        part = spread(table.at(jax.lax.dynamic_slice(padded, (index * size,), (size,))))
        out, _ = objective.model.apply(params, state, part.x, Context(knobs=knobs, lengths=part.lengths))
        return jax.lax.dynamic_update_slice(z, out[:size], (index * size, *(0 for _ in shape)))

    z = jnp.zeros((pieces * size, *shape), table.weight.dtype)
    return jax.lax.fori_loop(0, -(-count // size), piece, z)[: rows.shape[0]]


class Path(NamedTuple):
    """What steps have come to so far in an epoch: the walk, the sum of the losses, the last learning rate."""

    walk: Walk
    total: Float[Array, ""]
    rate: Float[Array, ""]


def set_out(walk: Walk, like: Array) -> Path:
    """A path before its first step; its numbers are of the type of `like`."""
    return Path(walk, jnp.zeros((), like.dtype), jnp.zeros((), like.dtype))


def steps(training: Training, fit: Int[Array, ""]) -> Int[Array, ""]:
    """How many steps an epoch over so many rows has."""
    return -(-fit // training.batch_size)


def follow(
    training: Training,
    path: Path,
    part: Table,
    first: Int[Array, ""],
    count: Int[Array, ""],
    fit: Int[Array, ""],
    key: Array,
    knobs: Knobs,
    number: Int[Array, ""],
    spread: Spread = together,
) -> Path:
    """Some steps of an epoch, over rows that lie in its order.

    Nothing in a step hangs on how the epoch was cut into parts: its key, its place in the schedule and its share of the
    rows follow from its number in the epoch.

    Args:
        part: the rows of these steps, one batch after another; at least `count` times `batch_size` places.
        first: the first step, counted from 0 in the epoch.
        count: how many steps.
        fit: how many rows the whole epoch has.
        key: of the epoch.
        number: this epoch, counted from 1.
    """
    size, total, key = training.batch_size, steps(training, fit), keys.often(key)
    each = _each(training, fit)
    number_of = lambda value: value.astype(part.weight.dtype)

    def take_step(inner: Int[Array, ""], path: Path) -> Path:
        cut = lambda array: jax.lax.dynamic_slice_in_dim(array, inner * each, size)
        left = jnp.clip(fit - (first + inner) * each, 0, each)
        real = jnp.arange(size) < left
        done = number_of(number - 1) + number_of(first + inner) / number_of(jnp.maximum(total, 1))
        mine = jax.tree.map(cut, part)
        x, y, weight, lengths = spread(mine._replace(weight=jnp.where(real, mine.weight, 0.0)))
        at = Context(True, keys.fold(key, first + inner), knobs, weight, lengths)
        walk, info = step(training.objective, training.descent, path.walk, x, y, done / training.epochs, at)
        return Path(walk, path.total + info["loss"], info["learning_rate"])

    return jax.lax.fori_loop(0, count, take_step, path)


def _each(training: Training, fit: Int[Array, ""]) -> Int[Array, ""]:
    """Balanced: at most `batch_size` rows a batch."""
    return -(-fit // jnp.maximum(steps(training, fit), 1))


def _pass(
    training: Training,
    walk: Walk,
    table: Table,
    order: Int[Array, " s"],
    fit: Int[Array, ""],
    key: Array,
    knobs: Knobs,
    number: Int[Array, ""],
    spread: Spread,
) -> Path:
    """All steps of one epoch; rows are gathered many batches at a time, for a gather costs as much as a small step."""
    size = training.batch_size
    each = _each(training, fit)
    row_bytes = table.x.dtype.itemsize * max(1, table.x[0].size)
    chunk = max(1, min(_CHUNK_BYTES // (row_bytes * size), order.shape[0] // size))
    order = jnp.pad(order, (0, chunk * size))
    total = steps(training, fit)

    def take_chunk(index: Int[Array, ""], path: Path) -> Path:
        first = index * chunk
        part = table.at(jax.lax.dynamic_slice(order, (first * each,), (chunk * size,)))
        count = jnp.clip(total - first, 0, chunk)
        return follow(training, path, part, first, count, fit, key, knobs, number, spread)

    return jax.lax.fori_loop(0, -(-total // chunk), take_chunk, set_out(walk, table.weight))
