"""Lanes: folds, seeds and trials of one structure, trained by one compiled program.

A lane is one training: its own rows, its own key, its own Knobs. The rows of all lanes live in one table, so that
nothing is
copied when two lanes share them. `program.py` holds what is compiled; here is the loop over epochs around it, with
progress, checkpoints and Ctrl-C between two calls.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import jax
import numpy as np
from jaxtyping import Array

from photic.experiment.assignment import Assignment, Trained, arrays
from photic.experiment.layout import room
from photic.experiment.program import Program
from photic.experiment.streamed import Streamed
from photic.train import inspect, run
from photic.train.history import Progress, Watcher, lines, quiet
from photic.train.interrupt import Interrupt
from photic.train.run import Lane, Table, Training

Lines = list[dict[str, Any]]

_MOST_VIEWS = 8  # kept at once; more would be memory
_SHORT = 2.0  # seconds; a shorter training is inspected when it is over, so that compiling does not slow it


@dataclasses.dataclass(frozen=True, eq=False)
class Result:
    """What an experiment came to.

    Args:
        lanes: the best network of every lane.
        history: a dict per lane and epoch.
        seconds: where the time went, by name.
        interrupted: whether Ctrl-C ended the training.
        look: inspects what is still to be inspected.
        fresh: every lane before its first step, when asked for.
    """

    lanes: tuple[Trained, ...]
    history: Lines
    seconds: dict[str, float]
    interrupted: bool
    look: Callable[[], Lines]
    fresh: tuple[Trained, ...] = ()

    @functools.cached_property
    def inspection(self) -> Lines:
        """A dict per lane and inspected epoch, with the measures of every layer.

        What is still to be inspected when training ends is inspected when this is first asked for, so that a short
        training never waits for the program that inspects.
        """
        return self.look()


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
    inspects: bool = True,
    every: int | None = None,
    fresh: bool = False,
    brief: bool = False,
    alike: bool = False,
    until: int | None = None,
    super_batch: int | None = None,
    watch: Watcher = quiet,
    keeper: Keeper | None = None,
    interrupt: Interrupt | None = None,
) -> Result:
    """Train every lane to its end and return its best network.

    Args:
        training: the structure all lanes share; its `batch_size` is an upper bound, see `train.run.batches`.
        table: NumPy arrays; moved to the devices once.
        inspects: whether layers are inspected on the way, see `train.inspect`.
        every: epochs between two inspections; None for as many as cost little.
        fresh: whether the networks are also tried on their score rows before their first step.
        brief: whether so little is to be computed that compiling fast is worth more than running fast.
        alike: whether sizes are rounded up, so that trainings of nearly equal sizes share one program: for many small
            ones, one after another.
        until: the last epoch, when training is to end before its schedule does.
        super_batch: how many bytes of rows are on the devices at once, see `streamed.py`; None for the whole table.
        watch: told after every epoch.
        keeper: where checkpoints go; a checkpoint found there is continued.
        interrupt: entered by the caller, when Ctrl-C is to be heard of before and after training too.

    Ctrl-C ends the training after the present epoch; the best weights so far are the result.
    """
    began = time.perf_counter()
    training = balanced(training, assignments, alike=alike)
    program = made(training, table, assignments, inspects=inspects, brief=brief, alike=alike, super_batch=super_batch)
    watch(Progress("compiling", epochs=training.epochs, lanes=len(assignments)))
    program.compile()
    ready = time.perf_counter()
    with contextlib.closing(program), contextlib.nullcontext(interrupt) if interrupt else Interrupt() as heard:
        loop = _Loop(program, watch, keeper or NoKeeper(), every, until)
        lane = loop.run(heard)
    trained = time.perf_counter()
    watch(Progress("scoring", training.epochs, training.epochs, lanes=len(assignments)))
    results = program.results(lane)
    seconds = {"compile": ready - began, "train": trained - ready, "score": time.perf_counter() - trained}
    before = program.results(program.begin()) if fresh else ()
    return Result(results, loop.history, seconds, heard.asked, loop.inspect, before)


def made(
    training: Training,
    table: Table,
    assignments: Sequence[Assignment],
    *,
    inspects: bool = True,
    brief: bool = False,
    alike: bool = False,
    super_batch: int | None = None,
) -> Program | Streamed:
    """The program of some lanes, in memory or streamed; its arguments are those of `train`."""
    if super_batch is None:
        return Program(
            training, table, assignments, inspects=inspects, brief=brief, longest=_longest(assignments, alike=alike)
        )
    return Streamed(training, table, assignments, super_batch, inspects=inspects)


def _longest(assignments: Sequence[Assignment], *, alike: bool) -> tuple[int, int]:
    """So many fit rows and stop rows there is room for in every lane at least."""
    if not alike:
        return 1, 1
    fit, stop = max(len(lane.fit) for lane in assignments), max(len(lane.stop) for lane in assignments)
    return room(fit), room(stop) if stop else 1


def balanced(training: Training, assignments: Sequence[Assignment], *, alike: bool = False) -> Training:
    """The training with a batch as large as the largest lane needs, and with stop rows only if every lane has some.

    Args:
        alike: whether the batch is rounded up, to a quarter of the largest one.
    """
    width = max(run.batches(len(lane.fit), training.batch_size)[1] for lane in assignments)
    if alike:
        step = max(8, training.batch_size // 4)
        width = min(-(-width // step) * step, training.batch_size)
    stops = training.stops and all(len(lane.stop) for lane in assignments)
    return dataclasses.replace(training, batch_size=width, stops=stops)


@dataclasses.dataclass(frozen=True)
class _Sent:
    """An epoch that was sent off to the devices and not read yet."""

    number: int
    info: dict[str, Array]


@dataclasses.dataclass(frozen=True)
class _View:
    """The lanes as they were before an epoch, kept to be inspected."""

    number: int
    lane: Lane
    rows: Any


class _Loop:
    """Epoch after epoch until every lane sleeps; the next is sent off before the last one is read: no device waits."""

    def __init__(
        self,
        program: Program | Streamed,
        watch: Watcher,
        keeper: Keeper,
        every: int | None = None,
        until: int | None = None,
    ) -> None:
        self.program, self.watch, self.keeper = program, watch, keeper
        self.epochs = min(program.training.epochs, until or program.training.epochs)
        self.history: Lines = []
        self.inspection: Lines = []
        self.views: list[_View] = []
        self.recent: list[_View] = []
        self.every = every or inspect.every(run.batches(program.order_length, program.training.batch_size)[0])

    def run(self, interrupt: Interrupt) -> Lane:
        """Train from the beginning, or from the keeper's checkpoint, to the end or to Ctrl-C."""
        program, lane, done = self.program, *self._start()
        self.began, self.start = time.perf_counter(), done
        waiting: _Sent | None = None
        for number in range(done + 1, self.epochs + 1):
            before, (lane, waiting) = waiting, self._send(lane, number)
            program.expect_scores()
            if not program.ahead:
                before, waiting = waiting, None
            if before is not None and not self._read(before):
                waiting = None  # all lanes slept before this epoch: it changed nothing
                break
            if interrupt.asked:
                break
            if self.keeper.due():
                if waiting is not None:
                    self._read(waiting)
                    waiting = None
                self._save(lane, number)
        if waiting is not None:
            self._read(waiting)
        self._look_back()
        return lane

    def _look_back(self) -> None:
        """See to it that the last epoch is inspected, however few steps the training had."""
        last = self.history[-1]["epoch"] if self.history else 0
        self.views += [view for view in self.recent if view.number == last and not self._due(last)]
        self.recent.clear()

    def _due(self, number: int) -> bool:
        return self.program.inspects and (number - 1) % self.every == 0

    def _start(self) -> tuple[Lane, int]:
        found = self.keeper.load()
        if found is None:
            return self.program.begin(), 0
        kept, meta = found
        self.history, self.inspection = list(meta["history"]), list(meta["inspection"])
        return self.program.restore(kept), int(meta["epoch"])

    def _save(self, lane: Lane, number: int) -> None:
        story = {"history": list(self.history), "inspection": list(self.inspect())}
        self.keeper.save(arrays(lane), {"epoch": number, **story})

    def _send(self, lane: Lane, number: int) -> tuple[Lane, _Sent]:
        rows = self.program.rows(number)
        if self.program.inspects:
            self.recent = [*self.recent[-1:], _View(number, lane, rows)]
        if self._due(number):
            self.views.append(self.recent[-1])
            lasts = time.perf_counter() - self.began > _SHORT
            if len(self.views) > _MOST_VIEWS or (lasts and self.program.can_inspect()):
                self.inspect()
        lane, info = self.program.epoch(lane, rows, number)
        return lane, _Sent(number, info)

    def inspect(self) -> Lines:
        """All inspections so far; what is kept is inspected now, waiting for the program that does it if need be."""
        training, names = self.program.training, self.program.names
        for view in self.views:
            found = self.program.inspect(view.lane, view.rows, view.number)
            told = inspect.lines(training.objective.model, names, view.number, jax.tree.map(np.asarray, found))
            awake = np.asarray(view.lane.best.active)
            self.inspection += [line for line, ran in zip(told, awake[: len(names)], strict=True) if ran]
        self.views.clear()
        return self.inspection

    def _read(self, sent: _Sent) -> bool:
        """Wait for an epoch, keep its story and tell the watcher; whether any lane is still awake."""
        training, names = self.program.training, self.program.names
        info = {name: np.asarray(array)[: len(names)] for name, array in sent.info.items()}
        awake, active = info.pop("awake"), info["active"]
        self.history += lines(names, sent.number, info)
        mean = lambda values: float(values[active].mean()) if active.any() else float("nan")
        seconds = time.perf_counter() - self.began
        left = seconds / (sent.number - self.start) * (self.epochs - sent.number) if awake.any() else 0.0
        loss = mean(info["stop_loss"] if training.stops else info["loss"])
        at = (sent.number, self.epochs, int(awake.sum()), len(names))
        self.watch(Progress("training", *at, loss, mean(info["stop_score"]), training.metric, seconds, left))
        return bool(awake.any())
