"""The learning rates that were tried, and the one each lane found: the loss against the rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from photic.experiment.rates import FINAL, Found
from photic.report import svg
from photic.report.record import Record
from photic.report.scale import Scale, tick_words


def chart(record: Record) -> Element | None:
    """The figure, or None where no rate was looked for."""
    found = [Found.from_json(each) for each in record.plan.get("rates") or ()]
    known = [loss for each in found for loss in each.loss if loss is not None]
    if not known:
        return None
    own = next((each for each in found if each.lane == FINAL), None)
    many = f"{found[0].epochs} epochs" if found[0].epochs > 1 else "1 epoch"
    told = f"The loss on the fit rows after {many} at each rate, every time from the same first weights."
    told += " A cross: the loss was no longer a number." if _lost(own or found[0]) else ""
    told += " Thin lines are the folds, each on its own fit rows." if own and len(found) > 1 else ""
    return svg.figure(_title(own, found), _drawn(found, own, known), told, _numbers(found))


def _title(own: Found | None, found: Sequence[Found]) -> str:
    if own is not None and own.rate is not None:
        return f"The learning rate {own.rate:g} brought the loss lowest"
    rates = sorted(each.rate for each in found if each.rate is not None)
    if not rates or own is not None:
        return "At no learning rate did the loss fall"
    return f"Learning rates from {rates[0]:g} to {rates[-1]:g} brought the loss lowest"


def _drawn(found: Sequence[Found], own: Found | None, known: Sequence[float]) -> Element:
    tried = [rate for each in found for rate in each.tried]
    steep = min(known) > 0 and max(known) > 12 * min(known)
    x = Scale.of(tried, svg.LEFT, svg.WIDTH - svg.RIGHT, log=True)
    y = Scale.of(known, svg.HEIGHT - svg.BOTTOM, svg.TOP + 14, log=steep)
    named = f"loss on fit rows{' (logarithmic)' if steep else ''}"
    marks = svg.frame(x, y, "learning rate (logarithmic)", named, x_ticks=x.ticks(6))
    for each in sorted(found, key=lambda one: one is own):
        losses = [math.nan if loss is None else loss for loss in each.loss]
        marks += svg.lines(x, y, each.tried, losses, "stop" if each is own else "fold" if own else "stop thin")
        if each.rate is not None and (each is own or own is None):
            at = (x(each.rate), y(each.loss[each.tried.index(each.rate)] or 0.0))
            marks.append(svg.dot(at, "best", f"{each.lane}: {each.rate:g}, loss {_figure(each)}"))
    if own is not None and own.rate is not None:
        at, side = (x(own.rate), y(min(known))), "end" if x(own.rate) > svg.WIDTH / 2 else "start"
        marks.append(svg.line((at[0], svg.TOP), (at[0], svg.HEIGHT - svg.BOTTOM), "best"))
        off = -6 if side == "end" else 6
        marks.append(svg.text((at[0] + off, svg.TOP + 10), f"taken: {own.rate:g}", f"label best {side}"))
    marks += [svg.text((x(rate), svg.TOP + 10), "×", "tick middle") for rate in _lost(own or found[0])]
    said = "; ".join(f"{each.lane}: {tick_words(each.rate)}, loss {_figure(each)}" for each in found if each.rate)
    return svg.drawing("rates", "the loss against the learning rate", said, marks)


def _lost(found: Found) -> list[float]:
    """Rates at which the loss was no longer a number."""
    return [rate for rate, loss in zip(found.tried, found.loss, strict=True) if loss is None]


def _figure(found: Found) -> str:
    lowest = min((loss for loss in found.loss if loss is not None), default=math.nan)
    return f"{lowest:.3g}"


def _numbers(found: Sequence[Found]) -> Element:
    rows = [
        [each.lane, f"{rate:g}", "diverged" if loss is None else f"{loss:.4g}", "taken" if rate == each.rate else ""]
        for each in found
        for rate, loss in zip(each.tried, each.loss, strict=True)
    ]
    return svg.table(["lane", "learning rate", "loss on fit rows", ""], rows)
