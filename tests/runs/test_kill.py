"""`kill -9` at any moment: what is found afterwards is whole and is one of the last two writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_KILLS = """
import os, random, signal, sys, time
from pathlib import Path
import numpy as np
from photic.export import seal
from photic.runs import store

folder, kind, kills = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
os.fsync = lambda handle: None  # a kill, unlike a power cut, does not ask what reached the disk
rng = random.Random(0)

def write(count):
    if kind == "checkpoint":
        store.save_checkpoint(folder, {"w": np.full(20_000, count)}, {"count": count})
    else:
        seal.write(folder, {"a.json": str(count).encode(), "b.json": str(count).encode() * 500})

def found():
    if kind == "checkpoint":
        arrays, meta = store.load_checkpoint(folder)
        assert (arrays["w"] == meta["count"]).all(), "torn"
        return meta["count"]
    assert store.verify(folder) == (), "torn"
    return int((folder / "a.json").read_text())

write(0)
last = done = 0
for kill in range(kills):
    ready, said = os.pipe()
    child = os.fork()
    if child == 0:
        for count in range(last + 1, last + 10**6):
            write(count)
            os.write(said, b".")
    os.close(said)
    os.read(ready, 1)
    time.sleep(rng.uniform(0, 0.01))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    written = last + 1 + len(os.read(ready, 1 << 20))
    os.close(ready)
    now = found()
    assert written <= now <= written + 1, (written, now)
    done, last = done + written - last, now
left = [path.name for path in (folder if kind == "checkpoint" else folder.parent).iterdir()]
print(kills, "kills", done, "writes, left", left)
"""


@pytest.mark.parametrize(
    ("kind", "kills", "left"), [("checkpoint", 60, "checkpoint.safetensors"), ("folder", 40, "run")]
)
def test_whatever_the_moment_of_a_kill_the_last_write_is_whole(
    tmp_path: Path, kind: str, kills: int, left: str
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    command = [sys.executable, "-c", _KILLS, str(folder), kind, str(kills)]
    child = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert child.returncode == 0, child.stderr
    assert child.stdout.endswith(f"left ['{left}']\n"), child.stdout
