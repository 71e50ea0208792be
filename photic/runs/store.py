"""Where runs live on the disk: new folders, whole writes, checks before reading, and checkpoints.

A run is a folder a person can read. A new one is claimed by making it, so that two processes never share a name.
While it trains it holds a checkpoint only; at the end the finished folder takes its place in one step. Nothing is ever
half there, whenever the process dies.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from photic.errors import RunError, nearest
from photic.export import atomic, seal, strict_json

RUNS = Path("runs")
CHECKPOINT = seal.CHECKPOINT
SEARCH = "search.json"  # what a search was asked for
_TRAIN = "train one with `photic fit DATA`"


def check_writable(out: str | Path | None) -> None:
    """Try, before any work is done, whether a run can be written to `out` (or to `runs/`).

    Raises:
        WorkError: when there is no right to write there, or no room at all.
        RunError: when a file stands where a folder is needed.
    """
    target = Path(out) if out is not None else RUNS / "new"
    with atomic.writing(target, "the run"):
        around = next(parent for parent in target.absolute().parents if parent.exists())
        for folder in {around, target} if target.is_dir() else {around}:
            if not folder.is_dir():
                raise _not_a_folder(target, folder)
            probe = folder / f".{target.name}.probe"
            atomic.write_file(probe, b"can a run be written here?" * 200, "the run")
            probe.unlink(missing_ok=True)


def new_folder(out: str | Path | None, name: str, *, again: bool = False) -> Path:
    """Claim the folder of a new run: `out`, or the next free `runs/<name>-<n>`.

    Args:
        out: the folder the user asked for, or None.
        name: of the data.
        again: the run that is there is being resumed or saved anew, so its folder may be taken; it stays whole until
            the new one is written.

    Raises:
        RunError: when `out` holds anything already and `again` is False, or is a file.
        WorkError: when it cannot be made.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     new_folder(place + "/mine", "penguins").name
    'mine'
    """
    if out is None:
        return _next_folder(re.sub(r"[^\w.-]+", "-", name).strip(".-")[:60] or "run")
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise _not_a_folder(folder, folder)
    there = _content(folder)
    if there and not (again and {seal.NAME, CHECKPOINT, SEARCH} & set(there)):
        came = "a run that is already there" if seal.NAME in there else f"a folder with {_few(there)}"
        if CHECKPOINT in there or (SEARCH in there and seal.NAME not in there):
            came = "an unfinished run that is already there"
        raise RunError(
            str(folder), "needs a new or an empty folder", came, source="--out", fix="choose another folder with --out"
        )
    with atomic.writing(folder, "the run"):
        folder.mkdir(parents=True, exist_ok=True)
        atomic.clean(folder.parent)
    return folder


def release(folder: str | Path) -> None:
    """Give back a claimed folder into which nothing was written; any other folder is left as it is."""
    if Path(folder).is_dir() and not _content(Path(folder)):
        Path(folder).rmdir()


@contextmanager
def claimed(out: str | Path | None, name: str, *, again: bool = False) -> Iterator[Path]:
    """The folder that `new_folder` claims, given back when the work ends with nothing in it."""
    folder = new_folder(out, name, again=again)
    try:
        yield folder
    finally:
        release(folder)


def add(folder: str | Path, name: str, data: bytes) -> None:
    """Put one more page, such as `report.html`, into a finished run and under its seal.

    Raises:
        WorkError: when the disk is full or there is no right to write.
    """
    place = Path(folder)
    if name not in seal.EDITABLE:
        raise ValueError(f"{name} is no page: a run's other files are written together")
    atomic.write_file(place / name, data, "the page")  # before its seal: a page may differ from the seal
    atomic.write_file(place / seal.NAME, seal.add(place, name, data), "the seal")


def put_page(folder: str | Path, name: str, page: str, out: str | None = None) -> Path:
    """Put one more page into a finished run, or into the file `out` instead; the place it has then.

    Raises:
        WorkError: when the disk is full or there is no right to write.
    """
    if out is None:
        add(folder, name, page.encode())
        return Path(folder) / name
    atomic.write_file(Path(out), page.encode(), "the page")
    return Path(out)


def copy(source: str | Path, target: str | Path) -> None:
    """Put a copy of a finished run at `target`, whole or not at all; files that do not belong to the run stay behind.

    Raises:
        RunError: when the source is no whole run.
        WorkError: when the disk is full or there is no right to write.
    """
    verify(source)
    there = [Path(source) / name for name in seal.listed(Path(source))]
    seal.write(target, {path.name: path.read_bytes() for path in there if path.is_file()})


def verify(folder: str | Path) -> tuple[str, ...]:
    """Make sure that `folder` is a whole run of a format this Photic reads.

    Returns:
        names of the pages (`card.md`, `report.html`) that were edited or deleted by hand, which is allowed.

    Raises:
        RunError: when it is no run folder, or a file of it is missing, cut short or edited, or a newer Photic wrote it.
    """
    place = Path(folder)
    try:
        atomic.clean(place.parent)
        if not (place / seal.NAME).is_file():
            raise _no_run(place)
        return seal.check(place)
    except OSError as error:
        came = (error.strerror or str(error)).lower()
        fix = "change its rights or copy the run elsewhere"
        raise RunError(str(place), "needs a run that can be read", came, source="the system", fix=fix) from None


def save_checkpoint(folder: str | Path, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> None:
    """Replace the checkpoint of `folder` in one step; about a millisecond for a small network.

    It is not flushed to the disk: it outlives the process, and after a power cut `load_checkpoint` knows a torn one.

    Args:
        folder: the claimed folder of the run.
        arrays: any shapes and NumPy types, by name.
        meta: JSON values, such as the epoch; NaN and infinities come back as None.

    Raises:
        WorkError: when the disk is full; the checkpoint before is then whole.
    """
    whole = {name: np.asarray(array, order="C") for name, array in arrays.items()}  # safetensors needs C order
    text = strict_json.dump(meta, CHECKPOINT, results=True).decode()
    header = {"format": str(seal.FORMAT), "meta": text, "sha256": _fingerprint(whole, text)}
    atomic.write_file(Path(folder) / CHECKPOINT, save(whole, header), "the checkpoint", durable=False)


def load_checkpoint(folder: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """The arrays and meta of the checkpoint in `folder`, or None when there is none.

    Raises:
        RunError: when the file is torn, edited, no checkpoint of Photic, or of a newer format.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_checkpoint(folder, {"w": np.ones(2)}, {"epoch": 3})
    ...     load_checkpoint(folder)
    ({'w': array([1., 1.])}, {'epoch': 3})
    """
    path = Path(folder) / CHECKPOINT
    atomic.clean(path.parent)
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a dict
    except (SafetensorError, OSError) as error:
        raise _bad_checkpoint(path, "a whole checkpoint", f"a torn file ({error})") from None
    if not {"format", "meta", "sha256"} <= set(header):
        raise _bad_checkpoint(path, "a checkpoint of Photic", "a safetensors file of something else")
    if header["format"] != str(seal.FORMAT):
        need, came = f"format {seal.FORMAT}, which this Photic reads", f"format {header['format']}"
        raise _bad_checkpoint(path, need, came, fix="resume with the Photic that wrote it")
    if header["sha256"] != _fingerprint(arrays, header["meta"]):
        raise _bad_checkpoint(path, "the content that was saved", "other content: it is torn or was edited")
    return arrays, strict_json.load(header["meta"].encode(), str(path))


def _next_folder(stem: str) -> Path:
    with atomic.writing(RUNS, "the run"):
        RUNS.mkdir(parents=True, exist_ok=True)
        atomic.clean(RUNS)
        taken = [re.fullmatch(re.escape(stem) + r"-(\d+)", path.name) for path in RUNS.iterdir()]
        number = max((int(found[1]) for found in taken if found), default=0)
        while True:  # until the name is ours: another process may take the next one first
            number += 1
            try:
                (RUNS / f"{stem}-{number}").mkdir()
            except FileExistsError:
                continue
            return RUNS / f"{stem}-{number}"


def _content(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _no_run(place: Path) -> RunError:
    there = _content(place)
    if place.is_file():
        came = "a file"
    elif not place.exists():
        came = "nothing there"
    elif not there:
        came = "an empty folder"
    elif CHECKPOINT in there:
        came = "a run whose training has not finished"
    else:
        came = f"a folder without run.json, with {_few(there)}"
    fix = f"resume it, or {_TRAIN}" if CHECKPOINT in there else _run_nearby(place)
    return RunError(
        str(place), "needs the folder of a run, with run.json in it", came, source="the path given", fix=fix
    )


def _run_nearby(place: Path) -> str:
    if place.is_file() and (place.parent / seal.NAME).is_file():
        return f"give its folder, {place.parent}"
    for around in dict.fromkeys((place, place.parent, RUNS)):
        known = [str(path.parent) for path in around.glob(f"*/{seal.NAME}")] if around.is_dir() else []
        if known:
            return nearest("" if around == place else str(around / place.name), known)
    return _TRAIN


def _not_a_folder(target: Path, file: Path) -> RunError:
    return RunError(
        str(target),
        "needs a place for a folder",
        f"the file {file}",
        source="--out",
        fix="choose another folder with --out",
    )


def _bad_checkpoint(path: Path, need: str, came: str, fix: str = "delete it and train from the start") -> RunError:
    return RunError(str(path), f"needs {need}", came, source="the file's content", fix=fix)


def _fingerprint(arrays: Mapping[str, np.ndarray], text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
