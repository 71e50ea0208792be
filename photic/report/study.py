"""The search: what it found and what that is worth, whether the searches agree, what mattered, and every trial.

The score to expect comes first, from rows that no search saw. The best score inside the search stands beside it, marked
as what it is: the best of many, chosen for that very number.

Reference: Cawley and Talbot, "On over-fitting in model selection and subsequent selection bias in performance
evaluation", 2010, https://jmlr.org/papers/v11/cawley10a.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from photic.experiment.figures import figure, label
from photic.experiment.interval import Score
from photic.report import agreement, bars, parallel, svg, telling, trials
from photic.report.record import Record
from photic.report.scale import Scale, labels
from photic.report.searched import Arena, Searched
from photic.report.tag import Child, tag
from photic.report.track import plain

_MOST_LIT = 400  # trials that light up together in all charts; rules for more would slow the page
_KINDS = {
    "winner": "the winner",
    "first": "the default",
    "complete": "finished, the better the stronger",
    "halved": "ended early at a rung",
    "diverged": "diverged or failed",
}


def section(record: Record) -> Element | None:
    """The section; None for a run without a search."""
    found = record.searched
    if found is None or found.own is None:
        return None
    honest = _honest(record)
    parts: list[Child] = [
        tag("h2", telling.title(found), id="search"),
        tag(
            "dl",
            [tag("div", tag("dt", word), tag("dd", *told)) for word, told in _facts(found, honest)],
            class_="facts",
        ),
        tag("p", telling.gap(found, honest)),
        tag("p", telling.worth(found)),
        tag("div", _worth(found, honest), class_="figures"),
        tag("h3", "What mattered, and whether the searches agree"),
        tag("p", agreement.sentence(found)),
        tag("div", _mattered(found), class_="figures"),
        svg.scrolled(agreement.table(found)),
        tag("h3", "Every trial of the final network’s search"),
        tag("ul", list(_legend(found)), class_="legend"),
        tag("div", _drawn(found), class_="figures"),
        tag("details", tag("summary", _all(found)), svg.scrolled(trials.table(found, found.own.name))),
        tag("h3", "What was searched, and what it cost"),
        tag("p", telling.cost(found)),
        tag("ul", [tag("li", each) for each in found.study.get("said") or ()], class_="said"),
        tag("style", _lit(found)),
    ]
    return tag("section", parts, class_="search")


def _honest(record: Record) -> Score | None:
    outcome = record.outcome
    return None if outcome is None else outcome.network.score(outcome.main)


def _facts(found: Searched, honest: Score | None) -> Iterator[tuple[str, tuple[Child, ...]]]:
    """The numbers it comes to, the one to expect first."""
    own = found.own
    assert own is not None
    metric, where = label(found.study["metric"]), "locked test rows" if math.isfinite(own.score) else "outer folds"
    if honest is not None and math.isfinite(honest.value):
        value, _, ends = str(honest).partition(" (")
        beside = tag("small", f"{ends.rstrip(')')}, on {where} no search saw") if ends else None
        yield f"{metric} to expect", (tag("b", value), beside)
    unit = f", in {found.unit}" if found.unit else ""
    told = tag("small", f"of the winner, on {telling.judges(found.study['folds'])}{unit}; not to be expected")
    yield f"{metric} inside the search", (tag("b", figure(own.inner), class_="unproven"), told)
    gain = found.study.get("gain") or {}
    if gain.get("value") is not None:
        score = Score(*(math.nan if gain.get(end) is None else float(gain[end]) for end in ("value", "low", "high")))
        value, _, ends = str(score).partition(" (")
        sign = "+" if score.value > 0 else ""
        yield "gained over the default", (tag("b", sign + value), tag("small", ends.rstrip(")")) if ends else None)
    finished = len(found.finished(own.name))
    yield (
        "settings tried",
        (tag("b", telling.tried(found)), tag("small", f"{finished} to the end, the rest ended early")),
    )


def _worth(found: Searched, honest: Score | None) -> list[Element]:
    """What can be expected, and whether the search paid."""
    figures = []
    if honest is not None and not found.unit:
        told = (
            "Open circles: the winner on the inner folds of its own search. Dots: the same winner, scored once on rows "
            "its search never saw; the bar is the 95 % interval."
        )
        chart = agreement.optimism("optimism", found, honest)
        figures.append(svg.figure(_seen(found.arenas, found.higher), chart, told))
    gain = found.study.get("gain") or {}
    if gain.get("low") is not None and gain.get("high") is not None:
        told = f"The winner beside the default, on {gain.get('rows', 'the same rows')}, with the 95 % interval."
        figures.append(svg.figure(paid(gain), _gain(found, gain), told))
    return figures


def _mattered(found: Searched) -> list[Element]:
    """How much each hyperparameter mattered, and where the winners lie on it."""
    figures = []
    importance = found.study.get("importance") or {}
    if importance:
        ordered = sorted(((plain(name), share) for name, share in importance.items()), key=lambda item: -item[1])
        heading = f"{ordered[0][0][0].upper()}{ordered[0][0][1:]} mattered most"
        told = "How much of the spread of the inner scores goes with each hyperparameter, over all finished trials."
        figures.append(svg.figure(heading, bars.shares("importance", ordered, "hyperparameter"), told))
    folds = " Pale: those of the outer folds." if len(found.arenas) > 1 else ""
    told = f"Filled orange: the winner of the search for the final network.{folds} Open: the default."
    return [*figures, svg.figure("Where the winners lie", agreement.winners("winners", found), told)]


def _seen(arenas: Sequence[Arena], higher: bool) -> str:
    """How many of the searches flattered their winner."""
    known = [arena for arena in arenas if math.isfinite(arena.inner) and math.isfinite(arena.score)]
    flattered = sum((arena.inner > arena.score) == higher for arena in known if arena.inner != arena.score)
    if not known:
        return "What the searches saw of their winners"
    if len(known) == 1:
        return "The search flattered its winner" if flattered else "The search did not flatter its winner"
    return f"{flattered} of {len(known)} searches flattered their winner"


def paid(gain: dict[str, float]) -> str:
    """Whether the interval of the gain leaves out nothing gained."""
    if gain["low"] > 0:
        return "Tuning gained more than chance explains"
    return "Tuning lost more than chance explains" if gain["high"] < 0 else "The gain could be chance"


def _gain(found: Searched, gain: dict[str, float]) -> Element:
    """The gain and its interval beside nothing gained."""
    x = Scale.of([gain["low"], gain["high"], 0.0], 16.0, svg.WIDTH - 16.0, room=0.12)
    y, bottom = 42.0, 66.0
    ticks = x.ticks(5)
    marks = [svg.line((x(at), 24), (x(at), bottom), "grid") for at in ticks]
    told = zip(ticks, labels(ticks), strict=True)
    marks += [svg.text((x(at), bottom + 16), words, "tick middle") for at, words in told]
    marks += [svg.line((x(0.0), 18), (x(0.0), bottom), "zero"), svg.text((x(0.0), 12), "the default", "tick middle")]
    marks.append(svg.line((x(gain["low"]), y), (x(gain["high"]), y), "interval network"))
    marks.append(svg.dot((x(gain["value"]), y), "network", figure(gain["value"]), size=6.0))
    words = f"gain in {label(found.study['metric'])}, better →"
    marks.append(svg.text((svg.WIDTH / 2, bottom + 38), words, "axis middle"))
    said = f"{figure(gain['value'])}, from {figure(gain['low'])} to {figure(gain['high'])}"
    return svg.drawing("gain", "What tuning gained over the default", said, marks, height=bottom + 46)


def _legend(found: Searched) -> Iterator[Element]:
    assert found.own is not None
    shown = found.of_arena(found.own.name)
    states = {"diverged" if trial.state == "failed" else trial.state for trial in shown}
    for kind, words in _KINDS.items():
        if kind in states or kind in {"winner", "first"}:
            yield tag("li", tag("span", class_=f"stroke {kind}"), words)


def _drawn(found: Searched) -> list[Element]:
    assert found.own is not None
    own, metric = found.own.name, label(found.study["metric"])
    shown = found.of_arena(own)
    ended = ", ".join(f"{amount} {state}" for state, amount in trials.counted(shown))
    several = len(found.space) > parallel.MOST
    told = (
        f"A line is a trial, through its values down to its score{', the most important of them' if several else ''}. "
        "Those that ended early leave the score axis on the left. Point at a line to see it in both charts and in the "
        "table."
    )
    steps = [number for number, _ in found.best_so_far(own)]
    last = f"After trial {steps[-1]} nothing better came" if steps else "No trial was finished"
    last = "The last trial was the best so far" if steps and steps[-1] == shown[-1].number else last
    across = svg.figure("From values to scores", parallel.chart("parallel", found, own), told)
    along = svg.figure(
        f"{ended[0].upper()}{ended[1:]}",
        trials.curves("trial-curves", found, own),
        f"The mean inner {metric} of every trial by epoch. An open circle: ended at a rung; a cross: diverged.",
    )
    so_far = svg.figure(
        last, trials.progress("progress", found, own),
        "Dots are finished trials, the line is the best so far; marks at the foot are trials that ended early.",
    )  # fmt: skip
    return [across, tag("div", along, so_far)]


def _all(found: Searched) -> str:
    assert found.own is not None
    many = telling.tried(found)
    return f"All {many} trials as a table; a score in brackets was reached before the end and is not comparable"


def _lit(found: Searched) -> str:
    """Rules by which a trial lights up everywhere when the pointer is on it somewhere; no script is needed."""
    assert found.own is not None
    rules = []
    for trial in found.of_arena(found.own.name)[:_MOST_LIT]:
        mark = f"t{trial.number}"
        at = f".search:has(.{mark}:hover,tr:hover .{mark})"
        rules.append(f"{at} .{mark} .line{{stroke:var(--ink);stroke-width:3.5;stroke-opacity:1;stroke-dasharray:none}}")
        rules.append(f"{at} tr:has(.{mark}){{background:var(--wash)}}")
    return "\n".join(rules)
