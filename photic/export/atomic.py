"""All of a file or folder, or nothing of it: written beside its place, flushed, then renamed into it.

Whatever stops the process (a full disk, Ctrl-C, `kill -9`, a power cut), what stood in the place before is whole until
the new one is. A folder cannot be renamed over a full one, so the old one steps aside first; if the process dies in
that moment, `clean` puts it back.

Reference: Pillai et al., "All file systems are not created equal", 2014, section 2 (why flush before rename),
https://www.usenix.org/conference/osdi14/technical-sessions/presentation/pillai
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from photic.errors import WorkError

_BESIDE = re.compile(r"\.(?P<name>.+)\.(?P<role>partial|before)-(?P<pid>\d+)")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def writing(place: Path, what: str) -> Iterator[None]:
    """Turn whatever the operating system refuses inside this block into an error the user can act on.

    Args:
        place: the file or folder that is being written, as the user knows it.
        what: what it is, `the run`.

    Raises:
        WorkError: for a full disk, missing rights, or any other OSError.

    >>> with writing(Path("runs/a-1"), "the run"):
    ...     raise OSError(errno.ENOSPC, "No space left on device")
    Traceback (most recent call last):
    photic.errors.WorkError: runs/a-1: needs room on the disk for the run, got no space left on device
    from the operating system; make room or choose another place with --out (what was there before is untouched).
    """
    try:
        yield
    except OSError as error:
        came = (error.strerror or str(error)).lower()
        if error.errno in _FULL:
            need, fix = f"needs room on the disk for {what}", "make room or choose another place with --out"
        elif error.errno in _DENIED:
            need, fix = f"needs the right to write {what}", "change its rights or choose another place with --out"
        else:
            need, fix = f"needs a place that {what} can be written to", "choose another place with --out"
        kept = "what was there before is untouched"
        raise WorkError(str(place), need, came, source="the operating system", fix=f"{fix} ({kept})") from None


def write_file(path: Path, data: bytes, what: str = "the file", *, durable: bool = True) -> None:
    """Put `data` at `path`, replacing what is there in one step.

    Args:
        path: the file; its folder must exist.
        data: the whole content.
        what: what it is, for the message when it fails.
        durable: flush to the disk, so that it outlives a power cut too (a few milliseconds).

    Raises:
        WorkError: when the disk is full or the place may not be written to; the old file is then whole.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_file(Path(folder) / "a.txt", b"old")
    ...     write_file(Path(folder) / "a.txt", b"new")
    ...     (Path(folder) / "a.txt").read_text(), len(list(Path(folder).iterdir()))
    ('new', 1)
    """
    partial = _beside(path, "partial")
    with writing(path, what):
        try:
            _write(partial, data, durable)
            os.replace(partial, path)
            if durable:
                _flush(path.parent)
        finally:
            partial.unlink(missing_ok=True)


def write_folder(
    folder: Path, files: Mapping[str, bytes], what: str = "the folder", *, keep: tuple[str, ...] = ()
) -> None:
    """Put a folder of exactly these files at `folder`, replacing what is there in one step.

    Args:
        folder: its place; parents are made.
        files: content by file name.
        what: what it is, for the message when it fails.
        keep: names in the old folder that are carried over into the new one.

    Raises:
        WorkError: when the disk is full or the place may not be written to; the old folder is then whole.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write_folder(Path(place) / "a", {"old.txt": b""})
    ...     write_folder(Path(place) / "a", {"new.txt": b""})
    ...     [path.name for path in (Path(place) / "a").iterdir()]
    ['new.txt']
    """
    place = folder.resolve()  # a link to a run stays a link
    partial = _beside(place, "partial")
    with writing(folder, what):
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            clean(place.parent)
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            for name, data in files.items():
                _write(partial / name, data, durable=True)
            for name in keep:
                copy = shutil.copytree if (place / name).is_dir() else shutil.copy2
                copy(place / name, partial / name)
            _flush(partial)
            _swap(partial, place)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def clean(parent: Path) -> None:
    """Tidy up after processes that died while writing into `parent`.

    What had stepped aside goes back when nothing stands in its place; what is half written is removed.
    """
    for path in sorted(parent.glob(".*-*")) if parent.is_dir() else ():
        found = _BESIDE.fullmatch(path.name)
        if not found or _alive(int(found["pid"])):
            continue
        place = parent / found["name"]
        try:
            if found["role"] == "before" and not place.exists():
                os.rename(path, place)
            elif path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        except OSError:
            continue  # another process tidies too, or the disk is read-only: nothing depends on it


def _swap(partial: Path, place: Path) -> None:
    before = _beside(place, "before")
    if place.is_dir():
        shutil.rmtree(before, ignore_errors=True)
        os.rename(place, before)
    try:
        os.rename(partial, place)
    except BaseException:  # Ctrl-C as well: the old folder goes back first
        if before.is_dir() and not place.exists():
            os.rename(before, place)
        raise
    _flush(place.parent)
    shutil.rmtree(before, ignore_errors=True)


def _beside(path: Path, role: str) -> Path:
    return path.parent / f".{path.name}.{role}-{os.getpid()}"


def _write(path: Path, data: bytes, durable: bool) -> None:
    with path.open("wb") as file:
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
