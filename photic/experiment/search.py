"""The search: settings tried in generations, given up at rungs, the best of them found for every arena.

An arena is a set of rows that a search may look at: the training rows of one outer fold, or of the final network. In
it every setting is trained on some inner folds and judged by the rows left out; nothing else of the data is seen. All
arenas search side by side, and all lanes of one structure are one program.

Of a generation all settings are trained to the first rung; the best third of each arena goes on to the next, and so
on to the last epoch (successive halving). The default setting always goes on, so that a search can be compared with
having none.

Reference: Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", 2016,
https://arxiv.org/abs/1502.07943 (successive halving); Varma and Simon, "Bias in error estimation when using
cross-validation for model selection", 2006, https://doi.org/10.1186/1471-2105-7-91 (why the score of a search's winner
on its own folds flatters). Lesson 13.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import numpy as np

from photic.data.memory import words
from photic.errors import PlanError, nearest
from photic.experiment import homes
from photic.experiment.arena import Arena
from photic.experiment.asking import Asked, Study, Told
from photic.experiment.assignment import NO_ROWS, Assignment
from photic.experiment.group import Group, Point, best
from photic.experiment.homes import Home
from photic.experiment.lanes import Keeper, NoKeeper
from photic.experiment.recipe import Recipe, Structure
from photic.experiment.validate import table_of
from photic.maths import metrics
from photic.train import run
from photic.train.history import Progress, Watcher, quiet
from photic.train.run import Training

PRUNERS = {
    "halving": "at every rung the best third goes on",
    "median": "at every rung whatever is worse than the middle one ends",
    "none": "every setting is trained to its end",
}
_PLENTY = 1 << 29  # bytes, beside which idle lanes of small networks are nothing
_PAUSE = 0.5  # seconds, while others are at work
_ETA = 3  # one of so many goes on
_MOST = 64  # settings of a generation, when nothing is to be learned between two of them


@dataclasses.dataclass(frozen=True)
class Trial:
    """One setting that was tried in one arena."""

    arena: str
    asked: Asked
    told: Told | None


@dataclasses.dataclass
class Cost:
    """What a search took: seconds by name, trainings begun, epochs trained over all lanes, most lanes at once."""

    compile: float = 0.0
    train: float = 0.0
    engine: float = 0.0
    trainings: int = 0
    epochs: int = 0
    lanes: int = 0


@dataclasses.dataclass(eq=False)
class Search:
    """All that a search needs while it goes on.

    Args:
        studies: one for each arena, in the same order.
        trials: how many settings every arena tries.
        pruner: one of `PRUNERS`.
        memory: bytes that lanes may take at once; None for any number.
        keeper: where checkpoints of the present generation go; one that is found there is continued.
        ended: asked after every epoch whether the search is to end.
    """

    recipe: Recipe
    arenas: Sequence[Arena]
    studies: Sequence[Study]
    trials: int
    pruner: str = "halving"
    memory: int | None = None
    keeper: Keeper = dataclasses.field(default_factory=NoKeeper)
    watch: Watcher = quiet
    ended: Callable[[], bool] = lambda: False
    cost: Cost = dataclasses.field(default_factory=Cost)

    def __post_init__(self) -> None:
        self.metric = metric_of(self.recipe)
        self.inner = [each for arena in self.arenas for each in arena.inner]
        self.table = table_of(self.inner)
        self.longest = max(len(each.fold.fit) for each in self.inner), max(len(each.fold.stop) for each in self.inner)
        self.began = time.perf_counter()
        self._homes: dict[Structure, Home] = {}
        self._trainings: dict[Structure, Training] = {}
        found = self.best(self.arenas[-1].name)
        self.reached = math.nan if found is None or found.told is None else cast("float", found.told.score)

    def go(self) -> None:
        """Generation after generation until all settings were tried, or the search is ended.

        What dead processes left is tried first; what living ones are at work on is waited for.
        """
        began = time.perf_counter()
        waited = 0.0
        while not self.ended():
            asked, others = self._left()
            asked = asked or self._ask()
            if asked:
                _Generation(self, asked).run()
            elif others:
                time.sleep(_PAUSE)
                waited += _PAUSE
            else:
                break
        self.cost.engine = time.perf_counter() - began - waited - self.cost.compile - self.cost.train

    def _left(self) -> tuple[list[tuple[int, Asked]], bool]:
        """What was asked for and never told, and whether living processes are at work on some."""
        found = [study.left() for study in self.studies]
        return [(place, each) for place, (mine, _) in enumerate(found) for each in mine], any(o for _, o in found)

    def _ask(self) -> list[tuple[int, Asked]]:
        return [(place, each) for place, study in enumerate(self.studies) for each in study.ask(self._next(study))]

    def _next(self, study: Study) -> int:
        """How many settings the next generation has: few enough that the sampler learns between two of them."""
        left = max(0, self.trials - len(study.known()))
        most = _MOST if study.sampler in ("random", "grid") else int(np.clip(math.ceil(self.trials / 4), 4, 32))
        return min(left, most)

    def tell(self, place: int, asked: Asked, told: Told) -> None:
        """Keep what became of a setting of an arena."""
        self.studies[place].tell(asked, told)
        if place == len(self.arenas) - 1 and told.state == "complete" and told.score is not None:
            better = np.fmax if self.metric.better == "higher" else np.fmin
            self.reached = float(better(self.reached, told.score))

    def told(self) -> list[Trial]:
        """Everything that was tried so far."""
        return [
            Trial(arena.name, asked, told)
            for arena, study in zip(self.arenas, self.studies, strict=True)
            for asked, told in study.known()
        ]

    def best(self, arena: str) -> Trial | None:
        """The best setting of an arena of those trained to their end; without any, of those that came furthest."""
        known = [each for each in self.told() if each.arena == arena and each.told and each.told.score is not None]
        furthest = max((_share(each) for each in known), default=0)
        return max((each for each in known if _share(each) == furthest), key=self.worth, default=None)

    def worth(self, trial: Trial) -> float:
        """The score of a setting, larger being better; minus infinity without one."""
        score = None if trial.told is None else trial.told.score
        return -math.inf if score is None else score if self.metric.better == "higher" else -score

    def stages(self) -> list[int]:
        """The epochs of the rungs, of the default training."""
        epochs = self.recipe.plan.epochs
        return [math.ceil(epochs * share) for share in _stages(self.pruner, epochs)]

    def home(self, structure: Structure) -> Home:
        """Where settings of this structure are trained; the same in every generation."""
        if structure not in self._homes:
            plan = self.recipe.planned(structure)
            steps = run.batches(self.longest[0], plan.batch_size)[0] * plan.epochs
            every = steps * self.trials * len(self.inner) * _effort(self.pruner, plan.epochs)
            self._homes |= homes.homes(self.recipe, structure, self.table, every)
        return self._homes[structure]

    def training(self, home: Home) -> Training:
        """The training of all settings that are at home there; its batches are the same in every generation."""
        if home.structure not in self._trainings:
            training = homes.training(self.recipe, home)
            size = run.batches(self.longest[0], training.batch_size)[1]
            self._trainings[home.structure] = dataclasses.replace(training, batch_size=size)
        return self._trainings[home.structure]


def check_pruner(pruner: str) -> None:
    """Refuse an unknown way to give up.

    Raises:
        PlanError: in five parts.
    """
    if pruner not in PRUNERS:
        raise PlanError("pruner", "needs a known way to give up", repr(pruner), source="the pruner option",
                        fix=nearest(pruner, PRUNERS))  # fmt: skip


def metric_of(recipe: Recipe) -> metrics.Metric:
    """The metric that decides between two settings."""
    return metrics.main(recipe.plan.task.scoring)


def _share(trial: Trial) -> tuple[bool, int]:
    assert trial.told is not None, "only what was told is compared"
    return trial.told.state == "complete", 0 if trial.told.state == "complete" else trial.told.epochs


class _Generation:
    """Settings that compete with each other, from their first epoch to what is told of them."""

    def __init__(self, search: Search, asked: Sequence[tuple[int, Asked]]) -> None:
        self.search, self.asked = search, list(asked)

    def run(self) -> None:
        """Train all of them, rung by rung, and tell their studies; in two halves where memory is short."""
        self.groups = self._grouped()
        if not self._compile():
            half = len(self.asked) // 2
            for part in (self.asked[:half], self.asked[half:]):
                if not self.search.ended():
                    _Generation(self.search, part).run()
            return
        stages = _stages(self.search.pruner, min(group.training.epochs for group in self.groups.values()))
        first = self._restore()
        for stage, share in enumerate(stages):
            if stage < first:
                continue
            for group in self.groups.values():
                self._advance(group, math.ceil(group.training.epochs * share), stage)
            if self.search.ended():
                break
            if stage < len(stages) - 1:
                going = self._going()
                for group in self.groups.values():
                    group.keep({name for name in group.awake if self._of(name) in going})
        self._tell()

    def _grouped(self) -> dict[Structure, Group]:
        """A group for every home, with a lane for every setting and inner fold."""
        search, lanes = self.search, cast("dict[Structure, tuple[Home, list[Assignment]]]", {})
        rows = len(search.table.y) // len(search.inner)
        for number, (place, asked) in enumerate(self.asked):
            arena, home = search.arenas[place], search.home(search.recipe.structure(asked.values))
            knobs = search.recipe.knobs(asked.values) | ({run.NARROWER: float(home.place)} if home.narrower else {})
            for fold, each in enumerate(arena.inner):
                name, offset = f"{number} {arena.name} {asked.number} {fold}", (arena.first + fold) * rows
                given = Assignment(name, search.recipe.plan.seed, each.fold.fit + offset, each.fold.stop + offset,
                                   NO_ROWS, knobs)  # fmt: skip
                lanes.setdefault(home.structure, (home, []))[1].append(given)
        made = {}
        for structure, (home, given) in lanes.items():
            training, roomy = search.training(home), search.memory is None or search.memory >= _PLENTY
            made[structure] = Group(training, search.table, given, search.longest, roomy=roomy)
            search.table = made[structure].program.table  # as it lies on the devices: it is brought there once
        return made

    @staticmethod
    def _of(lane: str) -> int:
        return int(lane.split(" ", 1)[0])

    def _compile(self) -> bool:
        """Compile all groups side by side; False when they take more memory than there is, and can be divided."""
        search, began = self.search, time.perf_counter()
        search.watch(Progress("compiling", lanes=sum(len(group.awake) for group in self.groups.values())))
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(Group.compile, self.groups.values()))
        search.cost.compile += time.perf_counter() - began
        taken = sum(group.memory() * group.program.layout.width for group in self.groups.values())
        if search.memory is None or taken <= search.memory:
            lanes = sum(len(group.awake) for group in self.groups.values())
            search.cost.lanes, search.cost.trainings = max(search.cost.lanes, lanes), search.cost.trainings + lanes
            return True
        if len(self.asked) == 1:
            got = f"{words(search.memory)}, and they take {words(taken)}"
            raise PlanError("memory", "needs room for the lanes of one setting", got, source="the memory option",
                            fix="raise it, or try a smaller network or fewer folds")  # fmt: skip
        return False

    def _advance(self, group: Group, until: int, stage: int) -> None:
        search = self.search
        while True:
            before = group.busy
            there = group.advance(until, self._watch, lambda: search.ended() or search.keeper.due())
            search.cost.train += group.busy - before
            if there or search.ended():
                return
            self._keep(stage)

    def _watch(self, epoch: int, awake: int) -> None:
        search = self.search
        done, asked = sum(study.done for study in search.studies), search.trials * len(search.studies)
        search.cost.epochs += awake
        seconds = time.perf_counter() - search.began
        left = seconds / done * (asked - done) if done else None
        at = done, asked, awake, search.cost.lanes
        search.watch(Progress("searching", *at, math.nan, search.reached, search.metric.name, seconds, left))

    def _scores(self) -> dict[int, tuple[float, ...]]:
        """The scores of every setting's folds so far, each at its best epoch; NaN where there is none."""
        found: dict[int, list[float]] = {number: [] for number in range(len(self.asked))}
        for group in self.groups.values():
            for name, points in group.curves.items():
                at = best(points)
                lost = bool(points) and not math.isfinite(points[-1].loss)
                found[self._of(name)].append(math.nan if at is None or lost else at.score)
        return {number: tuple(scores) for number, scores in found.items()}

    def _going(self) -> set[int]:
        """The settings that go on, of every arena by itself; the default one always does."""
        sign = 1 if self.search.metric.better == "higher" else -1
        worth = {n: sign * float(np.mean(scores)) for n, scores in self._scores().items()}
        awake = {self._of(name) for group in self.groups.values() for name in group.awake}
        going = {number for number in awake if self.asked[number][1].default}
        for place in {place for place, _ in self.asked}:
            mine = [n for n, (of, _) in enumerate(self.asked) if of == place and n in awake and math.isfinite(worth[n])]
            mine.sort(key=lambda n: -worth[n])
            most = math.ceil(len(mine) / _ETA) if self.search.pruner == "halving" else math.ceil(len(mine) / 2)
            going |= set(mine[:most])
        return going

    def _tell(self) -> None:
        curves: dict[int, list[list[Point]]] = {number: [] for number in range(len(self.asked))}
        ends: dict[int, bool] = {}
        for group in self.groups.values():
            for name, points in group.curves.items():
                curves[self._of(name)].append(points)
                whole = name not in group.dropped and (name not in group.awake or group.epoch >= group.training.epochs)
                ends[self._of(name)] = ends.get(self._of(name), True) and whole
        for number, (place, asked) in enumerate(self.asked):
            self.search.tell(place, asked, _summed(curves[number], ended=ends[number]))

    def _keep(self, stage: int) -> None:
        """Leave a checkpoint of all groups."""
        groups = list(self.groups.values())
        held = {f"{i}/{name}": array for i, group in enumerate(groups) for name, array in group.arrays().items()}
        story = {"stage": stage, "asked": self._mark(), "groups": [group.story() for group in groups]}
        self.search.keeper.save(held, story)

    def _mark(self) -> list[list[Any]]:
        return [[place, asked.number] for place, asked in self.asked]

    def _restore(self) -> int:
        """The stage of a checkpoint of this very generation, taken up; 0 without one."""
        found = self.search.keeper.load()
        if found is None or found[1].get("asked") != self._mark():
            return 0
        held, story = found
        for i, (group, told) in enumerate(zip(self.groups.values(), story["groups"], strict=True)):
            mine = {name.partition("/")[2]: array for name, array in held.items() if name.partition("/")[0] == str(i)}
            group.restore(mine, told)
        return int(story["stage"])


