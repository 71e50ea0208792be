"""The frame: the one size that all pictures are brought to, and whether they have colour. Saved with the network.

Pictures of one size keep it. Of unequal ones the middle size is taken, no side longer than `MOST`: a picture is then
scaled until it covers the frame, and what stands over at two sides is cut off.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from photic.errors import PlanError, RunError

#: The longest side of a frame that Photic chooses: enough to tell things apart, and it trains on a laptop.
MOST = 64
#: Below this a picture shows nothing.
LEAST = 4
#: The longest side that may be asked for; a row must fit in memory many times over.
LONGEST = 1024

Size = tuple[int, int]


@dataclasses.dataclass(frozen=True)
class Frame:
    """Height, width and channels of every picture, as the network takes them.

    >>> Frame(28, 28, 1).words
    '28 x 28 pixels, grey'
    """

    height: int
    width: int
    channels: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """`(h, w, c)`."""
        return self.height, self.width, self.channels

    @property
    def words(self) -> str:
        """Width by height and the channels, as people say it."""
        return f"{self.width} x {self.height} pixels, {'grey' if self.channels == 1 else 'colour'}"

    def to_json(self) -> dict[str, Any]:
        """The frame as JSON values.

        >>> Frame.from_json(Frame(28, 32, 3).to_json()).shape
        (28, 32, 3)
        """
        return {"kind": "images", "size": [self.height, self.width], "channels": self.channels}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], source: str = "JSON") -> Frame:
        """The frame that `to_json` wrote.

        Raises:
            RunError: when it is not such a frame.
        """
        try:
            height, width = data["size"]
            sizes = (height, width, data["channels"])
        except (KeyError, TypeError, ValueError):
            sizes = ()
        if len(sizes) != 3 or not all(type(size) is int and size > 0 for size in sizes):
            raise RunError("form", "needs a size and channels", repr(dict(data)), source=source, fix="fit again")
        return cls(*sizes)


def choose(sizes: Sequence[Size], colour: bool, asked: str | int | None = None) -> tuple[Frame, str]:
    """A frame for pictures of these sizes, and the sentence about it.

    Args:
        sizes: (height, width) of every picture.
        colour: whether any of them has colour.
        asked: what the user wants: `64`, or `"64x48"` for width by height.

    Raises:
        PlanError: for a size that cannot be.

    >>> choose([(28, 28), (28, 28)], False)[1]
    'All pictures are 28 x 28 pixels, grey.'
    >>> choose([(480, 640), (640, 480), (500, 500)], True)[0]
    Frame(height=64, width=64, channels=3)
    """
    channels = 3 if colour else 1
    if asked is not None:
        frame = Frame(*_asked(asked), channels)
        return frame, f"Pictures are brought to {frame.words}, as asked: scaled to cover it, the rest cut off."
    heights, widths = np.array(sizes).T
    same = len(set(sizes)) == 1
    if same and max(sizes[0]) <= MOST:
        frame = Frame(*sizes[0], channels)
        return frame, f"All pictures are {frame.words}."
    shape = widths / heights
    if shape.max() / shape.min() <= 1.1:  # all of one shape: keep it
        height, width = int(np.median(heights)), int(np.median(widths))
        scale = min(1.0, MOST / max(height, width))
        frame = Frame(max(LEAST, round(height * scale)), max(LEAST, round(width * scale)), channels)
    else:
        side = max(LEAST, min(MOST, int(np.median(np.minimum(heights, widths)))))
        frame = Frame(side, side, channels)
    came = f"{widths[0]} x {heights[0]}" if same else f"from {_span(widths)} wide and {_span(heights)} high"
    do = "scaled down" if shape.max() / shape.min() <= 1.1 else "scaled to cover that, and what stands over is cut off"
    return frame, f"Pictures are {came}; they are brought to {frame.words}: {do}. Another size: --size."


def _span(sizes: np.ndarray) -> str:
    low, high = sizes.min(), sizes.max()
    return f"{low}" if low == high else f"{low} to {high}"


def _asked(asked: str | int) -> Size:
    found = re.fullmatch(r"\s*(\d+)(?:\s*[x×]\s*(\d+))?\s*", str(asked))
    width, height = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not (LEAST <= width <= LONGEST and LEAST <= height <= LONGEST):
        fix = "give one such as 64, or 64x48 for width by height"
        required = f"needs a number of pixels from {LEAST} to {LONGEST:,}, or two"
        raise PlanError("size", required, repr(asked), source="the size option", fix=fix)
    return height, width
