"""`photic validate`: cross-validation of a network, with every fold's score, the mean and its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photic.cli import choosing, options, screen
from photic.cli.progress import Live

if TYPE_CHECKING:
    from photic.runs.validation import Validation


def validate(
    data: options.Data,
    target: options.Target = None,
    task: options.Task = None,
    groups: options.Groups = None,
    time: options.Time = None,
    weights: options.Weights = None,
    class_weight: options.ClassWeight = None,
    model: options.Model = None,
    spec: options.Spec = None,
    loss: options.Loss = None,
    optimizer: options.Optimizer = None,
    learning_rate: options.LearningRate = None,
    schedule: options.Schedule = None,
    clip: options.Clip = None,
    batch_size: options.BatchSize = None,
    epochs: options.Epochs = None,
    patience: options.Patience = None,
    seed: options.Seed = 0,
    folds: options.Folds = 5,
    repeats: options.Repeats = 1,
    method: options.Method = None,
    baselines: options.Baselines = True,
    json: options.Json = False,
) -> None:
    """Score a network by cross-validation: every row once, unseen.

    Nothing is saved; photic fit does the same and keeps the network.
    """
    network = choosing.network(model, spec)
    with Live() as live:
        from photic.runs.validation import cross_validate  # inside: help must print without JAX

        validation = cross_validate(
            network, data, target, task=task, groups=groups, time=time, weights=weights, class_weight=class_weight,
            loss=loss, optimizer=optimizer, learning_rate=learning_rate, schedule=schedule, clip=clip,
            batch_size=batch_size, epochs=epochs, patience=patience, seed=seed, folds=folds, repeats=repeats,
            method=method, baselines=baselines, progress=live,
        )  # fmt: skip
    if json:
        screen.put_json(validation.to_json())
    else:
        _print(validation)


def _print(validation: Validation) -> None:
    screen.out().print(str(validation), soft_wrap=True, markup=False)
