"""Agreement: what the searches of all arenas ended with, hyperparameter by hyperparameter, beside the default."""

from __future__ import annotations

import collections
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from photic.experiment.figures import figure, label
from photic.experiment.interval import Score
from photic.report import svg
from photic.report.scale import Scale, labels
from photic.report.searched import Arena, Searched
from photic.report.tag import Child, tag
from photic.report.track import Track, plain, searched_words, told_as

_ROW, _TOP = 52.0, 30.0
_NEAR = 0.25  # of what was searched: winners that close together agree
_NAMES = 84.0


def winners(name: str, found: Searched) -> Element:
    """An axis for each hyperparameter, with the winner of the final search, those of the folds, and the default."""
    own, default = found.arenas[0], found.study.get("default") or {}
    marks: list[Element] = []
    for row, (key, searched) in enumerate(found.space.items()):
        y = _TOP + _ROW * row
        values = [each[key] for each in (default, *(arena.values for arena in found.arenas)) if key in each]
        track = Track.of(key, searched, values, 24.0, svg.WIDTH - 14.0)
        marks.append(svg.line((track.start, y), (track.end, y), "rail"))
        marks += [svg.text((x, y + 18), words, "tick middle", most=14) for x, words in track.ticks()]
        marks.append(svg.text((4.0, y - 13), track.title, "name start"))
        marks += _dots(found, track, key, own, default, y)
    said = "; ".join(f"{plain(key)}: {', '.join(_said(found, key))}" for key in found.space)
    height = _TOP + _ROW * len(found.space) - 14
    return svg.drawing(name, "What the searches ended with", said, marks, height=height)


def optimism(name: str, found: Searched, honest: Score) -> Element:
    """For every arena what the search saw of its winner, and what the winner scored on rows no search saw.

    Args:
        honest: what the final network scored, with its interval.
    """
    shown = [each for each in found.arenas if math.isfinite(each.inner)]
    values = [each for arena in shown for each in (arena.inner, arena.score)]
    x = Scale.of([*values, *((honest.low, honest.high) if _has_test(found) else ())], _NAMES + 12, svg.WIDTH - 20.0)
    height = svg.TOP + 28.0 * len(shown) + svg.BOTTOM
    marks = [svg.line((x(at), svg.TOP), (x(at), height - svg.BOTTOM), "grid") for at in x.ticks(4)]
    ticks = zip(x.ticks(4), labels(x.ticks(4)), strict=True)
    marks += [svg.text((x(at), height - svg.BOTTOM + 16), words, "tick middle") for at, words in ticks]
    marks.append(svg.text(((x.start + x.end) / 2, height - 6), label(found.study["metric"]), "axis middle"))
    for row, arena in enumerate(shown):
        y, main = svg.TOP + 28.0 * (row + 0.5), arena is found.arenas[0]
        marks.append(svg.text((_NAMES, y + 4), arena.name, f"name end {'network' if main else ''}"))
        if main and _has_test(found) and math.isfinite(honest.low):
            marks.append(svg.line((x(honest.low), y), (x(honest.high), y), "interval network"))
        if math.isfinite(arena.score):
            marks.append(svg.line((x(arena.inner), y), (x(arena.score), y), "ideal"))
            marks.append(svg.dot((x(arena.score), y), "network", f"{arena.name}: {figure(arena.score)}", size=5.5))
        marks.append(svg.dot((x(arena.inner), y), "hollow", f"inside the search: {figure(arena.inner)}", size=4.5))
    said = "; ".join(f"{each.name}: {figure(each.inner)} inside, {figure(each.score)} after" for each in shown)
    return svg.drawing(name, "Inside the search and after it", said, marks, height=height)


