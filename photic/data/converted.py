"""Converted: what a package ships, in the form in which the cache keeps it: tables as they are, pictures as arrays."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from photic.data.catalogue import Known


def table(_known: Known, parts: Sequence[bytes]) -> bytes:
    """A CSV file stays one."""
    return parts[0]


def pictures(known: Known, parts: Sequence[bytes]) -> bytes:
    """Lines of square pictures, pixel by pixel and the label last, as an .npz archive of bytes and labels.

    >>> made = pictures(Known("a", "", 1, "y", "", "", "", kind="images"), [b"0,255,16,4,7"])
    >>> np.load(io.BytesIO(made))["images"].tolist()
    [[[0, 255], [16, 4]]]
    """
    lines = np.loadtxt(io.BytesIO(parts[0]), delimiter=",", ndmin=2)
    side = round((lines.shape[1] - 1) ** 0.5)
    top = 255 if lines[:, :-1].max() > 16 else 16  # scikit-learn's digits have sixteen shades
    images = np.rint(lines[:, :-1] * (255 / top)).astype(np.uint8)
    return packed(images=images.reshape(-1, side, side), labels=lines[:, -1].astype(np.int32))


def packed(**arrays: Any) -> bytes:
    """Arrays as the content of an .npz archive."""
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


#: How the parts of a set become one file, by kind.
FORMS: dict[str, Callable[[Known, Sequence[bytes]], bytes]] = {"table": table, "images": pictures}
