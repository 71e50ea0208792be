"""The learning rate that suits a training, found by beginning that training at many rates. Chapter: "Gradient descent".

Every lane of an experiment is begun at a row of rates: the same first weights, the same batches, the very program that
will train it, so that nothing is compiled for this. After a sixteenth of its epochs the rate at which the
loss on the fit rows fell deepest is taken; of rates as good as each other, the lowest. First whole powers of ten are
tried, then the thirds between them around the best. A fold looks at its own fit rows alone and gets a rate of its own,
so that no score row has a say in it. A rate at which the loss is no longer a number has diverged: a result like others.

The usual range test raises the rate from step to step within one training, so that what a rate does is mixed with what
the rates before it did, and a good rate has to be guessed from the shape of a noisy curve.
docs/decisions/learning-rate-finder.md has what was weighed and measured.

Reference: Smith, "Cyclical learning rates for training neural networks", 2017, https://arxiv.org/abs/1506.01186
(section 3.3, the range test); Wu et al., "Understanding short-horizon bias in stochastic meta-optimization", 2018,
https://arxiv.org/abs/1803.02021 (why a short look cannot be all). Lesson 8.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from photic.experiment import lanes
from photic.experiment.assignment import Assignment
from photic.experiment.program import Program
from photic.experiment.streamed import Streamed
from photic.optim.descent import Descent
from photic.spec import Knob
from photic.train import run
from photic.train.history import Progress, Watcher, quiet
from photic.train.interrupt import Interrupt
from photic.train.run import Table, Training

KNOB = "learning_rate"
FINAL = "final"
POWERS = (-6, -5, -4, -3, -2, -1, 0, 1)  # of ten, tried first
THIRDS = (-2, -1, 1, 2)  # of a power of ten, tried around the best of them
SHARE = 1 / 16  # of the epochs, that every rate is tried for
_ALIKE = 0.01  # of the deepest fall of the loss: a difference that is not one
_STEPS = 50  # at least, where the training is long enough


@dataclasses.dataclass(frozen=True)
class Found:
    """What one lane found.

    Args:
        lane: whose rate it is.
        rate: at which the loss fell deepest; None when it fell at none by more than a hundredth.
        epochs: for which every rate was tried.
        tried: the rates, in order.
        loss: on the fit rows, in the last of those epochs; None where it was no longer a number.

    >>> Found.of("final", 12, {0.1: 0.4, 1.0: float("nan"), 0.01: 0.9}).rate
    0.1
    """

    lane: str
    rate: float | None
    epochs: int
    tried: tuple[float, ...]
    loss: tuple[float | None, ...]

    @classmethod
    def of(cls, lane: str, epochs: int, losses: Mapping[float, float]) -> Found:
        """The rate at which the loss fell deepest; of all that fell as deep within a hundredth, the lowest.

        Args:
            losses: by rate; at the lowest rate hardly anything has been learned.
        """
        tried = tuple(sorted(losses))
        known = {rate: losses[rate] for rate in tried if math.isfinite(losses[rate])}
        first, deepest = (known[min(known)], min(known.values())) if known else (math.nan, math.nan)
        falls = first - deepest > _ALIKE * abs(first)
        enough = deepest + _ALIKE * (first - deepest)
        return cls(
            lane,
            next((rate for rate in known if falls and known[rate] <= enough), None),
            epochs,
            tried,
            tuple(known.get(rate) for rate in tried),
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Found:
        """What `dataclasses.asdict` made of it."""
        return cls(data["lane"], data["rate"], data["epochs"], tuple(data["tried"]), tuple(data["loss"]))


def find(
    training: Training,
    table: Table,
    assignments: Sequence[Assignment],
    *,
    super_batch: int | None = None,
    watch: Watcher = quiet,
    interrupt: Interrupt | None = None,
) -> tuple[Found, ...]:
    """The rate of every lane.

    Args:
        training: as it will be carried out; of its rule's rate nothing is used.
        assignments: as they will be trained; only their fit rows decide, and their score rows are not looked at.
        super_batch: as for `lanes.train`.
        watch: told after every epoch.
        interrupt: ends the search after the present epoch; what was tried by then decides.

    The work is that of three quarters of a training to its last epoch.
    """
    given = [dataclasses.replace(each, knobs={**each.knobs, KNOB: 1.0}) for each in assignments]
    training = lanes.balanced(dataclasses.replace(training, descent=knobbed(training.descent)), given)
    program = lanes.made(training, table, given, super_batch=super_batch)
    epochs = short(training, max(len(each.fit) for each in given))
    watch(Progress("compiling", epochs=epochs, lanes=len(given)))
    program.compile()
    search = _Search(program, [{} for _ in given], epochs, watch, interrupt)
    for power in POWERS:
        search.begin([_round(10.0**power)] * len(given))
    middle = [Found.of("", epochs, lost).rate or 1.0 for lost in search.losses]
    for third in THIRDS:
        search.begin([_round(rate * 10 ** (third / 3)) for rate in middle])
    return tuple(Found.of(each.name, epochs, lost) for each, lost in zip(given, search.losses, strict=True))


def central(found: Sequence[Found]) -> float | None:
    """One rate to stand for all: the final network's, or the middle of the folds'.

    >>> central([Found.of("fold 1", 3, {1e-6: 2.0, 0.1: 1.0}), Found.of("fold 2", 3, {1e-6: 2.0, 0.001: 1.0})])
    0.01
    """
    known = [(each.lane, each.rate) for each in found if each.rate is not None]
    own = [rate for lane, rate in known if lane == FINAL] or [rate for _, rate in known]
    return _round(float(np.exp(np.mean(np.log(own))))) if own else None


def words(found: Sequence[Found], usual: float) -> str:
    """What was found, as a sentence of the plan.

    Args:
        usual: the rate of the rule, for a lane that found none.
    """
    own = next((each for each in found if each.lane == FINAL), None)
    folds = [each.rate or usual for each in found if each is not own]
    tried, first = len(found[0].tried), own or found[0]
    if all(each.rate is None for each in found):
        return f"Learning rate: {usual:g} as usual, for at none of the {tried} rates tried did the loss fall."
    how = (
        f"of {tried} rates from {first.tried[0]:g} to {first.tried[-1]:g}, each tried for {_epochs(first.epochs)} from "
        "the same first weights, it is the lowest at which the loss on the fit rows fell as deep as anywhere"
    )
    span = f"{min(folds):g}" + (f" to {max(folds):g}" if max(folds) > min(folds) else "") if folds else ""
    if own is None:
        return f"Learning rate: {span}, found by every fold on its own fit rows: {how}."
    rest = f" Every fold found its own on its own fit rows: {span}." if folds else ""
    return f"Learning rate: {own.rate or usual:g}, found: {how}.{rest}"


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def knobbed(descent: Descent) -> Descent:
    """The same descent with a rate that every lane sets for itself.

    >>> from photic.optim.rules import SGD
    >>> knobbed(Descent(SGD(0.1))).rule.learning_rate
    Knob(name='learning_rate', value=1.0)
    """
    return dataclasses.replace(descent, rule=dataclasses.replace(descent.rule, learning_rate=Knob(KNOB, 1.0)))


def short(training: Training, rows: int) -> int:
    """For how many epochs a rate is tried, on a lane of so many fit rows."""
    steps, _ = run.batches(rows, training.batch_size)
    return min(training.epochs, max(1, round(training.epochs * SHARE), -(-_STEPS // steps)))


@dataclasses.dataclass(frozen=True, eq=False)
class _Search:
    """Begins every lane at a rate of its own, and notes what the loss came to."""

    program: Program | Streamed
    losses: list[dict[float, float]]
    epochs: int
    watch: Watcher
    interrupt: Interrupt | None

    def begin(self, rates: Sequence[float]) -> None:
        if self.interrupt is not None and self.interrupt.asked:
            return
        program, told = self.program.at({KNOB: rates}), []
        lane = program.begin()
        for number in range(1, self.epochs + 1):
            lane, info = program.epoch(lane, program.rows(number), number)
            told.append(info)
        program.close()
        for place, (rate, lost) in enumerate(zip(rates, self.losses, strict=True)):
            lost[rate] = _last(told, place)
        self.watch(Progress("rates", len(self.losses[0]), len(POWERS) + len(THIRDS), len(rates), len(rates)))


def _last(told: Sequence[Mapping[str, Any]], place: int) -> float:
    """The loss of the last epoch that a lane was awake in; NaN when it, or the one on the stop rows, was no number."""
    ran = [info for info in told if info["active"][place]]
    loss, stop = (np.array([float(info[name][place]) for info in ran]) for name in ("loss", "stop_loss"))
    lost = ~np.isfinite(loss) | np.isinf(stop) | (np.isnan(stop) & ~np.isnan(stop).all())
    return float("nan") if lost.any() else float(loss[-1])


def _round(rate: float) -> float:
    """Two digits, so that a person can say it."""
    return float(f"{rate:.2g}")
