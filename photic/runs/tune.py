"""Tuning as a job: search for a setting, prove what the search is worth, and save the winner. Chapter: "Hyperparameter
tuning".

`tune` is `fit` with a search inside every lane: each outer fold, and the final network, first searches a setting on its
own training rows and then trains its winner on them. What is scored on the fold's score rows and on the locked test
part is the whole procedure, so the printed score is the one to expect. The best score that a search saw on its own
inner folds is kept to be looked at, and never printed as that.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from photic.data.audit import audit
from photic.data.dataset import Dataset
from photic.data.memory import budget as memory_budget
from photic.data.read import read
from photic.data.several import said_as
from photic.errors import PlanError, RunError
from photic.experiment import asking, devices, search, winners
from photic.experiment.arena import arenas as arenas_of
from photic.experiment.asking import Asked
from photic.experiment.choose import Wishes, choose
from photic.experiment.judge import judge
from photic.experiment.makers import Maker, maker
from photic.experiment.plan import Plan, Source
from photic.experiment.rates import FINAL
from photic.experiment.recipe import Recipe, usual_space
from photic.experiment.search import Search, Trial
from photic.experiment.space import Dimension
from photic.experiment.validate import check, cut, prepare
from photic.export import atomic, strict_json
from photic.maths.losses import Loss
from photic.model import Model
from photic.optim.rules import Rule
from photic.optim.schedules import Schedule
from photic.report import telling
from photic.runs import store, studies
from photic.runs.again import read_again
from photic.runs.fit import save
from photic.runs.keeper import FolderKeeper
from photic.runs.studies import Request, Study
from photic.runs.trackers import Finished, Tracker, tracking
from photic.train.history import Progress, Watcher, quiet
from photic.train.interrupt import Interrupt

_SURE = 1_000  # test rows that are sure enough alone
_FOR_SEARCH = 0.85  # of a time limit; the rest trains the winners and the simple models
_SECONDS, _SLACK = 20.0, 20.0  # between two checkpoints, and how many times as long as the last one took


def tune(
    model: Model | str | Callable[..., Model] | None,
    data: Any,
    target: Any = None,
    *,
    trials: int = 64,
    folds: int | None = None,
    outer: int | None = None,
    time_limit: str | float | None = None,
    sampler: str = "tpe",
    pruner: str = "halving",
    task: str | None = None,
    loss: Loss | str | None = None,
    optimizer: Rule | str | None = None,
    schedule: Schedule | str | None = None,
    epochs: int | None = None,
    patience: int | None = None,
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
    log: str | None = None,
    baselines: bool = True,
    progress: Watcher | None = None,
    space: Mapping[str, Dimension] | None = None,
    **tried: Any,
) -> Study:
    """Search for a good setting, train the winner, and score the whole procedure on rows that no search saw.

    Args:
        model: the name of a usual network, whose settings then are names to try; a function from settings to a Model; a
            Model with Knobs in it; or None for the default network.
        trials: how many settings every search tries, the default one first.
        folds: how many inner folds judge a setting; 1 holds a fifth of the rows back once. Chosen when left out.
        outer: in how many outer folds the whole search is done again, to score it; 0 scores it on the locked test part
            alone. Chosen when left out.
        time_limit: for all of it, "10m" or seconds; the search then ends in time.
        sampler: "tpe", "random", "grid" or "cmaes", see `experiment.asking`.
        pruner: "halving", "median" or "none", see `experiment.search`.
        memory: how much of it lanes may take, such as "2GB"; half of what is free when left out.
        space, **tried: what to try, by name: `width=ph.choice(32, 64)`, `learning_rate=ph.log_uniform(1e-4, 1e-1)`; a
            usual space when nothing is named. `space` is the same as a dict.
        The other arguments are those of `photic.fit`.

    Raises:
        RequestError: when the data, the space or the choices cannot be used; said before anything is trained.
        WorkError: when the study cannot be written.
    """
    watch = progress or quiet
    devices.set_up()
    store.check_writable(out)
    asked = _space(space, tried)
    limit = studies.seconds(time_limit)
    _check_counts(trials, folds, outer)
    with tracking(log, data) as tracker:
        watch(Progress("reading"))
        place = str(data) if isinstance(data, str | Path) else None
        source = Source(place, said_as(target), task, groups, time, weights, size=size, sequence=sequence,
                        horizon=horizon, window=window, every_step=every_step, tokenizer=tokenizer)  # fmt: skip
        dataset = read(data, target, **source.reading)
        named = model if isinstance(model, str) else None
        network = model if isinstance(model, str | Model) else None
        function = None if network is model else cast("Callable[..., Model]", model)
        wishes = Wishes(
            network, loss, optimizer, None, schedule, None, None, epochs, patience, outer,
            test=test, stop=stop, method=method, class_weight=class_weight, seed=seed, baselines=baselines,
        )  # fmt: skip
        plan = _with_outer(choose(dataset, source, wishes), dataset, outer)
        made = None if isinstance(model, Model) else _maker(dataset, plan, function, named)
        space = asked or (usual_space(made, plan) if made else {})
        if not space:
            raise PlanError("space", "needs names to try", "a model of your own and none",
                            source="the arguments of tune",
                            fix="name some, such as learning_rate=ph.log_uniform(1e-4, 1e-1)")  # fmt: skip
        recipe = Recipe(plan, made, space, "the space given" if asked else "the usual space")
        if function:
            plan = dataclasses.replace(plan, model=recipe.settled(recipe.default()).model)
            recipe = dataclasses.replace(recipe, plan=plan)
        request = Request(
            plan, named, function is not None, isinstance(model, Model), space, trials, _inner(dataset, folds),
            sampler, pruner, limit, memory_budget(memory),
        )  # fmt: skip
        return _logged(tracker, _carry_out(request, recipe, dataset, out=out, watch=tracker.watching(watch)))


def resume(
    folder: str | Path,
    data: Any = None,
    model: Callable[..., Model] | None = None,
    *,
    trials: int | None = None,
    time_limit: str | float | None = None,
    out: str | Path | None = None,
    log: str | None = None,
    progress: Watcher | None = None,
) -> Study:
    """Go on with a search whose process died, or that has come to its end: nothing that was told is tried again.

    A search that died is taken up where it lies. One that ended, by Ctrl-C or because all was tried, stays as it is,
    and what it knows is taken along into a new run, which says that the scores had been seen.

    Args:
        data: the rows, when they came from memory.
        model: the function that makes the network, when it was one.
        trials, time_limit: how many settings every search tries now, the old ones included, and for how long it may go
            on; as before when left out.
        out: where the new run of a search that had ended goes.
        log: as in `tune`.

    Raises:
        RunError: when there is no search to go on with, the data is another, or a living process is at work on it.
    """
    watch, folder = progress or quiet, Path(folder)
    devices.set_up()
    with tracking(log, folder.name) as tracker:
        _check_counts(trials, None, None)
        request = Request.read(folder).further(folder, trials, studies.seconds(time_limit))
        ended = studies.finished(folder)
        if out is not None and not ended:
            raise PlanError("out", "needs a search that has ended", f"one that was cut off, which stays in {folder}",
                            source="the out option", fix="leave it out")  # fmt: skip
        recipe, dataset = _again(request, folder, data, model, watch)
        watching = tracker.watching(watch)
        if ended:
            known = (folder / studies.JOURNAL).read_bytes()
            return _logged(tracker, _carry_out(request, recipe, dataset, out=out, watch=watching, known=known))
        return _logged(tracker, _carry_out(request, recipe, dataset, out=folder, watch=watching, again=True))


def join(
    folder: str | Path,
    data: Any = None,
    model: Callable[..., Model] | None = None,
    *,
    progress: Watcher | None = None,
) -> int:
    """Help a search that another process is at work on, until it has tried enough; how many settings were tried here.

    The process that began it trains the winners and writes the run.

    Raises:
        RunError: when there is no search there, or the data is another.
    """
    watch, folder = progress or quiet, Path(folder)
    devices.set_up()
    request = Request.read(folder)
    if studies.finished(folder):
        raise RunError(str(folder), "needs a search that is going on", "one that has ended", source="the join option",
                       fix="go on with it by --resume")  # fmt: skip
    recipe, dataset = _again(request, folder, data, model, watch)
    parts = cut(request.plan, dataset)
    arenas = arenas_of(recipe, dataset, (*parts.folds, parts.final), request.folds, parts.method)
    with Interrupt() as interrupt, atomic.writing(folder, "the study"):
        studies_here = _studies(request, recipe, arenas, folder)
        before = sum(study.done for study in studies_here)
        hunt = Search(recipe, arenas, studies_here, request.most, request.pruner, request.memory, watch=watch,
                      ended=lambda: interrupt.asked)  # fmt: skip
        hunt.go()
    return sum(study.done for study in studies_here) - before


def _logged(tracker: Tracker, study: Study) -> Study:
    """A finished search, told to a tracker."""
    run = study.run
    assert run.bundle.scores is not None, "a run that was carried out has scores"
    trials = [each for each in study.trials if each["arena"] == FINAL]
    tracker.finish(Finished(run.bundle.plan, run.history, run.bundle.scores, run.folder, trials))
    return study


def _again(
    request: Request, folder: Path, data: Any, model: Callable[..., Model] | None, watch: Watcher
) -> tuple[Recipe, Dataset]:
    watch(Progress("reading"))
    dataset = read_again(request.plan, data)
    if request.function and model is None:
        raise PlanError("model", "needs the function that makes the network", "none", source=str(folder),
                        fix="give it again: a file cannot hold it")  # fmt: skip
    function = model if request.function else None
    made = None if request.own else _maker(dataset, request.plan, function, request.network)
    return Recipe(request.plan, made, request.space, str(folder / studies.REQUEST)), dataset


def _maker(dataset: Dataset, plan: Plan, function: Callable[..., Model] | None, named: str | None) -> Maker | None:
    return maker(dataset, plan.task.outputs, named) if function is None else Maker.of(function)


def _space(space: Mapping[str, Dimension] | None, tried: Mapping[str, Any]) -> dict[str, Any]:
    both = sorted(set(space or {}) & set(tried))
    if both:
        raise PlanError(f"space {both[0]}", "needs to be named once", "it in space= and as an argument",
                        source="the arguments of tune", fix="leave one of them out")  # fmt: skip
    return {**(space or {}), **tried}


def _check_counts(trials: int | None, folds: int | None, outer: int | None) -> None:
    for name, value, least in (("trials", trials, 1), ("folds", folds, 1)):
        if value is not None and (type(value) is not int or value < least):
            raise PlanError(name, f"needs a whole number of at least {least}", repr(value),
                            source=f"the {name} option", fix="give such a number, or leave it out")  # fmt: skip
    if outer is not None and (type(outer) is not int or outer < 0 or outer == 1):
        raise PlanError("outer", "needs 0 or at least 2", repr(outer), source="the outer option",
                        fix="use 5, or 0 for the locked test part alone")  # fmt: skip


def _with_outer(plan: Plan, dataset: Dataset, outer: int | None) -> Plan:
    """The plan with its outer folds decided and said."""
    said = [sentence for sentence in plan.said if not sentence.startswith("Folds:")]
    folds = plan.folds if outer is None else outer
    test = int(dataset.n * plan.test) if dataset.given_test is None or not plan.test else int(dataset.given_test.sum())
    if outer is None and test >= _SURE:
        folds = 0
    if not folds and not test:
        raise PlanError("outer", "needs outer folds or a test part to score the search on", "neither",
                        source="the outer and test options", fix="use outer=5, or test=0.2")  # fmt: skip
    if folds:
        said.append(f"Outer folds: {folds}; the whole search is done again in each, on rows that the fold leaves it.")
    else:
        said.append("Outer folds: none; the search is scored on the locked test part alone.")
    return dataclasses.replace(plan, folds=folds, rates=None, said=tuple(said))


def _inner(dataset: Dataset, asked: int | None) -> int:
    """How many inner folds judge a setting."""
    if asked is not None:
        return asked
    return 5 if dataset.n < 5_000 and dataset.kind == "table" else 3 if dataset.n < 5_000 else 1


def _carry_out(
    request: Request,
    recipe: Recipe,
    dataset: Dataset,
    *,
    out: str | Path | None,
    watch: Watcher,
    again: bool = False,
    known: bytes = b"",
) -> Study:
    began, plan = time.monotonic(), request.plan
    asking.check_sampler(request.sampler, request.space)
    search.check_pruner(request.pruner)
    parts = cut(plan, dataset)
    found = audit(dataset, parts)
    folds = (*parts.folds, parts.final)
    prepared = prepare(plan, dataset, folds)
    for each in recipe.plans():
        check(each, prepared[-1].x.shape[1:], dataset.lengths)
    arenas = arenas_of(recipe, dataset, folds, request.folds, parts.method)
    with store.claimed(out, plan.name, again=again) as folder, studies.at_work(folder):
        if known:
            atomic.write_file(folder / studies.JOURNAL, known, "the study")
        studies.mend(folder / studies.JOURNAL)
        atomic.write_file(folder / studies.REQUEST, strict_json.dump(request.to_json(), studies.REQUEST), "the study")
        with Interrupt() as interrupt:
            deadline = None if request.time_limit is None else began + _FOR_SEARCH * request.time_limit
            ended = lambda: interrupt.asked or (deadline is not None and time.monotonic() > deadline)
            with atomic.writing(folder, "the study"):
                hunt = Search(
                    recipe, arenas, _studies(request, recipe, arenas, folder), request.most, request.pruner,
                    request.memory, FolderKeeper(folder, seconds=_SECONDS, slack=_SLACK), watch, ended,
                )  # fmt: skip
                hunt.go()
            early = ended()
        chosen = _winners(hunt, request, time.monotonic() - began)
        with Interrupt() as interrupt:
            since = time.monotonic()
            values = [each.asked.values for each in chosen]
            validated, default = winners.train(recipe, prepared, values, watch=watch, interrupt=interrupt)
            refit = time.monotonic() - since
            watch(Progress("baselines"))
            won = dataclasses.replace(recipe.settled(chosen[-1].asked.values), rates=None)
            scores = judge(won, dataset, parts, validated, interrupt, default)
        watch(Progress("saving"))
        said = (*recipe.words(), *_said(hunt, request, early))
        won = dataclasses.replace(won, said=(*plan.said, *said))
        story = studies.story(request, hunt, chosen, scores, said, refit)
        trials = studies.tried(hunt)
        more = {
            studies.REQUEST: (folder / studies.REQUEST).read_bytes(),
            studies.JOURNAL: (folder / studies.JOURNAL).read_bytes(),
            studies.STUDY: strict_json.dump(story, studies.STUDY, results=True),
            studies.TRIALS: strict_json.dump(trials, studies.TRIALS, results=True, lines=True),
        }
        (folder / studies.LOCK).unlink(missing_ok=True)
        return Study(save(folder, won, dataset, found, scores, validated, more), story, trials)


def _studies(request: Request, recipe: Recipe, arenas: Any, folder: Path) -> list[asking.Study]:
    journal = asking.storage(folder / studies.JOURNAL)
    better = search.metric_of(recipe).better
    return [
        asking.Study(journal, each.name, request.space, sampler=request.sampler, better=better,
                     default=recipe.default(), seed=request.plan.seed)
        for each in arenas
    ]  # fmt: skip


def _winners(hunt: Search, request: Request, spent: float) -> list[Trial]:
    """The winner of every arena; the default where a search came to nothing but the final one did not."""
    final = hunt.arenas[-1].name
    if hunt.best(final) is None:
        told = [each for each in hunt.told() if each.told]
        if any(each.told and each.told.state == "diverged" for each in told):
            raise PlanError("tune", "needs a setting whose training does not diverge",
                            f"{len(told)} settings, and at none of them did the loss stay a number", source="the space",
                            fix="lower the learning rates, or add clip=ph.choice(1.0)")  # fmt: skip
        more = f"give it {max(2 * spent, 1):.0f}s or more" if request.time_limit else "let it run longer"
        raise PlanError("time-limit", "needs time to train one setting", f"{spent:.0f} s, in which none was trained",
                        source="the time-limit option", fix=f"{more}, or take fewer folds")  # fmt: skip
    default = Asked(0, hunt.recipe.default(), default=True)
    return [hunt.best(each.name) or Trial(each.name, default, None) for each in hunt.arenas]


def _said(hunt: Search, request: Request, cut_short: bool) -> list[str]:
    """How it was searched, in sentences."""
    known = hunt.told()
    own = [each for each in known if each.arena == hunt.arenas[-1].name and each.told]
    counts = {state: sum(each.told is not None and each.told.state == state for each in own)
              for state in ("complete", "halved", "diverged")}  # fmt: skip
    how = {"tpe": "by a tree of Parzen estimators", "random": "at random", "grid": "in the order of a grid",
           "cmaes": "by CMA-ES"}[request.sampler]  # fmt: skip
    ends = ", ".join(f"{count} {words}" for state, words in
                     (("complete", "trained to their end"), ("halved", "given up before"), ("diverged", "diverged"))
                     if (count := counts[state]))  # fmt: skip
    said = [f"Search: {len(own)} settings, chosen {how}, each judged on {telling.judges(request.folds)}; {ends}."]
    if cut_short and len(own) < request.trials:
        said.append(f"The search ended early, before all {request.trials} settings were tried.")
    if request.looks:
        times = "once" if request.looks == 1 else f"{request.looks} times"
        said.append(f"It was taken further {times} after its scores had been seen, so they may flatter a little.")
    return said
