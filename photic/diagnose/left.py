"""What a finished run left behind, as evidence: its plan, history, inspection, scores and audit, without its data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from photic import spec
from photic.diagnose.described import Described
from photic.diagnose.evidence import Evidence
from photic.diagnose.facts import Targets
from photic.errors import RunError
from photic.experiment.plan import Plan

_METRICS = {"regression": ("r2", "rmse"), "binary": ("balanced_accuracy", "accuracy")}
_METRICS["multiclass"] = _METRICS["binary"]
_CONSTANT = ("mean", "majority")


def left(
    plan: Plan,
    history: Sequence[Mapping[str, Any]],
    inspection: Sequence[Mapping[str, Any]] | None,
    scores: Mapping[str, Any] | None,
    audit: Mapping[str, Any] | None,
) -> Evidence:
    """The evidence in the files of a run; numbers that a diverged lane has not are NaN.

    Raises:
        RunError: when there is no history, or the run predicts several targets.
    """
    if plan.task.targets:
        got, fix = f"{len(plan.task.targets)} targets", "fit one of them alone to have its training diagnosed"
        raise RunError("diagnosis", "needs a run with one target", got, source="the run's plan", fix=fix)
    if not history:
        fix = f"train again with `photic fit {plan.source.data or 'DATA'}`, which keeps it"
        raise RunError("history.jsonl", "needs a line for each epoch", "none", source="the run folder", fix=fix)
    kind, contenders = plan.task.kind, (scores or {}).get("contenders", ())
    told = {each["name"]: _scores(each, kind) for each in contenders}
    rivals = {name: of for name, of in told.items() if name not in ("network", *_CONSTANT) and of}
    judged = _METRICS[kind][0]
    best = max(rivals, key=lambda name: rivals[name].get(judged, -math.inf), default="")
    rows = (scores or {}).get("rows", {})
    targets = _targets(audit, kind)
    return Evidence(
        setup=Described.of(plan),
        kind=kind,
        classes=plan.task.classes,
        rows={name: int(rows[name]) for name in ("fit", "stop") if name in rows}
        | {"score": rows.get("all", 0) - rows.get("test", 0) if plan.folds else rows.get("test", 0)},
        history=[_numbers(line) for line in history],
        inspection=[{**line, "layers": _layers(line["layers"])} for line in inspection or ()],
        y=targets,
        chance=_chance(plan, targets),
        score=told.get("network") or None,
        baseline=rivals.get(best),
        baseline_name=best,
        constant=next((told[name] for name in _CONSTANT if name in told), None),
        audited=tuple((each["kind"], each["level"], each["words"]) for each in (audit or {}).get("findings", ())),
    )


def _scores(contender: Mapping[str, Any], kind: str) -> dict[str, float]:
    """The scores of a contender over all folds, or on the test part of a run without folds."""
    found = contender.get("validation") or contender.get("test") or {}
    value = lambda name: found[name]["value"] if found[name]["value"] is not None else math.nan
    return {name: value(name) for name in _METRICS[kind] if name in found}


def _targets(audit: Mapping[str, Any] | None, kind: str) -> Targets | None:
    facts = (audit or {}).get("target")
    if not facts:
        return None
    if kind == "regression":  # the trainer sees it standardised
        return Targets("values", 1, math.nan, math.nan, 0.0, 1.0, None, int(facts["distinct"]), 0.0)
    counts = tuple(int(count) for _, count in facts["levels"])
    form, width = ("values", 1) if kind == "binary" else ("codes", 1)
    return Targets(form, width, 0.0, float(len(counts) - 1), math.nan, math.nan, None, len(counts), 0.0, counts)


def _chance(plan: Plan, targets: Targets | None) -> float | None:
    """The loss of the best constant answer, where the plan alone says it."""
    name = spec.type_name(type(plan.loss))
    if name in {"mse", "rmse"}:
        return 1.0
    if targets is None or not targets.counts or plan.task.kind == "regression":
        return None
    if plan.class_weight == "balanced":
        return math.log(len(plan.task.classes))
    total = sum(targets.counts)
    return -sum(count / total * math.log(count / total) for count in targets.counts if count)


def _numbers(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: math.nan if value is None else value for name, value in line.items()}


def _layers(layers: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {path: _numbers(measures) for path, measures in layers.items()}
