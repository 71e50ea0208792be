"""Run folders: claimed, whole at every moment, and refused in words when they cannot be trusted."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from photic.errors import RunError, WorkError
from photic.export import seal
from photic.runs import store

Full = Callable[[int], AbstractContextManager[None]]
NoRights = Callable[[Path], AbstractContextManager[None]]
FILES = {"plan.json": b'{"epochs": 30}\n', "weights.safetensors": b"\x00\x01" * 700, "card.md": b"# A card\n"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "penguins-1"
    seal.write(folder, FILES)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_new_folders_count_up_and_never_share_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert store.new_folder(None, "penguins") == Path("runs/penguins-1")
    assert store.new_folder(None, "penguins") == Path("runs/penguins-2")
    Path("runs/penguins-9").mkdir()
    assert store.new_folder(None, "penguins") == Path("runs/penguins-10")
    assert store.new_folder(None, "my houses (1)/x") == Path("runs/my-houses-1-x-1")
    assert store.new_folder(None, "-") == Path("runs/run-1")


def test_an_existing_run_is_never_overwritten(run: Path) -> None:
    with pytest.raises(
        RunError, match="needs a new or an empty folder, got a run that is already there\nfrom --out; choose"
    ):
        store.new_folder(run, "penguins")
    assert store.new_folder(run, "penguins", again=True) == run
    assert seal.check(run) == ()


def test_a_folder_with_other_files_is_never_taken(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    for again in (False, True):
        with pytest.raises(RunError, match=r"got a folder with thesis\.tex"):
            store.new_folder(tmp_path, "penguins", again=again)
    with pytest.raises(RunError, match="needs a place for a folder, got the file"):
        store.new_folder(tmp_path / "thesis.tex", "penguins")
    with pytest.raises(RunError, match="needs a place for a folder, got the file"):
        store.check_writable(tmp_path / "thesis.tex" / "deeper")


def test_release_gives_back_only_an_empty_folder(tmp_path: Path, run: Path) -> None:
    folder = store.new_folder(tmp_path / "b", "b")
    store.release(folder)
    store.release(run)
    assert not folder.exists()
    assert run.exists()


def test_check_writable_leaves_nothing_behind(tmp_path: Path, run: Path) -> None:
    store.check_writable(tmp_path / "a" / "b" / "c")
    store.check_writable(run)
    assert [path.name for path in tmp_path.iterdir()] == ["penguins-1"]
    assert content(run).keys() == {*FILES, "run.json"}


def test_no_rights_is_said_before_anything_is_done(tmp_path: Path, no_rights: NoRights) -> None:
    with no_rights(tmp_path), pytest.raises(WorkError) as caught:
        store.check_writable(tmp_path / "new")
    words = r"needs the right to write the run, got permission denied\nfrom the operating system; change its rights"
    assert re.search(words, str(caught.value))
    assert caught.value.exit_code == 1


def test_a_full_disk_leaves_the_old_run_whole(run: Path, full_disk: Full) -> None:
    before = content(run)
    with full_disk(1000), pytest.raises(WorkError) as caught:
        seal.write(run, {"plan.json": b"{}", "weights.safetensors": b"new" * 5000})
    words = r"needs room on the disk for the run, got file too large\nfrom .*; make room or choose .*untouched\)\.$"
    assert re.search(words, str(caught.value))
    assert caught.value.exit_code == 1
    assert content(run) == before
    assert store.verify(run) == ()
    assert [path.name for path in run.parent.iterdir()] == [run.name], "the half-written folder is gone"
    with full_disk(1000), pytest.raises(WorkError, match="needs room on the disk"):
        store.check_writable(run.parent / "next")


@pytest.mark.parametrize("moment", range(1, 7))
def test_a_disk_that_fills_at_any_flush_leaves_the_old_run_whole(
    run: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Network disks report a full disk only when a file is flushed."""
    before, calls = content(run), iter(range(1, 100))

    def fsync(_: int) -> None:
        if next(calls) == moment:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    new = {name: data + b"\n" for name, data in FILES.items()}
    with pytest.raises(WorkError, match="got no space left on device"):
        seal.write(run, new)
    monkeypatch.undo()
    assert store.verify(run) == ()
    assert content(run) == before if moment < 6 else True, "flush 6 comes after the new run took its place"


