"""The keeper of a run in progress: a checkpoint every few seconds, in the run's folder, with the plan it is of."""

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
    """Keeps checkpoints in `folder`; continues the one that is there only for the same plan.

    Args:
        seconds: between two checkpoints; 0 keeps one after every epoch.
    """

    def __init__(self, folder: Path, plan: Plan, *, seconds: float = _SECONDS) -> None:
        self.folder, self.plan, self.seconds = folder, plan, seconds
        self._last = time.monotonic()

    def due(self) -> bool:
        """Whether the last checkpoint is old enough for another."""
        return time.monotonic() - self._last >= self.seconds

    def save(self, arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
        """Replace the checkpoint, in one step."""
        store.save_checkpoint(self.folder, arrays, {**meta, "plan": self.plan.to_json()})
        self._last = time.monotonic()

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
