"""`photic validate`: cross-validation of a network, with every fold's score, the mean and its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from photic.cli import choosing, options, screen, summary
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
    size: options.Size = None,
    sequence: options.Sequence = None,
    horizon: options.Horizon = None,
    window: options.Window = None,
    every_step: options.EveryStep = False,
    class_weight: options.ClassWeight = None,
    model: options.Model = None,
    spec: options.Spec = None,
    loss: options.Loss = None,
    optimizer: options.Optimizer = None,
    learning_rate: options.LearningRate = None,
    schedule: options.Schedule = None,
    clip: options.Clip = None,
    mixup: options.Mixup = 0.0,
    batch_size: options.BatchSize = None,
    epochs: options.Epochs = None,
    patience: options.Patience = None,
    seed: options.Seed = 0,
    folds: options.Folds = 5,
    repeats: options.Repeats = 1,
    seeds: options.Seeds = 1,
    stop: options.Stop = 0.15,
    method: options.Method = None,
    baselines: options.Baselines = True,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Keep plan, scores and history.", rich_help_panel="Output"),
    ] = None,
    log: options.Log = None,
    json: options.Json = False,
) -> None:
    """Score a network by cross-validation: every row once, unseen.

    No network is kept; photic fit does the same and keeps one.
    """
    network, rate = choosing.network(model, spec), choosing.rate(learning_rate)
    with Live() as live:
        from photic.runs.validation import cross_validate  # inside: help must print without JAX

        validation = cross_validate(
            network, data, target, task=task, groups=groups, time=time, weights=weights, size=size,
            sequence=sequence, horizon=horizon, window=window, every_step=every_step,
            class_weight=class_weight,
            loss=loss, optimizer=optimizer, learning_rate=rate, schedule=schedule, clip=clip, mixup=mixup,
            batch_size=batch_size, epochs=epochs, patience=patience, seed=seed,
            folds=5 if folds is None else folds, repeats=repeats, seeds=seeds, stop=stop, method=method,
            baselines=baselines, log=log, progress=live,
        )  # fmt: skip
    if out is not None:
        validation.save(out)
    if json:
        screen.put_json(validation.to_json())
    else:
        _print(validation, out)


def _print(validation: Validation, out: str | None) -> None:
    plan, scores = validation.plan, validation.scores
    parts = [("Folds", summary.curves(scores, validation.history))]
    again = f"photic fit {plan.source.data if plan.source.data != '-' else 'DATA'}"
    summary.put(plan, validation.audit, scores, parts, ({"Kept": out} if out else {}) | {"Next": again})
