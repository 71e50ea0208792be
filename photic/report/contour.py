"""The plane of a landscape: bands of equal loss, and the paths of descent drawn on them."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np
from jaxtyping import Float, Int

from photic.experiment.landscape import Path, Plane
from photic.report import svg
from photic.report.scale import Scale
from photic.report.tag import tag

_BANDS = 12
_FINE = 4  # places drawn between two computed points, straight in between
HEIGHT = 400.0


def contour(name: str, plane: Plane, paths: Sequence[Path], axes: tuple[str, str]) -> Element:
    """The loss on the fit rows over the plane, deeper in colour where it is higher, under the paths.

    Args:
        axes: what lies along x and y.
    """
    x = Scale(plane.x[0], plane.x[-1], svg.LEFT, svg.WIDTH - svg.RIGHT)
    y = Scale(plane.y[0], plane.y[-1], HEIGHT - svg.BOTTOM, svg.TOP)
    edges = levels(plane.fit)
    marks = [*_bands(plane, x, y, edges), *svg.frame(x, y, *axes, height=HEIGHT)]
    for index, path in enumerate(paths):
        marks += _drawn(path, x, y, f"way-{index % 6}" if len(paths) > 1 else "own")
    told = "; ".join(f"{path.name}: loss {path.fit[0]:.3g} to {path.fit[-1]:.3g}" for path in paths)
    return svg.drawing(name, "the loss over the plane, with the paths of descent", told, marks, height=HEIGHT)


def levels(losses: Float[np.ndarray, "b a"], bands: int = _BANDS) -> Float[np.ndarray, " edges"]:
    """The losses between two bands: in equal ratios from the lowest, and the last band holds the highest tenth.

    >>> levels(np.geomspace(0.01, 100.0, 101)[None], 4).round(2).tolist()
    [0.16, 2.51, 39.81]
    """
    known = losses[np.isfinite(losses) & (losses > 0)]
    if not len(known):
        return np.zeros(0)
    low, high = known.min(), np.quantile(known, 0.9)
    return np.geomspace(low, max(high, low * 1.0001), bands)[1:]


def legend(edges: Float[np.ndarray, " edges"]) -> Element:
    """What the colours stand for."""
    shown = [f"below {edges[0]:.3g}", *(f"{value:.3g}" for value in edges[1::3]), f"above {edges[-1]:.3g}"]
    index = [0, *range(2, len(edges) + 1, 3), len(edges)]
    items = [
        tag("li", tag("i", class_=f"swatch band-{i}"), words)
        for i, words in dict(zip(index, shown, strict=False)).items()
    ]
    return tag("ul", items, class_="legend")


def _bands(plane: Plane, x: Scale, y: Scale, edges: np.ndarray) -> list[Element]:
    """A shape for every band, of rows of boxes; a loss that is not a number belongs to the highest."""
    fine_x, fine_y = _between(plane.x), _between(plane.y)
    logs = np.log(np.maximum(np.nan_to_num(plane.fit, nan=np.inf, posinf=np.finfo(float).max), 1e-30))
    rows = np.stack([np.interp(fine_x, plane.x, row) for row in logs])
    smooth = np.stack([np.interp(fine_y, plane.y, column) for column in rows.T], axis=1)
    bands = np.searchsorted(np.log(edges), smooth) if len(edges) else np.zeros_like(smooth, int)
    wide, tall = (x.end - x.start) / len(fine_x), (y.start - y.end) / len(fine_y)
    shapes: dict[int, list[str]] = {}
    for index, row in enumerate(bands):
        top = y.start - (index + 1) * tall
        for start, stop in _runs(row):
            left, width = x.start + start * wide, (stop - start) * wide
            shapes.setdefault(int(row[start]), []).append(f"M{left:.1f} {top:.1f}h{width:.1f}v{tall:.2f}h{-width:.1f}z")
    return [tag("path", d="".join(parts), class_=f"band band-{band}") for band, parts in sorted(shapes.items())]


def _between(at: Float[np.ndarray, " n"]) -> Float[np.ndarray, " m"]:
    """The middles of the fine boxes between the first place and the last."""
    many = (len(at) - 1) * _FINE
    return at[0] + (at[-1] - at[0]) * (np.arange(many) + 0.5) / many


def _runs(row: Int[np.ndarray, " n"]) -> list[tuple[int, int]]:
    ends = [*(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _drawn(path: Path, x: Scale, y: Scale, class_: str) -> list[Element]:
    inside = [x.low <= a <= x.high and y.low <= b <= y.high for a, b in zip(path.x, path.y, strict=True)]
    far = inside.index(False) if False in inside else len(inside)  # a path that diverged leaves the picture here
    places = [(x(a), y(b)) for a, b in zip(path.x[:far], path.y[:far], strict=True)]
    epochs = path.epochs[:far]
    if not places:
        return []
    marks = [svg.path(places, "way under"), svg.path(places, f"way {class_}")]
    marks += [
        svg.dot(place, f"way {class_}", f"{path.name}, epoch {epoch}: loss {loss:.4g}", size=2.2)
        for place, epoch, loss in zip(places, epochs, path.fit[:far], strict=True)
    ]
    ends = [(places[0], "start")] if class_ in {"own", "way-0"} else []
    if path.kept is not None and path.kept in epochs:
        ends.append((places[epochs.index(path.kept)], f"kept: epoch {path.kept}"))
    else:
        ends.append((places[-1], path.name))
    for (across, up), words in ends:
        side = "end" if across > svg.WIDTH * 0.7 else "start"
        marks.append(svg.dot((across, up), f"way {class_} end-point", words, size=5))
        marks.append(svg.text((across + (-8 if side == "end" else 8), up - 7), words, f"label way {class_} {side}"))
    return marks
