"""Maps: arrays in files are the arrays that were written, and a disk without room is said."""

from __future__ import annotations

import errno
import gc
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from photic.data import maps, memory
from photic.errors import PlanError, WorkError

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def _mapped(array: np.ndarray) -> np.ndarray:
    with maps.Writer(array.dtype) as writer:
        for row in np.array_split(array, 3):
            writer.put(row)
        return writer.open(array.shape)


@pytest.mark.parametrize("shape", [(500,), (500, 3), (500, 4, 4, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.int32])
def test_rows_of_a_map_are_those_of_memory(shape: tuple[int, ...], dtype: type, monkeypatch) -> None:
    monkeypatch.setattr(maps, "PIECE", 16 * 200)  # many turns
    array = RNG.integers(0, 200, shape).astype(dtype)
    mapped = _mapped(array)
    assert maps.is_mapped(mapped) and not maps.is_mapped(array)
    rows = RNG.integers(0, 500, 300)
    out = np.empty((300, *shape[1:]), dtype)
    maps.take(mapped, rows, out)
    np.testing.assert_array_equal(out, array[rows])
    maps.release(mapped)
    np.testing.assert_array_equal(mapped, array)


def test_row_numbers_beyond_sixteen_bits_are_found() -> None:
    array = np.arange(200_000, dtype=np.int32)
    rows = RNG.permutation(200_000)[:1000]
    out = np.empty(1000, np.int32)
    maps.take(_mapped(array), rows, out)
    np.testing.assert_array_equal(out, rows)


def test_columns_in_a_file_equal_columns_in_memory() -> None:
    columns = RNG.normal(size=(4, 100))
    blocks = [maps.Columns(100, 6, np.float64, mapped=mapped) for mapped in (False, True)]
    for column in columns:
        for block in blocks:
            block.add(column)
    held, mapped = (block.whole() for block in blocks)
    np.testing.assert_array_equal(held, columns.T)
    np.testing.assert_array_equal(mapped, columns.T)
    assert maps.is_mapped(mapped)
    assert maps.Columns(100, 6, np.int32, mapped=True).whole().shape == (100, 0)


def test_nothing_stays_on_the_disk() -> None:
    array = _mapped(np.ones((10, 2), np.float32))
    assert list(maps.place().iterdir()) == []  # it has no name from the beginning
    assert array.sum() == 20


def test_a_scratch_folder_goes_with_its_owner_and_that_of_a_dead_process_too() -> None:
    class Owner:
        """Holds the folder."""

    dead = maps.place() / f"scratch-{2**22 + 1}-left"
    dead.mkdir(parents=True)
    owner = Owner()
    folder = maps.scratch(owner)
    assert folder.is_dir() and not dead.exists()
    del owner
    gc.collect()
    assert not folder.exists()


def test_a_disk_without_room_is_refused_before_anything_is_written(monkeypatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 10**9))
    with pytest.raises(WorkError) as problem:
        maps.Writer(np.float32, 5 * 10**9)
    assert str(problem.value) == (
        f"{maps.place()}: needs room on the disk for rows that memory does not hold, 5.0 GB, got 1.0 GB free\n"
        "from the operating system; make room, or let XDG_CACHE_HOME name a folder on another disk."
    )


def test_a_disk_that_fills_up_is_an_error_in_words() -> None:
    with maps.Writer(np.float32) as writer:
        os.dup2(os.open("/dev/full", os.O_RDWR), writer.file.fileno())
        with pytest.raises(WorkError, match=r"needs room on the disk for rows .*, got no space left on device"):
            writer.put(np.ones(10_000_000))


def test_a_folder_that_may_not_be_written_to_is_said(monkeypatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(maps.tempfile, "mkstemp", denied)
    with pytest.raises(WorkError, match=r"needs a folder that can be written to .*, got permission denied"):
        maps.Writer(np.float32)


@pytest.mark.parametrize(
    ("asked", "expected"), [("2GB", 2 * 10**9), ("1.5 mb", 1_500_000), ("64KiB", 64_000), (17, 17), ("300", 300)]
)
def test_an_amount_of_memory_is_read(asked: str | int, expected: int) -> None:
    assert memory.budget(asked) == expected


@pytest.mark.parametrize("asked", ["much", "-1GB", "0", 0, "2 GB of it", True])
def test_no_amount_of_memory_is_refused(asked: object) -> None:
    with pytest.raises(PlanError) as problem:
        memory.budget(asked)
    assert str(problem.value) == (
        f"memory: needs an amount above 0, got {asked!r}\n"
        "from the memory option; give one such as 2GB or 500MB, or leave it out."
    )


def test_half_of_what_is_free_is_for_rows(monkeypatch) -> None:
    monkeypatch.setattr(memory, "free", lambda: 1000)
    assert memory.budget() == 500


def test_a_container_s_limit_counts(tmp_path, monkeypatch) -> None:
    limit, used = tmp_path / "max", tmp_path / "current"
    monkeypatch.setattr(memory, "_LIMIT", limit)
    monkeypatch.setattr(memory, "_USED", used)
    limit.write_text("5000\n")
    used.write_text("2000\n")
    assert memory.free() == 3000
    limit.write_text("max\n")
    assert memory.free() > 3000
