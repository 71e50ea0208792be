"""The compiled functions of one experiment: all lanes begin, train an epoch, are inspected, and are scored.

On a CPU each device takes its lanes one after another (`lax.map`), which compiles faster than a batched program and
lets a
sleeping lane cost nothing; on an accelerator they run side by side (`vmap`). Lanes are spread over the devices of a
mesh with the axes "lane" and "row": the cores of a laptop or the chips of a server. When there are fewer lanes than
devices, and a step is worth it (`work.py`), the rows of every batch are split over the devices that would be idle. The
compiler does that, so what is computed stays the same.
"""

from __future__ import annotations

import copy
import dataclasses
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Int

from photic import keys
from photic.experiment import work
from photic.train import run
from photic.train.inspect import MEASURES, inspect
from photic.train.run import Lane, Rows, Table, Training
from photic.train.step import Walk
from photic.tree import Tree

# Level 1 compiles faster than the default on a CPU and runs as fast; what runs only once, or hardly works, is compiled
# as quickly as can be (docs/performance.md).
_OFTEN = {"xla_backend_optimization_level": 1}
_ONCE: dict[str, int | bool] = {"xla_backend_optimization_level": 0}
if jax.__version_info__ < (0, 11):
    _ONCE["xla_cpu_use_fusion_emitters"] = False  # halves it again; newer compilers do not know the word


