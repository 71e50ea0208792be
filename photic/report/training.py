"""How it was trained: the curves of every lane, with the epoch whose weights were kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from photic.experiment.figures import label
from photic.maths.metrics import METRICS
from photic.report import curves, svg
from photic.report.record import Record
from photic.report.tag import tag

_FOLDS = " Thin lines are the folds."


def section(record: Record) -> Element | None:
    """The section, or None without a history."""
    if not record.lanes:
        return None
    final = record.final or next(reversed(record.lanes))
    behind = _FOLDS if len(record.lanes) > 1 else ""
    best = curves.best_epoch(record.lanes[final])
    loss = curves.loss_curves("loss-curves", record.lanes, final)
    caption = (
        f"The loss on the rows that are trained on, measured during the epoch, and on those that choose it.{behind}"
    )
    figures = [svg.figure(_seen(record.lanes[final], best), loss, caption, _numbers(record.lanes))]
    metric = record.outcome.main if record.outcome else ""
    if metric and curves.series(record.lanes[final], "stop_score"):
        standardised = record.task is not None and record.task.kind == "regression"  # as the trainer sees the target
        named, unit = (
            (f"{label(metric)}, standardised", " standard deviations") if standardised else (label(metric), "")
        )
        value = (
            f" of {best['stop_score']:.3g}{unit} on the stop rows at the kept epoch" if best else " on the stop rows"
        )
        words = label(metric)[0].upper() + label(metric)[1:] + value
        rises = METRICS[metric].better == "higher"
        chart = curves.score_curves("score-curves", record.lanes, final, named, rises=rises)
        told = f"These rows chose the epoch, so this flatters a little; the scores above come from other rows.{behind}"
        figures.append(svg.figure(words, chart, told))
    return tag("section", tag("h2", _title(record, final, best), id="training"), tag("div", figures, class_="figures"))


def _title(record: Record, final: str, best: Mapping[str, Any] | None) -> str:
    ran, most = record.lanes[final][-1]["epoch"], record.plan.get("epochs")
    kept = f", and those of epoch {best['epoch']} were kept" if best else ""
    early = f" of at most {most}" if most and most > ran else ""
    return f"It was trained for {ran} epochs{early}{kept}"


def _seen(lines: Sequence[Mapping[str, Any]], best: Mapping[str, Any] | None) -> str:
    """What happened to the stop loss after the best epoch, in words."""
    if best is None or best.get("stop_loss") is None:
        return "The loss, epoch after epoch"
    last, epochs = lines[-1].get("stop_loss"), lines[-1]["epoch"] - best["epoch"]
    if epochs == 0:
        return "The loss on the stop rows was still falling at the end"
    rise = (last / best["stop_loss"] - 1) if last is not None and best["stop_loss"] else 0
    if rise > 0.02:
        return f"After epoch {best['epoch']} the loss on the stop rows rose again, by {rise:.0%}"
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
