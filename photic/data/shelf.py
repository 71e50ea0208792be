"""The shelf: decoded pictures in the user's cache, in one file that is loaded, or in one that is mapped.

What is not there, was cut short or cannot be read is decoded again; nobody else has to know. A map is written beside
its place and takes it when it is whole.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from photic.data import maps

#: So many bytes of decoded pictures are kept in the cache, or the newest alone; the oldest go first.
KEPT = 2_000_000_000
#: Pixels, the place of each among the files, how often what was done, and what could not be read by its place.
Decoded = tuple[np.ndarray, np.ndarray, dict[str, int], dict[int, str]]


def place() -> Path:
    """The user's cache of decoded pictures: `$XDG_CACHE_HOME/photic/images`, or the same under `~/.cache`.

    >>> place().parts[-2:]
    ('photic', 'images')
    """
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "photic" / "images"


def find(key: str, *, mapped: bool = False) -> Decoded | None:
    """What is kept under a key; None when it is not there or not whole.

    Args:
        mapped: the pixels are to lie in a file.
    """
    return _find_map(key) if mapped else _find(key)


def keep(key: str, decoded: Decoded) -> None:
    """Write to the cache; where that cannot be, pictures are decoded again next time."""
    pixels, places, notes, trouble = decoded
    about = np.frombuffer(json.dumps({"notes": notes, "trouble": trouble}).encode(), np.uint8)
    out = io.BytesIO()
    np.savez(out, pixels=pixels, places=places, about=about)
    folder = place()
    spare = folder / f".{key}.{os.getpid()}"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        spare.write_bytes(out.getbuffer())
        spare.replace(folder / f"{key}.npz")
        _prune(folder)


class Writer:
    """A map of pixels on its way into the cache.

    Args:
        key: its name there.
        expected: how many bytes it will have at most.

    Raises:
        WorkError: when the disk has no room, or there is no right to write.
    """

    def __init__(self, key: str, expected: int) -> None:
        self.key, self.folder = key, place()
        self.spare = self.folder / f".{key}.{os.getpid()}"
        maps.guarded(self.folder, lambda: self.folder.mkdir(parents=True, exist_ok=True))
        maps.need_room(self.folder, expected)
        maps.guarded(self.folder, self._start)

    def _start(self) -> None:
        self.file = self.spare.open("wb")

    def put(self, pixels: np.ndarray) -> None:
        """Write some pictures behind the others."""
        maps.guarded(self.folder, lambda: self.file.write(np.ascontiguousarray(pixels).data))

    def keep(
        self, shape: tuple[int, ...], places: Sequence[int], notes: dict[str, int], trouble: dict[int, str]
    ) -> Decoded:
        """Put the whole in its place, and open it."""
        about = {"shape": list(shape), "notes": notes, "trouble": trouble}

        def finish() -> None:
            self.file.close()
            self.spare.replace(self.folder / f"{self.key}.pixels")
            self.spare.write_text(json.dumps(about))
            self.spare.replace(self.folder / f"{self.key}.json")  # last: with it the map is whole
            _prune(self.folder)

        maps.guarded(self.folder, finish)
        return _mapped(self.folder / f"{self.key}.pixels", shape), np.array(places, int), notes, trouble

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()
        self.spare.unlink(missing_ok=True)


def _find(key: str) -> Decoded | None:
    file = place() / f"{key}.npz"
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
            about = json.loads(kept["about"].tobytes())
            file.touch()
            trouble = {int(at): reason for at, reason in about["trouble"].items()}
            return kept["pixels"], kept["places"], about["notes"], trouble
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # not there, or cut short
        return None


def _find_map(key: str) -> Decoded | None:
    file = place() / f"{key}.pixels"
    try:
        about = json.loads(file.with_suffix(".json").read_bytes())
        shape = tuple(about["shape"])
        if file.stat().st_size != math.prod(shape):
            return None
        file.touch()
        trouble = {int(at): reason for at, reason in about["trouble"].items()}
        places = np.setdiff1d(np.arange(shape[0] + len(trouble)), list(trouble))
        return _mapped(file, shape), places, about["notes"], trouble
    except (OSError, ValueError, KeyError):
        return None


def _mapped(file: Path, shape: tuple[int, ...]) -> np.ndarray:
    return np.memmap(file, np.uint8, "r", shape=shape) if math.prod(shape) else np.empty(shape, np.uint8)


def _prune(folder: Path) -> None:
    kept = [file for file in folder.iterdir() if file.suffix in {".npz", ".pixels"}]
    total = 0
    for number, file in enumerate(sorted(kept, key=lambda file: file.stat().st_mtime, reverse=True)):
        total += file.stat().st_size
        if total > KEPT and number:
            file.unlink()
            file.with_suffix(".json").unlink(missing_ok=True)
