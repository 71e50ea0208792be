"""Evidence: everything that was measured of one training, the only thing the rules of a diagnosis look at.

`carry_out` measures all of it while it trains; `Evidence.of(run)` takes what a finished run left behind, without its
data, so that some parts are None there. A rule that misses a part it needs stays silent. Chapter: "Diagnosis".
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from photic.diagnose.facts import Inputs, Targets

if TYPE_CHECKING:
    from photic.diagnose.described import Described
    from photic.runs.run import Run  # a floor above; only its shape is needed here

#: The extra experiments, by their key in `Evidence.probes`, as they are announced.
PROBES: dict[str, str] = {
    "few rows": "whether the network can learn 32 rows by heart",
    "rows": "how it does with an eighth and a quarter of the rows",
}


@dataclasses.dataclass(frozen=True, eq=False)
class Evidence:
    """One training, measured. Lanes are repetitions (folds or seeds); a finding must hold in most of them.

    Args:
        setup: the training as it was written.
        kind: "regression", "binary" or "multiclass".
        classes: the names of the classes, none in regression.
        rows: how many there are: "fit" and "stop" of one lane, and "score" when scores come from other rows.
        history: a dict per lane and epoch: "loss", "stop_loss", "stop_score", "learning_rate", "best".
        inspection: a dict per lane and inspected epoch, "layers" with the measures of `train.inspect` by path; the
            first is of the network before its first step.
        x: the fit rows as the network sees them.
        y: the targets of the fit rows as they were encoded.
        chance: the loss of the best constant answer, under the loss as it was written, on the targets as encoded.
        first_loss: the loss of the network before its first step, on fit rows.
        score, fit_score: honest metrics of the final network by name, mean over lanes, on stop and fit rows:
            "accuracy" and "balanced_accuracy", or "r2" and "rmse", whatever the loss was.
        baseline: the same metrics of a quick simple model on the same stop rows; `baseline_name` says which.
        constant: the same metrics of the best constant answer, on the same stop rows.
        outputs: of the final network on fit rows: "spread" (over rows, mean over outputs), "mean", "low", "high".
        order: how strongly rows that follow each other would share their target, were they not shuffled: 0 not at all,
            1 sorted.
        duplicates: share of the stop rows that are also among the fit rows.
        leaks: columns that give the target away, with how well each does alone (0 chance, 1 perfectly).
        audited: findings of the data's audit as (kind, level, words), where there was one.
        doubted: share of the fit rows whose label or number a simple model, not shown it, contradicts while it is sure.
        probes: results of the extra experiments that were made, by the keys of `PROBES`:
            "few rows": {"rows", "loss", "chance", "skill"}; "rows": [{"rows", "skill"}, ...], the fewest first.
        seconds: how long the training took, and "probes".
    """

    setup: Described
    kind: str
    classes: tuple[str, ...]
    rows: Mapping[str, int]
    history: list[dict[str, Any]]
    inspection: list[dict[str, Any]]
    x: Inputs | None = None
    y: Targets | None = None
    chance: float | None = None
    first_loss: float | None = None
    score: Mapping[str, float] | None = None
    fit_score: Mapping[str, float] | None = None
    baseline: Mapping[str, float] | None = None
    baseline_name: str = ""
    constant: Mapping[str, float] | None = None
    outputs: Mapping[str, float] | None = None
    order: float | None = None
    duplicates: float | None = None
    leaks: tuple[tuple[str, float], ...] = ()
    audited: tuple[tuple[str, str, str], ...] = ()
    doubted: float | None = None
    probes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    seconds: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, run: Run) -> Evidence:
        """What a finished run left behind; quick, and without its data.

        Raises:
            RunError: when the run kept no history.
        """
        from photic.diagnose.left import left  # reads the JSON values of a run, and gives back Evidence

        return left(run.plan, run.bundle.history, run.bundle.inspection, run.bundle.scores, run.bundle.audit)

    @property
    def metric(self) -> str:
        """The metric that is judged by, 1 at best: a rare class counts as much as a frequent one."""
        return "r2" if self.kind == "regression" else "balanced_accuracy"

    @property
    def lanes(self) -> dict[str, list[dict[str, Any]]]:
        """The history of every lane by name."""
        return _by_lane(self.history)

    @property
    def inspected(self) -> dict[str, list[dict[str, Any]]]:
        """The inspections of every lane by name."""
        return _by_lane(self.inspection)

    def skill(self, of: Mapping[str, float] | None) -> float:
        """How much of the way from the best constant answer to perfection: 0 is chance, 1 perfect, NaN unknown.

        >>> Evidence(None, "binary", ("a", "b"), {}, [], []).skill({"balanced_accuracy": 0.75})
        0.5
        """
        if of is None or self.metric not in of:
            return math.nan
        floor = 0.0 if self.kind == "regression" else 1 / max(len(self.classes), 2)
        value = of[self.metric]
        return (value - floor) / (1 - floor) if math.isfinite(value) else -math.inf


def _by_lane(lines: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    lanes: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        lanes.setdefault(str(line["lane"]), []).append(line)
    return lanes
