"""Converted: what a package ships, in the form in which the cache keeps it: tables as they are, pictures as arrays."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from photic.data import ts_file
from photic.data.catalogue import Known
from photic.data.steps import Steps


def table(_known: Known, parts: Sequence[bytes]) -> bytes:
    """A CSV file stays one."""
    return parts[0]


def pictures(_known: Known, parts: Sequence[bytes]) -> bytes:
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


def series(known: Known, parts: Sequence[bytes]) -> bytes:
    r"""Two .ts files, the second the test part, as an .npz archive of steps, classes, and which series are of the test.

    >>> made = series(Known("a", "", 2, "y", "", "", ""), [b"@data\n1,2:yes", b"@data\n3:no"])
    >>> np.load(io.BytesIO(made))["test"].tolist()
    [False, True]
    """
    read = [ts_file.parse(part.decode("utf-8", "replace"), f"the set {known.name}") for part in parts]
    sequences = [each for steps, _ in read for each in np.split(steps.values, steps.starts[1:-1])]
    steps = Steps.of(sequences, [str(place + 1) for place in range(len(sequences))])
    labels = np.array([label for _, labels in read for label in labels])
    test = np.repeat(np.arange(len(read)) > 0, [steps.n for steps, _ in read])
    return packed(
        values=steps.values, starts=steps.starts, names=steps.names, time=steps.time, labels=labels, test=test
    )  # fmt: skip


def text(_known: Known, parts: Sequence[bytes]) -> bytes:
    r"""The text between the first pair of triple quotes of a file of Python, which is never run; else the file itself.

    >>> text(Known("a", "", 1, "y", "", "", ""), [b"x = f(" + 3 * b'"' + b"In the beginning." + 3 * b'"' + b")"])
    b'In the beginning.\n'
    """
    within = parts[0].split(3 * b'"')
    return (within[1] if len(within) > 2 else parts[0]).strip() + b"\n"


def packed(**arrays: Any) -> bytes:
    """Arrays as the content of an .npz archive."""
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


#: How the parts of a set become one file, by kind.
FORMS: dict[str, Callable[[Known, Sequence[bytes]], bytes]] = {
    "table": table,
    "images": pictures,
    "series": series,
    "text": text,
}
