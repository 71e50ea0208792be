"""The compiled functions of one experiment: all lanes begin, train an epoch, are inspected, and are scored.

How lanes lie on devices is told in `layout.py`. Here the whole table is on the devices; `streamed.py` is for tables
that memory does not hold.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from photic import keys
from photic.experiment.assignment import Assignment, Trained, key
from photic.experiment.layout import OFTEN, ONCE, Later, Layout, sizes
from photic.train import run
from photic.train.inspect import MEASURES, inspect
from photic.train.run import Lane, Rows, Table, Training
from photic.train.step import Walk
from photic.tree import Tree


class _Built(NamedTuple):
    """The compiled functions to begin and to train an epoch, and later to inspect and to try on the score rows.

    Args:
        bytes: that each device needs for an epoch, its arguments included.
    """

    begin: Any
    epoch: Any
    inspect: Later
    score: Later
    bytes: int


#: What was compiled in this process, by structure and sizes; the oldest goes first.
_COMPILED: dict[Any, _Built] = {}
_MOST_COMPILED = 32  # some 20 MB each


class Program:
    """The compiled functions of one experiment, and the arrays they need.

    Args:
        gives: whether nobody needs lanes as they were before an epoch, so that it uses their memory again.
        longest: there is room for so many fit rows and stop rows in every lane at least, so that another experiment of
            the same structure needs no other program.
    """

    ahead = True  # an epoch may be sent off before what the last one came to is read

    def __init__(
        self,
        training: Training,
        table: Table,
        assignments: Sequence[Assignment],
        *,
        inspects: bool = True,
        brief: bool = False,
        gives: bool = False,
        longest: tuple[int, int] = (1, 1),
    ) -> None:
        self.training, self.assignments, self.inspects, self.gives = training, assignments, inspects, gives
        self.often = ONCE if brief else OFTEN
        self.names = [lane.name for lane in assignments]
        self.layout = Layout.of(training, table, len(assignments))
        self.shape = tuple(table.x.shape[1:])
        self.table = self.layout.everywhere(table)
        self.ids = self.layout.marks(assignments)
        self.knobs = self.layout.knobs(assignments)
        self.stop = self.layout.rows([lane.stop for lane in assignments], longest[1])
        self.score = self.layout.rows([lane.score for lane in assignments])
        self.order_length = max(longest[0], *(len(lane.fit) for lane in assignments))
        self.fit = self.layout.spread(np.array([len(lane.fit) for lane in assignments], np.int32))

    def compile(self) -> None:
        """Compile what training needs, side by side; what is needed later is compiled while the lanes train.

        A structure that this process has compiled already, with tables of the same sizes, is not compiled again.
        """
        leaves, structure = jax.tree.flatten((self.table, self.rows(1), self.score, self.knobs))
        shapes = tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)
        mark = (self.training, self.layout, structure, shapes, self.often is ONCE, self.gives)
        if mark not in _COMPILED:
            while len(_COMPILED) >= _MOST_COMPILED:
                _COMPILED.pop(next(iter(_COMPILED)))
            _COMPILED[mark] = self._build()
        self._built = _COMPILED[mark]

    def _build(self) -> _Built:
        """Everything from shapes alone, so that what is compiled later holds none of this program's arrays."""
        ids, knobs, table, rows, score = sizes((self.ids, self.knobs, self.table, self.rows(1), self.score))
        bare, number = copy.copy(self), np.int32(1)
        vars(bare).update(dict.fromkeys(("table", "ids", "knobs", "stop", "score", "fit", "assignments")))
        lane = jax.eval_shape(jax.vmap(bare._fresh), ids, knobs)
        lane = jax.tree.map(
            lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=self.layout.by_lane), lane
        )
        lower = lambda function, options, own, shared: self.layout.over_lanes(
            function, len(own), len(shared), options
        ).lower(*own, *shared)
        advancing = self.layout.advancing(
            bare._one_epoch, lambda lane: lane.best.active, 4, 2, self.often, gives=self.gives
        )
        watched = (lane.walk, lane.best.active, rows, ids, knobs)
        best = (lane.best.params, lane.best.state, *score, knobs)
        with ThreadPoolExecutor(2) as pool:
            epoch = pool.submit(advancing.lower(lane, rows, ids, knobs, table, number).compile)  # it takes longest
            begin = pool.submit(lower(bare._fresh, ONCE, (ids, knobs), ()).compile)
        need = epoch.result().memory_analysis()
        return _Built(
            begin.result(),
            epoch.result(),
            Later(lambda: lower(bare._inspection, self.often, watched, (table, number)).compile()),
            Later(lambda: lower(bare._outputs, self.often, best, (table,)).compile()),
            need.argument_size_in_bytes + need.output_size_in_bytes + need.temp_size_in_bytes,
        )

    def _fresh(self, ids: Array, knobs: dict) -> Lane:
        return run.begin(self.training, self.shape, key(ids), knobs)

    def _one_epoch(
        self, lane: Lane, rows: Rows, ids: Array, knobs: dict, table: Table, number: Array
    ) -> tuple[Lane, dict]:
        lane, info = run.epoch(self.training, lane, table, rows, key(ids), knobs, number, self.layout.split)
        return lane, {**info, "awake": lane.best.active}

    def _inspection(
        self, walk: Walk, awake: Array, rows: Rows, ids: Array, knobs: dict, table: Table, number: Array
    ) -> dict[str, Array]:
        own, t = keys.fold(key(ids), "inspect", number), (number - 1).astype(table.weight.dtype) / self.training.epochs
        layers = len(self.training.objective.model.walk())
        look = lambda: inspect(self.training, walk, table, rows, own, knobs, t)
        nothing = lambda: {name: jnp.full(layers, np.nan, table.weight.dtype) for name in MEASURES}
        return jax.lax.cond(awake, look, nothing)  # a sleeping lane costs nothing here either

    def _outputs(self, params: Tree, state: Tree, rows: Array, count: Array, knobs: dict, table: Table) -> Array:
        return run.outputs(self.training.objective, params, state, table, rows, count, knobs, self.layout.split)

    def at(self, knobs: Mapping[str, Sequence[float]]) -> Program:
        """The same program, compiled as it is, with other values for some of its Knobs: one for every lane."""
        other = copy.copy(self)
        other.knobs = {
            **self.knobs,
            **{name: self.layout.spread(np.array(each, np.float32)) for name, each in knobs.items()},
        }
        return other

    def begin(self, *, only: str | None = None) -> Lane:
        """Fresh lanes; those that only fill up the mesh sleep from the start, as do all others when `only` one is."""
        lane = self._built.begin(self.ids, self.knobs)
        awake = self.layout.spread(np.array([only in (None, name) for name in self.names]))
        return lane._replace(best=lane.best._replace(active=awake))

    def epoch(self, lane: Lane, rows: Rows, number: int) -> tuple[Lane, dict[str, Array]]:
        """Send one epoch of all lanes off to the devices."""
        return self._built.epoch(lane, rows, self.ids, self.knobs, self.table, np.int32(number))

    def can_inspect(self) -> bool:
        """Whether the program that inspects is compiled; if not, that begins now, in the background."""
        return self._built.inspect.start().done()

    def expect_scores(self) -> None:
        """Begin to compile, in the background, what tries the best networks on their score rows."""
        if any(len(given.score) for given in self.assignments):
            self._built.score.start()

    def inspect(self, lane: Lane, rows: Rows, number: int) -> dict[str, Array]:
        """Send an inspection of all lanes off to the devices; see `train.inspect`."""
        walk, awake = lane.walk, lane.best.active
        return self._built.inspect.start().result()(
            walk, awake, rows, self.ids, self.knobs, self.table, np.int32(number)
        )

    def restore(self, arrays: Mapping[str, np.ndarray]) -> Lane:
        """The lanes that `arrays` of a checkpoint hold."""
        leaves, structure = jax.tree.flatten(self.begin())
        kept = [jax.device_put(arrays[f"{i:04d}"], self.layout.by_lane) for i in range(len(leaves))]
        return jax.tree.unflatten(structure, kept)

    def results(self, lane: Lane) -> tuple[Trained, ...]:
        """Every lane's best network, tried once on its score rows."""
        best = lane.best
        if not any(len(given.score) for given in self.assignments):
            z = np.zeros((self.layout.width, 0, *self.training.objective.model.shape(self.shape)), np.float32)
        else:
            z = np.asarray(
                self._built.score.start().result()(best.params, best.state, *self.score, self.knobs, self.table)
            )
        host = jax.tree.map(np.asarray, best)
        return tuple(
            Trained(
                given.name,
                jax.tree.map(lambda leaf, i=i: leaf[i], host.params),
                jax.tree.map(lambda leaf, i=i: leaf[i], host.state),
                int(host.epoch[i]),
                float(host.loss[i]),
                z[i, : len(given.score)],
            )
            for i, given in enumerate(self.assignments)
        )

    def lane_bytes(self) -> int:
        """The memory that one lane takes while it trains, as the compiler reckons; the table is not counted."""
        table = sum(leaf.nbytes for leaf in jax.tree.leaves(self.table))
        return max(1, (self._built.bytes - table) * self.layout.mesh.size // self.layout.width)

    def close(self) -> None:
        """Nothing: all that is held are arrays."""

    def rows(self, number: int) -> Any:
        """Every lane's rows in epoch `number`; shuffled here: a sort on the device costs a second to compile."""
        order = np.zeros((len(self.assignments), self.order_length), np.int32)
        alike: dict[Any, np.ndarray] = {}  # lanes that are told apart by their Knobs alone take their rows in one order
        for row, lane in zip(order, self.assignments, strict=True):
            same = (lane.mark, lane.shuffled, id(lane.fit))
            alike[same] = alike[same] if same in alike else lane.order(number)
            row[: len(lane.fit)] = alike[same]
        return Rows(self.layout.spread(order), self.fit, *self.stop)
