"""A group: the lanes of all settings that share one structure, trained rung by rung in one compiled program.

Between two rungs the lanes that are to go on stay where they are, or are gathered and dealt out anew over the devices
where one of them would be left with the work of all. The places that are left over hold idle lanes, which cost nothing
on a CPU; on an accelerator, where lanes run side by side, the program is made narrower instead.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from photic import keys
from photic.experiment.assignment import NO_ROWS, Assignment, arrays
from photic.experiment.program import Program
from photic.tensor import Shape
from photic.train import run
from photic.train.run import Lane, Table, Training

_STEP = 4  # widths of programs are powers of it: each is compiled once, and few places are idle
_MANY, _SMALL = 64, 1 << 20  # so many idle lanes cost nothing to speak of, where each holds at most so many bytes
_MOVED = 5e8  # bytes a second, to the host and back
_IDLE = "idle"


@dataclasses.dataclass(frozen=True)
class Point:
    """What one lane came to in one epoch: its loss on the rows that judge it, and the metric there."""

    epoch: int
    loss: float
    score: float


def _quiet(epoch: int, awake: int) -> None:
    """The watcher that shows nothing."""


class Group:
    """Lanes of one structure, as far as they were trained.

    Args:
        training: the structure; its `batch_size` is exact, the same for all groups that share a table.
        table: the rows of all lanes, best on the devices already.
        assignments: a lane for each; their names are theirs alone.
        longest: the most fit rows and stop rows that any lane of the experiment has, so that programs fit all.
        roomy: whether idle lanes are welcome, so that few programs are compiled.
    """

    def __init__(
        self,
        training: Training,
        table: Table,
        assignments: Sequence[Assignment],
        longest: tuple[int, int],
        *,
        roomy: bool = True,
    ) -> None:
        self.training, self.table, self.longest = training, table, longest
        self.assignments = {each.name: each for each in assignments}
        self.curves: dict[str, list[Point]] = {name: [] for name in self.assignments}
        self.epoch, self.busy, self.trained, self.awake = 0, 0.0, 0, set(self.assignments)
        self.dropped: set[str] = set()
        small = _state_bytes(training, table.x.shape[1:], tuple(assignments[0].knobs)) <= _SMALL
        self.least = _MANY if roomy and small else 1
        self.program = self._program(dealt(list(self.assignments), width(len(assignments), self.least)))
        self._lane: Lane | None = None

    def _program(self, names: Sequence[str]) -> Program:
        """The program of the lanes with these names; any other name is an idle lane."""
        knobs = next(iter(self.assignments.values())).knobs
        lanes = [self.assignments.get(name, Assignment(name, 0, NO_ROWS, NO_ROWS, NO_ROWS, knobs)) for name in names]
        return Program(self.training, self.table, lanes, inspects=False, gives=True, longest=self.longest)

    def compile(self) -> None:
        """Compile what training needs; at once when a group of this structure and width was compiled before."""
        self.program.compile()

    def memory(self) -> int:
        """Bytes that one lane takes while it trains, as the compiler says."""
        return self.program.lane_bytes()

    def advance(
        self, until: int, watch: Callable[[int, int], None] = _quiet, ended: Callable[[], bool] = lambda: False
    ) -> bool:
        """Train every lane that is awake to epoch `until`; whether that was reached before it was `ended`.

        Args:
            watch: told the epoch and how many lanes are awake, after every epoch.
        """
        if not self.awake:
            self.epoch = max(self.epoch, until)
            return True
        program = self.program
        lane = self._lane if self._lane is not None else self._begin()
        began, waiting = time.perf_counter(), None
        for number in range(self.epoch + 1, until + 1):
            rows = program.rows(number)
            lane, info = program.epoch(lane, rows, number)
            if waiting is not None:
                self._read(*waiting)
                watch(waiting[0], len(self.awake))
            waiting, self.epoch = (number, info), number
            if ended() or not self.awake:
                break
        if waiting is not None:
            self._read(*waiting)
            watch(waiting[0], len(self.awake))
        self._lane = lane
        self.busy += time.perf_counter() - began
        reached = self.epoch >= until or not self.awake
        self.epoch = until if not self.awake else self.epoch
        return reached

    def _begin(self) -> Lane:
        lane = self.program.begin()
        return lane._replace(best=lane.best._replace(active=self._mask()))

    def _mask(self) -> Any:
        return self.program.layout.spread(np.array([name in self.awake for name in self.program.names]))

    def _read(self, number: int, info: Mapping[str, Any]) -> None:
        told = {name: np.asarray(info[name]) for name in ("active", "awake", "stop_loss", "stop_score")}
        for place, name in enumerate(self.program.names):
            if name in self.awake and told["active"][place]:
                point = Point(number, float(told["stop_loss"][place]), float(told["stop_score"][place]))
                self.curves[name].append(point)
                self.trained += 1
                if not told["awake"][place]:
                    self.awake.discard(name)

    def keep(self, names: Collection[str]) -> None:
        """Go on with these lanes alone, dealt out anew over the devices where that saves more than it takes."""
        going = [name for name in self.program.names if name in names and name in self.awake]
        self.dropped |= self.awake - set(going)
        self.awake = set(going)
        if self._lane is None or not going:
            return
        place = {name: index for index, name in enumerate(self.program.names)}
        state, wide = self._lane, self.program.layout.width
        if jax.default_backend() != "cpu":
            wide = width(len(going), self.least)
        if wide == len(place) and not self._moving_pays(going, place):
            self.program = self._program(
                [name if name in self.awake else f"{_IDLE} {at}" for name, at in place.items()]
            )
            self.program.compile()
            self._lane = state._replace(best=state.best._replace(active=self._mask()))
            return
        self.program = self._program(dealt(going, wide))
        self.program.compile()
        index = np.array([place.get(name, 0) for name in self.program.names])
        moved = jax.tree.map(lambda leaf: self.program.layout.spread(np.asarray(leaf)[index]), state)
        self._lane = moved._replace(best=moved.best._replace(active=self._mask()))

    def _moving_pays(self, going: Sequence[str], place: Mapping[str, int]) -> bool:
        """Whether the busiest device would have so much less to do that it is worth to bring all lanes to the host."""
        devices = len(jax.local_devices())
        load = np.bincount([place[name] * devices // len(place) for name in going], minlength=devices)
        saved = (load.max() - -(-len(going) // devices)) * (self.training.epochs - self.epoch)  # epochs of one lane
        taken = sum(leaf.nbytes for leaf in jax.tree.leaves(self._lane)) / _MOVED
        return bool(saved * self.busy * devices / max(1, self.trained) > taken)

    def arrays(self) -> dict[str, np.ndarray]:
        """The state of the lanes that are awake, to be kept in a checkpoint; empty before the first epoch."""
        if self._lane is None:
            return {}
        places = [place for place, name in enumerate(self.program.names) if name in self.awake]
        return {name: array[places] for name, array in arrays(self._lane).items()}

    def story(self) -> dict[str, Any]:
        """How far it came, as JSON values, to be kept beside `arrays`."""
        curves = {name: [dataclasses.astuple(point) for point in points] for name, points in self.curves.items()}
        return {
            "epoch": self.epoch,
            "names": list(self.program.names),
            "awake": sorted(self.awake),
            "dropped": sorted(self.dropped),
            "curves": curves,
        }

    def restore(self, kept: Mapping[str, np.ndarray], story: Mapping[str, Any]) -> None:
        """Go on where a checkpoint was made."""
        self.epoch, self.awake, self.dropped = int(story["epoch"]), set(story["awake"]), set(story["dropped"])
        self.curves = {name: [Point(*point) for point in points] for name, points in story["curves"].items()}
        if not kept:
            return
        self.program = self._program(story["names"])
        self.program.compile()
        places = [place for place, name in enumerate(story["names"]) if name in self.awake]
        whole = {}
        for name, own in kept.items():
            whole[name] = np.zeros((self.program.layout.width, *own.shape[1:]), own.dtype)
            whole[name][places] = own
        self._lane = self.program.restore(whole)


@functools.lru_cache(256)
def _state_bytes(training: Training, shape: Shape, names: tuple[str, ...]) -> int:
    """The size of all that changes in one lane while it trains."""
    begin = lambda key, knobs: run.begin(training, shape, key, knobs)
    lane = jax.eval_shape(begin, keys.root(0), dict.fromkeys(names, np.float32(0)))
    return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(lane))


def best(points: Sequence[Point]) -> Point | None:
    """The epoch of the smallest finite loss.

    >>> best([Point(1, 0.5, 0.8), Point(2, 0.3, 0.9), Point(3, 0.4, 0.95)]).epoch
    2
    """
    known = [point for point in points if math.isfinite(point.loss) and math.isfinite(point.score)]
    return min(known, key=lambda point: point.loss, default=None)


def width(lanes: int, least: int = 1) -> int:
    """How wide the program for so many lanes is made.

    Args:
        least: lanes for which there is always room.

    >>> width(1), width(5), width(60), width(5, 64)
    (4, 16, 64, 64)
    """
    wide = _STEP
    while wide < max(lanes, least):
        wide *= _STEP
    return wide


def dealt(names: Sequence[str], wide: int) -> list[str]:
    """The lanes as they lie on the devices, every other one on the next, with idle lanes at the end of each.

    Args:
        wide: how many there are with the idle ones.
    """
    devices = len(jax.local_devices())
    each = -(-wide // devices)
    idle = (f"{_IDLE} {number}" for number in range(each * devices))
    laid: list[str] = []
    for device in range(devices):
        mine = list(names[device::devices])
        laid += [*mine, *(next(idle) for _ in range(each - len(mine)))]
    return laid
