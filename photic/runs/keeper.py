"""The keeper of work in progress: a checkpoint every few seconds, in the folder of a run or a search."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from photic.errors import RunError
from photic.experiment.plan import Plan
from photic.runs import store

_SECONDS = 5.0


class FolderKeeper:
    """Keeps checkpoints in `folder`.

    Args:
        plan: what they are of, kept with each; None where the folder says so itself, as that of a search does.
        seconds: between two checkpoints; 0 keeps one after every epoch.
        slack: wait so many times as long as the last checkpoint took, at least: large ones are made less often.
    """

    def __init__(
        self, folder: Path, plan: Plan | None = None, *, seconds: float = _SECONDS, slack: float = 0.0
    ) -> None:
        self.folder, self.plan, self.seconds, self.slack = folder, plan, seconds, slack
        self._last = time.monotonic()

    def due(self) -> bool:
        """Whether the last checkpoint is old enough for another."""
        return time.monotonic() - self._last >= self.seconds

    def save(self, arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
        """Replace the checkpoint, in one step."""
        began = time.monotonic()
        known = {} if self.plan is None else {"plan": self.plan.to_json()}
        store.save_checkpoint(self.folder, arrays, {**meta, **known})
        self._last = time.monotonic()
        self.seconds = max(self.seconds, self.slack * (self._last - began))

    def load(self) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """The checkpoint that is there, or None."""
        return store.load_checkpoint(self.folder)


def unfinished(folder: Path) -> Plan:
    """The plan of the run that was being trained in `folder`.

    Raises:
        RunError: when nothing was being trained there.
    """
    found = store.load_checkpoint(folder)
    if found is None:
        raise RunError(
            str(folder),
            "needs a run that was interrupted",
            "no checkpoint there",
            source="the resume option",
            fix="start it anew with photic fit",
        )
    return Plan.from_json(found[1]["plan"], str(folder / store.CHECKPOINT))
