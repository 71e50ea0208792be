"""Real sets by name: bundled, scikit-learn's own, and fetched ones from a stand-in for the registry."""

import gzip
import hashlib
import io
import os
import subprocess
import zipfile

import numpy as np
import pytest

from photic.data import catalogue, sources
from photic.data.read import read
from photic.errors import DataError, WorkError

OWN = os.environ.get("XDG_CACHE_HOME")  # the user's own cache, never filled by a test
CONTENT = b"a,b,y\n1.5,x,0.5\n2.5,y,1.5\n3,x,2.5\n"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "photic" / "sets"


@pytest.fixture
def registry(monkeypatch):
    """A registry with one package `fake` 1.0: pip download puts this wheel down; also what was asked for."""

    class Registry:
        def __init__(self):
            self.files = {"fake/data.csv": CONTENT}
            self.returncode = 0
            self.asked = []

        def run(self, command, **_):
            self.asked.append(command)
            if not self.returncode:
                folder = command[command.index("--dest") + 1]
                with zipfile.ZipFile(f"{folder}/fake-1.0-py3-none-any.whl", "w") as wheel:
                    for name, content in self.files.items():
                        wheel.writestr(name, content)
            return subprocess.CompletedProcess(command, self.returncode, b"", b"a host name that nobody wants to see")

    registry = Registry()
    monkeypatch.setattr(subprocess, "run", registry.run)
    return registry


def know(monkeypatch, file="fake/data.csv", raw=CONTENT, leaks=()):
    known = catalogue.Known(
        "fake", "A fake.", 3, "y", "none", "fake", file, "1.0", hashlib.sha256(raw).hexdigest(), leaks
    )
    monkeypatch.setitem(catalogue.KNOWN, "fake", known)
    return known


def test_the_bundled_penguins_are_the_package_s_file_with_their_licence_beside_them():
    path = sources.get("penguins")
    raw = path.read_bytes()
    assert hashlib.sha256(raw).hexdigest() == "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93"
    note = path.with_name("penguins-licence.md").read_text()
    assert "CC0 1.0" in note
    assert hashlib.sha256(raw).hexdigest() in note


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes", "digits"])
def test_scikit_learn_s_sets_are_what_it_loads_itself(name):
    import sklearn.datasets

    settings = {"scaled": False} if name == "diabetes" else {}
    bunch = getattr(sklearn.datasets, f"load_{name}")(**settings)
    data = read(name)
    names = list(bunch.feature_names)
    for place, column in enumerate(data.number_columns):
        assert np.array_equal(data.numbers[:, place], bunch.data[:, names.index(column.name)]), column
    for place, column in enumerate(data.code_columns):
        assert np.array_equal(data.codes[:, place], bunch.data[:, names.index(column.name)]), column
    assert len(data.columns) + len(data.left_out) == len(names)
    if name == "diabetes":
        assert np.array_equal(data.y, bunch.target)
    else:
        assert [data.task.classes[code] for code in data.y] == [str(bunch.target_names[code]) for code in bunch.target]


def test_scikit_learn_s_sets_are_written_only_when_asked_for(cache):
    assert read("iris").n == 150
    assert not cache.exists()
    path = sources.get("iris")
    assert path == cache / "iris-scikit-learn.csv"
    assert path.read_bytes() == sources.content("iris")
    assert read("iris").fingerprint == read(path, "species").fingerprint


def test_a_set_is_fetched_once_and_then_read_from_the_cache(registry, monkeypatch, cache):
    known = know(monkeypatch)
    assert sources.cached("fake") is None
    with pytest.raises(
        DataError,
        match=r"set 'fake': needs to be fetched once, got a cache without it\n.*; type: photic data get fake\.",
    ):
        read("fake")
    path = sources.get("fake")
    assert path == sources.get("fake") == cache / f"fake-1.0-{known.sha256[:8]}.csv"
    assert path.read_bytes() == CONTENT
    assert [file.name for file in cache.iterdir()] == [path.name]
    (command,) = registry.asked
    assert command[1:4] == ["-m", "pip", "download"]
    assert command[-1] == "fake==1.0"
    assert "--no-deps" in command
    assert command[command.index("--only-binary") + 1] == ":all:"  # nothing of the package is ever run
    data = read("fake")
    assert (data.task.target, data.n) == ("y", 3)


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zip", None)])
def test_packed_files_are_unpacked(registry, monkeypatch, suffix, pack):
    if pack is None:
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as file:
            file.writestr("data.csv", CONTENT)
        raw = inner.getvalue()
    else:
        raw = pack(CONTENT)
    registry.files = {f"fake/data.csv{suffix}": raw}
    know(monkeypatch, f"fake/data.csv{suffix}", raw)
    assert sources.get("fake").read_bytes() == CONTENT


def test_columns_that_give_the_target_away_are_left_out_and_said(registry, monkeypatch):
    know(monkeypatch, leaks=("a",))
    sources.get("fake")
    data = read("fake")
    assert [column.name for column in data.columns] == ["b"]
    assert data.said[0] == "Columns that give the target of this set away are left out: a."


def test_other_content_than_pinned_is_refused_and_not_kept(registry, monkeypatch, cache):
    know(monkeypatch)
    registry.files = {"fake/data.csv": CONTENT + b"4,x,3.5\n"}
    with pytest.raises(
        DataError, match=r"set 'fake': needs the content it was pinned to, got other content \(its sha256"
    ):
        sources.get("fake")
    registry.files = {"fake/other.csv": CONTENT}
    with pytest.raises(
        DataError, match=r"got a package without fake/data.csv \(KeyError\)\nfrom fake 1.0; do not use it"
    ):
        sources.get("fake")
    assert not cache.exists()


def test_no_network_is_said_without_the_client_s_output(registry, monkeypatch):
    know(monkeypatch)
    registry.returncode = 1
    with pytest.raises(WorkError) as error:
        sources.get("fake")
    assert str(error.value).startswith("set 'fake': needs pip to fetch fake==1.0, got no success (pip ended with 1)\n")
    assert "check the network" in str(error.value)
    assert "host name" not in str(error.value)
    assert error.value.exit_code == 1


def test_a_cache_that_cannot_be_written_is_said(registry, monkeypatch, tmp_path):
    know(monkeypatch)
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(
        WorkError, match=r"needs to be written, got .*\nfrom the cache of sets; free some space, or set XDG_CACHE_HOME"
    ):
        sources.get("fake")


def test_an_unknown_set_offers_the_nearest():
    with pytest.raises(
        DataError, match="set 'titanik': needs a known name, got another\nfrom the call; did you mean 'titanic'"
    ):
        sources.info("titanik")


def test_the_catalogue_is_complete():
    for known in sources.list_sets():
        assert known.words.endswith((".", "?")) or ":" in known.words
        assert known.licence
        assert known.rows >= 80
        assert known.fetched == (len(known.sha256) == 64)


@pytest.mark.parametrize(
    "known", [known for known in sources.list_sets() if known.fetched], ids=lambda known: known.name
)
def test_a_set_that_was_fetched_reads_with_its_usual_target(known, monkeypatch):
    if OWN is None:
        monkeypatch.delenv("XDG_CACHE_HOME")
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", OWN)
    if sources.cached(known.name) is None:
        pytest.skip("not fetched on this machine")
    data = read(known.name, horizon=12 if known.name in {"airline", "ecg"} else None)
    missing = [sentence for sentence in data.said if "left out" in sentence and "rows without" in sentence]
    assert data.n == known.rows or missing or data.task.horizon
    assert data.task.target == known.target
    assert len(data.columns) >= (3 if data.kind == "table" else 1)
