"""Winners: the setting that won in each arena, trained on the arena's rows and tried on its score rows, once.

This is where a search becomes honest. In a fold the search, its winner and the winner's training saw nothing of the
fold's score rows; so what is scored there is the whole procedure, search included (nested validation).

Reference: Cawley and Talbot, "On over-fitting in model selection and subsequent selection bias in performance
evaluation", 2010, https://jmlr.org/papers/v11/cawley10a.html. Lesson 13.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from photic.data.split import Fold
from photic.experiment import lanes
from photic.experiment.assignment import Assignment
from photic.experiment.recipe import Recipe, Structure
from photic.experiment.space import Value
from photic.experiment.validate import Prepared, Scored, Validated, answers, table_of, training_of
from photic.train.history import Watcher, quiet
from photic.train.interrupt import Interrupt


def train(
    recipe: Recipe,
    prepared: Sequence[Prepared],
    settings: Sequence[Mapping[str, Value]],
    *,
    inspects: bool = True,
    watch: Watcher = quiet,
    interrupt: Interrupt | None = None,
) -> Validated:
    """Train every arena's setting on its fit rows, choose the epoch on its stop rows, predict its score rows.

    Args:
        prepared: the outer folds, the final network's last.
        settings: of each of them.
        inspects: whether the final network's layers are inspected on the way.

    Settings of one structure are lanes of one program.
    """
    alike: dict[Structure, list[int]] = {}
    for place, values in enumerate(settings):
        alike.setdefault(recipe.structure(values), []).append(place)
    scored: dict[int, Scored] = {}
    history: lanes.Lines = []
    last: lanes.Result | None = None
    seconds: dict[str, float] = {}
    for structure, places in alike.items():
        plan = dataclasses.replace(recipe.planned(structure), rates=None)
        folds = [prepared[place] for place in places]
        rows = len(folds[0].x)
        given = [
            _assignment(plan.seed, each.fold, number * rows, recipe.knobs(settings[place]))
            for number, (place, each) in enumerate(zip(places, folds, strict=True))
        ]
        final = places[-1] == len(prepared) - 1
        result = lanes.train(
            training_of(plan), table_of(folds), given, inspects=inspects and final, watch=watch, interrupt=interrupt
        )
        for place, each, trained in zip(places, folds, result.lanes, strict=True):
            scored[place] = Scored(each, 0, trained, answers(plan, each, trained))
        history += result.history
        seconds = {name: seconds.get(name, 0.0) + spent for name, spent in result.seconds.items()}
        last = result if final else last
    assert last is not None, "the final network is one of them"
    whole = tuple(scored[place] for place in range(len(prepared)))
    result = dataclasses.replace(last, lanes=tuple(each.trained for each in whole), history=history, seconds=seconds)
    return Validated(whole, result)


def _assignment(seed: int, fold: Fold, offset: int, knobs: Mapping[str, float]) -> Assignment:
    return Assignment(fold.name, seed, fold.fit + offset, fold.stop + offset, fold.score + offset, knobs)
