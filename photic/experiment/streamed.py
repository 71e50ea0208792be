"""One lane whose rows memory does not hold: the epoch of `program.py`, a super-batch at a time.

The rows come in the same order as in memory, the steps are the same function (`train.run.follow`), and key, schedule
and the layers' state go on from one super-batch to the next; so a training comes to the same network, up to rounding.
While the device works on one super-batch, the next are gathered from the file (`feed.py`).
"""

from __future__ import annotations

import collections
import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from photic import keys
from photic.data import maps
from photic.errors import PlanError
from photic.experiment.assignment import Assignment, Trained, key
from photic.experiment.feed import BUFFERS, Feed, Load, gather, room
from photic.experiment.layout import OFTEN, ONCE, Later, Layout, sizes
from photic.train import run
from photic.train.inspect import inspect
from photic.train.run import Lane, Path, Rows, Table, Training
from photic.train.step import Walk
from photic.tree import Tree


class _Built(NamedTuple):
    begin: Any
    follow: Any
    finish: Any
    peek: Later
    inspect: Later


class Streamed:
    """The compiled functions of one lane, and where its rows lie. It is asked as a `Program` is.

    Args:
        table: arrays in files, or in memory.
        assignments: one.
        super_batch: how many bytes of rows are on the device at once, at most.

    Raises:
        PlanError: when that holds not even one batch.
    """

    ahead = False  # an epoch is long, and what it came to is read before the next

    def __init__(
        self,
        training: Training,
        table: Table,
        assignments: Sequence[Assignment],
        super_batch: int,
        *,
        inspects: bool = True,
    ) -> None:
        (self.given,) = self.assignments = tuple(assignments)
        self.training, self.table, self.inspects = training, table, inspects
        self.names = [self.given.name]
        self.layout = Layout.of(training, table, 1)
        self.size = steps_of(super_batch, table, training.batch_size) * training.batch_size
        self.shape = tuple(table.x.shape[1:])
        self.ids, self.knobs = self.layout.marks(assignments), self.layout.knobs(assignments)
        self.order_length = max(1, len(self.given.fit))
        self._feed: Feed | None = None
        self._number = 0
        self._used: collections.deque[tuple[Any, Load]] = collections.deque()
        stop = self.given.stop if training.stops else self.given.stop[:0]
        self._stops = [stop[start : start + self.size] for start in range(0, len(stop), self.size)]
        self._stop = self.layout.everywhere(_roles(table, stop))

    # Compiling

    def compile(self) -> None:
        """Compile what training needs; what inspects and what tries other rows is compiled while the lane trains."""
        everywhere = self.layout.everywhere
        like = lambda rows: sizes(everywhere(room(self.table, rows)))
        bare, number = copy.copy(self), np.int32(1)
        for name in ("table", "given", "assignments", "_feed", "_used", "_stop", "_stops"):
            vars(bare).pop(name)  # what is compiled later holds none of the rows
        ids, knobs, stop = sizes((self.ids, self.knobs, self._stop))
        placed = lambda tree: jax.tree.map(
            lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=self.layout.by_lane), tree
        )
        lane = placed(jax.eval_shape(jax.vmap(bare._fresh), ids, knobs))
        path = placed(jax.eval_shape(jax.vmap(bare._set_out), lane.walk))
        z = placed(jax.eval_shape(lambda: jnp.zeros((1, len(self._stop[0]), *self._outputs), jnp.float32)))
        few = 2 * max(1, self.training.batch_size // 2)
        lower = lambda function, own, shared, options=OFTEN: self.layout.over_lanes(
            function, len(own), len(shared), options
        ).lower(*own, *shared)
        rows = lower(bare._follow, (path, ids, knobs), (like(self.size), number, number, number, number))
        with ThreadPoolExecutor(2) as pool:
            begin = pool.submit(lower(bare._fresh, (ids, knobs), (), ONCE).compile)
            follow = pool.submit(rows.compile)
            finish = pool.submit(lower(bare._finish, (lane, path, z, knobs), (*stop, number, number), ONCE).compile)
        walk, awake = lane.walk, lane.best.active
        best = (lane.best.params, lane.best.state, knobs)
        self._built = _Built(
            begin.result(),
            follow.result(),
            finish.result(),
            Later(lambda: lower(bare._peek, best, (like(self.size), number)).compile()),
            Later(
                lambda: lower(bare._inspect, (walk, awake, ids, knobs), (like(few), number, number), OFTEN).compile()
            ),
        )
        if self._stops:
            self._built.peek.start()

    def _fresh(self, ids: Array, knobs: dict) -> Lane:
        return run.begin(self.training, self.shape, key(ids), knobs)

    def _follow(
        self, path: Path, ids: Array, knobs: dict, part: Table, first: Array, count: Array, fit: Array, number: Array
    ) -> Path:
        own = keys.fold(key(ids), "epoch", number)
        return run.follow(self.training, path, part, first, count, fit, own, knobs, number, self.layout.split)

    def _finish(
        self, lane: Lane, path: Path, z: Array, knobs: dict, y: Array, weight: Array, fit: Array, number: Array
    ) -> tuple[Lane, dict]:
        seen = run.judged(self.training, z, y, weight, knobs) if self.training.stops else None
        lane, info = run.finish(self.training, lane, path, fit, seen, number)
        return lane, {**info, "awake": lane.best.active}

    def _peek(self, params: Tree, state: Tree, knobs: dict, part: Table, count: Array) -> Array:
        rows = jnp.arange(self.size, dtype=jnp.int32)
        return run.outputs(self.training.objective, params, state, part, rows, count, knobs, self.layout.split)

    def _inspect(
        self, walk: Walk, awake: Array, ids: Array, knobs: dict, part: Table, count: Array, number: Array
    ) -> dict[str, Array]:
        del awake  # a single lane that sleeps is not inspected
        own, t = keys.fold(key(ids), "inspect", number), (number - 1).astype(part.weight.dtype) / self.training.epochs
        order = jnp.arange(len(part.y), dtype=jnp.int32)
        return inspect(self.training, walk, part, Rows(order, count, order, count), own, knobs, t)

    def _set_out(self, walk: Walk) -> Path:
        return run.set_out(walk, jnp.zeros((), jnp.float32))

    @property
    def _outputs(self) -> tuple[int, ...]:
        return self.training.objective.model.shape(self.shape)

    # Training

    def at(self, knobs: Mapping[str, Sequence[float]]) -> Streamed:
        """The same lane, compiled as it is, with other values for some of its Knobs."""
        self.close()
        other = copy.copy(self)
        values = {name: self.layout.spread(np.array(each, np.float32)) for name, each in knobs.items()}
        other.knobs, other._used = {**self.knobs, **values}, collections.deque()
        return other

    def begin(self) -> Lane:
        """The lane before its first step."""
        return self._built.begin(self.ids, self.knobs)

    def rows(self, number: int) -> Any:
        """Nothing: the rows of an epoch are drawn where they are gathered."""

    def epoch(self, lane: Lane, rows: Any, number: int) -> tuple[Lane, dict[str, Array]]:
        """One epoch; returns when the last super-batch was sent off to the device."""
        fit, built = np.int32(len(self.given.fit)), self._built
        nothing = self.layout.spread(np.zeros(1, np.float32))
        path = Path(lane.walk, nothing, nothing)
        outputs: list[Array] = []
        if bool(np.asarray(lane.best.active)[0]):
            feed = self._turn(number)
            for first, count in self._cut():
                load = feed.next()
                part = self.layout.everywhere(load.part)
                path = built.follow(path, self.ids, self.knobs, part, first, count, fit, np.int32(number))
                self._sent(feed, path, load)
            outputs = self._outputs_of(feed, path.walk.params, path.walk.state, self._stops)
        z = self._whole(outputs, [len(rows) for rows in self._stops])
        return built.finish(lane, path, self.layout.spread(z[None]), self.knobs, *self._stop, fit, np.int32(number))

    def _cut(self) -> list[tuple[np.int32, np.int32]]:
        """The first step and the number of steps of every super-batch."""
        steps, _ = run.batches(len(self.given.fit), self.training.batch_size)
        most = self.size // self.training.batch_size
        return [(np.int32(first), np.int32(min(most, steps - first))) for first in range(0, steps, most)]

    def _turn(self, number: int) -> Feed:
        """The feed that gives the rows of this epoch next: the present one, unless it is at another."""
        if self._feed is None or self._number != number:
            self.close()
            self._feed = Feed(self.table, self.size, self._wanted(number))
        self._number = number + 1
        return self._feed

    def _wanted(self, number: int) -> Iterator[np.ndarray]:
        """All loads of this epoch and those after it: the fit rows in their order, then the stop rows."""
        _, each = run.batches(len(self.given.fit), self.training.batch_size)
        for epoch in range(number, self.training.epochs + 1):
            order = self.given.order(epoch)
            for first, count in self._cut():
                yield order[first * each : (first + count) * each]
            yield from self._stops

    def _sent(self, feed: Feed, result: Any, load: Load) -> None:
        """Wait until the load before this one was used: never more than two are with the device."""
        self._used.append((result, load))
        if len(self._used) > 1:
            before, used = self._used.popleft()
            jax.block_until_ready(before)
            feed.give_back(used)

    def _outputs_of(self, feed: Feed, params: Tree, state: Tree, cut: Sequence[np.ndarray]) -> list[Array]:
        outputs = []
        for _ in cut:
            load = feed.next()
            part = self.layout.everywhere(load.part)
            outputs.append(self._built.peek.start().result()(params, state, self.knobs, part, np.int32(load.rows)))
            self._sent(feed, outputs[-1], load)
        return outputs

    def _whole(self, outputs: Sequence[Array], rows: Sequence[int]) -> Float[np.ndarray, "m ..."]:
        whole = np.zeros((sum(rows), *self._outputs), np.float32)
        for start, count, z in zip(itertools.accumulate(rows, initial=0), rows, outputs, strict=False):
            whole[start : start + count] = np.asarray(z)[0, :count]
        return whole

    def close(self) -> None:
        """Let the feed and its buffers go."""
        if self._feed is not None:
            jax.block_until_ready([result for result, _ in self._used])
            self._used.clear()
            self._feed.close()
            self._feed = None

    # What is asked beside

    def can_inspect(self) -> bool:
        """Whether the program that inspects is compiled; if not, that begins now, in the background."""
        return self._built.inspect.start().done()

    def expect_scores(self) -> None:
        """Begin to compile, in the background, what tries the best network on its score rows."""
        if len(self.given.score):
            self._built.peek.start()

    def inspect(self, lane: Lane, rows: Any, number: int) -> dict[str, Array]:
        """Inspect the first batch of an epoch; see `train.inspect`."""
        few = 2 * max(1, self.training.batch_size // 2)
        first = self.given.order(number)[:few]
        part = room(self.table, few)
        gather(self.table, first, part)
        part = self.layout.everywhere(part)
        built, count = self._built.inspect.start().result(), np.int32(len(first))
        return built(lane.walk, lane.best.active, self.ids, self.knobs, part, count, np.int32(number))

    def restore(self, arrays: Mapping[str, np.ndarray]) -> Lane:
        """The lane that `arrays` of a checkpoint hold."""
        leaves, structure = jax.tree.flatten(self.begin())
        kept = [jax.device_put(arrays[f"{i:04d}"], self.layout.by_lane) for i in range(len(leaves))]
        return jax.tree.unflatten(structure, kept)

    def results(self, lane: Lane) -> tuple[Trained, ...]:
        """The best network, tried once on its score rows."""
        self.close()
        best, score = lane.best, self.given.score
        cut = [score[start : start + self.size] for start in range(0, len(score), self.size)]
        self._feed = Feed(self.table, self.size, cut)
        z = self._whole(self._outputs_of(self._feed, best.params, best.state, cut), [len(rows) for rows in cut])
        self.close()
        host = jax.tree.map(lambda leaf: np.asarray(leaf)[0], best)
        return (Trained(self.given.name, host.params, host.state, int(host.epoch), float(host.loss), z),)


def steps_of(super_batch: int, table: Table, batch_size: int) -> int:
    """How many steps a super-batch of so many bytes has; no more than the table.

    Raises:
        PlanError: when it has none.

    >>> steps_of(4000, Table(np.zeros((100, 10), np.float32), np.zeros(100, np.int32), np.ones(100, np.float32)), 20)
    4
    """
    row = sum(array[:1].nbytes for array in table if array is not None)
    steps = min(super_batch // (row * batch_size), -(-len(table.y) // batch_size))
    if steps < 1:
        needed = BUFFERS * row * batch_size
        raise PlanError(
            "memory", f"needs room for {BUFFERS} batches of {batch_size} rows, {needed:,} bytes",
            f"{BUFFERS * super_batch:,}", source="the memory option", fix="give more, or make the batches smaller",
        )  # fmt: skip
    return steps


def _roles(table: Table, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Targets and weights of some rows."""
    y, weight = np.asarray(table.y), np.asarray(table.weight)
    found = y[rows], weight[rows]
    maps.release(y)
    maps.release(weight)
    return found
