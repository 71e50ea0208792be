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

_DEFAULT = "default"  # begins the names of lanes that no search is behind


def train(
    recipe: Recipe,
    prepared: Sequence[Prepared],
    settings: Sequence[Mapping[str, Value]],
    *,
    watch: Watcher = quiet,
    interrupt: Interrupt | None = None,
) -> tuple[Validated, Validated]:
    """Train every arena's setting, and the default one, on its fit rows; predict its score rows.

    The epoch is chosen on the stop rows. Settings of one structure are lanes of one program.

    Args:
        prepared: the outer folds, the final network's last.
        settings: of each of them.

    Returns:
        What the winners came to, with their history, and what the default setting came to on the same rows.
    """
    default = recipe.default()
    jobs = [(place, values) for place, values in enumerate(settings)]
    jobs += [(place, default) for place, values in enumerate(settings) if values != default]
    alike: dict[Structure, list[int]] = {}
    for number, (_, values) in enumerate(jobs):
        alike.setdefault(recipe.structure(values), []).append(number)
    scored: dict[int, Scored] = {}
    history: lanes.Lines = []
    results: dict[int, lanes.Result] = {}
    for structure, numbers in alike.items():
        plan = dataclasses.replace(recipe.planned(structure), rates=None)
        folds = [prepared[jobs[number][0]] for number in numbers]
        own = list({id(each): each for each in folds}.values())
        first = {id(each): place * len(each.x) for place, each in enumerate(own)}
        given = [
            _assignment(plan.seed, each.fold, first[id(each)], recipe.knobs(jobs[number][1]), number < len(settings))
            for number, each in zip(numbers, folds, strict=True)
        ]
        result = lanes.train(
            training_of(plan), table_of(own), given, inspects=len(settings) - 1 in numbers, watch=watch,
            interrupt=interrupt,
        )  # fmt: skip
        for number, each, trained in zip(numbers, folds, result.lanes, strict=True):
            scored[number], results[number] = Scored(each, 0, trained, answers(plan, each, trained)), result
        history += [line for line in result.history if not line["lane"].startswith(_DEFAULT)]
    won = tuple(scored[number] for number in range(len(settings)))
    usual = {jobs[number][0]: scored[number] for number in range(len(settings), len(jobs))}
    last = results[len(settings) - 1]
    look = lambda: [line for line in last.inspection if not line["lane"].startswith(_DEFAULT)]
    result = dataclasses.replace(last, lanes=tuple(each.trained for each in won), history=history, look=look)
    return Validated(won, result), Validated(tuple(usual.get(i, each) for i, each in enumerate(won)), result)


def _assignment(seed: int, fold: Fold, offset: int, knobs: Mapping[str, float], won: bool) -> Assignment:
    rows = (fold.fit + offset, fold.stop + offset, fold.score + offset)
    return Assignment(fold.name if won else f"{_DEFAULT} {fold.name}", seed, *rows, knobs, draws=fold.name)
