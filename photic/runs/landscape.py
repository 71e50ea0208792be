"""The landscape of a run: its training is done again, and the loss is looked at around the path it took."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from photic import report
from photic.errors import PlanError, RunError
from photic.experiment import devices
from photic.experiment import rates as finder
from photic.experiment.assignment import Assignment
from photic.experiment.landscape import Landscape, survey
from photic.experiment.paths import Walked, picked, walk
from photic.experiment.surface import Surface
from photic.experiment.validate import cut, lay_out, prepare
from photic.optim import rules as known
from photic.optim.descent import Descent
from photic.optim.landscape import ravel
from photic.optim.rules import Rule
from photic.runs.again import read_again
from photic.spec import plain, words
from photic.train.history import Progress, Watcher, quiet
from photic.train.run import Table, Training

if TYPE_CHECKING:
    from photic.runs.run import Run

FINAL = finder.FINAL
_FEWEST, _MOST = 3, 201  # points along a side of a plane


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """A landscape to look at: print it, show it in a notebook, or take its page or its numbers.

    Args:
        name: of its page, as a file.
        title: what was trained.
        landscape: all numbers.
        said: sentences about how they were found.
    """

    name: str
    title: str
    landscape: Landscape
    said: tuple[str, ...]

    def page(self) -> str:
        """A self-contained HTML page."""
        return report.landscape.build(self.title, self.landscape, self.said)

    def to_json(self) -> dict[str, Any]:
        """All numbers as JSON values."""
        return {"title": self.title, "said": list(self.said), **self.landscape.to_json()}

    def __str__(self) -> str:
        return report.landscape.text(self.title, self.landscape, self.said)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        page = html.escape(self.page(), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:900px;border:0"></iframe>'


@dataclasses.dataclass(frozen=True, eq=False)
class _Setup:
    """The run's experiment as it was before its first step."""

    training: Training
    table: Table
    assignments: list[Assignment]

    @property
    def final(self) -> Assignment:
        return next(each for each in self.assignments if each.name == FINAL)


def landscape(
    run: Run,
    data: Any = None,
    *,
    rules: Sequence[str | Rule] = (),
    rates: Sequence[float] = (),
    points: int | None = None,
    progress: Watcher | None = None,
) -> View:
    """The loss around the path that a run took, or under the paths of several update rules from its first weights.

    The training is done again, lane by lane as it was, on the rows it was done on; that takes about as long as it did.

    Args:
        data: the table of the run, when it is no longer where it was; or arrays `(x, y)`.
        rules: names such as "momentum", or specs; none for the run's own path.
        rates: a learning rate for each rule; a rule given by name finds its own when they are left out.
        points: along each side of the plane, from 3 to 201; as many as take a few seconds when left out.
        progress: told as the work goes on.

    Raises:
        PlanError: for an unknown rule, another number of rates than rules, or a number of points that cannot be.
        RunError: when the data has changed, or the run holds no history, or diverged.
        DataError: when the data is not where it was.
    """
    watch = progress or quiet
    _check(points)
    chosen = _chosen(rules, rates)
    ran = _history(run)
    devices.set_up()
    watch(Progress("reading"))
    plan = run.plan
    dataset = read_again(plan, data)
    parts = cut(plan, dataset)
    setup = _Setup(*lay_out(plan, prepare(plan, dataset, (*parts.folds, parts.final))))
    if chosen:
        return _compared(run, setup, chosen, len(ran), points, watch)
    return _own(run, setup, ran, points, watch)


def _own(run: Run, setup: _Setup, ran: list[dict[str, Any]], points: int | None, watch: Watcher) -> View:
    weights = ravel(run.bundle.params)
    kept = max((line["epoch"] for line in ran if line.get("best")), default=ran[-1]["epoch"])
    epochs = picked(len(ran), len(weights), kept)
    walked = walk("this run", setup.training, setup.table, setup.assignments, FINAL, epochs, watch=watch)
    if kept not in walked.epochs:
        raise _other(run, f"weights that are not numbers after epoch {walked.diverged}")
    again = walked.weights[walked.epochs.index(kept)]
    off = float(np.linalg.norm(again - weights) / max(np.linalg.norm(weights - walked.weights[0]), 1e-30))
    said = f"The training was done again, and came to the weights of the run{_within(off)}."
    found = survey(_surface(setup, walked), [walked], kept, points=points)
    return View("landscape.html", _title(run), found, (said,))


