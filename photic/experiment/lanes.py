"""Lanes: folds, seeds and trials of one structure, trained by one compiled program.

A lane is one training: its own rows, its own key, its own Knobs. On a CPU each device takes its lanes one after another
(`lax.map`), which compiles faster than a batched program and lets a sleeping lane cost nothing; on an accelerator
they run
side by side (`vmap`). Lanes are spread over the devices of a mesh with the axis "lane": the cores of a laptop or the
chips of a server.

The rows of all lanes live in one table, so that nothing is copied when two lanes share them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, runtime_checkable

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Int

from photic import keys
from photic.train import run
from photic.train.history import Progress, Watcher, lines, quiet
from photic.train.interrupt import Interrupt
from photic.train.run import Lane, Rows, Table, Training
from photic.tree import Tree

# Level 1 compiles faster than the default on a CPU and runs as fast; what runs only once is compiled as quickly as
# can be (docs/performance.md).
_OFTEN = {"xla_backend_optimization_level": 1}
_ONCE = {"xla_backend_optimization_level": 0, "xla_cpu_use_fusion_emitters": False}


@dataclasses.dataclass(frozen=True, eq=False)
class Assignment:
    """What one lane is to do: rows are indices into the shared table.

    Args:
        name: the lane's name; with the seed it decides every random draw of the lane.
        fit, stop, score: int arrays of rows: trained on, epoch chosen on, scored on.
    """

    name: str
    seed: int
    fit: np.ndarray
    stop: np.ndarray
    score: np.ndarray
    knobs: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, eq=False)
class Trained:
    """What one lane came to: its best weights and state, the epoch they are from, and the outputs on its score rows."""

    name: str
    params: Tree
    state: Tree
    best_epoch: int
    stop_loss: float
    z: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Result:
    """All lanes of an experiment, its history, and where the time went (seconds by name)."""

    lanes: tuple[Trained, ...]
    history: list[dict[str, Any]]
    seconds: dict[str, float]
    interrupted: bool = False


@runtime_checkable
class Keeper(Protocol):
    """Where an experiment leaves checkpoints, and finds the last one."""

    def due(self) -> bool: ...
    def save(self, arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None: ...
    def load(self) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None: ...


class NoKeeper:
    """The keeper of experiments that are too short to need one."""

    def due(self) -> bool:
        return False

    def save(self, arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None: ...

    def load(self) -> None:
        return None


def train(
    training: Training,
    table: Table,
    assignments: Sequence[Assignment],
    *,
    watch: Watcher = quiet,
    keeper: Keeper | None = None,
    interrupt: Interrupt | None = None,
) -> Result:
    """Train every lane to its end and return its best network.

    Args:
        training: the structure all lanes share; its `batch_size` is an upper bound, see `train.run.batches`.
        table: NumPy arrays; moved to the devices once.
        watch: told after every epoch.
        keeper: where checkpoints go; a checkpoint found there is continued.
        interrupt: entered by the caller, when Ctrl-C is to be heard of before and after training too.

    Ctrl-C ends the training after the present epoch; the best weights so far are the result.
    """
    began = time.perf_counter()
    keeper = keeper or NoKeeper()
    width = max(run.batches(len(lane.fit), training.batch_size)[1] for lane in assignments)
    training = dataclasses.replace(
        training, batch_size=width, stops=training.stops and all(len(lane.stop) for lane in assignments)
    )
    program = _Program(training, table, assignments)
    watch(Progress("compiling", epochs=training.epochs, lanes=len(assignments)))
    program.compile()
    ready = time.perf_counter()
    with contextlib.nullcontext(interrupt) if interrupt else Interrupt() as heard:
        lane, history = _epochs(program, watch, keeper, heard)
    trained = time.perf_counter()
    watch(Progress("scoring", training.epochs, training.epochs, lanes=len(assignments)))
    results = program.results(lane)
    seconds = {
        "compile": ready - began,
        "train": trained - ready,
        "score": time.perf_counter() - trained,
    }
    return Result(results, history, seconds, heard.asked)


def _epochs(
    program: _Program, watch: Watcher, keeper: Keeper, interrupt: Interrupt
) -> tuple[Lane, list[dict[str, Any]]]:
    """Epoch after epoch until every lane sleeps; the next is sent off before the last one is read: no device waits."""
    lane, done, history = program.restore(keeper)
    began, start = time.perf_counter(), done
    read = lambda sent: history.extend(_read(program, sent, watch, began, start))
    sent: tuple[int, dict[str, Array]] | None = None
    for number in range(done + 1, program.training.epochs + 1):
        before, (lane, info) = sent, program.epoch(lane, number)
        sent = (number, info)
        if before is not None:
            read(before)
            if not np.asarray(before[1]["awake"]).any():  # all lanes slept before this epoch: it changed nothing
                return lane, history
        if interrupt.asked:
            break
        if keeper.due():
            read(sent)
            sent = None
            keeper.save(_arrays(lane), {"epoch": number, "history": list(history)})
    if sent is not None:
        read(sent)
    return lane, history


def _read(
    program: _Program, sent: tuple[int, dict[str, Array]], watch: Watcher, began: float, start: int
) -> list[dict[str, Any]]:
    """Wait for an epoch's info, tell the watcher, and give its history lines."""
    (number, arrays), names = sent, program.names
    info = {name: np.asarray(array)[: len(names)] for name, array in arrays.items() if name != "awake"}
    awake = np.asarray(arrays["awake"])[: len(names)]
    running = info["active"]
    mean = lambda values: float(values[running].mean()) if running.any() else float("nan")
    seconds = time.perf_counter() - began
    left = seconds / (number - start) * (program.training.epochs - number) if awake.any() else 0.0
    watch(
        Progress(
            "training",
            number,
            program.training.epochs,
            int(awake.sum()),
            len(names),
            mean(info["stop_loss"] if program.training.stops else info["loss"]),
            mean(info["stop_score"]),
            program.training.metric,
            seconds,
            left,
        )
    )
    return lines(names, number, info)


