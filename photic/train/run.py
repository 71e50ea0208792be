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
from photic.optim.descent import Descent
from photic.spec import Knobs
from photic.tensor import Shape
from photic.train import stop
from photic.train.objective import Objective
from photic.train.step import Walk, step

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
    """

    objective: Objective
    descent: Descent
    batch_size: int
    epochs: int
    patience: int
    metric: str
    stops: bool = True
    best: bool = True


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
    params, state = training.objective.model.init(keys.fold(key, "init"), shape)
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
    active = lane.best.active
    fit = jnp.where(active, rows.fit, 0)
    walk, total, rate = _pass(
        training, lane.walk, table, rows.order, fit, keys.fold(key, "epoch", number), knobs, number, spread
    )
    loss = total / jnp.maximum(_steps(training, fit), 1).astype(total.dtype)
    if training.stops:
        stops = jnp.where(active, rows.stops, 0)
        stop_loss, stop_score = look(training, walk, table, rows.stop, stops, knobs, spread)
    else:
        stop_loss = stop_score = jnp.full_like(loss, jnp.nan)
    if training.stops and training.best:
        best, better = stop.look(lane.best, walk.params, walk.state, stop_loss, number, training.patience)
    else:
        best, better = stop.latest(lane.best, walk.params, walk.state, loss, number), active
    info = {
        "loss": loss,
        "learning_rate": rate,
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
    loss = training.objective.loss
    z = outputs(training.objective, walk.params, walk.state, table, rows, count, knobs, spread)
    weight = jnp.where(jnp.arange(rows.shape[0]) < count, table.weight[rows], 0.0)
    y = table.y[rows]
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


def _steps(training: Training, fit: Int[Array, ""]) -> Int[Array, ""]:
    return -(-fit // training.batch_size)


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
) -> tuple[Walk, Float[Array, ""], Float[Array, ""]]:
    """All steps of one epoch; rows are gathered many batches at a time, for a gather costs as much as a small step."""
    size = training.batch_size
    steps = _steps(training, fit)
    each = -(-fit // jnp.maximum(steps, 1))  # balanced: at most `size` rows a batch
    row_bytes = table.x.dtype.itemsize * max(1, table.x[0].size)
    chunk = max(1, min(_CHUNK_BYTES // (row_bytes * size), order.shape[0] // size))
    order = jnp.pad(order, (0, chunk * size))

    def take_chunk(index: Int[Array, ""], carry: tuple) -> tuple:
        first = index * chunk
        here = jax.lax.dynamic_slice(order, (first * each,), (chunk * size,))
        part = table.at(here)

        def take_step(inner: Int[Array, ""], carry: tuple) -> tuple:
            walk, total, _ = carry
            cut = lambda array: jax.lax.dynamic_slice_in_dim(array, inner * each, size)
            left = jnp.clip(fit - (first + inner) * each, 0, each)
            real = jnp.arange(size) < left
            number_of = lambda value: value.astype(table.weight.dtype)
            done = number_of(number - 1) + number_of(first + inner) / number_of(jnp.maximum(steps, 1))
            mine = jax.tree.map(cut, part)
            x, y, weight, lengths = spread(mine._replace(weight=jnp.where(real, mine.weight, 0.0)))
            at = Context(True, keys.fold(key, first + inner), knobs, weight, lengths)
            walk, info = step(training.objective, training.descent, walk, x, y, done / training.epochs, at)
            return walk, total + info["loss"], info["learning_rate"]

        return jax.lax.fori_loop(0, jnp.clip(steps - first, 0, chunk), take_step, carry)

    zero = jnp.zeros((), table.weight.dtype)
    return jax.lax.fori_loop(0, -(-steps // chunk), take_chunk, (walk, zero, zero))
