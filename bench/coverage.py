"""Hundreds of experiments as lanes of one program, and how often their intervals hold the truth.

An experiment is what `photic fit` does: rows are drawn, a test part is locked away, the rest is cut into folds,
networks are trained, and `outcome` says what they scored and how sure that is. The truth about the test part's network
is its score on tens of thousands of other rows; the truth about folds is the mean of that over the networks of many
experiments, which is what the procedure scores on average.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.worlds import World

if TYPE_CHECKING:
    from photic.data.split import Fold, Split
    from photic.experiment.assignment import Trained
    from photic.experiment.interval import Score
    from photic.experiment.scored import Part
    from photic.model import Model

FOLDS, REPEATS = 5, 3
_EPOCHS = {100: 40, 1_000: 15}
_TRUTHS = 100  # networks whose true scores make the truth about the procedure


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the intervals of one metric in one place were worth.

    Args:
        place: "test part", "folds" or "repeated folds".
        scores: of every experiment, with its interval.
        truths: beside each.
    """

    world: str
    rows: int
    place: str
    metric: str
    scores: tuple[Score, ...]
    truths: tuple[float, ...]

    @property
    def held(self) -> int:
        """How many intervals hold their truth."""
        return sum(score.low <= truth <= score.high for score, truth in zip(self.scores, self.truths, strict=True))

    @property
    def below(self) -> int:
        """How many lie below it as a whole."""
        return sum(score.high < truth for score, truth in zip(self.scores, self.truths, strict=True))

    @property
    def width(self) -> float:
        """The median width of those that are known."""
        return float(np.nanmedian([score.high - score.low for score in self.scores]))


@dataclasses.dataclass(frozen=True, eq=False)
class Experiment:
    """The rows of one experiment."""

    x: np.ndarray
    y: np.ndarray
    others: np.ndarray
    cut: Split


def look(world: World, n: int, count: int, *, seed: int = 0) -> list[Seen]:
    """Carry out `count` experiments on `n` rows each, and hold their intervals beside the truth."""
    experiments = [_experiment(world, n, seed, number) for number in range(count)]
    model, trained = _trained(world, n, experiments)
    own = [lanes[-1] for lanes in trained]
    truth = [_truth(world, model, lane, each.others) for lane, each in zip(own, experiments, strict=True)]
    of_folds = [
        _truth(world, model, lanes[number % FOLDS], each.others)
        for number, (lanes, each) in enumerate(zip(trained[:_TRUTHS], experiments, strict=False))
    ]
    found = [_scored(world, each, lanes) for each, lanes in zip(experiments, trained, strict=True)]
    places = {"test part": truth, "folds": None, "repeated folds": None}
    return [
        Seen(
            world.name, n, place, metric, tuple(each[place][metric] for each in found),
            tuple(each[metric] for each in truths) if truths
            else (float(np.mean([each[metric] for each in of_folds])),) * count,
        )
        for place, truths in places.items()
        for metric in world.metrics
    ]  # fmt: skip


def _experiment(world: World, n: int, seed: int, number: int) -> Experiment:
    from photic.data.dataset import Column, Dataset  # imported here: naming the rows needs no JAX
    from photic.data.split import split
    from photic.data.task import Task

    rng = np.random.default_rng([seed, n, number])
    x, y, others = world.sample(rng, n)
    classes = ("no", "yes") if world.kind == "binary" else ()
    columns = [Column(f"x{place}", "number") for place in range(x.shape[1])]
    dataset = Dataset(world.name, "drawn", "", tuple(columns), x, np.empty((n, 0), np.int32),
                      task=Task(world.kind, "y", classes), y=y)  # fmt: skip
    return Experiment(x, y, others, split(dataset, folds=FOLDS, repeats=REPEATS, seed=number))


def _trained(world: World, n: int, experiments: Sequence[Experiment]) -> tuple[Model, list[list[Trained]]]:
    """Every lane of every experiment, the final network's last."""
    from photic import zoo  # imported here: naming the rows needs no JAX
    from photic.experiment import devices, lanes
    from photic.experiment.assignment import Assignment
    from photic.maths import losses
    from photic.optim.descent import Descent
    from photic.optim.rules import Adam
    from photic.train.objective import Objective
    from photic.train.run import Table, Training

    devices.set_up()
    model = zoo.mlp(1, width=16, depth=1)
    metric = "accuracy" if world.kind == "binary" else "rmse"
    objective = Objective(model, losses.default(world.kind))
    training = Training(objective, Descent(Adam(0.01)), 32, _EPOCHS[n], 10, metric)
    x: Any = np.concatenate([each.x for each in experiments])
    y: Any = np.concatenate([each.y for each in experiments]).astype(np.float32)[:, None]
    weight: Any = np.ones(len(x), np.float32)
    given = [
        Assignment(f"{number} {fold.name}", 0, fold.fit + number * n, fold.stop + number * n, fold.score + number * n)
        for number, each in enumerate(experiments)
        for fold in (*each.cut.folds, each.cut.final)
    ]
    done = lanes.train(training, Table(x, y, weight), given, inspects=False).lanes
    size = len(done) // len(experiments)
    return model, [list(done[start : start + size]) for start in range(0, len(done), size)]


def _truth(world: World, model: Model, lane: Trained, rows: np.ndarray) -> dict[str, float]:
    """Every metric of a network on rows that had no part in its experiment."""
    from photic.experiment.scored import Part  # imported here: naming the rows needs no JAX
    from photic.train.predict import outputs

    z = outputs(model, lane.params, lane.state, world.x)[rows]
    return Part(world.y[rows], {"network": _said(world, z)}).measure(world.kind)["network"]


def _scored(world: World, each: Experiment, lanes: Sequence[Trained]) -> dict[str, dict[str, Score]]:
    """What Photic prints of an experiment: on the test part, over the first folds, over all of them."""
    from photic.data.task import Task  # imported here: naming the rows needs no JAX
    from photic.experiment.outcome import outcome

    task = Task(world.kind, "y", ("no", "yes") if world.kind == "binary" else ())
    *folds, test = [
        _part(world, each, fold, lane)
        for fold, lane in zip((*each.cut.folds, each.cut.final), lanes, strict=True)
    ]  # fmt: skip
    same = {"words": {"network": "a network"}, "rows": {}, "split": {}}
    first = outcome(task, test, folds[:FOLDS], **same).network
    again = outcome(task, None, folds, repeats=REPEATS, **same).network
    return {"test part": first.test or {}, "folds": first.validation, "repeated folds": again.validation}


def _part(world: World, each: Experiment, fold: Fold, lane: Trained) -> Part:
    from photic.experiment.scored import Part  # imported here: naming the rows needs no JAX

    return Part(each.y[fold.score], {"network": _said(world, lane.z)})


def _said(world: World, z: np.ndarray) -> np.ndarray:
    from photic.maths import losses  # imported here: naming the rows needs no JAX
    from photic.train.predict import predictions

    return predictions(losses.default(world.kind), z)