def _stages(pruner: str, epochs: int) -> tuple[float, ...]:
    """The rungs, as shares of the epochs."""
    if pruner == "none" or epochs < _ETA:
        return (1.0,)
    return (1 / _ETA, 1.0) if epochs < _ETA**2 else (1 / _ETA**2, 1 / _ETA, 1.0)


def _effort(pruner: str, epochs: int) -> float:
    """About what share of all epochs is trained where settings are given up at rungs."""
    stages = (0.0, *_stages(pruner, epochs))
    kept = 1 / _ETA if pruner == "halving" else 1 / 2
    return sum((until - since) * kept**n for n, (since, until) in enumerate(itertools.pairwise(stages)))


def _summed(folds: Sequence[Sequence[Point]], *, ended: bool) -> Told:
    """What became of a setting, from what its folds came to."""
    bests = [best(points) for points in folds]
    epochs = max((len(points) for points in folds), default=0)
    held = [[points[min(epoch, len(points) - 1)].score for points in folds if points] for epoch in range(epochs)]
    curve = tuple((epoch + 1, float(np.mean(scores))) for epoch, scores in enumerate(held) if np.isfinite(scores).all())
    known = [at for at in bests if at is not None]
    if len(known) < len(folds) or any(points and not math.isfinite(points[-1].loss) for points in folds):
        lost = epochs > 0
        return Told("diverged" if lost else "halved", None, (), epochs, 0.0, curve)
    scores = tuple(at.score for at in known)
    mean = float(np.mean(scores)), float(np.mean([at.epoch for at in known]))
    return Told("complete" if ended else "halved", mean[0], scores, epochs, mean[1], curve)
