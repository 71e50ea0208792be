"""What dropout costs a step, by how its bits are drawn; and what a search gains by widths in one program.

`python -m bench.draws`. The first table: an MLP with dropout after both hidden layers, in the engine's own epoch, with
JAX's keys, with those of `keys.often`, and without dropout. The second: the search of the row `search-reach` on digits,
all of its settings in a new process with an empty cache, every width in its own program or in a wider one that pays.
"""

from __future__ import annotations

import dataclasses
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench import data, machine, table

_ROWS, _BATCH, _ROUNDS, _EPOCHS = 1_440, 32, 9, 6
_SEARCH = """
import sys
from bench.peers.photic_reach import search_until
from bench.reached import GOALS
from photic.experiment import homes

homes.COMPILES *= int(sys.argv[1])
GOALS["digits"] = 2.0, 2.0  # more than can be reached
print(search_until("digits", 0)()["seconds"])
"""


def _group(width: int, rate: float, devices: int) -> Callable[[], float]:
    """Seconds of a model-step in a group of lanes; compiled when this returns."""
    from photic.experiment.assignment import Assignment
    from photic.experiment.group import Group
    from photic.maths.losses import CrossEntropy
    from photic.optim.descent import Descent
    from photic.optim.rules import AdamW
    from photic.spec import Knob
    from photic.train.objective import Objective
    from photic.train.run import Table, Training
    from photic.zoo import mlp

    draw = np.random.default_rng(data.SEED)
    x: Any = draw.normal(size=(_ROWS, 64)).astype(np.float32)
    y: Any = draw.integers(0, 10, _ROWS).astype(np.int32)
    weight: Any = np.ones(_ROWS, np.float32)
    fit, none = np.arange(_ROWS), np.zeros(0, np.int32)
    model = mlp(10, width=width, dropout=rate)
    training = Training(Objective(model, CrossEntropy()), Descent(AdamW(Knob("rate", 0.001))), _BATCH, 10_000, 10_000,
                        "accuracy")  # fmt: skip
    lanes = [Assignment(f"{i}", data.SEED, fit, none, none, {"rate": 0.001}) for i in range(devices)]
    group = Group(dataclasses.replace(training, stops=False), Table(x, y, weight), lanes, (1, 1), roomy=False)
    group.compile()
    group.advance(1)

    def once() -> float:
        began = time.perf_counter()
        group.advance(group.epoch + _EPOCHS)
        return (time.perf_counter() - began) / (_EPOCHS * devices * (_ROWS // _BATCH))

    return once


def steps(width: int) -> list[dict[str, str]]:
    """A row for every way to draw, all in turns."""
    import jax

    from photic import keys

    devices, often = jax.local_device_count(), keys.often
    plain = _group(width, 0.0, devices)
    written = _group(width, 0.2, devices)
    keys.often = lambda key: key
    looped = _group(width, 0.21, devices)  # another rate, and so another program
    keys.often = often
    known = {"no dropout": plain, "JAX's keys": looped, "rounds written out": written}
    times: dict[str, list[float]] = {title: [] for title in known}
    for _ in range(_ROUNDS):
        for title, once in known.items():
            times[title].append(once())
    first = statistics.median(times["no dropout"])
    return [
        {"": title, "a model-step": table.seconds(statistics.median(own)), "least": table.seconds(min(own)),
         "more than without": table.seconds(statistics.median(own) - first)}
        for title, own in times.items()
    ]  # fmt: skip


def searches() -> list[dict[str, str]]:
    """Whole searches, in turns."""
    cold = {**os.environ, "JAX_ENABLE_COMPILATION_CACHE": "0"}
    times: dict[str, list[float]] = {"every width its own program": [], "widths in one program where it pays": []}
    for _ in range(3):
        for number, own in enumerate(times.values()):
            command = [sys.executable, "-c", _SEARCH, str(number)]
            told = subprocess.run(command, env=cold, check=True, capture_output=True, text=True)
            own.append(float(told.stdout.split()[-1]))
    return [
        {"": title, "64 settings": table.seconds(statistics.median(own)), "least": table.seconds(min(own)),
         "most": table.seconds(max(own))}
        for title, own in times.items()
    ]  # fmt: skip


def main() -> None:
    """Measure, print, and write between the marks `<!-- draws -->` of the documents named on the command line."""
    from photic.experiment import devices

    devices.set_up()
    parts = [machine.lines(machine.describe())]
    print(parts[0], flush=True)
    for width in (64, 128):
        parts.append(f"### MLP 64-{width}-{width}-10, batch {_BATCH}, on all cores\n\n{table.markdown(steps(width))}")
        print(f"\n{parts[-1]}", flush=True)
    parts.append(f"### Search of widths 32, 64 and 128 on digits, cold\n\n{table.markdown(searches())}")
    print(f"\n{parts[-1]}", flush=True)
    for file in map(Path, sys.argv[1:]):
        file.write_text(table.put(file.read_text(), "draws", "\n\n".join(parts)))


if __name__ == "__main__":
    main()
