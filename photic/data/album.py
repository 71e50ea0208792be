"""An album: many image files decoded side by side into one array, and kept in the user's cache for the next time.

The cache is keyed by the content of every file and by the frame, so a changed picture is seen and a moved one is not
decoded again. Decoding is Pillow's, in as many threads as there are cores.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int, UInt8

from photic.data import frame as frames
from photic.data import maps, picture, shelf
from photic.data.frame import Frame
from photic.data.picture import NOTES, UnreadableError
from photic.data.said import listed
from photic.data.shelf import Decoded
from photic.errors import DataError

#: Goes into the key: pictures decoded in another way are other pictures.
WAY = 1


@dataclasses.dataclass(frozen=True, eq=False)
class Album:
    """Decoded pictures.

    Args:
        pixels: `[n, h, w, c]` bytes.
        places: `[n]` the place of each among the files that were given.
        frame: what they were brought to.
        said: sentences about sizes, about what was done, and about what could not be read.
    """

    pixels: UInt8[np.ndarray, "n h w c"]
    places: Int[np.ndarray, " n"]
    frame: Frame
    said: tuple[str, ...]


def develop(
    folder: Path,
    paths: Sequence[Path],
    size: str | int | None = None,
    frame: Frame | None = None,
    memory: int | None = None,
) -> Album:
    """All pictures in one frame; files that hold none are left out, named and counted.

    Args:
        folder: what the paths are relative to.
        size: the size the user asked for; None chooses one from the pictures.
        frame: the frame of a saved network, to which new pictures are brought.
        memory: how many bytes the decoded pictures may take; beyond that they lie in a file. None for any number.

    Raises:
        DataError: when not one can be read.
    """
    files = [folder / path for path in paths]
    with ThreadPoolExecutor() as pool, picture.guarded():
        looked = list(pool.map(_look, files))
        headers = [header for _, header, _ in looked if header is not None]
        trouble = {place: reason for place, (_, _, reason) in enumerate(looked) if reason}
        if not headers:
            raise _none_readable(folder, paths, trouble)
        about = ""
        if frame is None:
            sizes = [(header.height, header.width) for header in headers]
            frame, about = frames.choose(sizes, any(header.colour for header in headers), size)
        key = hashlib.sha256(json.dumps([WAY, frame.to_json(), [mark for mark, _, _ in looked]]).encode()).hexdigest()
        mapped = memory is not None and len(headers) * math.prod(frame.shape) > memory
        kept = shelf.find(key, mapped=mapped)
        if kept is None:
            places = [place for place in range(len(files)) if place not in trouble]
            if mapped:
                kept = _decoded_to_map(pool.map, files, places, trouble, frame, key)
            else:
                kept = _decoded(pool.map, files, places, trouble, frame)
                shelf.keep(key, kept)
    pixels, places, notes, trouble = kept
    if not len(pixels):
        raise _none_readable(folder, paths, trouble)
    said = [about, _about_trouble(paths, trouble), *_about_notes(notes)]
    if frame.channels == 3 and size is None and about and _all_grey(pixels):
        pixels, frame = _one_channel(pixels), dataclasses.replace(frame, channels=1)
        said[0] = about.replace("colour", "grey")
    return Album(pixels, places, frame, tuple(filter(None, said)))


def _look(file: Path) -> tuple[str, picture.Header | None, str]:
    """A mark of the content, the header, and why there is none."""
    try:
        raw = file.read_bytes()
        return hashlib.sha256(raw).hexdigest(), picture.look(raw), ""
    except UnreadableError as reason:
        return "", None, str(reason)
    except OSError as problem:
        return "", None, f"cannot be opened ({(problem.strerror or type(problem).__name__).lower()})"


def _decoded(
    each: Callable[..., Any], files: list[Path], places: list[int], trouble: dict[int, str], frame: Frame
) -> Decoded:
    pixels, good, counts = np.empty((len(places), *frame.shape), np.uint8), np.ones(len(places), bool), Counter[str]()
    trouble = dict(trouble)

    def one(slot: int) -> tuple[str, ...]:
        try:
            pixels[slot], notes = picture.decode(files[places[slot]].read_bytes(), frame)
        except (UnreadableError, OSError) as reason:
            trouble[places[slot]] = str(reason) if isinstance(reason, UnreadableError) else "cannot be opened"
            good[slot] = False
            return ()
        return notes

    for notes in each(one, range(len(places))):
        counts.update(notes)
    return pixels if good.all() else pixels[good], np.array(places)[good], dict(counts), trouble


def _decoded_to_map(
    each: Callable[..., Any], files: list[Path], places: list[int], trouble: dict[int, str], frame: Frame, key: str
) -> Decoded:
    """As `_decoded`, a few megabytes at a time, into a file of the cache."""
    counts = Counter[str]()
    row = math.prod(frame.shape)
    with shelf.Writer(key, len(places) * row) as writer:
        for piece in maps.pieces(len(places), row):
            pixels, _, notes, trouble = _decoded(each, files, places[piece], trouble, frame)
            writer.put(pixels)
            counts.update(notes)
        good = [place for place in places if place not in trouble]
        return writer.keep((len(good), *frame.shape), good, dict(counts), trouble)


def _blocks(pixels: UInt8[np.ndarray, "n h w 3"]) -> Iterator[UInt8[np.ndarray, "b h w 3"]]:
    for start in range(0, len(pixels), 256):
        yield pixels[start : start + 256]
        maps.release(pixels)


def _all_grey(pixels: UInt8[np.ndarray, "n h w 3"]) -> bool:
    """Whether colour files hold grey pictures, as many scanners and cameras write them."""
    return all((block[..., :1] == block).all() for block in _blocks(pixels))


def _one_channel(pixels: UInt8[np.ndarray, "n h w 3"]) -> UInt8[np.ndarray, "n h w 1"]:
    if not maps.is_mapped(pixels):
        return np.ascontiguousarray(pixels[..., :1])
    with maps.Writer(np.uint8, pixels.nbytes // 3) as writer:
        for block in _blocks(pixels):
            writer.put(block[..., :1])
        return writer.open((*pixels.shape[:3], 1))


def _about_trouble(paths: Sequence[Path], trouble: dict[int, str]) -> str:
    if not trouble:
        return ""
    named = [f"{paths[place]} {reason}" for place, reason in sorted(trouble.items())]
    return f"Left out, {len(named):,} of {len(paths):,} files: {listed(named, 4)}."


def _about_notes(notes: dict[str, int]) -> list[str]:
    return [f"In {notes[mark]:,} {'picture' if notes[mark] == 1 else 'pictures'}: {words}."
            for mark, words in NOTES.items() if notes.get(mark)]  # fmt: skip


def _none_readable(folder: Path, paths: Sequence[Path], trouble: dict[int, str]) -> DataError:
    named = listed([f"{paths[place]} {reason}" for place, reason in sorted(trouble.items())], 2)
    files = "1 file" if len(paths) == 1 else f"{len(paths):,} files"
    fix = "give PNG, JPEG or WebP files that open in a viewer"
    return DataError(
        str(folder), "needs at least one picture that can be read", f"{files}: {named}", source="its files", fix=fix
    )
