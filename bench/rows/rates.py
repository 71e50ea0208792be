"""The learning-rate finder where the truth is known: a grid of rates trained to the end, beside the one found."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.outcome import Bar, Outcome, Row, Session

if TYPE_CHECKING:
    from photic.experiment.assignment import Assignment
    from photic.train.run import Table, Training

#: None of these was looked at while the finder was designed.
SETS = ("breast_cancer", "diabetes", "carseats", "college", "orange-juice", "phishing")
RULES = ("sgd", "momentum", "adam", "adamw")
_GRID = tuple(10 ** (half / 2) for half in range(-10, 3))
_CLOSE, _MEDIAN, _SHARE = 0.05, 0.02, 0.90


@dataclasses.dataclass(frozen=True)
class Case:
    """One set under one rule.

    Args:
        first: the loss before anything is learned.
        grid: the loss on the stop rows, at the kept epoch, by rate.
        found, usual: a rate and such a loss: of the finder, and of the rule as it comes.
        finding, training: seconds, for one rate to be found and for one network to be trained, compilation left out.
    """

    name: str
    rule: str
    first: float
    grid: dict[float, float]
    found: tuple[float, float]
    usual: tuple[float, float]
    finding: float
    training: float

    @property
    def best(self) -> float:
        """The rate of the grid with the lowest loss."""
        return min(self.grid, key=lambda rate: self.grid[rate])

    def gap(self, loss: float) -> float:
        """How much of the fall from the first loss to the best of the grid is missed; below 0, it fell deeper."""
        return (loss - self.grid[self.best]) / max(self.first - self.grid[self.best], 1e-9)


def measure(session: Session) -> Outcome:
    """Every set under every rule."""
    cases = []
    for name in SETS:
        for rule in RULES:
            session.say(f"{name}, {rule}")
            cases.append(_case(name, rule))
    gaps = sorted(case.gap(case.found[1]) for case in cases)
    close = sum(gap <= _CLOSE for gap in gaps) / len(gaps)
    usual = sorted(case.gap(case.usual[1]) for case in cases)
    middle = gaps[len(gaps) // 2]
    slow = sorted(case.finding / max(case.training, 1e-9) for case in cases)[len(cases) // 2]
    bars = [
        Bar(f"fall missed, median: at most {_MEDIAN:.0%}", f"{middle:.1%}", middle <= _MEDIAN),
        Bar(f"at most {_CLOSE:.0%} of the fall missed, in {_SHARE:.0%} of the cases", f"{close:.0%}", close >= _SHARE),
        Bar("the same at the rules' usual rates", f"median {usual[len(usual) // 2]:.1%}"),
        Bar("seconds to find a rate, of those to train a network", f"median {slow:.1f}x"),
    ]
    notes = [
        "the fall: from the loss before training to the lowest that a rate of the grid reaches on the stop rows",
        f"the grid: {len(_GRID)} rates from {_GRID[0]:g} to {_GRID[-1]:g}; its best is the luckiest of them too",
    ]
    return Outcome([], [_line(case) for case in cases], bars, notes=notes)


def _case(name: str, rule: str) -> Case:
    from photic import zoo  # imported here: naming the rows needs no JAX
    from photic.data.read import read
    from photic.experiment import devices, rates
    from photic.experiment.choose import Wishes, choose
    from photic.experiment.plan import Source
    from photic.experiment.validate import cut, lay_out, prepare
    from photic.spec import plain

    devices.set_up()
    dataset = read(name)
    assert dataset.task is not None, "a set by name has a target"
    model = zoo.mlp(dataset.task.outputs, width=64, depth=2, dropout=0.1)
    plan = choose(dataset, Source(name, None), Wishes(model, optimizer=rule, folds=0, baselines=False))
    training, table, (final,) = lay_out(plan, prepare(plan, dataset, (cut(plan, dataset).final,)))
    final = dataclasses.replace(final, score=final.score[:0])
    rates.find(training, table, [final])  # compiles
    began = time.perf_counter()
    (found,) = rates.find(training, table, [final])
    seconds, rate, usual = time.perf_counter() - began, found.rate or 1.0, plain(plan.descent.rule.learning_rate)
    losses, first, trained = _trained(training, table, final, (*_GRID, rate, usual))
    grid = dict(zip(_GRID, losses, strict=False))
    return Case(name, rule, first, grid, (rate, losses[-2]), (usual, losses[-1]), seconds, trained)


def _trained(
    training: Training, table: Table, lane: Assignment, tried: Sequence[float]
) -> tuple[list[float], float, float]:
    """The loss on the stop rows at the kept epoch for every rate, the first loss, and the seconds one lane took."""
    from photic.experiment import lanes, rates  # imported here: naming the rows needs no JAX

    training = dataclasses.replace(training, descent=rates.knobbed(training.descent))
    each = [dataclasses.replace(lane, knobs={rates.KNOB: rate}) for rate in tried]
    done = lanes.train(training, table, each, inspects=False)
    return [one.stop_loss for one in done.lanes], float(done.history[0]["loss"]), done.seconds["train"] / len(tried)


def _line(case: Case) -> dict[str, str]:
    best, found, usual = case.best, case.found, case.usual
    return {
        "set": case.name,
        "rule": case.rule,
        "loss at first": f"{case.first:.3g}",
        "best of the grid": f"{best:.2g}",
        "its loss": f"{case.grid[best]:.3g}",
        "found": f"{found[0]:.2g}",
        "loss": f"{found[1]:.3g}",
        "fall missed": f"{case.gap(found[1]):.1%}",
        "usual rate": f"{usual[0]:.2g}",
        "fall missed there": f"{case.gap(usual[1]):.1%}",
        "finding, training": f"{case.finding:.2f} s, {case.training:.2f} s",
    }


ROW = Row("rates", f"learning rates found, on {len(SETS)} sets under {len(RULES)} rules", measure)
