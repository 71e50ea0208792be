"""The layout of lanes: a mesh of devices with the axes "lane" and "row", and functions spread over it.

On a CPU each device takes its lanes one after another, which compiles faster than a batched program and lets a
sleeping lane cost nothing; on an accelerator they run side by side (`vmap`). When there are fewer lanes than
devices, and a step is worth it (`work.py`), the rows of every batch are split over the devices that would be idle. The
compiler does that, so what is computed stays the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array

from photic.experiment import work
from photic.experiment.assignment import Assignment
from photic.train.run import Table, Training

# Level 1 compiles faster than the default on a CPU and runs as fast; what runs only once, or hardly works, is compiled
# as quickly as can be (docs/performance.md). Vectors of 512 bits are a limit: a core takes the widest that it has.
OFTEN: dict[str, int | bool] = {"xla_backend_optimization_level": 1, "xla_cpu_prefer_vector_width": 512}
ONCE: dict[str, int | bool] = {"xla_backend_optimization_level": 0}
if jax.__version_info__ < (0, 11):
    ONCE["xla_cpu_use_fusion_emitters"] = False  # halves it again; newer compilers do not know the word


class Later:
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


@dataclasses.dataclass(frozen=True)
class Layout:
    """How lanes lie on devices.

    Args:
        mesh: of devices, with the axes "lane" and "row".
        width: how many lanes there are with the idle ones that fill up the last device.
    """

    mesh: Mesh
    width: int

    @classmethod
    def of(cls, training: Training, table: Table, lanes: int) -> Layout:
        """The layout that suits so many lanes on the devices of this machine."""
        devices = jax.local_devices()
        beside = max(1, min(lanes, len(devices)))
        parts = len(devices) // beside
        parts = parts if parts > 1 and work.pays(training, table, parts) else 1
        mesh = Mesh(np.array(devices[: beside * parts]).reshape(beside, parts), ("lane", "row"))
        return cls(mesh, -(-lanes // beside) * beside)

    @property
    def by_lane(self) -> NamedSharding:
        """Arrays `[lanes, ...]`, every lane on its own device."""
        return NamedSharding(self.mesh, PartitionSpec("lane"))

    def everywhere(self, tree: Any) -> Any:
        """Arrays as all devices need them."""
        return jax.device_put(tree, NamedSharding(self.mesh, PartitionSpec()))

    def spread(self, array: np.ndarray) -> Array:
        """An array `[lanes, ...]` filled up with zeros and laid out over the devices."""
        filled = np.zeros((self.width, *array.shape[1:]), array.dtype)
        filled[: len(array)] = array
        return jax.device_put(filled, self.by_lane)

    def marks(self, assignments: Sequence[Assignment]) -> Array:
        """The lanes' marks, from which their keys are made."""
        return self.spread(np.array([lane.mark for lane in assignments], np.int32))

    def knobs(self, assignments: Sequence[Assignment]) -> dict[str, Array]:
        """The lanes' values of every Knob, by its name."""
        names = sorted({name for lane in assignments for name in lane.knobs})
        return {name: self.spread(np.array([lane.knobs[name] for lane in assignments], np.float32)) for name in names}

    def rows(self, parts: Sequence[np.ndarray], least: int = 1) -> tuple[Array, Array]:
        """Row lists of unequal length as one array padded to the longest, or to `least`, and their lengths."""
        padded = np.zeros((len(parts), max(least, *(len(part) for part in parts))), np.int32)
        for lane, part in enumerate(parts):
            padded[lane, : len(part)] = part
        return self.spread(padded), self.spread(np.array([len(part) for part in parts], np.int32))

    def over_lanes(self, function: Callable, lanes: int, shared: int, options: dict) -> Any:
        """`function` over the leading axis of the first `lanes` arguments; the `shared` ones are the same for all."""

        def mapped(*arguments: Any) -> Any:
            own, common = arguments[:lanes], arguments[lanes:]
            if jax.default_backend() == "cpu":
                return jax.lax.map(lambda mine: function(*mine, *common), own)
            return jax.vmap(lambda *mine: function(*mine, *common))(*own)

        return self._compiled(mapped, lanes, shared, options)

    def advancing(
        self, function: Callable, awake: Callable[[Any], Array], lanes: int, shared: int, options: dict, *, gives: bool
    ) -> Any:
        """As `over_lanes`, for a function from a lane, which comes first, to that lane later and what is told of it.

        On a CPU the lanes are changed where they lie, and those that sleep are stepped over: they cost nothing, and
        zeros are told of them.

        Args:
            awake: of all lanes of a device, `[lanes]`.
            gives: whether the caller has no more use for the lanes as they were, so that their memory is used again.
        """

        def mapped(*arguments: Any) -> Any:
            state, own, common = arguments[0], arguments[1:lanes], arguments[lanes:]
            if jax.default_backend() != "cpu":
                return jax.vmap(lambda *mine: function(*mine, *common))(state, *own)
            count, once = len(jax.tree.leaves(state)[0]), jax.jit(function)  # traced once, for its shapes and its work

            def at(index: Array | int, tree: Any) -> Any:
                return jax.tree.map(lambda leaf: jax.lax.dynamic_index_in_dim(leaf, index, 0, keepdims=False), tree)

            def put(index: Array, tree: Any, new: Any) -> Any:
                update = jax.lax.dynamic_update_index_in_dim
                return jax.tree.map(lambda leaf, own: update(leaf, own, index, 0), tree, new)

            def next_from(index: Array | int) -> Array:
                places = jnp.arange(count)
                return jnp.where(awake(state) & (places >= index), places, count).min()

            def advance(now: tuple[Array, Any, Any]) -> tuple[Array, Any, Any]:
                index, lane, told = now
                moved, info = once(at(index, lane), *at(index, own), *common)
                return next_from(index + 1), put(index, lane, moved), put(index, told, info)

            _, info = jax.eval_shape(once, at(0, state), *at(0, own), *common)
            told = jax.tree.map(lambda leaf: jnp.zeros((count, *leaf.shape), leaf.dtype), info)
            return jax.lax.while_loop(lambda now: now[0] < count, advance, (next_from(0), state, told))[1:]

        return self._compiled(mapped, lanes, shared, options, given=(0,) if gives else ())

    def _compiled(self, mapped: Callable, lanes: int, shared: int, options: dict, given: tuple[int, ...] = ()) -> Any:
        lane, everywhere = PartitionSpec("lane"), PartitionSpec()
        specs = (*(lane for _ in range(lanes)), *(everywhere for _ in range(shared)))
        by_us = {"lane"} if self.mesh.shape["row"] > 1 else set(self.mesh.axis_names)  # the rest is the compiler's
        over = jax.shard_map(mapped, mesh=self.mesh, in_specs=specs, out_specs=lane, check_vma=False, axis_names=by_us)
        cpu = jax.default_backend() == "cpu"
        return jax.jit(over, compiler_options=options if cpu else None, donate_argnums=given)

    def split(self, batch: Table) -> Table:
        """A batch with its rows laid out over the devices of its lane, in equal parts.

        All devices know all weights: the sum of them is needed before the way back, and devices that wait for one
        another once more in every step are slower.
        """
        parts = self.mesh.shape["row"]
        if parts == 1:
            return batch

        def lay(array: Array, over: PartitionSpec) -> Array:
            filled = jnp.pad(array, [(0, -len(array) % parts), *[(0, 0)] * (array.ndim - 1)])
            return jax.lax.with_sharding_constraint(filled, over)

        split = jax.tree.map(lambda array: lay(array, PartitionSpec("row")), batch)
        return split._replace(weight=lay(batch.weight, PartitionSpec()))


def room(size: int) -> int:
    """A size rounded up, by a quarter at most, so that trainings of nearly equal sizes share one program.

    >>> [room(size) for size in (3, 100, 120, 1000, 1078, 1079)]
    [16, 112, 128, 1024, 1280, 1280]
    """
    step = 1 << max(4, (size - 1).bit_length() - 3)
    return -(-size // step) * step


def sizes(tree: Any) -> Any:
    """The shapes, types and places of arrays, to compile for."""
    return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=leaf.sharding), tree)
