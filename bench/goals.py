"""What random settings of the row `search-reach` come to when PyTorch trains them: `python -m bench.goals`.

From this the goals are taken: what one setting in ten reaches, and what one in fifty. They are round numbers in
`bench/reached.py`. Names of sets may be given.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import optuna
import torch

from bench import data
from bench.peers.torch_reach import score
from bench.reached import GOALS, reach

_SETTINGS, _QUANTILES = 150, (0.5, 0.9, 0.95, 0.98)


def main() -> None:
    """Train the settings of every set to their end, and print quantiles, from poor to good."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    torch.set_num_threads(1)
    for name in sys.argv[1:] or GOALS:
        with tempfile.TemporaryDirectory() as folder:
            path = str(data.save_bikeshare(Path(folder) / "bikeshare.npz")) if name == "bikeshare" else ""
            task = reach(name, path)
        study = optuna.create_study(
            sampler=optuna.samplers.RandomSampler(seed=data.SEED), pruner=optuna.pruners.NopPruner()
        )
        study.optimize(lambda trial, task=task: score(trial, task=task), n_trials=_SETTINGS)
        scores = np.array([trial.value for trial in study.trials])
        parts = [part if task.classes else 1 - part for part in _QUANTILES]
        told = (f"{part:.0%} {value:.4f}" for part, value in zip(_QUANTILES, np.quantile(scores, parts), strict=True))
        print(f"{name}: {', '.join(told)}; the best {(scores.max if task.classes else scores.min)():.4f}", flush=True)


if __name__ == "__main__":
    main()