def test_ctrl_c_between_the_two_renames_puts_the_old_run_back(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, rename, calls = content(run), os.rename, iter(range(1, 100))

    def interrupted(source: Path, target: Path) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt
        rename(source, target)

    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        seal.write(run, {"plan.json": b"{}"})
    assert content(run) == before


def test_writing_again_keeps_what_the_user_put_there(run: Path) -> None:
    (run / "notes.txt").write_text("mine")
    (run / "plots").mkdir()
    (run / "plots" / "a.svg").write_text("<svg/>")
    store.save_checkpoint(run, {"w": np.ones(2)}, {})
    seal.write(run, {"plan.json": b"{}"})
    assert sorted(path.name for path in run.iterdir()) == ["notes.txt", "plan.json", "plots", "run.json"]
    assert (run / "plots" / "a.svg").read_text() == "<svg/>"


def test_a_link_to_a_run_stays_a_link(run: Path) -> None:
    link = run.parent / "latest"
    link.symlink_to(run.name)
    seal.write(link, {"plan.json": b"{}"})
    assert link.is_symlink()
    assert (run / "plan.json").read_bytes() == b"{}"


def test_leftovers_of_dead_processes_are_tidied(run: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    dead = int(child.stdout)
    for name in (f".penguins-7.partial-{dead}", f".penguins-1.before-{dead}", f".mine.partial-{os.getpid()}"):
        (run.parent / name).mkdir()
        (run.parent / name / "plan.json").write_text("{}")
    os.rename(run, run.parent / f".penguins-2.before-{dead}")
    (run.parent / ".bashrc-1").write_text("not ours")
    assert store.verify(run.parent / "penguins-2") == (), "what stepped aside is back"
    found = sorted(path.name for path in run.parent.iterdir())
    assert found == [".bashrc-1", f".mine.partial-{os.getpid()}", "penguins-1", "penguins-2"]


def test_the_seal_names_format_version_and_fingerprints(run: Path) -> None:
    found = json.loads((run / "run.json").read_text())
    assert found["format"] == 1
    assert found["photic"] == "0.1.0"
    assert found["files"].keys() == FILES.keys()
    shown = subprocess.run(["sha256sum", run / "plan.json"], capture_output=True, text=True, check=True).stdout
    assert found["files"]["plan.json"] == shown.split()[0]


def test_pages_may_be_edited_other_files_not(run: Path) -> None:
    (run / "card.md").write_text("# My own words")
    assert store.verify(run) == ("card.md",)
    (run / "card.md").unlink()
    assert store.verify(run) == ("card.md",)
    (run / "plan.json").write_text('{"epochs": 31}\n')
    with pytest.raises(RunError) as caught:
        store.verify(run)
    assert str(caught.value) == (
        f"{run}/plan.json: needs the 15 bytes that were saved, got other content: it was edited after it was saved\n"
        f"from the fingerprints in {run}/run.json; put it back as it was saved, or train again with `photic fit`."
    )


def test_a_folder_cut_short_is_refused(run: Path) -> None:
    (run / "weights.safetensors").write_bytes(b"\x00\x01" * 512)
    with pytest.raises(RunError, match=r"needs the 1,400 bytes that were saved, got 1,024 bytes: it is cut short"):
        store.verify(run)
    (run / "weights.safetensors").unlink()
    with pytest.raises(RunError, match=r"weights.safetensors: needs the 1,400 bytes that were saved, got no such file"):
        store.verify(run)
    (run / "run.json").write_text((run / "run.json").read_text()[:40])
    with pytest.raises(RunError, match=r"run\.json: needs whole JSON text, got (Unterminated|Expecting)"):
        store.verify(run)
    (run / "run.json").write_text("[1]")
    with pytest.raises(RunError, match=r"needs format, photic, files and bytes, got \[1\]"):
        store.verify(run)


def test_a_newer_format_says_both_versions(run: Path) -> None:
    (run / "run.json").write_text('{"format": 2, "photic": "0.9.0", "layout": "unknown to us"}')
    words = (
        r"needs format 1 at most, which Photic 0\.1\.0 reads, got format 2, written by Photic 0\.9\.0\nfrom .*; upgrade"
    )
    with pytest.raises(RunError, match=words):
        store.verify(run)


def test_no_run_folder_says_what_was_expected(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = run.parent
    need = "needs the folder of a run, with run.json in it, got "
    (place / "empty").mkdir()
    (place / "photos").mkdir()
    monkeypatch.chdir(place / "empty")  # a place without runs of its own
    for index in range(5):
        (place / "photos" / f"{index}.png").touch()
    near = re.escape(f"did you mean '{run}'?")
    cases = [
        (place / "pengins-1", f"{need}nothing there\nfrom the path given; {near}"),
        (place / "empty", f"{need}an empty folder"),
        (place / "photos", f"{need}a folder without run.json, with 0.png, 1.png, 2.png and 2 more"),
        (run / "plan.json", f"{need}a file\nfrom the path given; give its folder, {re.escape(str(run))}"),
        (place, rf"{need}a folder without run.json.*\nfrom the path given; choose one of '{re.escape(str(run))}'"),
        (place / "photos" / "0.png", f"{need}a file\nfrom the path given; train one with"),
    ]
    for path, words in cases:
        with pytest.raises(RunError, match=words):
            store.verify(path)
    seal.write(place / "runs" / "iris-1", FILES)
    monkeypatch.chdir(place / "photos")
    monkeypatch.setattr(store, "RUNS", Path("../runs"))
    with pytest.raises(RunError, match=r"did you mean '\.\./runs/iris-1'"):
        store.verify("iris-1")


def test_an_unreadable_run_is_refused_in_words(run: Path, no_rights: NoRights) -> None:
    (run / "plan.json").chmod(0)
    with no_rights(run.parent), pytest.raises(RunError, match="needs a run that can be read, got permission denied"):
        store.verify(run)


def test_a_page_is_added_under_the_seal(run: Path) -> None:
    store.add(run, "report.html", b"<html></html>")
    assert store.verify(run) == ()
    assert "report.html" in seal.listed(run)
    with pytest.raises(ValueError, match="is no page"):
        store.add(run, "plan.json", b"{}")


def test_a_copy_is_a_whole_run_of_its_own(run: Path) -> None:
    (run / "card.md").write_text("# My own words")
    (run / "notes.txt").write_text("mine")
    there = run.parent / "elsewhere" / "copy"
    store.copy(run, there)
    assert store.verify(there) == ()
    assert content(there).keys() == {*FILES, "run.json"}
    assert (there / "card.md").read_text() == "# My own words"
    (run / "plan.json").unlink()
    with pytest.raises(RunError, match="got no such file"):
        store.copy(run, run.parent / "other")
