"""The two kinds of entrant: a worker that is commanded through a pipe, and a command that is started anew each time."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.measure import FailedError
from bench.peers import PEERS

ROOT = Path(__file__).parent.parent


@dataclasses.dataclass
class Worker:
    """A work of a peer, done in a process of its own.

    Args:
        work, setting: the entry of the peer's `WORKS` and its arguments.
        env: environment of the process beside our own: threads, backend, cache.
        fresh: a new process for every run; its start and its preparation are not timed.
        emptied: a folder that is emptied before every run.
    """

    title: str
    peer: str
    work: str
    setting: dict[str, Any]
    env: dict[str, str] = dataclasses.field(default_factory=dict)
    fresh: bool = False
    emptied: Path | None = None
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        if not self.fresh:
            self._open()

    def once(self) -> dict[str, float]:
        if self.emptied is not None:
            shutil.rmtree(self.emptied, ignore_errors=True)
        if not self.fresh:
            return self._ask({"run": True})
        try:
            self._open()
            return self._ask({"run": True})
        finally:
            self.close()

    def close(self) -> None:
        if self.process is not None:
            self.process.communicate()  # closes its input, which ends it
            self.process = None

    def _open(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", PEERS[self.peer].module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | self.env, cwd=ROOT,
        )  # fmt: skip
        self._ask({"prepare": self.work, "setting": self.setting})

    def _ask(self, command: dict[str, Any]) -> dict[str, float]:
        assert self.process is not None, "opened before"
        assert self.process.stdin is not None, "a pipe"
        assert self.process.stdout is not None, "a pipe"
        try:
            self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline() or '{"failure": "its process ended"}')
        except BrokenPipeError:
            raise FailedError("its process ended") from None
        if "failure" in answer:
            raise FailedError(answer["failure"])
        return answer


@dataclasses.dataclass
class Command:
    """A command, timed from its start to its end. A last line of output that is a number becomes the fact `score`."""

    title: str
    peer: str
    words: Sequence[str]
    env: dict[str, str] = dataclasses.field(default_factory=dict)

    def start(self) -> None:
        """Nothing: the warm-up run fills the caches of the disk, and Photic's."""

    def once(self) -> dict[str, float]:
        began = time.perf_counter()
        done = subprocess.run(list(self.words), capture_output=True, text=True, env=os.environ | self.env, check=False)
        seconds = time.perf_counter() - began
        if done.returncode != 0:
            raise FailedError((done.stderr.strip() or "no words").splitlines()[-1])
        last = (done.stdout.strip() or "none").splitlines()[-1]
        try:
            return {"seconds": seconds, "score": float(last)}
        except ValueError:
            return {"seconds": seconds}

    def close(self) -> None:
        """It has ended already."""
