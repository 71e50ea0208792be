"""How it was trained: the curves of every lane, with the epoch whose weights were kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from photic.experiment.figures import figure, label
from photic.maths.metrics import METRICS
from photic.report import curves, rates, svg
from photic.report.record import Record
from photic.report.tag import tag


def section(record: Record) -> Element | None:
    """The section, or None without a history."""
    if not record.lanes:
        return None
    figures = [_losses(record), _scores(record), rates.chart(record)]
    return tag("section", tag("h2", _title(record), id="training"), tag("div", figures, class_="figures"))


def _losses(record: Record) -> Element:
    own = record.lanes[record.final] if record.final else []
    told = "The loss on the rows that are trained on, measured during the epoch, and on those that choose it."
    if not own:
        told = "The loss on the rows that choose the epoch."
    title = _seen(own, curves.best_epoch(own)) if own else "The loss of every fold, epoch after epoch"
    chart = curves.loss_curves("loss-curves", record.lanes, record.final)
    return svg.figure(title, chart, told + _thin(record), _numbers(record.lanes))


def _scores(record: Record) -> Element | None:
    shown = record.lanes[record.final] if record.final else next(iter(record.lanes.values()))
    if record.outcome is None or not curves.series(shown, "stop_score"):
        return None
    metric, best = record.outcome.main, curves.best_epoch(shown) if record.final else None
    standardised = record.task is not None and record.task.scoring == "regression"  # as the trainer sees the target
    named, unit = (f"{label(metric)}, standardised", " standard deviations") if standardised else (label(metric), "")
    words = label(metric)[0].upper() + label(metric)[1:]
    value = (
        f" of {figure(best['stop_score'])}{unit} on the stop rows at the kept epoch" if best else " on the stop rows"
    )
    rises = METRICS[metric].better == "higher"
    chart = curves.score_curves("score-curves", record.lanes, record.final, named, rises=rises)
    told = "These rows chose the epoch, so this flatters a little; the scores above come from other rows."
    return svg.figure(words + value, chart, told + _thin(record))


def _thin(record: Record) -> str:
    return " Thin lines are the folds." if record.final and len(record.lanes) > 1 else ""


def _title(record: Record) -> str:
    if record.final is None:
        ran = sorted(lines[-1]["epoch"] for lines in record.lanes.values())
        epochs = f"{ran[0]} to {ran[-1]} epochs" if ran[0] < ran[-1] else f"{ran[0]} epochs"
        return f"The networks of {len(record.lanes)} folds were trained for {epochs}"
    lines, most = record.lanes[record.final], record.plan.get("epochs")
    best, ran = curves.best_epoch(lines), lines[-1]["epoch"]
    kept = f", and the weights of epoch {best['epoch']} were kept" if best else ""
    return f"It was trained for {ran} epochs{f' of at most {most}' if most and most > ran else ''}{kept}"


def _seen(lines: Sequence[Mapping[str, Any]], best: Mapping[str, Any] | None) -> str:
    """What happened to the stop loss after the best epoch, in words."""
    if best is None or best.get("stop_loss") is None:
        return "The loss, epoch after epoch"
    last, epochs = lines[-1].get("stop_loss"), lines[-1]["epoch"] - best["epoch"]
    if epochs == 0:
        return "The loss on the stop rows was still falling at the end"
    rise = (last / best["stop_loss"] - 1) if last is not None and best["stop_loss"] else 0
    if rise > 0.02:
        far = f"by {rise:.0%}" if rise < 1 else f"to {1 + rise:.1f} times as much"
        return f"After epoch {best['epoch']} the loss on the stop rows rose again, {far}"
    return f"After epoch {best['epoch']} the loss on the stop rows gained nothing more"


def _numbers(lanes: Mapping[str, Sequence[Mapping[str, Any]]]) -> Element:
    rows = []
    for lane, lines in lanes.items():
        best = curves.best_epoch(lines) or lines[-1]
        shown = [_number(best.get(key)) for key in ("loss", "stop_loss", "stop_score")]
        rows.append([lane, str(lines[-1]["epoch"]), str(best["epoch"]), *shown])
    return svg.table(["lane", "epochs", "kept", "loss on fit rows", "loss on stop rows", "score on stop rows"], rows)


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.4g}"