def _within(off: float) -> str:
    if off == 0:
        return ", to the last bit"
    return (
        f" within {off:.1g} of the distance it went"
        if off < 0.01
        else (f" only within {off:.0%} of the distance it went: another machine, or another version")
    )


def _compared(
    run: Run, setup: _Setup, chosen: Sequence[tuple[str, Rule, bool]], epochs: int, points: int | None, watch: Watcher
) -> View:
    """Every rule from the same weights over the same batches, for as many epochs as the run, without stopping early."""
    walks, said = [], []
    shown = picked(epochs, len(ravel(run.bundle.params)) * len(chosen), most=max(12, 60 // len(chosen)))
    for name, rule, given in chosen:
        descent = finder.knobbed(Descent(rule, setup.training.descent.schedule, setup.training.descent.clip))
        training = dataclasses.replace(setup.training, descent=descent, patience=setup.training.epochs)
        rate, how = plain(rule.learning_rate), "as given"
        if not given:
            (found,) = finder.find(training, setup.table, [setup.final], watch=watch)
            rate, how = (found.rate, "found for it") if found.rate else (rate, "as usual, for none made the loss fall")
        lane = dataclasses.replace(setup.final, knobs={finder.KNOB: rate})
        walks.append(walk(name, training, setup.table, [lane], FINAL, shown, watch=watch))
        said.append(f"The learning rate of {name} was {rate:g}, {how}.")
    seen = survey(_surface(setup, walks[0]), walks, points=points)
    return View("rules.html", _title(run), seen, tuple(said))


def _surface(setup: _Setup, walked: Walked) -> Surface:
    final = setup.final
    return Surface.of(setup.training.objective, setup.table, final.fit, final.stop, walked.state)


def _check(points: int | None) -> None:
    if points is not None and not _FEWEST <= points <= _MOST:
        required, fix = f"needs a whole number from {_FEWEST} to {_MOST}", "give 31, or leave it out"
        raise PlanError("points", required, repr(points), source="the points option", fix=fix)


def _chosen(rules: Sequence[str | Rule], rates: Sequence[float]) -> list[tuple[str, Rule, bool]]:
    """Name, rule, and whether its rate was given."""
    if rates and len(rates) != len(rules):
        fix = "give one rate for each rule, or none, and they are found"
        got = f"{len(rates)} for {len(rules)}"
        raise PlanError("rates", "needs as many as rules", got, source="the rates option", fix=fix)
    for rate in rates:
        if not 0 < rate < float("inf"):
            fix = "give a number such as 0.01"
            raise PlanError("rates", "needs numbers above 0", repr(rate), source="the rates option", fix=fix)
    found = []
    for index, rule in enumerate(rules):
        spec = known.named(rule, source="the rules option") if isinstance(rule, str) else rule
        if rates:
            spec = dataclasses.replace(spec, learning_rate=rates[index])
        name = rule if isinstance(rule, str) else words(rule)
        found.append((name, spec, bool(rates) or not isinstance(rule, str)))
    return found


def _history(run: Run) -> list[dict[str, Any]]:
    ran = [line for line in run.history if line["lane"] == FINAL]
    if not ran:
        fix = "give a run of photic fit"
        raise RunError(str(run.folder), "needs the history of a final network", "none", source="history.jsonl", fix=fix)
    return ran


def _title(run: Run) -> str:
    return f"{run.task.target} from {run.plan.name}"


def _other(run: Run, came: str) -> RunError:
    fix = f"run photic diagnose {run.folder}, which says why"
    source = "doing the training again"
    return RunError(str(run.folder), "needs a training that stays among the numbers", came, source=source, fix=fix)
