"""All trials of a search: their curves, the best so far, and a table; what ended early is never drawn like the rest."""

from __future__ import annotations

import collections
import itertools
import math
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from photic.experiment.figures import figure, label
from photic.report import svg
from photic.report.parallel import line, near, share_below
from photic.report.scale import Scale
from photic.report.searched import STATES, Searched, Trial
from photic.report.tag import Child, tag
from photic.report.track import plain, told_as


def curves(name: str, found: Searched, arena: str) -> Element:
    """The mean inner score of every trial, epoch after epoch, with the rungs at which the lesser ones were ended."""
    trials, rungs = found.ranked(arena), [int(each) for each in found.study.get("rungs") or ()]
    last = max([*rungs, *(trial.epochs for trial in trials), 2])
    x, y = Scale(1.0, float(last), svg.LEFT, svg.WIDTH - svg.RIGHT), _heights(found, arena)
    ticks = [at for at in x.ticks(6) if at >= 1 and at == int(at)]
    marks = svg.frame(x, y, "epoch", f"inner {label(found.study['metric'])}", x_ticks=ticks)
    marks += _rungs(rungs[:-1], x)
    count = len(found.finished(arena))
    for rank, trial in reversed([*enumerate(trials)]):
        points = [(float(epoch), score) for epoch, score in trial.curve if math.isfinite(score)]
        way = "".join(_piece(x, y, piece) for piece in inside(points, y))
        if way:
            marks.append(line(trial, found, arena, share_below(rank, count), way))
        marks += _ended(trial, points, x, y)
    said = ", ".join(f"{amount} {state}" for state, amount in counted(trials))
    return svg.drawing(name, "The score of every trial, epoch after epoch", said, marks)


def progress(name: str, found: Searched, arena: str) -> Element:
    """The score of every finished trial in the order in which they were made, and the best so far."""
    trials = found.of_arena(arena)
    last = max([trial.number for trial in trials] or [1])
    x, y = Scale(-0.5, max(last, 1) + 0.5, svg.LEFT, svg.WIDTH - svg.RIGHT), _heights(found, arena, curves=False)
    ticks = [at for at in x.ticks(6) if at == int(at)]
    marks = svg.frame(x, y, "trial", f"inner {label(found.study['metric'])}", x_ticks=ticks)
    steps = list(found.best_so_far(arena))
    way = [(x(number), y(min(max(score, y.low), y.high))) for number, score in steps]
    stairs = [point for (_, before), (at, height) in itertools.pairwise(way) for point in ((at, before), (at, height))]
    if way:
        marks.append(svg.path([*way[:1], *stairs, (x(last), way[-1][1])], "reached"))
    winner = next(each.winner for each in found.arenas if each.name == arena)
    for trial in trials:
        kind = "best" if trial.number == winner else "first" if trial.number == 0 else "network faint"
        if trial.finished and y.low <= trial.score <= y.high:
            size = 5.5 if trial.number in (0, winner) else 4.0
            told = f"trial {trial.number}: {figure(trial.score)}"
            marks.append(svg.dot((x(trial.number), y(trial.score)), kind, told, size=size))
        elif not trial.finished:
            at = x(trial.number)
            class_ = "base" if trial.state == "halved" else "lost"
            marks.append(svg.line((at, svg.HEIGHT - svg.BOTTOM - 8), (at, svg.HEIGHT - svg.BOTTOM), class_))
    said = "; ".join(f"trial {number}: {figure(score)}" for number, score in steps)
    return svg.drawing(name, "The best score so far", said, marks)


def table(found: Searched, arena: str) -> Element:
    """Every trial in a row, finished ones first and best first."""
    names = list(found.space)
    heading: list[Child] = ["trial", "", f"inner {label(found.study['metric'])}", "best epoch", *map(plain, names)]
    return svg.table(heading, [list(_row(trial, names)) for trial in found.ranked(arena)], class_="trials")


