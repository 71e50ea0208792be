"""Packed pictures: NumPy's .npz archives and the IDX files of the MNIST family, read into arrays.

Reference: the IDX format, LeCun, Cortes and Burges, "The MNIST database of handwritten digits", 1998,
http://yann.lecun.com/exdb/mnist (section "File formats").
"""

from __future__ import annotations

import dataclasses
import gzip
import math
import re
import zipfile
import zlib
from pathlib import Path

import numpy as np

from photic.errors import DataError

_IDX = re.compile(r"(?P<part>.*?)(?P<what>images|labels)-idx(?P<rank>\d)-ubyte(?P<end>\.gz)?$")
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
#: Names that people give to the arrays of pictures and of labels in an archive.
_PICTURES = ("x", "images", "image", "data", "pictures", "pixels")
_LABELS = ("y", "labels", "label", "target", "targets", "classes")
#: Parts of the MNIST family that its makers keep for testing.
_TESTS = ("t10k", "test")


@dataclasses.dataclass(frozen=True, eq=False)
class Packed:
    """Arrays from a file.

    Args:
        pictures: `[n, h, w]` or `[n, h, w, c]`.
        labels: `[n]`; None where the file has none.
        test: `[n]` which rows are of a test part; None where there is none.
    """

    pictures: np.ndarray
    labels: np.ndarray | None = None
    test: np.ndarray | None = None


def is_packed(path: str | Path) -> bool:
    """Whether a file's name says that it holds packed pictures.

    >>> is_packed("a/train-images-idx3-ubyte.gz"), is_packed("digits.npz"), is_packed("digits.csv")
    (True, True, False)
    """
    name = Path(path).name
    return name.endswith(".npz") or _IDX.fullmatch(name) is not None


def open_packed(path: str | Path) -> Packed:
    """The arrays of an .npz file, or of an IDX file together with its labels and its test part beside it.

    Raises:
        DataError: when the file is not what its name says, or its pictures and labels are not equally many.
    """
    path = Path(path)
    found = _npz(path) if path.suffix == ".npz" else _idx_family(path)
    if found.labels is not None and len(found.labels) != len(found.pictures):
        got = f"{len(found.labels):,} labels for {len(found.pictures):,} pictures"
        raise _refused(path, "needs a label for each picture", got, "give the files that belong together")
    return found


def read_idx(raw: bytes, source: str) -> np.ndarray:
    """The array of an IDX file, packed by gzip or not.

    Raises:
        DataError: when it is not one, or is cut short.

    >>> read_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]), "a test").tolist()
    [7, 8, 9]
    """
    try:
        raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        kind, rank = raw[2], raw[3]
        sizes = np.frombuffer(raw, ">u4", rank, 4).tolist() if raw[:2] == b"\0\0" else []
        dtype = np.dtype(_TYPES[kind])
        start = 4 + 4 * max(rank, 1)
        end = start + dtype.itemsize * math.prod(sizes)
        return (
            np.frombuffer(raw[start : end if end == len(raw) else 0], dtype)
            .reshape(sizes)
            .astype(dtype.newbyteorder("="))
        )
    except (ValueError, KeyError, IndexError, OSError, EOFError, zlib.error):
        required, fix = "needs an IDX file, whole", "fetch it again"
        raise DataError(source, required, "something else, or a part of one", source="its content", fix=fix) from None


def _idx_family(path: Path) -> Packed:
    """The file, its labels beside it, and the other part: training first, then test."""
    named = _IDX.fullmatch(path.name)
    assert named is not None
    if named["what"] == "labels":
        raise _refused(path, "needs the file of pictures", "labels", f"give {path.name.replace('labels', 'images', 1)}")
    parts = [_idx_part(path)]
    is_test = [any(word in named["part"] for word in _TESTS)]
    if not is_test[0]:
        other = [each for word in _TESTS if (each := path.with_name(path.name.replace("train", word, 1))) != path]
        for each in filter(Path.is_file, other):
            parts.append(_idx_part(each))
            is_test.append(True)
    labels = [labels for _, labels in parts if labels is not None]
    test = np.repeat(is_test, [len(pictures) for pictures, _ in parts])
    return Packed(
        np.concatenate([pictures for pictures, _ in parts]),
        np.concatenate(labels) if len(labels) == len(parts) else None,
        test if test.any() and not test.all() else None,
    )


def _idx_part(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    pictures = read_idx(_content(path), str(path))
    beside = path.with_name(re.sub(r"images(-idx)\d", r"labels\g<1>1", path.name))
    return pictures, read_idx(_content(beside), str(beside)) if beside.is_file() else None


def _npz(path: Path) -> Packed:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as archive:
            arrays = {name.lower(): archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        got = "something else, or arrays of Python objects"
        raise _refused(path, "needs an .npz archive of plain arrays", got, "write it with numpy.savez") from None
    parts = (
        [("", False)] if not any(name.endswith("_train") for name in arrays) else [("_train", False), ("_test", True)]
    )
    found = [
        (arrays[picture], next((arrays[f"{label}{end}"] for label in _LABELS if f"{label}{end}" in arrays), None), test)
        for end, test in parts
        for picture in [next((f"{name}{end}" for name in _PICTURES if f"{name}{end}" in arrays), "")]
        if picture
    ]
    if not found:
        got = ", ".join(f"{name} {list(array.shape)}" for name, array in arrays.items()) or "an empty archive"
        raise _refused(path, "needs arrays called x and y (or images and labels)", got, "rename them")
    test = np.repeat([each for *_, each in found], [len(pictures) for pictures, *_ in found])
    labels = [labels for _, labels, _ in found if labels is not None]
    return Packed(
        np.concatenate([pictures for pictures, *_ in found]),
        np.concatenate(labels) if len(labels) == len(found) else None,
        test if test.any() else None,
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        words = (problem.strerror or type(problem).__name__).lower()
        raise _refused(path, "needs a file that can be read", words, "check the path and its rights") from None


def _refused(path: Path, required: str, got: str, fix: str) -> DataError:
    return DataError(str(path), required, got, source="the file", fix=fix)
