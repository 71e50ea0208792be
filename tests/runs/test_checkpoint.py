"""Checkpoints: exact, cheap, refused when torn, and whole whatever the moment of a kill."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from photic.errors import RunError, WorkError
from photic.runs import store


def test_a_checkpoint_comes_back_exactly(tmp_path: Path) -> None:
    arrays = {
        "w": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "epoch": np.asarray(3, np.int32),
        "key": np.array([1, 2**32 - 1], np.uint32),
        "active": np.array([True, False]),
        "none": np.zeros((0, 4)),
        "bad": np.array([np.nan, -np.inf]),
    }
    meta = {"epoch": 3, "best": 0.1 + 0.2, "diverged": None, "names": ["été"], "nested": {"a": None}}
    assert store.load_checkpoint(tmp_path) is None
    store.save_checkpoint(tmp_path, arrays, {**meta, "diverged": float("nan")})
    found = store.load_checkpoint(tmp_path)
    assert found is not None
    assert found[1] == meta
    assert found[0].keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[0][name], array, strict=True)
    with pytest.raises(
        RunError, match="got a run whose training has not finished\nfrom the path given; resume it, or train"
    ):
        store.verify(tmp_path)
    with pytest.raises(RunError, match="got an unfinished run that is already there"):
        store.new_folder(tmp_path, "x")
    assert store.new_folder(tmp_path, "x", again=True) == tmp_path


def test_a_torn_or_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / store.CHECKPOINT
    store.save_checkpoint(tmp_path, {"w": np.zeros(100)}, {"epoch": 1})
    whole = path.read_bytes()
    for cut in (0, 5, 60, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(
            RunError, match=r"(?s)needs a whole checkpoint, got a torn file .*delete it and train from the start"
        ):
            store.load_checkpoint(tmp_path)
    path.write_bytes(whole[:-9] + b"\x01" + whole[-8:])
    with pytest.raises(RunError, match="needs the content that was saved, got other content: it is torn or was edited"):
        store.load_checkpoint(tmp_path)
    path.write_bytes(whole.replace(b'"format":"1"', b'"format":"2"'))
    with pytest.raises(RunError, match="needs format 1, which this Photic reads, got format 2"):
        store.load_checkpoint(tmp_path)
    save_file({"w": np.zeros(3)}, path)
    with pytest.raises(RunError, match="needs a checkpoint of Photic, got a safetensors file of something else"):
        store.load_checkpoint(tmp_path)


def test_a_full_disk_keeps_the_checkpoint_before(
    tmp_path: Path, full_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    store.save_checkpoint(tmp_path, {"w": np.zeros(4)}, {"epoch": 1})
    with full_disk(1000), pytest.raises(WorkError, match="needs room on the disk for the checkpoint"):
        store.save_checkpoint(tmp_path, {"w": np.zeros(4000)}, {"epoch": 2})
    found = store.load_checkpoint(tmp_path)
    assert found is not None
    assert found[1] == {"epoch": 1}
    assert [path.name for path in tmp_path.iterdir()] == [store.CHECKPOINT]
