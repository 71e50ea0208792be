"""The page of a landscape, and the same in a terminal: what the loss looks like around a path of descent."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

import numpy as np

from photic.experiment.figures import figure
from photic.experiment.landscape import Landscape, Path, Slice
from photic.optim.landscape import hill
from photic.report import contour, svg
from photic.report.scale import Scale
from photic.report.sheet import sheet
from photic.report.tag import tag
from photic.report.text import sparkline

_TITLES = {
    "straight": "On the straight line from the first weights to the kept ones",
    "downhill": "Straight down the first gradient",
    "gradient": "Along the gradient at the kept weights",
    "first": "Along the first leading direction of the path",
    "second": "Along the second leading direction of the path",
}
_TOLD = "Dotted: the loss on the fit rows. Line: on the stop rows."
_MEANT = {
    "straight": "Straight from the first weights to the kept ones, and half as far again.",
    "downhill": "What one single step of any length would have done, the way the loss falls steepest at the start.",
    "gradient": "Through the kept weights, the way the loss is steepest there: is it a valley, or a slope?",
    "first": "Through the kept weights, the way the path spread most.",
    "second": "Through the kept weights, at a right angle to that, the way it spread second most.",
}
_AXES = {"straight": "share of the way, 0 is the first weights, 1 the kept ones"}


def build(title: str, seen: Landscape, said: Sequence[str]) -> str:
    """The landscape as one HTML page: no network, no scripts, light and dark."""
    head = tag(
        "header", tag("p", "Photic landscape", class_="kicker"), tag("h1", tag("em", title)),
        tag("p", " ".join(_verdict(seen)), class_="verdict"),
    )  # fmt: skip
    slices = [_slice(each) for each in seen.slices]
    more = tag("section", tag("h2", "Along one direction at a time"), tag("div", slices, class_="figures"))
    how = tag("section", tag("h2", "How this was found"), tag("ul", [tag("li", words) for words in _how(seen, said)]))
    return sheet(f"{title} · landscape · Photic", [head, _plane(seen), more if slices else None, how])


def text(title: str, seen: Landscape, said: Sequence[str]) -> str:
    """The landscape in a terminal: what was seen, in sentences, and each slice as a line of blocks."""
    lines = [f"The landscape of {title}", *(_wrapped(words) for words in _verdict(seen))]
    for each in seen.slices:
        drawn = sparkline([float(np.log(max(value, 1e-12))) for value in each.fit if np.isfinite(value)])
        lines.append(f"  {drawn}  {_TITLES[each.name][0].lower()}{_TITLES[each.name][1:]}")
    if len(seen.paths) > 1:
        lines += [f"  {_curve(path)}  {path.name}: {_end(path)}" for path in seen.paths]
    return "\n".join([*lines, *(_wrapped(words) for words in _how(seen, said))])


def _verdict(seen: Landscape) -> Iterator[str]:
    """What there is to see, in sentences with their figures."""
    if len(seen.paths) > 1:
        yield from _ranking(seen.paths)
        return
    path = seen.paths[0]
    yield (
        f"In {path.epochs[-1]} epochs the weights walked a way of {figure(path.walked)}, and ended "
        f"{figure(path.away)} from where they began."
    )
    if path.kept in path.epochs:
        fell = f"from {figure(path.fit[0])} to {figure(path.fit[path.epochs.index(path.kept)])}"
        yield f"The weights of epoch {path.kept} were kept; up to there the loss on the fit rows fell {fell}."
    cuts = {each.name: each for each in seen.slices}
    if "straight" in cuts:
        yield _straight(cuts["straight"])
    if "downhill" in cuts:
        yield _downhill(cuts["downhill"])


def _ranking(paths: Sequence[Path]) -> Iterator[str]:
    """Which rule came lowest on either kind of rows, and which did not come at all."""
    lost = [path for path in paths if path.diverged is not None]
    ended = [path for path in paths if path not in lost]
    if ended:
        lowest = min(ended, key=lambda path: path.fit[-1])
        yield (
            f"From the same first weights, over the same batches, for {max(path.epochs[-1] for path in ended)} epochs, "
            f"{lowest.name} brought the loss on the fit rows lowest: {figure(lowest.fit[-1])}."
        )
        known = [path for path in ended if np.isfinite(path.stop[-1])]
        best = min(known, key=lambda path: path.stop[-1], default=None)
        if best is not None:
            also = "was lowest too" if best is lowest else "was lowest"
            yield f"On the stop rows, which it did not train on, {best.name} {also}: {figure(best.stop[-1])}."
    for path in lost:
        yield f"With {path.name} the training diverged in epoch {path.diverged}: its steps were too long."


def _straight(cut: Slice) -> str:
    way = cut.fit[(cut.at >= 0) & (cut.at <= 1)]
    climb, fall = hill(way), way[0] - way[-1]
    if not np.isfinite(climb):
        return "On the straight line between the two the loss is not always a number."
    if climb <= 0.01 * abs(fall):
        return "On the straight line between the two the loss falls all the way: no hill had to be walked around."
    return f"The straight line between the two climbs a hill of {figure(climb)}, which the path went around."


def _downhill(cut: Slice) -> str:
    """How far the first gradient leads, beside how far the training went."""
    way = cut.marks["distance to the kept weights"]
    best = int(np.nanargmin(cut.fit)) if np.isfinite(cut.fit).any() else 0
    words = f"Straight down the first gradient the loss falls for a distance of {figure(cut.at[best])}"
    above = np.flatnonzero(cut.fit[best:] > cut.fit[0])
    if len(above):
        near = slice(best + above[0] - 1, best + above[0] + 1)  # the last place below that height, the first above it
        words += f" and is back at its height after {figure(np.interp(cut.fit[0], cut.fit[near], cut.at[near]))}"
    return (
        f"{words}; the kept weights are {figure(way)} away. So one look downhill is not enough: the direction has to "
        "be found anew at every step."
    )


def _plane(seen: Landscape) -> Element:
    several = len(seen.paths) > 1
    first, second = (f"{share:.0%}" for share in seen.plane.shares)
    edges = contour.levels(seen.plane.fit)
    chart = contour.contour(
        "plane", seen.plane, seen.paths, (f"first direction ({first})", f"second direction ({second})")
    )
    caption = (
        "The loss on the fit rows: the stronger the colour, the higher. Each dot is an epoch. Of all directions these "
        f"two show most of the way: {first} and {second} of its variance; distances are those of the weights. The rest "
        "cannot be drawn, so a dot may lie above or below the colour under it. The bend means little: a walk by pure "
        "chance bends like this in its leading directions too."
    )
    title = "Every rule takes its own way down" if several else "The way down, on the plane that shows most of it"
    drawn = tag("div", chart, contour.legend(edges) if len(edges) else None)
    figures = [svg.figure(title, drawn, caption, _numbers(seen)), _rules(seen) if several else _epochs(seen.paths[0])]
    return tag("section", tag("h2", "The paths" if several else "The path"), tag("div", figures, class_="figures"))


def _numbers(seen: Landscape) -> Element:
    rows = [
        [path.name, str(epoch), *(figure(float(value)) for value in (a, b, fit, stop))]
        for path in seen.paths
        for epoch, a, b, fit, stop in zip(path.epochs, path.x, path.y, path.fit, path.stop, strict=True)
    ]
    return svg.table(["path", "epoch", "first", "second", "loss on fit rows", "loss on stop rows"], rows)


def _slice(cut: Slice) -> Element:
    told = f"{_MEANT[cut.name]} {_TOLD}"
    log = cut.name == "downhill"
    x = Scale.of(cut.at, svg.LEFT, svg.WIDTH - svg.RIGHT, log=log, room=0.0)
    values = [value for value in (*cut.fit, *cut.stop) if np.isfinite(value) and value > 0]
    steep = bool(values) and bool(max(values) > 12 * min(values))
    y = Scale.of(values, svg.HEIGHT - svg.BOTTOM, svg.TOP, log=steep)
    axis = _AXES.get(cut.name, "distance in the weights" + (" (logarithmic)" if log else ""))
    marks = svg.frame(x, y, axis, "loss (logarithmic)" if steep else "loss")
    for words, at in cut.marks.items():
        marks.append(svg.line((x(at), svg.TOP), (x(at), svg.HEIGHT - svg.BOTTOM), "best"))
        side, off = ("end", -5) if x(at) > svg.WIDTH * 0.6 else ("start", 5)
        marks.append(svg.text((x(at) + off, svg.TOP + 10), words, f"label best {side}"))
    marks += [*svg.lines(x, y, cut.at, cut.fit, "fit"), *svg.lines(x, y, cut.at, cut.stop, "stop")]
    return svg.figure(_TITLES[cut.name], svg.drawing(f"slice-{cut.name}", _TITLES[cut.name], told, marks), told)


def _epochs(path: Path) -> Element:
    """The loss at every dot of the path."""
    values = [value for value in (*path.fit, *path.stop) if np.isfinite(value) and value > 0]
    steep = bool(values) and bool(max(values) > 12 * min(values))
    x = Scale(0.0, float(max(1, path.epochs[-1])), svg.LEFT, svg.WIDTH - svg.RIGHT)
    y = Scale.of(values, svg.HEIGHT - svg.BOTTOM, svg.TOP, log=steep)
    marks = svg.frame(x, y, "epoch, 0 is before the first step", "loss (logarithmic)" if steep else "loss")
    if path.kept is not None:
        at, side = x(path.kept), "end" if path.kept > path.epochs[-1] / 2 else "start"
        marks.append(svg.line((at, svg.TOP), (at, svg.HEIGHT - svg.BOTTOM), "best"))
        marks.append(svg.text((at + (5 if side == "start" else -5), svg.TOP + 10), "kept", f"label best {side}"))
    marks += [*svg.lines(x, y, path.epochs, path.fit, "fit"), *svg.lines(x, y, path.epochs, path.stop, "stop")]
    told = f"{_TOLD} Nothing random, such as dropout, took part."
    return svg.figure("The loss at every dot of the way", svg.drawing("epochs", "loss by epoch", told, marks), told)


def _rules(seen: Landscape) -> Element:
    """The loss of every rule, epoch after epoch, as training saw it."""
    losses = [np.array([line["loss"] for line in path.history]) for path in seen.paths]
    values = [value for each in losses for value in each if np.isfinite(value) and value > 0]
    x = Scale(1.0, float(max(2, *(len(each) for each in losses))), svg.LEFT, svg.WIDTH - svg.RIGHT - 70)
    y = Scale.of(values, svg.HEIGHT - svg.BOTTOM, svg.TOP, log=bool(values))
    marks = svg.frame(x, y, "epoch", "loss while training (logarithmic)", x_ticks=[at for at in x.ticks(6) if at >= 1])
    ends = {}
    for index, each in enumerate(losses):
        marks += svg.lines(x, y, range(1, len(each) + 1), each, f"way way-{index % 6}")
        last = each[np.isfinite(each) & (each > 0)]
        ends[index] = y(float(last[-1])) if len(last) else svg.TOP
    for index, up in _apart(ends).items():
        at, class_ = (x(float(len(losses[index]))) + 6, up + 4), f"label way way-{index % 6}"
        marks.append(svg.text(at, seen.paths[index].name, class_, most=12))
    told = "; ".join(f"{path.name}: {_end(path)}" for path in seen.paths)
    caption = (
        "The loss on the fit rows during each epoch, with dropout where there is any; no training was ended early."
    )
    chart = svg.drawing("rules", "loss by epoch", told, marks)
    return svg.figure("How fast each of them goes down", chart, caption, _ended(seen.paths))


def _ended(paths: Sequence[Path]) -> Element:
    """Where every rule came to, lowest first."""
    rows = [
        [path.name, *(figure(float(value)) for value in (path.fit[-1], path.stop[-1], path.walked, path.away))]
        for path in sorted(paths, key=_loss)
    ]
    return svg.table(["rule", "loss on fit rows", "loss on stop rows", "way walked", "from the start"], rows)


def _apart(places: dict[int, float], least: float = 12.0) -> dict[int, float]:
    """The places of words, moved down where they would lie on each other."""
    moved: dict[int, float] = {}
    for index in sorted(places, key=lambda one: places[one]):
        moved[index] = max(places[index], *(value + least for value in moved.values())) if moved else places[index]
    return moved


def _how(seen: Landscape, said: Sequence[str]) -> Iterator[str]:
    yield from said
    size = seen.plane.fit.size
    yield (
        f"The loss was computed at {size:,} points of the plane, on {seen.rows['fit']:,} fit rows and "
        f"{seen.rows['stop']:,} stop rows, with everything random switched off."
    )
    if seen.statistics:
        yield "Batch norm's statistics were taken anew from the fit rows at every point."


def _curve(path: Path) -> str:
    losses = [line["loss"] for line in path.history if np.isfinite(line["loss"])]
    return sparkline([float(np.log(max(value, 1e-12))) for value in losses], 24).ljust(24)


def _end(path: Path) -> str:
    if path.diverged is not None:
        return f"diverged in epoch {path.diverged}"
    stop = f", {figure(float(path.stop[-1]))} on stop rows" if np.isfinite(path.stop[-1]) else ""
    return f"loss {figure(float(path.fit[-1]))} on fit rows{stop}"


def _loss(path: Path) -> float:
    value = float(path.fit[-1])
    return value if path.diverged is None and np.isfinite(value) else float("inf")


def _wrapped(words: str) -> str:
    return textwrap.fill(words, 88, break_long_words=False, break_on_hyphens=False)
