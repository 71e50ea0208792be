"""Asking: which setting is tried next, by Optuna's samplers, and what is known of those that were tried.

Every arena has a study of its own in one journal file, so that the search inside a fold knows nothing of what others
found. A file is kept because processes may die: what was told is never lost, and optuna-dashboard can read it.

Reference: Akiba et al., "Optuna: a next-generation hyperparameter optimization framework", 2019,
https://arxiv.org/abs/1907.10902; the usual sampler: Bergstra et al., "Algorithms for hyper-parameter optimization",
2011, https://papers.nips.cc/paper/4443-algorithms-for-hyper-parameter-optimization (section 4). Lesson 13.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
import psutil
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages.journal import JournalFileBackend, JournalStorage
from optuna.trial import FrozenTrial, TrialState

from photic import keys
from photic.errors import PlanError, nearest
from photic.experiment import space as spaces
from photic.experiment.space import Choice, Dimension, Integer, LogUniform, Space, Value

SAMPLERS = {
    "tpe": "settings near those that did well, and far from those that did not",
    "random": "settings drawn from the whole space",
    "grid": "every setting of the grid, in order",
    "cmaes": "settings from a normal distribution that moves to where they do well; only for numbers",
}
_ASKED, _TOLD = "asked", "told"


@dataclasses.dataclass(frozen=True)
class Asked:
    """One setting to try.

    Args:
        number: in its study, from 0.
        values: of the names that count.
        default: whether it is the plan as it was without a search.
    """

    number: int
    values: Mapping[str, Value]
    default: bool = False


@dataclasses.dataclass(frozen=True)
class Told:
    """What became of a setting.

    Args:
        state: "complete", "halved" (given up at a rung), or "diverged".
        score: the mean over the folds at their best epochs; None when there is none.
        folds: the score of each fold.
        epochs: how many were trained.
        best_epoch: the mean of the folds' best epochs.
        curve: `[epoch, mean score]` after each epoch.
    """

    state: str
    score: float | None
    folds: tuple[float, ...] = ()
    epochs: int = 0
    best_epoch: float = 0.0
    curve: tuple[tuple[int, float], ...] = ()


def storage(journal: Path) -> JournalStorage:
    """The studies in a journal file, new or old."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return JournalStorage(JournalFileBackend(str(journal)))


class Study:
    """The search of one arena.

    Args:
        name: the arena's.
        better: "higher" or "lower".
        default: the setting that every search begins with.
        seed: the same seed asks for the same settings, also when it is taken up again.
    """

    def __init__(
        self,
        journal: JournalStorage,
        name: str,
        space: Space,
        *,
        sampler: str = "tpe",
        better: str = "higher",
        default: Mapping[str, Value] | None = None,
        seed: int = 0,
    ) -> None:
        self.name, self.space, self.sampler, self.seed = name, space, sampler, seed
        self.default = None if default is None else dict(default)
        self.grid = list(spaces.settings(space)) if sampler == "grid" else []
        direction = "maximize" if better == "higher" else "minimize"
        self._journal = journal
        self._study = optuna.create_study(storage=journal, study_name=name, direction=direction, load_if_exists=True)
        self._done = sum(told is not None for _, told in self.known())

    def ask(self, count: int) -> list[Asked]:
        """The next settings, fewer when a grid has no more; all of them before any is told."""
        asked: list[Asked] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._study.sampler = self._sampler(len(self._trials()))
            while len(asked) < count:
                trial = self._study.ask()  # its number is nobody else's, however many processes ask at once
                place = trial.number - (self.default is not None)
                if self.default is not None and trial.number == 0:
                    asked.append(self._given(trial, self.default, default=True))
                elif self.sampler != "grid":
                    values = spaces.suggest(trial, self.space)
                    trial.set_user_attr(_ASKED, {"values": values, "process": _own()})
                    asked.append(Asked(trial.number, values))
                elif place < len(self.grid):
                    asked.append(self._given(trial, self.grid[place]))
                else:
                    self._study.tell(trial.number, state=TrialState.FAIL)
                    break
        return asked

    def _sampler(self, begun: int) -> Any:
        """A sampler whose draws hang on how many settings were asked for before, so that a search can be taken up."""
        seed = int(keys.generator(self.seed, self.name, "settings", begun).integers(2**31))
        if self.sampler == "tpe":
            return optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=True)
        if self.sampler == "cmaes":
            return optuna.samplers.CmaEsSampler(seed=seed)
        return optuna.samplers.RandomSampler(seed=seed)

    def _given(self, trial: Any, values: Mapping[str, Value], *, default: bool = False) -> Asked:
        """A setting that no sampler drew; of values outside of the space the sampler learns nothing."""
        for name, value in values.items():
            if _holds(self.space[name], value):
                kind = _distribution(self.space[name])
                self._journal.set_trial_param(trial._trial_id, name, kind.to_internal_repr(value), kind)
        trial.set_user_attr(_ASKED, {"values": dict(values), "default": default, "process": _own()})
        return Asked(trial.number, dict(values), default)

    def tell(self, asked: Asked, told: Told) -> None:
        """Keep what became of a setting."""
        found = self._journal.get_trial_id_from_study_id_trial_number(self._study._study_id, asked.number)
        trial = optuna.trial.Trial(self._study, found)
        trial.set_user_attr(_TOLD, dataclasses.asdict(told))
        if told.score is not None:
            trial.report(told.score, told.epochs)
        states = {"complete": TrialState.COMPLETE, "halved": TrialState.PRUNED}
        state = states.get(told.state, TrialState.FAIL)
        self._study.tell(asked.number, told.score if state == TrialState.COMPLETE else None, state)
        self._done += 1

    def left(self) -> tuple[list[Asked], bool]:
        """The settings that were asked for and never told: those of dead processes, and whether living ones have some.

        They are this process's from now on.
        """
        mine, others = [], False
        for trial in self._trials():
            if _told(trial) is not None:
                continue
            known = trial.user_attrs.get(_ASKED)
            if known is None:  # the process died while it asked
                continue
            if _lives(known["process"]):
                others = True
                continue
            taken = {**known, "process": _own()}
            if taken != known:
                optuna.trial.Trial(self._study, trial._trial_id).set_user_attr(_ASKED, taken)
            mine.append(_asked(trial))
        return mine, others

    def _trials(self) -> list[FrozenTrial]:
        """Optuna's own records, which nobody here changes: to copy them takes a quarter of the time between rungs."""
        return self._study.get_trials(deepcopy=False)

    @property
    def done(self) -> int:
        """How many settings were told."""
        return self._done

    def known(self) -> list[tuple[Asked, Told | None]]:
        """Every setting that was asked for, with what became of it; None while it is tried."""
        return [(_asked(trial), _told(trial)) for trial in self._trials() if _ASKED in trial.user_attrs]

    def importance(self) -> dict[str, float]:
        """How much of what differs between the scores each name explains; empty while too little is known.

        Reference: Watanabe, Bansal and Hutter, "PED-ANOVA: efficiently quantifying hyperparameter importance in
        arbitrary subspaces", 2023, https://arxiv.org/abs/2304.10255
        """
        done = [trial for trial in self._trials() if trial.state == TrialState.COMPLETE]
        if len(done) < 4 or len({trial.value for trial in done}) < 2:
            return {}
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = optuna.importance.get_param_importances(self._study, evaluator=evaluator)
        except (RuntimeError, ValueError):  # all settings alike in the names that every one of them has
            return {}
        return {name: float(share) for name, share in found.items() if math.isfinite(share)}


