"""`photic tune`: search for a good setting, and prove what the search is worth."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photic.cli import choosing, options, screen, summary
from photic.cli.progress import Live
from photic.errors import PlanError

if TYPE_CHECKING:
    from photic.runs.studies import Study

_SEARCH = "Search"


def tune(
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
    schedule: options.Schedule = None,
    epochs: options.Epochs = None,
    patience: options.Patience = None,
    seed: options.Seed = 0,
    trials: Annotated[
        int | None,
        typer.Option("--trials", metavar="N", help="How many settings are tried; 64 when left out.",
                     rich_help_panel=_SEARCH),
    ] = None,
    space: Annotated[
        str | None,
        typer.Option("--space", metavar="FILE", help="What to try, as JSON; the usual space if left out.",
                     rich_help_panel=_SEARCH),
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option("--folds", metavar="K", help="Inner folds that judge a setting; 1 holds a fifth of the rows back.",
                     rich_help_panel=_SEARCH),
    ] = None,
    time_limit: Annotated[
        str | None,
        typer.Option("--time-limit", metavar="TIME", help="Such as 90s, 10m or 2h, for all of it.",
                     rich_help_panel=_SEARCH),
    ] = None,
    sampler: Annotated[
        str, typer.Option("--sampler", metavar="NAME", help="tpe, random, grid or cmaes.", rich_help_panel=_SEARCH)
    ] = "tpe",
    pruner: Annotated[
        str, typer.Option("--pruner", metavar="NAME", help="halving, median or none.", rich_help_panel=_SEARCH)
    ] = "halving",
    memory: Annotated[
        str | None,
        typer.Option("--memory", metavar="SIZE", help="What networks may take of it at once, such as 2GB.",
                     rich_help_panel=_SEARCH),
    ] = None,
    outer: Annotated[
        int | None,
        typer.Option("--outer", metavar="K", help="Outer folds, in each of which the search is done again; 0 for none.",
                     rich_help_panel="Proof"),
    ] = None,
    test: options.Test = 0.2,
    stop: options.Stop = 0.15,
    method: options.Method = None,
    baselines: options.Baselines = True,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Where the winner and the study go.",
                     rich_help_panel="Output"),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option("--resume", metavar="FOLDER", help="Go on with a search that was cut off, or has ended.",
                     rich_help_panel="Output"),
    ] = None,
    join: Annotated[
        str | None,
        typer.Option("--join", metavar="FOLDER", help="Help a search that another process is at work on.",
                     rich_help_panel="Output"),
    ] = None,
    log: options.Log = None,
    json: options.Json = False,
) -> None:  # fmt: skip
    """Search for a good setting, train the winner, and prove it.

    The score printed at the end is of the whole search, on rows that no search saw.
    """
    choices: dict[str, Any] = {
        "task": task, "groups": groups, "time": time, "weights": weights, "size": size, "sequence": sequence,
        "horizon": horizon, "window": window, "every_step": every_step, "tokenizer": tokenizer,
        "class_weight": class_weight, "loss": loss, "optimizer": optimizer, "schedule": schedule, "epochs": epochs,
        "patience": patience, "seed": seed, "folds": folds, "sampler": sampler, "pruner": pruner, "memory": memory,
        "outer": outer, "test": test, "stop": stop, "method": method, "baselines": baselines,
    }  # fmt: skip
    now = {"trials": trials, "time_limit": time_limit, "out": out}
    _check({**choices, "target": target, "model": model, "spec": spec, "space": space}, now, data, resume, join, log)
    network = choosing.network(model, spec)
    with Live() as live:
        from photic.runs import tune as runs  # inside: help must print without JAX

        if join is not None:
            count, study = runs.join(join, data, progress=live), None
        elif resume is not None:
            count, study = 0, runs.resume(resume, data, **now, log=log, progress=live)
        else:
            more: dict[str, Any] = {name: value for name, value in now.items() if value is not None}
            more |= {"space": _space(space), "log": log}
            count, study = 0, runs.tune(network, data, target, **choices, **more, progress=live)
    if study is None:
        _helped(count, str(join), json)
    elif json:
        screen.put_json(_result(study))
    else:
        _print(study)


def _helped(count: int, folder: str, json: bool) -> None:
    if json:
        screen.put_json({"tried": count})
    else:
        screen.out().print(f"Tried {count} settings for {folder}.")


def _check(
    choices: dict[str, Any],
    now: dict[str, Any],
    data: str | None,
    resume: str | None,
    join: str | None,
    log: str | None,
) -> None:
    """Refuse a line that says too little or two things at once.

    Args:
        now: choices that may be made anew when a search is gone on with.
    """
    option = "--resume" if resume is not None else "--join" if join is not None else None
    if option is None:
        if data is None:
            fix = "add a file or a name: photic tune penguins; photic data list names the sets"
            raise PlanError("photic tune", "needs DATA", "nothing", source="the command line", fix=fix)
        return
    if join is not None and log is not None:
        fix = "leave it out, and give it where the search was begun"
        raise PlanError("--log", "needs the process that writes the run", "--join, which only helps it",
                        source="the command line", fix=fix)  # fmt: skip
    usual = inspect.signature(tune).parameters
    others = [f"--{name.replace('_', '-')}" for name, value in choices.items() if value != usual[name].default]
    others += [f"--{name.replace('_', '-')}" for name, value in now.items() if join is not None and value is not None]
    others += ["--join"] * (resume is not None and join is not None)
    if others:
        need = "needs no other choice, all of them were made when the search began"
        raise PlanError(option, need, ", ".join(others), source="the command line", fix="leave them out")


def _space(file: str | None) -> Any:
    if file is None:
        return None
    from photic.experiment import space  # inside: help must print without NumPy
    from photic.export import strict_json

    path = Path(file)
    if not path.exists() or path.is_dir():
        fix = 'give a file that holds {"learning_rate": {"type": "log_uniform", "low": 0.0001, "high": 0.1}}'
        raise PlanError("--space", "needs a JSON file", "no such file", source=file, fix=fix)
    return space.from_json(strict_json.load(path.read_bytes(), file), file)


def _result(study: Study) -> dict[str, Any]:
    run = study.run
    return {
        "folder": str(run.folder),
        "page": str(run.report().path),
        "best": study.best,
        "study": study.story,
        "plan": run.bundle.plan,
        "scores": run.bundle.scores,
    }


def _print(study: Study) -> None:
    run = study.run
    if run.scores is None:
        return
    ways = {
        "Run": str(run.folder),
        "Page": str(run.report().path),
        "Next": f"photic show {run.folder}",
        "": f"photic predict {run.folder} {options.new(run.bundle)} -o predictions.csv",
    }
    from photic.report.searched import Searched, unit_of  # inside: help must print without NumPy

    unit = unit_of(run.scores.task.scoring)
    found = Searched.of(study.story, study.trials, str(run.folder), unit=unit)
    honest = run.scores.network.score(run.scores.main)
    summary.put(run.plan, run.audit, run.scores, summary.search(found, honest), ways)
