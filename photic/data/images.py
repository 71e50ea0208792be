"""Images as a Dataset: from a folder of folders, a table of paths, packed files, arrays, or a set by name.

Pictures become `numbers: [n, h, w, c]`, bytes from 0 to 255. Nothing is scaled here: that is the network's own first
layer, so a saved network takes the bytes of any decoder.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from photic.data import every, roles, several, spelling
from photic.data.album import Album, develop
from photic.data.catalogue import KNOWN
from photic.data.dataset import Column, Dataset, LeftOut
from photic.data.frame import Frame, choose
from photic.data.gallery import gallery, pictures
from photic.data.packed import is_packed, open_packed
from photic.data.picture import SUFFIXES
from photic.data.table import Table
from photic.data.task import Task
from photic.errors import DataError

#: What the channels are called.
CHANNELS = {1: ("grey",), 3: ("red", "green", "blue")}
_ARRAYS = "the arrays"


def is_images(data: Any) -> bool:
    """Whether this is pictures: a folder, a packed file, a set of pictures, or an array of three axes or more of bytes.

    >>> is_images(np.zeros((2, 8, 8), np.uint8)), is_images("houses.csv"), is_images("digits-images")
    (True, False, True)
    """
    if isinstance(data, str | os.PathLike):
        path = Path(data)
        known = KNOWN.get(str(data))
        return (
            _is_folder(path) or is_packed(path) or (not path.is_file() and known is not None and known.kind == "images")
        )
    return isinstance(data, np.ndarray) and (data.ndim == 4 or (data.ndim == 3 and data.dtype == np.uint8))


def _is_folder(path: Path) -> bool:
    """A folder comes before a set of its name, unless it is empty."""
    return path.is_dir() and (str(path) not in KNOWN or any(path.iterdir()))


def path_column(table: Table) -> str | None:
    """The column of a table whose values are paths of pictures; None when there is none.

    >>> path_column(Table.of("t", "a test", {"file": np.array(["a.png"]), "y": np.array([1])}))
    'file'
    """
    for name, values in table.peek().items():
        words = [value for value in values if value is not None]
        if words and all(Path(word).suffix.lower() in SUFFIXES for word in words):
            return name
    return None


def read_images(
    data: Any,
    target: Any = None,
    *,
    task: str | None = None,
    size: Any = None,
    memory: int | None = None,
    **others: Any,
) -> Dataset:
    """The Dataset of pictures; everything that was handled is in `said`.

    Args:
        data: what `is_images` says is pictures.
        target: with arrays `[n]` or `[n, k]` labels, or `[n, h, w]` one for each pixel; a folder, a file and a set
            bring their own.
        task: as for `read`.
        size: what all pictures are brought to; None chooses.
        memory: how many bytes the pictures of files may take; beyond that they lie in a file. None for any number.
        others: groups, time and weights: an array of `[n]` values each.

    Raises:
        DataError: for every way in which pictures can be unfit, in words.

    >>> data = read_images(np.zeros((6, 8, 8), np.uint8), [0, 1, 0, 1, 0, 1])
    >>> data.kind, data.numbers.shape, data.task.kind
    ('images', (6, 8, 8, 1), 'binary')
    """
    if isinstance(data, np.ndarray):
        return _of_arrays("arrays", _ARRAYS, data, target, None, task=task, size=size, others=others)
    path, named = Path(data), str(data)
    if _is_folder(path):
        return _of_folder(path, target, task=task, size=size, memory=memory)
    if named in KNOWN and not path.is_file():
        from photic.data import sources  # only named sets need it

        found, place = open_packed(sources.get(named)), f"the set {named}"
        target = KNOWN[named].target if target is None else target
    else:
        found, place = open_packed(path), str(path)
    labels = found.labels if target is None or isinstance(target, str) else target
    called = target if isinstance(target, str) else "class"
    name = path.name.split(".")[0]
    return _of_arrays(
        name, place, found.pictures, labels, found.test, task=task, size=size, others=others, called=called
    )  # fmt: skip


def read_paths(
    table: Table,
    column: str,
    found: roles.Target,
    taken: Collection[str],
    base: Path,
    size: Any,
    memory: int | None = None,
    **others: Any,
) -> Dataset:
    """The Dataset of a table of paths and labels; other columns of the table are left out.

    Args:
        column: of the paths.
        found: the target, as it was read.
        taken: the names of its columns, and of others with a role.
        base: what paths are relative to.
        memory: as for `read_images`.
        others: groups, time and weights, as arrays of the rows that have a target.

    Raises:
        DataError: when no picture can be read.
    """
    rows = np.arange(table.rows) if found.rows is None else found.rows
    paths = [Path(str(path)) for path in np.asarray(table.column(column), dtype=object)[rows]]
    album = develop(base, paths, size, memory=memory)
    left = [LeftOut(name, "is not a picture") for name in table.names if name not in (column, *taken)]
    kept = {name: None if values is None else values[album.places] for name, values in others.items()}
    names = np.array([str(path) for path in paths])[album.places]
    y = found.y[album.places]
    _need_all_classes(found.task, y, table.source)
    said = (*table.said, *album.said, *found.said)
    return _dataset(table.name, table.source, album, found.task, y, said, names=names, left_out=tuple(left), **kept)


def read_images_for(data: Any, frame: Frame, memory: int | None = None) -> Dataset:
    """New pictures without a target, brought to the frame of a saved network.

    Args:
        data: a folder (pictures in any folders below it), a picture, a table with a column of paths, a packed file, an
            array of bytes, or a Dataset of pictures.
        memory: as for `read_images`.

    Raises:
        DataError: when there is nothing to read, or arrays are of another size than the frame.
    """
    if isinstance(data, Dataset):
        return Dataset.of(data.name, data.source, data.columns, data.numbers, form=data.form, names=data.names)
    if is_images(data) and not (isinstance(data, str | os.PathLike) and Path(data).is_dir()):
        return _again(data, frame)
    if isinstance(data, str | os.PathLike) and (Path(data).is_dir() or Path(data).suffix.lower() in SUFFIXES):
        root, paths = pictures(Path(data))
        name, source = Path(data).name, str(data)
    else:
        from photic.data.opening import open_table

        table = open_table(data)
        column = path_column(table)
        if column is None:
            fix = "give a folder of pictures, or a table with their paths"
            raise DataError(table.source, "needs a column of paths of pictures", "none", source="its columns", fix=fix)
        root, name, source = base_of(data), table.name, table.source
        paths = tuple(Path(str(path)) for path in np.asarray(table.column(column), dtype=object))
    album = develop(root, paths, frame=frame, memory=memory)
    names = np.array([str(path) for path in paths])[album.places]
    return _dataset(name, source, album, None, None, album.said, names=names)


def base_of(data: Any) -> Path:
    """The folder that paths in a table are relative to: that of its file, else the present one.

    >>> base_of("photos/labels.csv").name
    'photos'
    """
    return Path(data).parent if isinstance(data, str | os.PathLike) else Path()


def _again(data: Any, frame: Frame) -> Dataset:
    arrays = data if isinstance(data, np.ndarray) else None
    if arrays is None:
        from photic.data import sources

        known = str(data) in KNOWN and not Path(data).exists()
        arrays = open_packed(sources.get(str(data)) if known else data).pictures
    source = _ARRAYS if isinstance(data, np.ndarray) else str(data)
    pixels = _bytes(arrays, source)
    if pixels.shape[1:] != frame.shape:
        pixels = _resized(pixels, frame)
    return Dataset.of(
        "arrays", source, [Column(name, "number") for name in CHANNELS[frame.channels]], pixels, form=frame
    )


def _of_folder(folder: Path, target: Any, *, task: str | None, size: Any, memory: int | None) -> Dataset:
    if task == "regression":
        got, fix = "a folder for each class", "give a CSV file with a column of paths and one of numbers"
        raise DataError(str(folder), "needs numbers for a regression", got, source="the folder", fix=fix)
    found = gallery(folder)
    album = develop(folder, found.paths, size, memory=memory)
    classes = spelling.order(sorted(set(found.labels)))
    codes = np.array([classes.index(label) for label in found.labels], np.int32)[album.places]
    kind = "binary" if len(classes) == 2 and task != "multiclass" else "multiclass"
    asked = Task(kind, target if isinstance(target, str) else "class", tuple(classes))
    _need_all_classes(asked, codes, str(folder))
    names = np.array([str(path) for path in found.paths])[album.places]
    test = np.array(found.test)[album.places] if found.test else None
    said = (*album.said, *found.said)
    return _dataset(folder.resolve().name, str(folder), album, asked, codes, said, names=names, given_test=test)


def _of_arrays(
    name: str, source: str, x: np.ndarray, y: Any, test: np.ndarray | None, *, task: str | None, size: Any,
    others: dict[str, Any], called: str = "class",
) -> Dataset:  # fmt: skip
    from photic.data import arrays

    pixels = _bytes(x, source)
    n = len(pixels)
    if y is None or isinstance(y, str):
        fix = "pass y, one label for each picture"
        raise DataError("target", "needs labels of the pictures", "none", source=source, fix=fix)
    found = several.matrix(called, y, n, source, task=task)
    if np.ndim(y) == 3:
        height, width = pixels.shape[1:3]
        if size not in (None, f"{width}x{height}"):
            fix = "leave the size out, or resize pictures and masks before"
            raise DataError("size", "needs pictures without masks", repr(size), source="the size option", fix=fix)
        size = f"{width}x{height}"
        found = every.of_masks(called, np.asarray(y), pixels.shape[:3], source, task=task)
    elif found is None:
        labels = arrays.role("target", y, n, source)
        whole = "classification" if labels.dtype.kind in "iub" else None  # 200 classes are classes too
        found = roles.target(called, labels, source, task=task or whole)
    readers = {"groups": roles.groups, "time": roles.time, "weights": roles.weights}
    kept = {
        {"weights": "weight"}.get(role, role): read(
            role, arrays.role(role, others[role], n, source), source, found.rows
        )
        for role, read in readers.items()
        if others.get(role) is not None
    }
    frame, about = choose([pixels.shape[1:3]], pixels.shape[3] == 3, size)
    pixels = pixels if pixels.shape[1:] == frame.shape else _resized(pixels, frame)
    places = np.arange(n) if found.rows is None else found.rows
    album = Album(pixels if found.rows is None else pixels[places], places, frame, (about,))
    given = None if test is None else test[places]
    return _dataset(name, source, album, found.task, found.y, (*album.said, *found.said), given_test=given, **kept)


def _dataset(
    name: str, source: str, album: Album, task: Task | None, y: np.ndarray | None, said: tuple[str, ...], **roles: Any
) -> Dataset:
    columns = [Column(channel, "number") for channel in CHANNELS[album.frame.channels]]
    return Dataset.of(name, source, columns, album.pixels, task=task, y=y, said=said, form=album.frame, **roles)


def _bytes(x: np.ndarray, source: str) -> np.ndarray:
    """Pictures as `[n, h, w, c]` bytes with 1 or 3 channels."""
    shape = list(x.shape)
    pixels = x[..., None] if x.ndim == 3 else x
    if pixels.ndim != 4 or pixels.shape[-1] not in CHANNELS or min(pixels.shape, default=0) < 1:
        fix = "bring them to that shape, channels last"
        required = "needs pictures [n, h, w] or [n, h, w, c] of 1 or 3 channels"
        raise DataError("x", required, f"shape {shape}", source=source, fix=fix)
    if pixels.dtype != np.uint8:
        fix = "write x.astype('uint8'), times 255 if they end at 1"
        raise DataError("x", "needs bytes (uint8) from 0 to 255", f"values of type {x.dtype}", source=source, fix=fix)
    return pixels


def _resized(pixels: np.ndarray, frame: Frame) -> np.ndarray:
    from photic.data import picture

    return np.stack([picture.decode(picture.encode(each), frame)[0] for each in pixels])


def _need_all_classes(task: Task, y: np.ndarray, source: str) -> None:
    """Refuse a class of which not one picture could be read."""
    for code, label in enumerate(task.classes):
        if not (y == code).any():
            fix = "repair its files, or remove the class"
            raise DataError(f"class {label!r}", "needs a picture that can be read", "none", source=source, fix=fix)