def table(found: Searched) -> Element:
    """What was searched, the default, and the winner of every arena; then what they scored."""
    default, space = found.study.get("default") or {}, found.space
    heading = ["", "searched", "default", *(arena.name for arena in found.arenas)]
    rows: list[list[Child]] = [
        [
            plain(key),
            searched_words(space[key]),
            *(_value(each, key) for each in (default, *(arena.values for arena in found.arenas))),
        ]
        for key in space
    ]
    inner = [figure(arena.inner) for arena in found.arenas]
    before = [figure(arena.default_inner) for arena in found.arenas]
    unit = tag("small", f"in {found.unit}") if found.unit else None
    rows.append([tag("span", "inside the search", unit), "not to be expected", "", *inner])
    rows.append(["the default there", "", "", *before])
    rows.append(["on rows no search saw", "to be expected", "", *(figure(arena.score) for arena in found.arenas)])
    return svg.table(heading, rows, class_="settings")


def sentence(found: Searched) -> str:
    """Whether the searches agree, and what follows.

    Numbers agree when they lie within a quarter of what was searched, choices when they are the same.
    """
    if len(found.arenas) < 2:
        return "There was one search, so nothing can be said about whether another would have ended alike."
    shared = [key for key in found.space if sum(key in arena.values for arena in found.arenas) > 1]
    apart = [key for key in shared if not _agree(found, key)]
    alike = [key for key in shared if key not in apart]
    many = len(found.arenas)
    if not apart:
        return f"All {many} searches ended close together: the setting is found, not drawn."
    told, rest = (", ".join(f"{plain(key)} ({endings(found.arenas, key, found.space[key])})" for key in keys)
                  for keys in (apart, alike))  # fmt: skip
    rest = f" They agree on {rest}." if rest else ""
    return f"The {many} searches end apart in {told}: either it matters little there, or these rows cannot tell.{rest}"


def endings(arenas: Sequence[Arena], key: str, searched: Mapping[str, Any]) -> str:
    """The values that some winners have: from the least to the most, or how often each choice won; a dash for none.

    >>> arenas = [Arena("fold 1", 3, {"width": 64}, 0.9, 0.9, 0.9), Arena("fold 2", 5, {"width": 64}, 0.9, 0.9, 0.9)]
    >>> endings(arenas, "width", {"type": "integer"}), endings(arenas, "depth", {"type": "integer"})
    ('64', '—')
    """
    values = [arena.values[key] for arena in arenas if key in arena.values]
    if not values:
        return "—"
    if searched["type"] != "choice":
        low, high = told_as(min(values)), told_as(max(values))
        return low if low == high else f"{low} to {high}"
    often = collections.Counter(map(told_as, values)).most_common()
    return ", ".join(f"{told} in {times}" for told, times in often) if len(often) > 1 else often[0][0]


def _agree(found: Searched, key: str) -> bool:
    values = [arena.values[key] for arena in found.arenas if key in arena.values]
    if found.space[key]["type"] == "choice":
        return len({told_as(value) for value in values}) == 1
    track = Track.of(key, found.space[key], values, 0.0, 1.0)
    places = [track(value) for value in values]
    return max(places) - min(places) <= _NEAR


def _dots(found: Searched, track: Track, key: str, own: Arena, default: dict[str, Any], y: float) -> Iterator[Element]:
    for place, arena in enumerate(found.arenas[1:]):
        if key in arena.values:
            aside = 0.6 * ((place + 1) / len(found.arenas) - 0.5)
            told = f"{arena.name}: {told_as(arena.values[key])}"
            yield svg.dot((track(arena.values[key], aside), y), "network faint", told, size=5.0)
    if key in default:
        yield svg.dot((track(default[key], -0.7), y), "first", f"default: {told_as(default[key])}", size=4.5)
    if key in own.values:
        yield svg.dot((track(own.values[key]), y), "best", f"{own.name}: {told_as(own.values[key])}", size=6.0)


def _said(found: Searched, key: str) -> Sequence[str]:
    return [f"{arena.name} {_value(arena.values, key)}" for arena in found.arenas]


def _value(values: dict[str, Any], key: str) -> str:
    return told_as(values[key]) if key in values else "—"


def _has_test(found: Searched) -> bool:
    return math.isfinite(found.arenas[0].score)
