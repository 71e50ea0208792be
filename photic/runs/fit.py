"""The main job: from a table of data to an honest, saved network.

`fit` reads, chooses, splits, audits, trains every fold and the final network in one program, scores them beside
simple models,
opens the locked test part once, and saves the run. `replay` does it again from a plan, `resume` goes on where a run
was cut off.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from photic import report
from photic.data.audit import Audit, audit
from photic.data.dataset import Dataset
from photic.data.memory import budget as memory_budget
from photic.data.read import read
from photic.data.several import said_as
from photic.errors import RunError
from photic.experiment import devices
from photic.experiment.choose import Wishes, choose
from photic.experiment.judge import judge
from photic.experiment.outcome import Outcome
from photic.experiment.plan import Plan, Source
from photic.experiment.validate import Validated, check, cut, find_rates, prepare, validate
from photic.export import bundle, strict_json
from photic.export.bundle import Bundle
from photic.maths.losses import Loss
from photic.model import Model
from photic.optim.rules import Rule
from photic.optim.schedules import Schedule
from photic.runs import keeper, store
from photic.runs.again import read_again
from photic.runs.examples import choose_examples
from photic.runs.generate import samples
from photic.runs.run import Run
from photic.runs.trackers import Finished, tracking
from photic.spec import Number
from photic.train.history import Progress, Watcher, quiet
from photic.train.interrupt import Interrupt

_MOST = 10_000_000  # numbers of predictions at places that are saved


def fit(
    data: Any,
    target: Any = None,
    *,
    task: str | None = None,
    model: Model | str | Mapping[str, Any] | None = None,
    loss: Loss | str | None = None,
    optimizer: Rule | str | None = None,
    learning_rate: Number | str | None = None,
    schedule: Schedule | str | None = None,
    clip: Number | None = None,
    mixup: float = 0.0,
    batch_size: int | None = None,
    epochs: int | None = None,
    patience: int | None = None,
    folds: int | None = None,
    test: float = 0.2,
    stop: float = 0.15,
    method: str | None = None,
    groups: str | None = None,
    time: str | None = None,
    weights: str | None = None,
    size: str | int | None = None,
    sequence: str | None = None,
    horizon: int | None = None,
    window: int | None = None,
    every_step: bool = False,
    tokenizer: str | None = None,
    class_weight: str | None = None,
    memory: str | int | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    baselines: bool = True,
    log: str | None = None,
    progress: Watcher | None = None,
) -> Run:
    """Fit a network to a table or to pictures, score it honestly, and save the run.

    Args:
        data: a path, a bundled name, a pandas, polars or pyarrow table, or an array `[n, d]` of numbers; for pictures a
            folder with a folder for each class, or what else `photic.read` takes.
        target: the column to predict; with an array, the array `[n]` of targets. Several are predicted together as
            "a,b", as a list of names, or as an array `[n, k]`: all numbers, or all yes or no. Series and pictures may
            have a target at every place: `[n, t]` labels of steps, `[n, h, w]` masks.
        task: "regression", "binary", "multiclass" or "multilabel"; found from the target when left out.
        model: a Model, "mlp", "linear", "cnn", or a model's JSON; what is left out is chosen, and said in
            `run.plan.said`.
        loss, optimizer, schedule: a spec or its name.
        mixup: train on blends of two rows, so strongly (0.2 is usual; 0 leaves it out); see `train.mixup`.
        learning_rate: how far a step goes; "auto" finds it for every fold on its own fit rows, see `experiment.rates`.
        test: share of rows locked away until the end; stop: share of the others that choose the epoch.
        method: "stratified", "grouped", "ordered" or "plain"; chosen from the data when left out.
        groups, time, weights: columns with these roles.
        size: what pictures are brought to, such as 64 or "64x48" (width by height); chosen from them when left out.
        sequence: where series are in a table: "ID,TIME" for a row a step, "wide" for a row a series; see `photic.read`.
        horizon: forecast so many next values of the target, from windows of `window` steps.
        tokenizer: of a text, a tokenizer.json whose tokens are its symbols; characters when left out.
        every_step: of a table with a row a step: predict the target at every step.
        memory: how much of it rows may take, such as "2GB"; half of what is free when left out. Rows beyond that lie in
            a file and are streamed.
        out: the folder of the run; `runs/<name>-<n>` when left out.
        log: log the run in TensorBoard or MLflow too: "tensorboard:FOLDER", "mlflow:FOLDER" or "mlflow:ADDRESS"; see
            `runs.trackers`.
        progress: called with a `Progress` as the work goes on.

    Raises:
        RequestError: when the data, the choices or the folder cannot be used; said before anything is trained.
        WorkError: when the run cannot be written.
    """
    watch = progress or quiet
    devices.set_up()
    store.check_writable(out)
    with tracking(log, data) as tracker:
        watch(Progress("reading"))
        place = str(data) if isinstance(data, str | Path) else None
        source = Source(place, said_as(target), task, groups, time, weights, size=size, sequence=sequence,
                        horizon=horizon, window=window, every_step=every_step, tokenizer=tokenizer)  # fmt: skip
        budget = memory_budget(memory)
        dataset = read(data, target, **source.reading, memory=budget)
        wishes = Wishes(
            model, loss, optimizer, learning_rate, schedule, clip, batch_size, epochs, patience, folds,
            test=test, stop=stop, method=method, class_weight=class_weight, seed=seed, baselines=baselines,
            mixup=mixup, memory=budget,
        )  # fmt: skip
        run = carry_out(choose(dataset, source, wishes), dataset, out=out, watch=tracker.watching(watch))
        assert run.bundle.scores is not None, "a run that was carried out has scores"
        tracker.finish(Finished(run.bundle.plan, run.history, run.bundle.scores, run.folder))
    return run


def replay(
    plan: str | Path | Plan, data: Any = None, *, out: str | Path | None = None, progress: Watcher | None = None
) -> Run:
    """Do a run again from its plan: the same plan on the same machine gives the same scores.

    Args:
        plan: a `plan.json`, the folder of a run, or a Plan.
        data: the table or arrays `(x, y)`, when the plan was not made from a file or a bundled set.

    Raises:
        RunError: when the data is not what the plan was made for.
    """
    watch = progress or quiet
    devices.set_up()
    store.check_writable(out)
    plan = plan if isinstance(plan, Plan) else read_plan(Path(plan))
    watch(Progress("reading"))
    return carry_out(plan, read_again(plan, data, memory_budget()), out=out, watch=watch)


def resume(folder: str | Path, data: Any = None, *, progress: Watcher | None = None) -> Run:
    """Go on with a run whose process died, from its last checkpoint to the same result.

    Raises:
        RunError: when there is nothing to resume, or the data has changed meanwhile.
    """
    watch, folder = progress or quiet, Path(folder)
    devices.set_up()
    plan = keeper.unfinished(folder)
    watch(Progress("reading"))
    return carry_out(plan, read_again(plan, data, memory_budget()), out=folder, watch=watch, again=True)


def carry_out(
    plan: Plan, dataset: Dataset, *, out: str | Path | None = None, watch: Watcher = quiet, again: bool = False
) -> Run:
    """Do what a plan says with a dataset, and save the run.

    From here on Ctrl-C no longer loses anything: training ends early, and what there is gets scored and saved.

    Args:
        again: go on from the checkpoint in `out`.
    """
    parts = cut(plan, dataset)
    found = audit(dataset, parts)
    prepared = prepare(plan, dataset, (*parts.folds, parts.final))
    check(plan, prepared[-1].x.shape[1:], dataset.lengths)
    with store.claimed(out, plan.name, again=again) as folder, Interrupt() as interrupt:
        plan = find_rates(plan, prepared, watch=watch, interrupt=interrupt)
        keep = keeper.FolderKeeper(folder, plan)
        validated = validate(plan, prepared, watch=watch, keeper=keep, interrupt=interrupt)
        if interrupt.asked:
            said = "Training was ended early by Ctrl-C; the best weights so far were kept, and no baselines were made."
            plan = dataclasses.replace(plan, said=(*plan.said, said))
        watch(Progress("baselines"))
        scores = judge(plan, dataset, parts, validated, interrupt)
        watch(Progress("saving"))
        return save(folder, plan, dataset, found, scores, validated)


def save(
    folder: Path,
    plan: Plan,
    dataset: Dataset,
    found: Audit,
    scores: Outcome,
    validated: Validated,
    more: Mapping[str, bytes] | None = None,
) -> Run:
    """Write the run in one step, then its page.

    Args:
        more: other files that belong to it.
    """
    assert dataset.y is not None, "rows to save have targets"
    last = validated.scored[-1]
    rows = last.prepared.fold.score
    done = Bundle(
        model=plan.model,
        params=last.trained.params,
        state=last.trained.state,
        input=last.prepared.x.shape[1:],
        preparation=last.prepared.preparation,
        task=plan.task,
        columns=dataset.columns,
        form=dataset.form,
        plan=plan.to_json(),
        history=validated.result.history,
        inspection=validated.result.inspection,
        scores=scores.to_json(),
        audit=found.to_json(),
        test=_kept(dataset.y[rows], rows, last.prediction) if len(rows) else None,
        examples=choose_examples(dataset, rows, last.prediction),
    )
    if plan.task.unit:
        done = dataclasses.replace(done, examples=samples(done, plan.seed))
    bundle.write(folder, done, more)
    store.add(folder, "report.html", report.build(folder).encode())
    return Run(folder, done)


def _kept(y: np.ndarray, rows: np.ndarray, p: np.ndarray) -> dict[str, np.ndarray]:
    """The test part as it is saved: of answers at very many places only the first rows, which would fill the disk."""
    most = max(1, _MOST // max(1, p[:1].size)) if p.ndim > 2 else len(rows)
    return {
        "rows": rows[:most],
        "target": y[:most],
        "prediction": p[:most].astype(np.float32 if p.ndim > 2 else p.dtype),
    }


def read_plan(path: Path) -> Plan:
    """The plan in a file, or in the folder of a run."""
    file = path / "plan.json" if path.is_dir() else path
    if not file.is_file():
        raise RunError(
            str(file), "needs a plan", "no such file", source="the plan option", fix="give the plan.json of a run"
        )
    return Plan.from_json(strict_json.load(file.read_bytes(), str(file)), str(file))
