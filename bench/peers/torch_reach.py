"""Optuna driving a PyTorch loop until a setting is good enough: its usual sampler and its median pruner."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import optuna
import torch
from torch import nn

from bench import data
from bench.peers.serve import Facts, Work
from bench.reached import BATCH, DECAY, DROPOUT, RATE, TRIALS, WIDTHS, Clock, Reach, reach


def search_until(name: str, threads: int, seed: int, path: str = "") -> Work:
    """Seconds until each score was reached; those of all trials if it was not."""
    torch.set_num_threads(threads)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    task = reach(name, path)

    def work() -> Facts:
        clock = Clock(task)

        def look(study: optuna.Study, trial: Any) -> None:
            complete = trial.state == optuna.trial.TrialState.COMPLETE
            if complete and clock.tell(float(study.best_value), len(study.trials)):
                study.stop()

        sampler = optuna.samplers.TPESampler(seed=seed)
        direction = "maximize" if task.classes else "minimize"
        study = optuna.create_study(sampler=sampler, pruner=optuna.pruners.MedianPruner(), direction=direction)
        study.optimize(partial(score, task=task), n_trials=TRIALS, callbacks=[look])
        return clock.facts(float(study.best_value), len(study.trials))

    return work


def score(trial: optuna.Trial, *, task: Reach) -> float:
    """The score of one setting, the mean over its folds.

    After every epoch the mean of the folds so far is reported, so that a pruner can end a setting early.
    """
    x, y = torch.from_numpy(task.x), torch.from_numpy(task.y)
    y = y if task.classes else y[:, None]
    loss = nn.CrossEntropyLoss() if task.classes else nn.MSELoss()
    rate = trial.suggest_float("rate", *RATE, log=True)
    decay = trial.suggest_float("decay", *DECAY, log=True)
    drop = trial.suggest_float("dropout", *DROPOUT)
    width = trial.suggest_categorical("width", WIDTHS)
    done: list[float] = []
    for fit, judged in task.parts():
        best = (np.inf, np.nan)
        for epoch, found in enumerate(_trained(x, y, loss, fit, judged, rate, decay, drop, width, task)):
            best = min(best, found)
            trial.report(float(np.mean([*done, best[1]])), len(done) * task.epochs + epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        done.append(best[1])
    return float(np.mean(done))


def _trained(
    x: torch.Tensor, y: torch.Tensor, loss: nn.Module, fit: np.ndarray, judged: np.ndarray,
    rate: float, decay: float, drop: float, width: int, task: Reach,
) -> Any:  # fmt: skip
    """After every epoch the loss and the score on the rows that judge."""
    torch.manual_seed(data.SEED)
    hidden = lambda wide: [nn.Linear(wide, width), nn.ReLU(), nn.Dropout(drop)]
    model = nn.Sequential(*hidden(x.shape[1]), *hidden(width), nn.Linear(width, task.classes or 1))
    rule = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay, fused=True)
    steps = task.epochs * -(-len(fit) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(rule, steps)
    own, goal = x[torch.from_numpy(fit)], y[torch.from_numpy(fit)]
    rows = torch.from_numpy(judged)
    for _ in range(task.epochs):
        model.train()
        for batch in torch.randperm(len(own)).split(BATCH):
            rule.zero_grad(set_to_none=True)
            loss(model(own[batch]), goal[batch]).backward()
            rule.step()
            schedule.step()
        model.eval()
        with torch.inference_mode():
            z = model(x[rows])
            lost = float(loss(z, y[rows]))
            yield lost, float((z.argmax(1) == y[rows]).float().mean()) if task.classes else lost**0.5


WORKS = {"search until": search_until}
