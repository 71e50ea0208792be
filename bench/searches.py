"""Whole searches as arenas of one search: what they print of their winners, and what those winners are worth.

Every experiment is a small `photic tune`: settings are tried on inner folds, the winner is trained and scored once on
rows that its search never saw, by a locked test part and by outer folds in each of which the search is done again.
What a search printed without that, its own best inner score, stands beside it.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.worlds import World

if TYPE_CHECKING:
    from photic.data.dataset import Column, Dataset
    from photic.data.split import Fold
    from photic.experiment.recipe import Recipe
    from photic.experiment.validate import Scored
    from photic.model import Model

TRIALS, INNER, OUTER = 12, 3, 5
_MAIN = {"binary": "accuracy", "regression": "rmse"}
_NORMAL = 1.96  # half a 95 % interval in standard errors


@dataclasses.dataclass(frozen=True)
class Told:
    """What one search said of the network it chose, all the better the larger.

    Args:
        test, folds: printed minus true, in standard errors of what is printed: on the test part, over outer folds.
        inner: the best inner score minus the true score of that winner, in standard errors of the test part.
        truth, score, best: the true score, the printed one and the best inner one, as they are.
    """

    test: float
    folds: float
    inner: float
    truth: float
    score: float
    best: float


def look(world: World, n: int, count: int, *, seed: int = 0) -> list[Told]:
    """Search in `count` samples of `n` rows each, all at once."""
    from photic.data.split import split  # imported here: naming the rows needs no JAX
    from photic.experiment import devices

    devices.set_up()
    drawn = [world.sample(np.random.default_rng([seed, n, number, 7]), n) for number in range(count)]
    dataset = _dataset(world, drawn)
    parts = [
        split(dataset.take(np.arange(n) + number * n), test=0.3, folds=OUTER, seed=number) for number in range(count)
    ]
    folds = [_moved(fold, number, n) for number, part in enumerate(parts) for fold in (*part.folds, part.final)]
    recipe = _recipe(dataset)
    scored, inner = _searched(recipe, dataset, folds)
    size = OUTER + 1
    truths = [
        _truth(world, recipe.plan.model, each, dataset.columns, drawn[place // size][2])
        for place, each in enumerate(scored)
    ]
    expected = float(np.mean([truth for place, truth in enumerate(truths) if place % size < OUTER]))
    experiments = (slice(start, start + size) for start in range(0, len(scored), size))
    return [_told(world, dataset, scored[own], truths[own][-1], inner[own][-1], expected) for own in experiments]


def _dataset(world: World, drawn: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Dataset:
    """All samples, one after the other."""
    from photic.data.dataset import Column, Dataset  # imported here: naming the rows needs no JAX
    from photic.data.task import Task

    x, y = (np.concatenate([each[part] for each in drawn]) for part in (0, 1))
    columns = [Column(f"x{place}", "number") for place in range(x.shape[1])]
    task = Task(world.kind, "y", ("no", "yes") if world.kind == "binary" else ())
    y = y.astype(np.int32 if world.kind == "binary" else float)
    return Dataset.of(world.name, "drawn", columns, x.astype(float), y=y, task=task)


def _moved(fold: Fold, number: int, n: int) -> Fold:
    from photic.data.split import Fold  # imported here: naming the rows needs no JAX

    first = number * n
    return Fold(f"{number} {fold.name}", fold.fit + first, fold.stop + first, fold.score + first)


def _recipe(dataset: Dataset) -> Recipe:
    """Random rates, decays and dropouts of one small network: Knobs, so that all searches share a program."""
    from photic.experiment.choose import Wishes, choose  # imported here: naming the rows needs no JAX
    from photic.experiment.plan import Source
    from photic.experiment.recipe import Recipe
    from photic.experiment.space import log_uniform, uniform
    from photic.spec import Knob
    from photic.zoo import mlp

    model = mlp(1, width=16, depth=1, dropout=Knob("dropout", 0.1))
    wishes = Wishes(model, epochs=20, batch_size=32, baselines=False)
    plan = dataclasses.replace(choose(dataset, Source(None, "y"), wishes), rates=None)
    space = {"learning_rate": log_uniform(1e-3, 0.3), "weight_decay": log_uniform(1e-4, 1.0),
             "dropout": uniform(0.0, 0.6)}  # fmt: skip
    return Recipe(plan, None, space)


def _searched(recipe: Recipe, dataset: Dataset, folds: Sequence[Fold]) -> tuple[Sequence[Scored], list[float]]:
    """The winner of every fold, trained and tried on its score rows, and its score inside its search."""
    from photic.experiment import arena, asking, search, winners  # imported here: naming the rows needs no JAX
    from photic.experiment.validate import prepare

    arenas = arena.arenas(recipe, dataset, folds, INNER, "stratified" if recipe.plan.task.classes else "plain")
    better = search.metric_of(recipe).better
    with tempfile.TemporaryDirectory(prefix="photic-searches-") as folder:
        journal = asking.storage(Path(folder) / "study.journal")
        studies = [
            asking.Study(journal, each.name, recipe.space, sampler="random", better=better, default=recipe.default())
            for each in arenas
        ]
        hunt = search.Search(recipe, arenas, studies, TRIALS)
        hunt.go()
        told = [each for each in hunt.told() if each.told is not None and each.told.state == "complete"]
    chosen = [max((each for each in told if each.arena == own.name), key=hunt.worth) for own in arenas]
    done, _ = winners.train(recipe, prepare(recipe.plan, dataset, folds), [each.asked.values for each in chosen])
    return done.scored, [abs(hunt.worth(each)) for each in chosen]


def _truth(world: World, model: Model, each: Scored, columns: Sequence[Column], rows: np.ndarray) -> float:
    """The main metric of a winner on rows that had no part in its experiment."""
    from photic.data.dataset import Dataset  # imported here: naming the rows needs no JAX
    from photic.experiment.scored import Part
    from photic.maths import losses
    from photic.train.predict import outputs, predictions

    fresh, own = Dataset.of(world.name, "fresh", columns, world.x[rows].astype(float)), each.prepared.preparation
    z = outputs(model, each.trained.params, each.trained.state, own.transform(fresh))
    p = own.untarget(predictions(losses.default(world.kind), z))
    return Part(world.y[rows], {"network": p}).measure(world.kind)["network"][_MAIN[world.kind]]


def _told(
    world: World, dataset: Dataset, scored: Sequence[Scored], truth: float, inner: float, expected: float
) -> Told:
    from photic.experiment.outcome import outcome  # imported here: naming the rows needs no JAX
    from photic.experiment.scored import Part

    assert dataset.task is not None and dataset.y is not None
    parts = [Part(dataset.y[each.prepared.fold.score], {"network": each.prediction}) for each in scored]
    *folds, test = parts
    same = {"words": {"network": "a network"}, "rows": {}, "split": {}}
    network, main = outcome(dataset.task, test, folds, **same).network, _MAIN[world.kind]
    assert network.test is not None
    printed, over = network.test[main], network.validation[main]
    scaling = scored[-1].prepared.preparation.scaling  # inside, the target is as the trainer sees it
    inner = inner * float(np.ravel(scaling.std)[0]) if world.kind == "regression" else inner
    sign = 1 if world.kind == "binary" else -1
    error = lambda score: (score.high - score.low) / (2 * _NORMAL)
    return Told(
        sign * (printed.value - truth) / error(printed),
        sign * (over.value - expected) / error(over),
        sign * (inner - truth) / error(printed),
        truth,
        printed.value,
        inner,
    )
