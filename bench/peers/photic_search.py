"""Photic searching a grid: every setting and fold is a lane of one program, told apart by the values of two Knobs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from bench import data
from bench.peers.serve import Facts, Work
from bench.searched import searched
from photic.experiment import lanes
from photic.model import Model
from photic.optim.descent import Descent
from photic.optim.rules import AdamW
from photic.spec import Knob
from photic.train.run import Table, Training

_NONE = np.zeros(0, np.int32)
_RULE = AdamW(Knob("rate", 0.001), weight_decay=Knob("decay", 0.01))

Train = Callable[[Training, Table, list[lanes.Assignment]], tuple[lanes.Result, float]]


def search(network: Callable[[Any], Model], training: Callable[..., Training], train: Train) -> Callable[..., Work]:
    """The work, from how the other works of Photic build, plan and time a training."""

    def prepare(batch_size: int, epochs: int, **setting: Any) -> Work:
        task = searched(**setting)
        x: Any = task.x
        y: Any = task.y if task.y.ndim > 1 else task.y.astype(np.int32)
        weight: Any = np.ones(len(x), np.float32)
        table = Table(x, y, weight)
        plan = training(network(task.network), 1 if task.y.ndim > 1 else 10, batch_size, epochs)
        plan = dataclasses.replace(plan, descent=Descent(_RULE))
        given = [
            lanes.Assignment(f"fold {fold}", data.SEED, fit, _NONE, score, {"rate": rate, "decay": decay})
            for rate, decay in task.grid
            for fold, (fit, score) in enumerate(task.parts)
        ]

        def work() -> Facts:
            result, starting = train(plan, table, given)
            scores = [task.score(each.z, lane.score) for each, lane in zip(result.lanes, given, strict=True)]
            means = np.nanmean(np.reshape(scores, (len(task.grid), -1)), axis=1)
            return {"compile": starting, "score": float(np.max(means))}

        return work

    return prepare