def counted(trials: Sequence[Trial]) -> list[tuple[str, int]]:
    """How many ended how.

    >>> counted([Trial("final", 0, {}, "complete", 4, 0.5), Trial("final", 1, {}, "halved", 2, 0.4)])
    [('finished', 1), ('halved', 1)]
    """
    words = {"complete": "finished"}
    found = collections.Counter(trial.state for trial in trials)
    return [(words.get(state, state), found[state]) for state in STATES if found[state]]


def _row(trial: Trial, names: Sequence[str]) -> Iterator[Child]:
    number = f"{trial.number}{', the default' if trial.number == 0 else ''}"
    yield tag("span", number, class_=f"trial t{trial.number}")
    yield tag("span", "finished" if trial.state == "complete" else trial.state, class_=f"state {trial.state}")
    if trial.finished:
        yield figure(trial.score)
        yield f"{trial.best_epoch} of {trial.epochs}"
    else:
        yield f"({figure(trial.score)})" if math.isfinite(trial.score) else "—"
        yield f"ended at {trial.epochs}"
    for name in names:
        yield told_as(trial.values[name]) if name in trial.values else "—"


def _heights(found: Searched, arena: str, *, curves: bool = True) -> Scale:
    """From the best score down to where curves of finished trials are after a while; earlier epochs may be cut off."""
    finished = found.finished(arena)
    ends = near([trial.score for trial in finished], higher=found.higher) if finished else []
    values, worst = list(ends), min if found.higher else max
    for trial in finished if curves else ():
        late = [score for epoch, score in trial.curve if epoch >= trial.epochs / 4 and math.isfinite(score)]
        values += [worst(late)] if late else []
    if curves:
        values += [trial.score for trial in found.of_arena(arena) if trial.state == "halved"]
    shown = near([each for each in values if math.isfinite(each)] or [0.0, 1.0], higher=found.higher)
    return Scale.of(shown, svg.HEIGHT - svg.BOTTOM, svg.TOP + 8)


def _rungs(rungs: Sequence[int], x: Scale) -> Iterator[Element]:
    """A line for every rung; named where there is room."""
    free = -math.inf
    for rung in rungs:
        yield svg.line((x(rung), svg.TOP), (x(rung), svg.HEIGHT - svg.BOTTOM), "rung")
        if x(rung) > free:
            yield svg.text((x(rung), svg.TOP - 1), f"rung {rung}", "tick middle")
            free = x(rung) + 54


def inside(points: Sequence[svg.Point], y: Scale) -> Iterator[list[svg.Point]]:
    """The parts of a line between the ends of a scale, cut where it crosses one."""
    piece: list[svg.Point] = []
    for start, end in itertools.pairwise(points):
        cut = _cut(start, end, y.low, y.high)
        if cut is None:
            continue
        if not piece or piece[-1] != cut[0]:
            if len(piece) > 1:
                yield piece
            piece = [cut[0]]
        piece.append(cut[1])
    if len(piece) > 1:
        yield piece


def _cut(start: svg.Point, end: svg.Point, low: float, high: float) -> tuple[svg.Point, svg.Point] | None:
    """The part of a straight line between two heights; None where there is none."""
    (x0, y0), (x1, y1) = start, end
    if max(y0, y1) <= low or min(y0, y1) >= high:
        return None
    at = lambda height: (x0 + (x1 - x0) * (height - y0) / (y1 - y0), height)
    move = lambda point: at(low) if point[1] < low else at(high) if point[1] > high else point
    return move(start), move(end)


def _piece(x: Scale, y: Scale, points: Sequence[svg.Point]) -> str:
    return "M" + "L".join(f"{x(epoch):.1f} {y(score):.1f}" for epoch, score in points)


def _ended(trial: Trial, points: Sequence[svg.Point], x: Scale, y: Scale) -> list[Element]:
    """Where a trial ended early: an open dot for a halved one, a cross for one that was lost."""
    if trial.state == "complete" or not points:
        return []
    epoch, score = points[-1]
    at = (x(epoch), y(min(max(score, y.low), y.high)))
    if trial.state == "halved":
        return [svg.dot(at, "halved", size=3.0)] if y.low <= score <= y.high else []
    return [svg.text((at[0], at[1] + 4), "×", "lost middle")]
