"""Photic's search for a score: the engine of `photic tune`, until a setting trained to its end is good enough."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from bench.peers.serve import Facts, Work
from bench.reached import BATCH, DECAY, DROPOUT, RATE, TRIALS, WIDTHS, Clock, reach
from photic.data.read import read
from photic.data.split import Fold
from photic.experiment import asking, devices
from photic.experiment.arena import Arena
from photic.experiment.choose import Wishes, choose
from photic.experiment.makers import Maker
from photic.experiment.plan import Source
from photic.experiment.recipe import Recipe
from photic.experiment.search import Search
from photic.experiment.space import choice, log_uniform, uniform
from photic.experiment.validate import prepare
from photic.optim.rules import AdamW
from photic.zoo import mlp

_NONE = np.zeros(0, np.int64)
_SPACE = {
    "learning_rate": log_uniform(*RATE),
    "weight_decay": log_uniform(*DECAY),
    "dropout": uniform(*DROPOUT),
    "width": choice(*WIDTHS),
}


def search_until(name: str, seed: int, path: str = "") -> Work:
    """Seconds until each score was reached, compiling included; those of all trials if it was not."""
    task = reach(name, path)

    def work() -> Facts:
        clock = Clock(task)
        devices.set_up()
        dataset = read(task.x, task.y, task="multiclass" if task.classes > 2 else "binary" if task.classes else None)
        assert dataset.task is not None
        outputs = dataset.task.outputs
        made = Maker(lambda width=64, dropout=0.25: mlp(outputs, width=width, dropout=dropout),
                     {"width": 64, "dropout": 0.25})  # fmt: skip
        wishes = Wishes(made.make({}), optimizer=AdamW(0.001), batch_size=BATCH, epochs=task.epochs, folds=0, test=0.0)
        recipe = Recipe(choose(dataset, Source(None, None), wishes), made, _SPACE)
        folds = [Fold(f"{number}", fit, judged, _NONE) for number, (fit, judged) in enumerate(task.parts())]
        inner = prepare(recipe.plan, dataset, folds)
        arena = Arena(Fold("final", np.arange(dataset.n), _NONE, _NONE), tuple(inner), 0)
        with tempfile.TemporaryDirectory() as folder:
            better = "higher" if task.classes else "lower"
            study = asking.Study(asking.storage(Path(folder) / "journal"), "final", _SPACE, better=better,
                                 default=recipe.default(), seed=seed)  # fmt: skip
            search = Search(recipe, [arena], [study], TRIALS)
            search.ended = lambda: clock.tell(search.reached, study.done)  # asked after every generation too
            search.go()
        return clock.facts(search.reached, study.done)

    return work


WORKS = {"search until": search_until}
