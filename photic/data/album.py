"""An album: many image files decoded side by side into one array, and kept in the user's cache for the next time.

The cache is keyed by the content of every file and by the frame, so a changed picture is seen and a moved one is not
decoded again. Decoding is Pillow's, in as many threads as there are cores.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import json
import os
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int, UInt8

from photic.data import frame as frames
from photic.data import picture
from photic.data.frame import Frame
from photic.data.picture import NOTES, UnreadableError
from photic.data.said import listed
from photic.errors import DataError

#: Goes into the key: pictures decoded in another way are other pictures.
WAY = 1
#: So many bytes of decoded pictures are kept in the cache; the oldest go first.
KEPT = 2_000_000_000


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


def develop(folder: Path, paths: Sequence[Path], size: str | int | None = None, frame: Frame | None = None) -> Album:
    """All pictures in one frame; files that hold none are left out, named and counted.

    Args:
        folder: what the paths are relative to.
        size: the size the user asked for; None chooses one from the pictures.
        frame: the frame of a saved network, to which new pictures are brought.

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
        kept = _cached(key)
        if kept is None:
            places = [place for place in range(len(files)) if place not in trouble]
            kept = _decoded(pool.map, files, places, trouble, frame)
            _keep(key, kept)
    pixels, places, notes, trouble = kept
    if not len(pixels):
        raise _none_readable(folder, paths, trouble)
    said = [about, _about_trouble(paths, trouble), *_about_notes(notes)]
    if frame.channels == 3 and size is None and about and _all_grey(pixels):
        pixels, frame = np.ascontiguousarray(pixels[..., :1]), dataclasses.replace(frame, channels=1)
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


Decoded = tuple[np.ndarray, np.ndarray, dict[str, int], dict[int, str]]


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


def _all_grey(pixels: UInt8[np.ndarray, "n h w 3"]) -> bool:
    """Whether colour files hold grey pictures, as many scanners and cameras write them."""
    blocks = (pixels[start : start + 256] for start in range(0, len(pixels), 256))
    return all((block[..., :1] == block).all() for block in blocks)


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


# The cache


def place() -> Path:
    """The user's cache of decoded pictures: `$XDG_CACHE_HOME/photic/images`, or the same under `~/.cache`.

    >>> place().parts[-2:]
    ('photic', 'images')
    """
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "photic" / "images"


def _cached(key: str) -> Decoded | None:
    file = place() / f"{key}.npz"
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
            about = json.loads(kept["about"].tobytes())
            file.touch()
            trouble = {int(at): reason for at, reason in about["trouble"].items()}
            return kept["pixels"], kept["places"], about["notes"], trouble
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # not there, or cut short: decode again
        return None


def _keep(key: str, decoded: Decoded) -> None:
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


def _prune(folder: Path) -> None:
    files = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > KEPT:
            file.unlink()
