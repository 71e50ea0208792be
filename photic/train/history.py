"""What a training leaves behind: a line per lane and epoch, and progress for the screen. Chapter: "Epoch"."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np


@dataclasses.dataclass(frozen=True)
class Progress:
    """Where a piece of work stands.

    Args:
        phase: what is being done.
        epoch: epochs done, of `epochs`; while learning rates are tried, rates done, of so many; while settings are
            searched, settings done, of so many, `score` then being the best so far.
        active: lanes still training, of `lanes`.
        loss: mean loss on the stop rows (on the fit rows without stop rows) over the active lanes.
        score: mean metric on the stop rows; `metric` is its name.
        seconds: since training began.
        left: seconds at most, or None when it cannot be told yet.
    """

    phase: Literal["reading", "compiling", "rates", "searching", "training", "scoring", "baselines", "saving"]
    epoch: int = 0
    epochs: int = 0
    active: int = 0
    lanes: int = 0
    loss: float = math.nan
    score: float = math.nan
    metric: str = ""
    seconds: float = 0.0
    left: float | None = None


#: What a caller may pass to be told about progress.
Watcher = Callable[[Progress], None]


def quiet(progress: Progress) -> None:
    """The watcher that shows nothing."""


def lines(names: Sequence[str], epoch: int, info: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """One epoch's history: a dict per lane that was awake, with plain numbers.

    Args:
        info: arrays `[lanes]`, as `train.run.epoch` returns them.

    >>> lines(["final"], 1, {"loss": np.array([0.5]), "active": np.array([True]), "better": np.array([True])})
    [{'lane': 'final', 'epoch': 1, 'loss': 0.5, 'best': True}]
    """
    shown = [name for name in info if name not in ("active", "better")]
    return [
        {"lane": name, "epoch": epoch}
        | {key: float(info[key][lane]) for key in shown}
        | {"best": bool(info["better"][lane])}
        for lane, name in enumerate(names)
        if info["active"][lane]
    ]
