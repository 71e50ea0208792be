"""A gallery: a folder with a folder of pictures for each class, walked without opening any of them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

from photic.data.picture import SUFFIXES
from photic.data.said import listed
from photic.errors import DataError

#: Folders of these names, side by side, are not classes but the parts that whoever published the set cut it into.
PARTS = {
    "train": False,
    "training": False,
    "val": False,
    "valid": False,
    "validation": False,
    "test": True,
    "testing": True,
}
_WAYS = "make a folder for each class, or give a CSV file with a column of paths and one of labels"


@dataclasses.dataclass(frozen=True)
class Gallery:
    """The pictures of a folder.

    Args:
        folder: where they are.
        paths: of the pictures, relative to the folder, in order.
        labels: the class of each.
        test: whether each is of a part called "test"; empty when there are no parts.
        said: what was passed over, in sentences.
    """

    folder: Path
    paths: tuple[Path, ...]
    labels: tuple[str, ...]
    test: tuple[bool, ...] = ()
    said: tuple[str, ...] = ()


def gallery(folder: str | Path) -> Gallery:
    """The pictures below a folder by class: the class is the name of the folder directly below.

    Folders called train, val and test are parts, with the classes inside them.

    Raises:
        DataError: for a folder without class folders, with one class, or with a class that holds no picture.
    """
    root, passed = Path(folder), _Passed()
    parts = [place for place in _folders(root, root, passed) if place.name.lower() in PARTS]
    cut = len(parts) > 1 or (len(parts) == 1 and parts[0].name.lower().startswith("train"))
    found = [
        (path, place.name, PARTS[top.name.lower()] if cut else False)
        for top in (parts if cut else [root])
        for place, pictures in _classes(top, root, passed)
        for path in pictures
    ]
    names = sorted({label for _, label, _ in found})
    if len(names) < 2:
        got = f"one, {names[0]!r}" if names else _what_there_is(root)
        raise DataError(
            str(root), "needs a folder for each of at least two classes", got, source="the folder", fix=_WAYS
        )
    _need_pictures(root, parts if cut else [root], names)
    loose = [path.name for path in sorted(root.iterdir()) if path.is_file() and path.suffix.lower() in SUFFIXES]
    said = passed.sentences()
    if loose:
        said.append(f"Pictures in no class's folder are left out: {listed(loose, 3)}.")
    paths, labels, test = zip(*found, strict=True)
    return Gallery(root, paths, labels, test if any(test) else (), tuple(said))


def pictures(place: str | Path) -> tuple[Path, tuple[Path, ...]]:
    """A folder and all pictures below it, relative to it, whatever folders they are in; a single file is one picture.

    Raises:
        DataError: when there is none.
    """
    root = Path(place)
    if root.is_file():
        return root.parent, (Path(root.name),)
    found = tuple(_below(root, root, _Passed()))
    if not found:
        fix = f"give a folder with pictures ({', '.join(sorted(SUFFIXES))})"
        raise DataError(str(root), "needs pictures", _what_there_is(root), source="the folder", fix=fix)
    return root, found


@dataclasses.dataclass
class _Passed:
    """Links that lead out of the folder; they are not followed."""

    links: list[str] = dataclasses.field(default_factory=list)

    def sentences(self) -> list[str]:
        links = sorted(set(self.links))
        return [f"Links that lead out of the folder are not followed: {listed(links, 3)}."] if links else []


def _inside(path: Path, root: Path, passed: _Passed) -> bool:
    if not path.is_symlink() or path.resolve().is_relative_to(root.resolve()):
        return True
    passed.links.append(str(path.relative_to(root)))
    return False


def _folders(place: Path, root: Path, passed: _Passed) -> list[Path]:
    hidden = (".", "_")
    return [each for each in sorted(place.iterdir())
            if each.is_dir() and not each.name.startswith(hidden) and _inside(each, root, passed)]  # fmt: skip


def _classes(place: Path, root: Path, passed: _Passed) -> Iterator[tuple[Path, list[Path]]]:
    for each in _folders(place, root, passed):
        yield each, list(_below(each, root, passed))


def _below(place: Path, root: Path, passed: _Passed) -> Iterator[Path]:
    for folder, inner, files in os.walk(place):  # links to folders are not walked into
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith(".") and _inside(path, root, passed):
                yield path.relative_to(root)


def _need_pictures(root: Path, tops: list[Path], names: list[str]) -> None:
    for top in tops:
        for place in _folders(top, root, _Passed()):
            if place.name not in names:
                fix = f"put pictures ({', '.join(sorted(SUFFIXES))}) into it, or remove the folder"
                raise DataError(
                    str(place), "needs at least one picture", "none", source=f"the class {place.name!r}", fix=fix
                )


def _what_there_is(root: Path) -> str:
    loose = sum(path.suffix.lower() in SUFFIXES for path in root.iterdir())
    if loose:
        return f"{loose:,} pictures in no class's folder" if loose > 1 else "1 picture in no class's folder"
    return "no picture" if any(root.iterdir()) else "an empty folder"
