"""`photic fit fashion-mnist` as it comes; prints a line of JSON for every epoch and one for the end.

    python bench/scripts/fashion_photic.py FOLDER

The rows, as they were cut, and the network are left in FOLDER for a peer.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

import photic
from photic.data.read import read
from photic.experiment.validate import cut
from photic.train.history import Progress


def main(folder: Path) -> None:
    began = time.perf_counter()

    def watch(progress: Progress) -> None:
        if progress.phase == "training" and progress.epoch:
            line = {"epoch": progress.epoch, "seconds": time.perf_counter() - began, "score": progress.score}
            print(json.dumps(line), flush=True)

    run = photic.fit("fashion-mnist", out=folder / "run", progress=watch)
    seconds = time.perf_counter() - began
    test = run.scores.network.test if run.scores is not None else None
    assert test is not None, "a run is scored on the test part"
    print(json.dumps({"seconds": seconds, "test": test["accuracy"].value}), flush=True)
    dataset = read("fashion-mnist")
    final = cut(run.plan, dataset).final
    rows = {"fit": final.fit, "stop": final.stop, "test": final.score}
    np.savez(folder / "rows.npz", x=dataset.numbers, y=np.asarray(dataset.y), **rows)
    plan = {"layers": run.model.to_json(), "batch_size": run.plan.batch_size, "epochs": run.plan.epochs}
    (folder / "network.json").write_text(json.dumps(plan))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
