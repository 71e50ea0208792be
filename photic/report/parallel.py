"""Parallel coordinates: every trial a line through its values to its score, one axis below the other.

Axes lie flat, so that names and numbers are read without turning the head, on a phone too. Trials that ended early
leave the score axis at a place of their own: what they had reached by then is not to be compared.

Reference: Inselberg, "The plane with parallel coordinates", 1985, https://doi.org/10.1007/BF01898350
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from photic.experiment.figures import figure, label
from photic.report import svg
from photic.report.scale import Scale, labels
from photic.report.searched import Searched, Trial
from photic.report.tag import tag
from photic.report.track import Track, plain, told_as

#: Hyperparameters that are drawn; the most important ones, where there are more.
MOST = 10
_ROW, _TOP, _END = 68.0, 32.0, 50.0
_LEFT, _RIGHT = 24.0, svg.WIDTH - 22.0
_BESIDE = 92.0  # where an axis begins that has a place for what does not apply, or for trials that ended early
_SLOTS = {"halved": 14.0, "diverged": 78.0, "failed": 78.0}


def chart(name: str, found: Searched, arena: str) -> Element:
    """The trials of one arena, winner and default apart from the others."""
    trials = found.ranked(arena)
    tracks = [_track(found, each, trials) for each in list(found.space)[:MOST]]
    scores = _scores(found, arena, trials)
    bottom = _TOP + _ROW * len(tracks)
    marks: list[Element] = []
    count = len(found.finished(arena))
    for rank, trial in reversed([*enumerate(trials)]):
        aside = rank / max(len(trials) - 1, 1) - 0.5
        points = [(_at(track, trial, aside), _TOP + _ROW * row) for row, track in enumerate(tracks)]
        points.append((_end(scores, trial, aside), bottom))
        marks.append(line(trial, found, arena, share_below(rank, count), _bent(points)))
    for row, track in enumerate(tracks):
        marks += _axis(track, trials, _TOP + _ROW * row)
    marks += _score_axis(found, scores, trials, bottom)
    best = trials[0] if trials else None
    said = f"{len(trials)} trials, {count} of them finished"
    if best is not None and best.finished:
        said += f"; the best: {setting(best)}, {label(found.study['metric'])} {figure(best.score)}"
    return svg.drawing(name, "Every trial through its values to its score", said, marks, height=bottom + _END)


def line(trial: Trial, found: Searched, arena: str, share: float, path: str) -> Element:
    """One trial's line, with a broader one that is not seen but found by the pointer.

    Args:
        share: of the finished trials that are not better; the deeper it is drawn.
    """
    of_arena = next(each for each in found.arenas if each.name == arena)
    kind = "winner" if trial.number == of_arena.winner else "first" if trial.number == 0 else trial.state
    deep = f"--deep: {18 + 77 * share**1.5:.0f}%" if trial.finished else None
    return tag(
        "g",
        tag("title", told(trial, found)),
        tag("path", d=path, class_="reach"),
        tag("path", d=path, class_=f"line {kind}", style=deep),
        class_=f"trial t{trial.number}",
    )


def told(trial: Trial, found: Searched) -> str:
    """What a trial was and came to."""
    if trial.finished:
        end = f"{label(found.study['metric'])} {figure(trial.score)}, epoch {trial.best_epoch} of {trial.epochs}"
    else:
        end = f"{trial.state} after {trial.epochs} epochs"
    return f"trial {trial.number}{' (default)' if trial.number == 0 else ''}: {end}; {setting(trial)}"


def setting(trial: Trial) -> str:
    """The values of a trial in words."""
    return ", ".join(f"{plain(name)} {told_as(value)}" for name, value in trial.values.items())


def share_below(rank: int, count: int) -> float:
    """1 for the best of `count`, 0 for the last."""
    return 1 - rank / (count - 1) if count > 1 else 1.0


def near(values: Sequence[float], *, higher: bool) -> list[float]:
    """All scores but those so far behind that they would squeeze the others."""
    ordered = sorted(values, reverse=higher)
    middle = ordered[len(ordered) // 2]
    far = 4 * abs(ordered[0] - middle) or abs(middle)
    return [value for value in ordered if abs(value - ordered[0]) <= far]


def _track(found: Searched, name: str, trials: Sequence[Trial]) -> Track:
    values = [trial.values[name] for trial in trials if name in trial.values]
    apart = any(name not in trial.values for trial in trials)
    return Track.of(name, found.space[name], values, _BESIDE if apart else _LEFT, _RIGHT)


def _scores(found: Searched, arena: str, trials: Sequence[Trial]) -> Scale:
    """The better, the further right."""
    values = near([trial.score for trial in found.finished(arena)] or [0.0, 1.0], higher=found.higher)
    start = _BESIDE + 56 if any(not trial.finished for trial in trials) else _LEFT
    scale = Scale.of(values, start, _RIGHT, room=0.02)
    return scale if found.higher else Scale(scale.low, scale.high, scale.end, scale.start)


def _at(track: Track, trial: Trial, aside: float) -> float:
    return track(trial.values[track.name], aside) if track.name in trial.values else _LEFT + 22 + 20 * aside


def _end(scores: Scale, trial: Trial, aside: float) -> float:
    if not trial.finished:
        return _SLOTS.get(trial.state, _SLOTS["halved"]) + 14 + 18 * aside
    low, high = sorted((scores.start, scores.end))
    return min(max(scores(trial.score), low), high)


def _bent(points: Sequence[svg.Point]) -> str:
    """A smooth way from axis to axis, upright where it crosses one."""
    way = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        middle = (y0 + y1) / 2
        way.append(f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}")
    return "".join(way)


def _axis(track: Track, trials: Sequence[Trial], y: float) -> list[Element]:
    marks = [svg.line((track.start, y), (track.end, y), "rail")]
    marks.append(svg.text((_LEFT - 14, y - 12), track.title, "name label start"))
    for x, words in track.ticks():
        marks += [svg.line((x, y - 3), (x, y + 3), "rail"), svg.text((x, y + 16), words, "tick label middle", most=14)]
    if any(track.name not in trial.values for trial in trials):
        marks.append(svg.line((_LEFT, y), (_LEFT + 44, y), "rail"))
        marks.append(svg.text((_LEFT + 22, y + 16), "not used", "tick label middle"))
    return marks


def _score_axis(found: Searched, scores: Scale, trials: Sequence[Trial], y: float) -> list[Element]:
    low, high = sorted((scores.start, scores.end))
    marks = [svg.line((low, y), (high, y), "rail")]
    for at, words in zip(scores.ticks(4), labels(scores.ticks(4)), strict=True):
        marks += [svg.line((scores(at), y - 3), (scores(at), y + 3), "rail")]
        marks.append(svg.text((scores(at), y + 16), words, "tick label middle"))
    for state in dict.fromkeys(trial.state for trial in trials if not trial.finished):
        x = _SLOTS.get(state, _SLOTS["halved"])
        marks.append(svg.line((x, y), (x + 28, y), "rail"))
        marks.append(svg.text((x + 14, y + 16), state, "tick label middle"))
    marks.append(svg.text(((low + high) / 2, y + 38), f"inner {label(found.study['metric'])}, better →", "axis middle"))
    return marks