class _Later:
    """A program that is traced and compiled in the background, from the moment somebody first wants it."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._future: Future | None = None

    def start(self) -> Future:
        """Begin to make it, if that has not happened yet."""
        if self._future is None:
            pool = ThreadPoolExecutor(1)
            self._future = pool.submit(self._make)
            pool.shutdown(wait=False)
        return self._future


class _Built(NamedTuple):
    """The compiled functions to begin and to train an epoch, and later to inspect and to try on the score rows."""

    begin: Any
    epoch: Any
    inspect: _Later
    score: _Later


@dataclasses.dataclass(frozen=True, eq=False)
class Assignment:
    """What one lane is to do: rows are indices into the shared table.

    Args:
        name: the lane's name; with the seed it decides every random draw of the lane.
        fit, stop, score: int arrays of rows: trained on, epoch chosen on, scored on.
        shuffled: whether the fit rows come in a new order in every epoch, or always as they are given.
    """

    name: str
    seed: int
    fit: np.ndarray
    stop: np.ndarray
    score: np.ndarray
    knobs: Mapping[str, float] = dataclasses.field(default_factory=dict)
    shuffled: bool = True


@dataclasses.dataclass(frozen=True, eq=False)
class Trained:
    """What one lane came to: its best weights and state, the epoch they are from, and the outputs on its score rows."""

    name: str
    params: Tree
    state: Tree
    best_epoch: int
    stop_loss: float
    z: np.ndarray


#: What was compiled in this process, by structure and sizes; the oldest goes first.
_COMPILED: dict[Any, _Built] = {}
_MOST_COMPILED = 16  # some 20 MB each


class Program:
    """The compiled functions of one experiment, and the arrays they need."""

    def __init__(
        self,
        training: Training,
        table: Table,
        assignments: Sequence[Assignment],
        *,
        inspects: bool = True,
        brief: bool = False,
    ) -> None:
        self.training, self.assignments, self.inspects = training, assignments, inspects
        self.often = _ONCE if brief else _OFTEN
        self.names = [lane.name for lane in assignments]
        self.mesh = _mesh(training, table, len(assignments))
        self.shape = tuple(table.x.shape[1:])
        beside = self.mesh.shape["lane"]
        self.width = -(-len(assignments) // beside) * beside  # idle lanes fill up the last device
        self.table = jax.device_put(table, NamedSharding(self.mesh, PartitionSpec()))
        self.ids = self._spread(
            np.array([[lane.seed, zlib.crc32(lane.name.encode()) & 0x7FFFFFFF] for lane in assignments], np.int32)
        )
        names = sorted({name for lane in assignments for name in lane.knobs})
        self.knobs = {
            name: self._spread(np.array([lane.knobs[name] for lane in assignments], np.float32)) for name in names
        }
        self.stop = self._rows([lane.stop for lane in assignments])
        self.score = self._rows([lane.score for lane in assignments])
        self.order_length = max(1, *(len(lane.fit) for lane in assignments))
        self.fit = self._spread(np.array([len(lane.fit) for lane in assignments], np.int32))

    def compile(self) -> None:
        """Compile what training needs, side by side; what is needed later is compiled while the lanes train.

        A structure that this process has compiled already, with tables of the same sizes, is not compiled again.
        """
        leaves, structure = jax.tree.flatten((self.table, self.rows(1), self.score, self.knobs))
        sizes = tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)
        key = (self.training, self.mesh, self.width, structure, sizes, self.often is _ONCE)
        if key not in _COMPILED:
            while len(_COMPILED) >= _MOST_COMPILED:
                _COMPILED.pop(next(iter(_COMPILED)))
            _COMPILED[key] = self._build()
        self._built = _COMPILED[key]

    def _build(self) -> _Built:
        """Everything from shapes alone, so that what is compiled later holds none of this program's arrays."""
        sizes = lambda tree: jax.tree.map(
            lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=leaf.sharding), tree
        )
        ids, knobs, table, rows, score = sizes((self.ids, self.knobs, self.table, self.rows(1), self.score))
        bare, number = copy.copy(self), np.int32(1)
        vars(bare).update(dict.fromkeys(("table", "ids", "knobs", "stop", "score", "fit", "assignments")))
        lane = jax.eval_shape(jax.vmap(bare._fresh), ids, knobs)
        lane = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=self._sharding), lane)
        lower = lambda function, options, own, shared: bare._over_lanes(function, len(own), len(shared), options).lower(
            *own, *shared
        )
        watched = (lane.walk, lane.best.active, rows, ids, knobs)
        best = (lane.best.params, lane.best.state, *score, knobs)
        with ThreadPoolExecutor(2) as pool:
            begin = pool.submit(lower(bare._fresh, _ONCE, (ids, knobs), ()).compile)
            epoch = pool.submit(lower(bare._one_epoch, self.often, (lane, rows, ids, knobs), (table, number)).compile)
        return _Built(
            begin.result(),
            epoch.result(),
            _Later(lambda: lower(bare._inspection, self.often, watched, (table, number)).compile()),
            _Later(lambda: lower(bare._outputs, self.often, best, (table,)).compile()),
        )

    def _fresh(self, ids: Array, knobs: dict) -> Lane:
        return run.begin(self.training, self.shape, _key(ids), knobs)

    def _one_epoch(
        self, lane: Lane, rows: Rows, ids: Array, knobs: dict, table: Table, number: Array
    ) -> tuple[Lane, dict]:
        lane, info = run.epoch(self.training, lane, table, rows, _key(ids), knobs, number, self._split)
        return lane, {**info, "awake": lane.best.active}

    def _inspection(
        self, walk: Walk, awake: Array, rows: Rows, ids: Array, knobs: dict, table: Table, number: Array
    ) -> dict[str, Array]:
        key, t = keys.fold(_key(ids), "inspect", number), (number - 1).astype(table.weight.dtype) / self.training.epochs
        layers = len(self.training.objective.model.walk())
        look = lambda: inspect(self.training, walk, table, rows, key, knobs, t)
        nothing = lambda: {name: jnp.full(layers, np.nan, table.weight.dtype) for name in MEASURES}
        return jax.lax.cond(awake, look, nothing)  # a sleeping lane costs nothing here either

    def _outputs(self, params: Tree, state: Tree, rows: Array, count: Array, knobs: dict, table: Table) -> Array:
        return run.outputs(self.training.objective, params, state, table, rows, count, knobs, self._split)

    def at(self, knobs: Mapping[str, Sequence[float]]) -> Program:
        """The same program, compiled as it is, with other values for some of its Knobs: one for every lane."""
        other = copy.copy(self)
        other.knobs = {**self.knobs, **{name: self._spread(np.array(each, np.float32)) for name, each in knobs.items()}}
        return other

    def begin(self, *, only: str | None = None) -> Lane:
        """Fresh lanes; those that only fill up the mesh sleep from the start, as do all others when `only` one is."""
        lane = self._built.begin(self.ids, self.knobs)
        awake = self._spread(np.array([only in (None, name) for name in self.names]))
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
        kept = [jax.device_put(arrays[f"{i:04d}"], self._sharding) for i in range(len(leaves))]
        return jax.tree.unflatten(structure, kept)

    def results(self, lane: Lane) -> tuple[Trained, ...]:
        """Every lane's best network, tried once on its score rows."""
        best = lane.best
        if not any(len(given.score) for given in self.assignments):
            z = np.zeros((self.width, 0, *self.training.objective.model.shape(self.shape)), np.float32)
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

    def _over_lanes(self, function: Callable, lanes: int, shared: int, options: dict) -> Any:
        """`function` over the leading axis of the first `lanes` arguments; the `shared` ones are the same for all."""

        def mapped(*arguments: Any) -> Any:
            own, common = arguments[:lanes], arguments[lanes:]
            if jax.default_backend() == "cpu":
                return jax.lax.map(lambda mine: function(*mine, *common), own)
            return jax.vmap(lambda *mine: function(*mine, *common))(*own)

        lane, everywhere = PartitionSpec("lane"), PartitionSpec()
        specs = (*(lane for _ in range(lanes)), *(everywhere for _ in range(shared)))
        by_us = {"lane"} if self.mesh.shape["row"] > 1 else set(self.mesh.axis_names)  # the rest is the compiler's
        spread = jax.shard_map(
            mapped, mesh=self.mesh, in_specs=specs, out_specs=lane, check_vma=False, axis_names=by_us
        )
        cpu = jax.default_backend() == "cpu"
        return jax.jit(spread, compiler_options=options if cpu else None)

    def _split(self, batch: Table) -> Table:
        """A batch with its rows laid out over the devices of its lane, in equal parts."""
        parts = self.mesh.shape["row"]
        if parts == 1:
            return batch

        def lay(array: Array) -> Array:
            filled = jnp.pad(array, [(0, -len(array) % parts), *[(0, 0)] * (array.ndim - 1)])
            return jax.lax.with_sharding_constraint(filled, PartitionSpec("row"))

        return jax.tree.map(lay, batch)

    @property
    def _sharding(self) -> NamedSharding:
        return NamedSharding(self.mesh, PartitionSpec("lane"))

    def _spread(self, array: np.ndarray) -> Array:
        """An array `[lanes, ...]` filled up with zeros and laid out over the devices."""
        filled = np.zeros((self.width, *array.shape[1:]), array.dtype)
        filled[: len(array)] = array
        return jax.device_put(filled, self._sharding)

    def _rows(self, parts: Sequence[np.ndarray]) -> tuple[Array, Array]:
        """Row lists of unequal length as one padded array, and their lengths."""
        padded = np.zeros((len(parts), max(1, *(len(part) for part in parts))), np.int32)
        for lane, part in enumerate(parts):
            padded[lane, : len(part)] = part
        return self._spread(padded), self._spread(np.array([len(part) for part in parts], np.int32))

    def rows(self, number: int) -> Rows:
        """Every lane's rows in epoch `number`; shuffled here: a sort on the device costs a second to compile."""
        order = np.zeros((len(self.assignments), self.order_length), np.int32)
        for row, lane in zip(order, self.assignments, strict=True):
            order_of = keys.generator(lane.seed, lane.name, "order", number).permutation if lane.shuffled else np.copy
            row[: len(lane.fit)] = order_of(lane.fit)
        return Rows(self._spread(order), self.fit, *self.stop)


def _mesh(training: Training, table: Table, lanes: int) -> Mesh:
    devices = jax.local_devices()
    beside = max(1, min(lanes, len(devices)))
    parts = len(devices) // beside
    parts = parts if parts > 1 and work.pays(training, table, parts) else 1
    return Mesh(np.array(devices[: beside * parts]).reshape(beside, parts), ("lane", "row"))


def _key(ids: Int[Array, "2"]) -> Array:
    return keys.fold(keys.root(ids[0]), ids[1])


def arrays(lane: Lane) -> dict[str, np.ndarray]:
    """What a checkpoint keeps of the lanes, by number; `Program.restore` takes it back."""
    return {f"{i:04d}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(lane))}
