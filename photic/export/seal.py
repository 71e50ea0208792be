"""run.json: the seal of a run folder, which names the format and a fingerprint of every file.

With it a folder that was edited, cut short or made by a newer Photic is recognised before anything is computed from it.
It guards against accidents, not against an adversary: whoever edits a file can edit the seal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import photic
from photic.errors import RunError
from photic.export import atomic, strict_json

NAME = "run.json"
#: What a training leaves while it runs; the finished run takes its place.
CHECKPOINT = "checkpoint.safetensors"
#: Raised by one whenever an older Photic would misread a folder.
FORMAT = 1
#: Pages for people: they may be edited or deleted, nothing is computed from them.
EDITABLE = frozenset({"card.md", "report.html", "picture.html", "series.html", "landscape.html", "rules.html"})

_AGAIN = "put it back as it was saved, or train again with `photic fit`"


def seal(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files and their `run.json`.

    >>> sorted(seal({"card.md": b"hello"}))
    ['card.md', 'run.json']
    """
    content = {name: data for name, data in files.items() if name != NAME}
    return {**content, NAME: _seal({name: _entry(data) for name, data in content.items()})}


def write(folder: str | Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` the run that consists of `files` under their seal, in one step; other files in it are kept.

    Raises:
        WorkError: when the disk is full or there is no right to write; the old run is then whole.
    """
    place = Path(folder)
    ours = listed(place) | {CHECKPOINT, *files}
    there = sorted(path.name for path in place.iterdir()) if place.is_dir() else []
    atomic.write_folder(place, seal(files), "the run", keep=tuple(name for name in there if name not in ours))


def add(folder: Path, name: str, data: bytes) -> bytes:
    """The `run.json` of `folder` after file `name` has got the content `data`."""
    return _seal({**_entries(folder), name: _entry(data)})


def check(folder: Path) -> tuple[str, ...]:
    """Compare every file of a run folder with its seal.

    Returns:
        names of the pages that were edited or deleted by hand, which is allowed. Files it does not know are left alone.

    Raises:
        RunError: when a file is missing, cut short or edited, or a newer Photic wrote the folder.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write(place + "/a", {"plan.json": b"{}", "card.md": b""})
    ...     check(Path(place, "a"))
    ()
    """
    touched = []
    for name, entry in sorted(_entries(folder).items()):
        path = folder / name
        data = path.read_bytes() if path.is_file() else None
        if data is not None and _entry(data) == entry:
            continue
        if name not in EDITABLE:
            raise _broken(path, data, entry["bytes"])
        touched.append(name)
    return tuple(touched)


def listed(folder: Path) -> frozenset[str]:
    """The names under the seal of `folder`, with the seal's own; none when there is no readable seal."""
    try:
        return frozenset({NAME, *_entries(folder)})
    except (OSError, RunError):
        return frozenset()


def _entry(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _seal(entries: Mapping[str, Mapping[str, Any]]) -> bytes:
    files = {name: entry["sha256"] for name, entry in entries.items()}
    sizes = {name: entry["bytes"] for name, entry in entries.items()}
    return strict_json.dump({"format": FORMAT, "photic": photic.__version__, "files": files, "bytes": sizes}, NAME)


def _entries(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / NAME
    content = strict_json.load(path.read_bytes(), str(path))
    number = content.get("format") if isinstance(content, dict) else None
    if isinstance(number, int) and number > FORMAT:
        version = content.get("photic", "unknown")
        raise RunError(
            str(folder),
            f"needs format {FORMAT} at most, which Photic {photic.__version__} reads",
            f"format {number}, written by Photic {version}",
            source=str(path),
            fix="upgrade Photic to that version: pip install --upgrade photic",
        )
    try:
        hashes, sizes = content["files"], content["bytes"]
        return {name: {"sha256": str(hashes[name]), "bytes": int(sizes[name])} for name in hashes}
    except (KeyError, TypeError, ValueError):
        came = json.dumps(content)[:60]
        raise RunError(
            str(path), "needs format, photic, files and bytes", came, source="the seal", fix=_AGAIN
        ) from None


def _broken(path: Path, data: bytes | None, size: int) -> RunError:
    if data is None:
        came = "no such file"
    elif len(data) < size:
        came = f"{len(data):,} bytes: it is cut short or was edited"
    else:
        came = "other content: it was edited after it was saved"
    need = f"needs the {size:,} bytes that were saved"
    return RunError(str(path), need, came, source=f"the fingerprints in {path.parent / NAME}", fix=_AGAIN)
