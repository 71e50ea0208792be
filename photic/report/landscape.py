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
        ranked = sorted(seen.paths, key=_loss)
        yield f"From the same weights, over the same batches, {ranked[0].name} came lowest: {_end(ranked[0])}."
        yield " ".join(f"{path.name[0].upper()}{path.name[1:]}: {_end(path)}." for path in ranked[1:])
    else:
        path = seen.paths[0]
        yield (
            f"In {path.epochs[-1]} epochs the weights walked a way of {figure(path.walked)}, and ended "
            f"{figure(path.away)} from where they began; the loss on the fit rows fell from {figure(path.fit[0])} "
            f"to {figure(path.fit[-1])}."
        )
    cuts = {each.name: each for each in seen.slices}
    if "straight" in cuts:
        yield _straight(cuts["straight"])
    if "downhill" in cuts:
        yield _downhill(cuts["downhill"])


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
        words += f" and is back at its height after {figure(cut.at[best + above[0]])}"
    return f"{words}; the kept weights are {figure(way)} away, so the way there has to be asked for step by step."


def _plane(seen: Landscape) -> Element:
    shares = [f"{share:.0%}" for share in seen.plane.shares]
    axes = (f"first direction ({shares[0]} of the path's variance)", f"second direction ({shares[1]})")
    edges = contour.levels(seen.plane.fit)
    chart = contour.contour("plane", seen.plane, seen.paths, axes)
    caption = (
        f"The loss on the fit rows over the plane of the two leading directions, which hold {shares[0]} and "
        f"{shares[1]} of the variance of what is drawn. Distances are those of the weights. Dots are epochs; they lie "
        "beside the plane, and the colour is that of the plane under them. Do not read the bend as a valley's: a walk "
        "by pure chance bends like this in its leading directions too."
    )
    several = len(seen.paths) > 1
    title = "Every rule takes its own way down" if several else "The way down, on the plane that shows most of it"
    figures = [svg.figure(title, chart, [contour.legend(edges) if len(edges) else None, caption], _numbers(seen))]
    figures += [_curves(seen)] if several else []
    return tag("section", tag("h2", "The path"), tag("div", figures, class_="figures"))


def _numbers(seen: Landscape) -> Element:
    rows = [
        [path.name, str(epoch), *(figure(float(value)) for value in (a, b, fit, stop))]
        for path in seen.paths
        for epoch, a, b, fit, stop in zip(path.epochs, path.x, path.y, path.fit, path.stop, strict=True)
    ]
    return svg.table(["path", "epoch", "first", "second", "loss on fit rows", "loss on stop rows"], rows)


def _slice(cut: Slice) -> Element:
    log = cut.name == "downhill"
    x = Scale.of(cut.at, svg.LEFT, svg.WIDTH - svg.RIGHT, log=log, room=0.0)
    values = [value for value in (*cut.fit, *cut.stop) if np.isfinite(value) and value > 0]
    steep = bool(values) and max(values) > 12 * min(values)
    y = Scale.of(values, svg.HEIGHT - svg.BOTTOM, svg.TOP, log=steep)
    axis = _AXES.get(cut.name, "distance in the weights" + (" (logarithmic)" if log else ""))
    marks = svg.frame(x, y, axis, "loss (logarithmic)" if steep else "loss")
    for words, at in cut.marks.items():
        marks.append(svg.line((x(at), svg.TOP), (x(at), svg.HEIGHT - svg.BOTTOM), "best"))
        side, off = ("end", -5) if x(at) > svg.WIDTH * 0.6 else ("start", 5)
        marks.append(svg.text((x(at) + off, svg.TOP + 10), words, f"label best {side}"))
    marks += [*svg.lines(x, y, cut.at, cut.fit, "fit"), *svg.lines(x, y, cut.at, cut.stop, "stop")]
    told = "Dotted: the loss on the fit rows. Line: on the stop rows."
    return svg.figure(_TITLES[cut.name], svg.drawing(f"slice-{cut.name}", _TITLES[cut.name], told, marks), told)


def _curves(seen: Landscape) -> Element:
    """The loss of every rule, epoch after epoch, as training saw it."""
    history = [
        (path, *(np.array([line[key] for line in path.history]) for key in ("epoch", "loss"))) for path in seen.paths
    ]
    values = [value for _, _, losses in history for value in losses if np.isfinite(value) and value > 0]
    x = Scale(1.0, float(max(2, *(epochs[-1] for _, epochs, _ in history))), svg.LEFT, svg.WIDTH - svg.RIGHT - 70)
    y = Scale.of(values, svg.HEIGHT - svg.BOTTOM, svg.TOP, log=bool(values))
    marks = svg.frame(x, y, "epoch", "loss while training (logarithmic)", x_ticks=[at for at in x.ticks(6) if at >= 1])
    for index, (path, epochs, losses) in enumerate(history):
        marks += svg.lines(x, y, epochs, losses, f"way way-{index % 6}", path.name)
    told = "; ".join(f"{path.name}: {_end(path)}" for path in seen.paths)
    caption = (
        "The loss on the fit rows during each epoch, with dropout where there is any; no training was ended early."
    )
    return svg.figure("How fast each of them goes down", svg.drawing("rules", "loss by epoch", told, marks), caption)


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
    stop = f", {figure(float(path.stop[-1]))} on the stop rows" if np.isfinite(path.stop[-1]) else ""
    return f"loss {figure(float(path.fit[-1]))}{stop}, {figure(path.away)} from the start"


def _loss(path: Path) -> float:
    value = float(path.fit[-1])
    return value if path.diverged is None and np.isfinite(value) else float("inf")


def _wrapped(words: str) -> str:
    return textwrap.fill(words, 88, break_long_words=False, break_on_hyphens=False)