def check_sampler(sampler: str, space: Space) -> None:
    """Refuse a way to search that is unknown, or that this space does not allow.

    Raises:
        PlanError: in five parts.
    """
    if sampler not in SAMPLERS:
        raise PlanError("sampler", "needs a known way to search", repr(sampler), source="the sampler option",
                        fix=nearest(sampler, SAMPLERS))  # fmt: skip
    names = [name for name, dimension in space.items() if isinstance(dimension, Choice)]
    if sampler == "cmaes":
        if names:
            raise PlanError("sampler cmaes", "needs a space of numbers", f"a choice, {names[0]}",
                            source="the sampler option", fix="use tpe, or leave that name out")  # fmt: skip
        if importlib.util.find_spec("cmaes") is None:
            raise PlanError(
                "sampler cmaes",
                "needs the package cmaes",
                "none installed",
                source="the sampler option",
                fix="pip install 'photic[cmaes]', or use tpe",
            )


def _own() -> list[float]:
    process = psutil.Process()
    return [process.pid, process.create_time()]


def _lives(process: list[float] | None) -> bool:
    """Whether a process is alive, and not this one."""
    if process is None or process == _own():
        return False
    try:
        return abs(psutil.Process(int(process[0])).create_time() - process[1]) < 1.0
    except psutil.Error:
        return False


def _distribution(dimension: Dimension) -> Any:
    if isinstance(dimension, Choice):
        return CategoricalDistribution(dimension.options)
    if isinstance(dimension, Integer):
        wide = len(dimension.grid()) < dimension.high - dimension.low + 1 and dimension.low > 0
        return IntDistribution(dimension.low, dimension.high, log=wide)
    return FloatDistribution(dimension.low, dimension.high, log=isinstance(dimension, LogUniform))


def _holds(dimension: Dimension, value: Value) -> bool:
    if isinstance(dimension, Choice):
        return value in dimension.options
    return isinstance(value, int | float) and dimension.low <= value <= dimension.high


def _asked(trial: FrozenTrial) -> Asked:
    known = trial.user_attrs[_ASKED]
    return Asked(trial.number, known["values"], known.get("default", False))


def _told(trial: FrozenTrial) -> Told | None:
    if _TOLD not in trial.user_attrs:
        return None
    data: dict[str, Any] = dict(trial.user_attrs[_TOLD])
    data["folds"], data["curve"] = tuple(data["folds"]), tuple((int(e), score) for e, score in data["curve"])
    return Told(**data)
