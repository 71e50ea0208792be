"""The worker's end of the pipe: reads one JSON command a line, does it, answers with one JSON line.

    {"prepare": "steps", "setting": {...}}   ->  {"ready": true}
    {"run": true}                            ->  {"seconds": 1.23, ...facts}
    anything that fails                      ->  {"failure": "in words"}

A work returns its facts as numbers; "seconds" is measured around it here unless it measured a part of itself.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping

Facts = dict[str, float]
Work = Callable[[], Facts]
Prepare = Callable[..., Work]


def serve(works: Mapping[str, Prepare]) -> None:
    """Answer commands until the pipe closes."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not be taken for an answer
    work: Work | None = None
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if "prepare" in command:
                work = works[command["prepare"]](**command["setting"])
                answer: dict = {"ready": True}
            else:
                assert work is not None, "prepare comes first"
                began = time.perf_counter()
                facts = work()
                answer = {"seconds": time.perf_counter() - began} | facts
        except Exception as error:  # noqa: BLE001 - the other end shows it and goes on
            answer = {"failure": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
