"""The page of one picture: what the network answers, where it looks, its filters, and what every layer makes of it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np
from jaxtyping import Float, UInt8

from photic.backprop.sight import Maps, Sight
from photic.data import picture
from photic.report import svg
from photic.report.sheet import sheet
from photic.report.tag import tag

_MOST = 16  # channels of a layer
_ACROSS = 8  # tiles in a row
#: The colours of what speaks for an answer and of what speaks against it, as on the rest of the page.
_FOR, _AGAINST = np.array([10.0, 114.0, 134.0]), np.array([180.0, 84.0, 10.0])


def build(
    name: str, pixels: UInt8[np.ndarray, "h w c"], answers: Sequence[tuple[str, str]], about: str, seen: Sight
) -> str:
    """The page as HTML.

    Args:
        name: of the picture.
        pixels: as the network was given them.
        answers: what the network says, in words and figures, the likeliest first.
        about: the answer that is explained.
    """
    head = tag(
        "header", tag("p", "Photic picture", class_="kicker"), tag("h1", tag("em", name)),
        tag("p", f"The network says: {', '.join(f'{what} {how}' for what, how in answers)}.", class_="verdict"),
    )  # fmt: skip
    where = tag("div", _where(pixels, about, seen), class_="figures sights")
    parts = [head, tag("section", tag("h2", f"Where it looks for {about!r}"), where)]
    if seen.filters is not None:
        parts.append(_filters(seen.filters))
    if seen.maps:
        parts.append(tag("section", tag("h2", "What every layer makes of it"), [_maps(each) for each in seen.maps]))
    return sheet(f"{name} · Photic", parts)


def _where(pixels: np.ndarray, about: str, seen: Sight) -> list[Element]:
    size = np.abs(seen.slope).max(axis=2)
    slope = size / (np.quantile(size, 0.99) or 1.0)
    falls = grown(seen.falls, pixels.shape[:2])
    strongest = np.abs(seen.falls).max()
    most = f"The largest fall is {seen.falls.max():.3g}." if strongest else "No square makes a difference."
    return [
        _figure("The picture", pixels, "As the network is given it."),
        _figure(
            "Covered", tinted(pixels, falls / (strongest or 1.0)),
            f"How much the output for {about!r} falls when a square is covered by the mean colour: blue-green where it "
            f"falls, so where it was found; orange where it rises. {most}",
        ),
        _figure(
            "Slope", tinted(pixels, np.clip(slope, 0, 1)),
            "Where a small change of a pixel would change that output most, in either direction. A slope says where "
            "the output is touchy, not what it is built on; the covered picture says that.",
        ),
    ]  # fmt: skip


def _figure(title: str, pixels: np.ndarray, caption: str) -> Element:
    return svg.figure(title, _image(pixels, title, "sight"), caption)


def _image(pixels: UInt8[np.ndarray, "h w c"], told: str, class_: str) -> Element:
    text = base64.b64encode(picture.encode(pixels)).decode()
    return tag("img", src=f"data:image/png;base64,{text}", alt=told, class_=class_)


def _filters(filters: Float[np.ndarray, "a b c u"]) -> Element:
    """Each filter as a small picture: of colour as a colour, of grey (or of many channels, their mean) by sign."""
    colour = filters.shape[2] == 3
    shown = filters if colour else filters.mean(2, keepdims=True)
    shares = shown / np.maximum(np.abs(shown).max(axis=(0, 1, 2), keepdims=True), np.finfo(float).tiny)
    drawn = [
        np.round(127.5 + 127.5 * each).astype(np.uint8) if colour else signed(each[..., 0])
        for each in np.moveaxis(shares, -1, 0)
    ]
    means = "grey is 0" if colour else "blue-green adds, orange takes away, white is 0"
    words = (
        f"The {filters.shape[-1]} filters of the first convolution, {filters.shape[0]} by {filters.shape[1]} weights "
        f"each: {means}. Each is drawn at its own full contrast."
    )
    image = tag("div", _image(tiled(drawn), "filters", "tiles"), tag("p", words, class_="caption"))
    return tag("section", tag("h2", "What it asks of every place"), image)


def _maps(each: Maps) -> Element:
    """The channels that answer most, light where they do; one scale for the whole layer."""
    chosen = each.order[:_MOST]
    largest = np.abs(each.values).max() or 1.0
    bytes_ = np.round(255 * np.clip(np.abs(each.values) / largest, 0, 1)).astype(np.uint8)
    tiles = tiled([bytes_[..., [unit]] for unit in chosen])
    height, width, many = each.values.shape
    counted = f"{len(chosen)} of {many} channels, those that answer most" if many > len(chosen) else f"{many} channels"
    title = f"{each.path} {each.words}"
    caption = f"{width} by {height} places; {counted}: {', '.join(map(str, chosen))}."
    return tag("div", tag("h3", title), _image(tiles, title, "tiles"), tag("p", caption, class_="caption"))


def tiled(pictures: Sequence[UInt8[np.ndarray, "h w c"]]) -> UInt8[np.ndarray, "_ _ c"]:
    """Pictures side by side, eight in a row, with a pixel of mid-grey between them.

    >>> tiled([np.zeros((2, 2, 1), np.uint8)] * 9).shape
    (5, 23, 1)
    """
    height, width, channels = pictures[0].shape
    across = min(_ACROSS, len(pictures))
    down = -(-len(pictures) // across)
    out = np.full((down * (height + 1) - 1, across * (width + 1) - 1, channels), 128, np.uint8)
    for index, each in enumerate(pictures):
        top, left = index // across * (height + 1), index % across * (width + 1)
        out[top : top + height, left : left + width] = each
    return out


def tinted(pixels: UInt8[np.ndarray, "h w c"], heat: Float[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w 3"]:
    """The picture in pale grey under a colour: the one above 0 and the other below, full at 1 and -1.

    >>> tinted(np.full((1, 2, 1), 255, np.uint8), np.array([[0.0, 1.0]]))[0].tolist()
    [[255, 255, 255], [39, 131, 149]]
    """
    return _coloured(160 + 95 * (pixels.mean(axis=2, keepdims=True) / 255.0), 0.88 * np.clip(heat, -1, 1))


def signed(shares: Float[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w 3"]:
    """Numbers from -1 to 1 in colour: orange, white at 0, blue-green.

    >>> signed(np.array([[-1.0, 0.0, 1.0]]))[0].tolist()
    [[180, 84, 10], [255, 255, 255], [10, 114, 134]]
    """
    return _coloured(np.full((*shares.shape, 1), 255.0), shares)


def _coloured(ground: Float[np.ndarray, "h w 1"], heat: Float[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w 3"]:
    """A grey ground under a colour as strong as the heat."""
    deep = np.abs(heat)[..., None]
    return np.round(ground * (1 - deep) + np.where(heat[..., None] > 0, _FOR, _AGAINST) * deep).astype(np.uint8)


def grown(values: Float[np.ndarray, "a b"], shape: tuple[int, ...]) -> Float[np.ndarray, "h w"]:
    """A small map at the size of the picture, straight lines between its values.

    >>> grown(np.array([[0.0, 2.0]]), (1, 3)).tolist()
    [[0.0, 1.0, 2.0]]
    """
    for axis, size in enumerate(shape[:2]):
        at = np.linspace(0, values.shape[axis] - 1, size)
        known = np.arange(values.shape[axis])
        values = np.apply_along_axis(lambda line, at=at, known=known: np.interp(at, known, line), axis, values)
    return values
