"""`photic fit`: from a table or from pictures to an honest, saved network."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photic.cli import choosing, options, screen, summary
from photic.cli.progress import Live
from photic.errors import PlanError

if TYPE_CHECKING:
    from photic.runs.run import Run


def fit(
    data: options.MaybeData = None,
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
    tokenizer: options.Tokenizer = None,
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
    folds: options.Folds = None,
    test: options.Test = 0.2,
    stop: options.Stop = 0.15,
    method: options.Method = None,
    baselines: options.Baselines = True,
    memory: options.Memory = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", metavar="FOLDER", help="Where the run goes; runs/<name>-<n>.", rich_help_panel="Output"
        ),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Go on with a run whose process died.", rich_help_panel="Output"),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(metavar="PLAN", help="Do a run again from its plan.json.", rich_help_panel="Output"),
    ] = None,
    log: options.Log = None,
    json: options.Json = False,
) -> None:
    """Fit a network to a table or to pictures, prove how good it is, and save it.

    Everything is chosen from the data and said; every option below changes one choice.
    """
    choices: dict[str, Any] = {
        "target": target, "task": task, "groups": groups, "time": time, "weights": weights, "size": size,
        "sequence": sequence, "horizon": horizon, "window": window, "every_step": every_step, "tokenizer": tokenizer,
        "class_weight": class_weight, "model": model,
        "loss": loss, "optimizer": optimizer, "learning_rate": learning_rate, "schedule": schedule, "clip": clip,
        "mixup": mixup,
        "batch_size": batch_size, "epochs": epochs, "patience": patience, "seed": seed, "folds": folds, "test": test,
        "stop": stop, "method": method, "baselines": baselines, "memory": memory,
        "log": log,
    }  # fmt: skip
    _check(choices | {"spec": spec}, data, out, resume, plan)
    choices |= {"model": choosing.network(model, spec), "learning_rate": choosing.rate(learning_rate)}
    with Live() as live:
        run = _run(data, choices, out, resume, plan, live)
    if json:
        screen.put_json(_result(run))
    else:
        _print(run)


def _run(
    data: str | None, choices: dict[str, Any], out: str | None, resume: str | None, plan: str | None, live: Live
) -> Run:
    from photic.runs import fit as runs  # inside: help must print without JAX

    if resume is not None:
        return runs.resume(resume, data, progress=live)
    if plan is not None:
        return runs.replay(plan, data, out=out, progress=live)
    return runs.fit(data, choices.pop("target"), **choices, out=out, progress=live)


def _check(choices: dict[str, Any], data: str | None, out: str | None, resume: str | None, plan: str | None) -> None:
    """Refuse a line that says too little or two things at once."""
    line = "the command line"
    if resume is None and plan is None:
        if data is None:
            fix = "add a file or a name: photic fit penguins; photic data list names the sets"
            raise PlanError("photic fit", "needs DATA", "nothing", source=line, fix=fix)
        return
    option = "--plan" if resume is None else "--resume"
    defaults = inspect.signature(fit).parameters
    others = [f"--{name.replace('_', '-')}" for name, value in choices.items() if value != defaults[name].default]
    others += ["--plan"] * (resume is not None and plan is not None) + ["--out"] * (
        resume is not None and out is not None
    )
    if others:
        need = "needs no other choice, all of them were made in the run before"
        raise PlanError(option, need, ", ".join(others), source=line, fix="leave them out, or start a new run")


def _result(run: Run) -> dict[str, Any]:
    bundle = run.bundle
    return {
        "folder": str(run.folder),
        "page": str(run.report().path),
        "task": bundle.task.to_json(),
        "said": list(run.plan.said),
        "plan": bundle.plan,
        "audit": bundle.audit,
        "scores": bundle.scores,
    }


def _print(run: Run) -> None:
    if run.scores is None:
        return
    ways = {
        "Run": str(run.folder),
        "Page": str(run.report().path),
        "Next": f"photic show {run.folder}",
        "": f"photic predict {run.folder} {options.new(run.bundle)} -o predictions.csv",
    }
    summary.put(run.plan, run.audit, run.scores, (), ways)