class _Program:
    """The compiled functions of one experiment, and the arrays they need."""

    def __init__(self, training: Training, table: Table, assignments: Sequence[Assignment]) -> None:
        self.training, self.assignments = training, assignments
        self.names = [lane.name for lane in assignments]
        devices = jax.local_devices()[: max(1, min(len(assignments), jax.local_device_count()))]
        self.mesh = Mesh(np.array(devices), ("lane",))
        self.shape = tuple(table.x.shape[1:])
        self.width = -(-len(assignments) // len(devices)) * len(devices)  # idle lanes fill up the last device
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
        self._score: Future | None = None
        self.order_length = max(1, *(len(lane.fit) for lane in assignments))
        self.fit = self._spread(np.array([len(lane.fit) for lane in assignments], np.int32))

    def compile(self) -> None:
        """Compile what training needs, side by side; what scores at the end is compiled while the lanes train."""
        training, shape, often = self.training, self.shape, _OFTEN

        def begin(ids: Array, knobs: dict) -> Lane:
            return run.begin(training, shape, _key(ids), knobs)

        def one_epoch(
            lane: Lane, rows: Rows, ids: Array, knobs: dict, table: Table, number: Array
        ) -> tuple[Lane, dict]:
            lane, info = run.epoch(training, lane, table, rows, _key(ids), knobs, number)
            return lane, {**info, "awake": lane.best.active}

        def score(params: Tree, state: Tree, rows: Array, count: Array, knobs: dict, table: Table) -> Array:
            return run.outputs(training.objective, params, state, table.x, rows, count, knobs)

        lane = jax.eval_shape(jax.vmap(begin), self.ids, self.knobs)
        lane = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=self._sharding), lane)
        rows = self._epoch_rows(1)
        pool = ThreadPoolExecutor(3)
        self._begin = pool.submit(self._over_lanes(begin, 2, 0, _ONCE).lower(self.ids, self.knobs).compile)
        each = self._over_lanes(one_epoch, 4, 2, often, donate=(0,))
        self._epoch = pool.submit(each.lower(lane, rows, self.ids, self.knobs, self.table, np.int32(1)).compile)
        if self.score[0].shape[1] > 1:
            network = (lane.best.params, lane.best.state)
            last = self._over_lanes(score, 5, 1, often).lower(*network, *self.score, self.knobs, self.table)
            self._score = pool.submit(last.compile)
        pool.shutdown(wait=False)
        self._begin.result(), self._epoch.result()

    def begin(self) -> Lane:
        """Fresh lanes; those that only fill up the mesh sleep from the start."""
        lane = self._begin.result()(self.ids, self.knobs)
        awake = self._spread(np.ones(len(self.names), bool))
        return lane._replace(best=lane.best._replace(active=awake))

    def epoch(self, lane: Lane, number: int) -> tuple[Lane, dict[str, Array]]:
        """Send one epoch of all lanes off to the devices."""
        rows = self._epoch_rows(number)
        return self._epoch.result()(lane, rows, self.ids, self.knobs, self.table, np.int32(number))

    def restore(self, keeper: Keeper) -> tuple[Lane, int, list[dict[str, Any]]]:
        """The lanes of the keeper's last checkpoint with the epochs done and their history, or fresh ones."""
        lane = self.begin()
        found = keeper.load()
        if found is None:
            return lane, 0, []
        arrays, meta = found
        leaves, structure = jax.tree.flatten(lane)
        kept = [jax.device_put(arrays[f"{i:04d}"], self._sharding) for i in range(len(leaves))]
        return jax.tree.unflatten(structure, kept), int(meta["epoch"]), list(meta["history"])

    def results(self, lane: Lane) -> tuple[Trained, ...]:
        """Every lane's best network, tried once on its score rows."""
        best = lane.best
        if self._score is None:
            z = np.zeros((self.width, 0, *self.training.objective.model.shape(self.shape)), np.float32)
        else:
            z = np.asarray(self._score.result()(best.params, best.state, *self.score, self.knobs, self.table))
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

    def _over_lanes(
        self, function: Callable, lanes: int, shared: int, options: dict, donate: tuple[int, ...] = ()
    ) -> Any:
        """`function` over the leading axis of the first `lanes` arguments; the `shared` ones are the same for all."""

        def mapped(*arguments: Any) -> Any:
            own, common = arguments[:lanes], arguments[lanes:]
            if jax.default_backend() == "cpu":
                return jax.lax.map(lambda mine: function(*mine, *common), own)
            return jax.vmap(lambda *mine: function(*mine, *common))(*own)

        lane, everywhere = PartitionSpec("lane"), PartitionSpec()
        specs = (*(lane for _ in range(lanes)), *(everywhere for _ in range(shared)))
        spread = jax.shard_map(mapped, mesh=self.mesh, in_specs=specs, out_specs=lane, check_vma=False)
        cpu = jax.default_backend() == "cpu"
        return jax.jit(spread, donate_argnums=donate, compiler_options=options if cpu else None)

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

    def _epoch_rows(self, number: int) -> Rows:
        """Every lane's rows in epoch `number`; shuffled here: a sort on the device costs a second to compile."""
        order = np.zeros((len(self.assignments), self.order_length), np.int32)
        for row, lane in zip(order, self.assignments, strict=True):
            row[: len(lane.fit)] = keys.generator(lane.seed, lane.name, "order", number).permutation(lane.fit)
        return Rows(self._spread(order), self.fit, *self.stop)


def _key(ids: Int[Array, "2"]) -> Array:
    return keys.fold(keys.root(ids[0]), ids[1])


def _arrays(lane: Lane) -> dict[str, np.ndarray]:
    return {f"{i:04d}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(lane))}
