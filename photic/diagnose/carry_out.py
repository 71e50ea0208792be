"""Carrying out: a described training is trained as it was written, however wrong, and everything of it is measured.

What only makes a training bad is never refused. What cannot be (no rows, sizes that no framework brings together) is
an error in five parts.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from photic.diagnose import facts, honest, network
from photic.diagnose.as_written import AsWritten, encode, fits, written
from photic.diagnose.chance import chance
from photic.diagnose.described import Described
from photic.diagnose.evidence import Evidence
from photic.diagnose.honest import Scores
from photic.diagnose.knobbed import knobbed, model
from photic.diagnose.laid_out import LaidOut, lay_out
from photic.experiment import devices, lanes
from photic.experiment.assignment import Assignment, Trained
from photic.train.history import Watcher, quiet
from photic.train.objective import Objective
from photic.train.run import Table, Training

_INSPECTIONS = 12  # at least so many over a training
_BRIEF = 5e9  # multiplications; with fewer, compiling takes longer than training


def carry_out(described: Described, *, seeds: int = 1, watch: Watcher = quiet) -> Evidence:
    """Train as written, and measure.

    Args:
        described: the training.
        seeds: how many networks are trained, as lanes of one program; a finding must hold in most of them.
        watch: told after every epoch.

    Raises:
        DataError, SpecError, ShapeError, PlanError: for what cannot be.

    >>> from photic.diagnose.parts import Data, LossUse, Stage
    >>> from photic.layers import Dense, Sigmoid
    >>> data, net = Data(toy="moons", settings=(("n", 100),)), (Stage(Dense(1)), Stage(Sigmoid()))
    >>> evidence = carry_out(Described(data, net, LossUse("binary_cross_entropy", "probabilities"), epochs=2))
    >>> len(evidence.history), round(evidence.chance, 2)
    (2, 0.69)
    """
    devices.set_up()
    rows = lay_out(described)
    loss = written(described.loss, described.target, rows.task, probabilities=described.probabilities)
    result, seconds = train(described, rows, loss, seeds=seeds, watch=watch)
    return _evidence(described, rows, loss, result, seconds)


def try_out(
    described: Described,
    *,
    seeds: int = 1,
    rows: int | None = None,
    epochs: int | None = None,
    alone: bool = False,
    watch: Watcher = quiet,
) -> Evidence:
    """Train as written and measure the scores alone: cheap enough for an experiment.

    Args:
        rows: so many of the fit rows, repeated until there are as many as before; so nothing is compiled again.
        epochs: after so many of them training ends.
        alone: whether those few rows also stand in for the rows held out, so that nothing else decides when it ends.
    """
    devices.set_up()
    laid = lay_out(described)
    loss = written(described.loss, described.target, laid.task, probabilities=described.probabilities)
    if rows is not None:
        drawn = np.random.default_rng(described.seed).permutation(len(laid.fit))[:rows]
        few = laid.fit[np.sort(drawn)]  # in their order, which may be a sorted one
        stop = np.resize(few, len(laid.stop)) if alone else laid.stop
        laid = dataclasses.replace(laid, fit=np.resize(few, len(laid.fit)), stop=stop)
    result, seconds = train(described, laid, loss, seeds=seeds, inspects=False, until=epochs, watch=watch)
    score, fit_score, _ = _scores(described, laid, loss, result.lanes, result.history)
    return Evidence(
        setup=described, kind=laid.task.kind, classes=laid.task.classes,
        rows={"fit": len(np.unique(laid.fit)), "stop": len(laid.stop)}, history=result.history, inspection=[],
        score=score, fit_score=fit_score, seconds={"training": seconds},
    )  # fmt: skip


def train(
    described: Described,
    rows: LaidOut,
    loss: AsWritten,
    *,
    seeds: int = 1,
    inspects: bool = True,
    until: int | None = None,
    watch: Watcher = quiet,
) -> tuple[lanes.Result, float]:
    """The training itself, a lane for each seed, and the seconds it took."""
    bare = model(described)
    bare.check(rows.x.shape[1:], "the columns as they are prepared")
    fits(loss, bare.shape(rows.x.shape[1:]))
    whole, penalties, descent, knobs = knobbed(described)
    waits = described.patience is not None and len(rows.stop) > 0
    training = Training(
        Objective(whole, loss, penalties),
        descent,
        described.batch_size,
        described.epochs,
        described.patience if waits and described.patience is not None else described.epochs,
        "rmse" if rows.task.kind == "regression" else "accuracy",
        len(rows.stop) > 0,
        waits,
    )
    own = (rows.fit, rows.stop, np.concatenate([rows.fit, rows.stop]), knobs, described.shuffle)
    assignments = [Assignment(f"seed {seed + 1}", described.seed, *own) for seed in range(seeds)]
    arrays: tuple[Any, ...] = (rows.x, rows.y, rows.weight)  # moved to the devices by lanes.train
    began = time.perf_counter()
    every = max(1, described.epochs // _INSPECTIONS)
    result = lanes.train(
        training, Table(*arrays), assignments, inspects=inspects, every=every, fresh=inspects,
        brief=rows.x.ndim == 2 and _work(described, rows, seeds) < _BRIEF, until=until, watch=watch,
    )  # fmt: skip
    return result, time.perf_counter() - began


def _work(described: Described, rows: LaidOut, seeds: int) -> float:
    """About how many multiplications a training is: three for every weight, row and epoch."""
    weights = network.size(described, int(np.prod(rows.x.shape[1:])))
    return 3.0 * weights * len(rows.fit) * described.epochs * seeds


def _evidence(described: Described, rows: LaidOut, loss: AsWritten, result: lanes.Result, seconds: float) -> Evidence:
    fit, stop, task = rows.fit, rows.stop, rows.task
    y_fit = rows.y[fit]
    score, fit_score, finals = _scores(described, rows, loss, result.lanes, result.history)
    outputs = np.stack([z[: len(fit)] for z in finals]).astype(np.float64)
    truth = rows.dataset.y
    assert truth is not None
    codes = truth[fit] if task.classes else None
    encoded = np.asarray(encode(np, y_fit, described.target.encoding, len(task.classes)))
    name, best, constant = honest.rival(rows, described.seed)
    first = [_loss(loss, lane.z[: len(fit)], y_fit, rows.weight[fit]) for lane in result.fresh]
    last = described.layers[-1].layer
    spread = outputs.std(axis=1).mean() if len(fit) else float("nan")
    return Evidence(
        setup=described,
        kind=task.kind,
        classes=task.classes,
        rows={"fit": len(fit), "stop": len(stop)},
        history=result.history,
        inspection=result.inspection,
        x=facts.Inputs.of(rows.x[fit], rows.names),
        y=facts.Targets.of(encoded, codes, len(task.classes)),
        chance=chance(loss, last, y_fit, rows.weight[fit], outputs.shape[2]),
        first_loss=float(np.mean(first)),
        score=score,
        fit_score=fit_score,
        baseline=best,
        baseline_name=name,
        constant=constant,
        outputs={
            "spread": float(spread),
            "mean": float(outputs.mean()),
            "low": float(outputs.min()),
            "high": float(outputs.max()),
        },
        order=facts.order(truth[fit], task.kind),
        seconds={"training": seconds},
        **honest.oddities(rows),
    )


def _scores(
    described: Described, rows: LaidOut, loss: AsWritten, trained: Sequence[Trained], history: list[dict[str, Any]]
) -> tuple[Scores | None, Scores, list[np.ndarray]]:
    """The scores on stop rows and on fit rows, and the outputs of every network on fit rows, then stop rows."""
    finals = [_outputs(lane, history, described) for lane in trained]
    assert rows.dataset.y is not None
    truth, cut = np.asarray(rows.dataset.y), len(rows.fit)

    def judge(part: slice, of: np.ndarray) -> Scores:
        return _mean([honest.scores(_answers(loss, rows, z[part]), truth[of], rows.task.kind) for z in finals])

    stop = judge(slice(cut, None), rows.stop) if len(rows.stop) else None
    return stop, judge(slice(0, cut), rows.fit), finals


def _outputs(lane: Trained, history: list[dict[str, Any]], described: Described) -> np.ndarray:
    """The outputs of the network a training ends with: one that ends in NaN has no other."""
    own = [line for line in history if line["lane"] == lane.name]
    keeps_best = described.patience is not None and described.split.any
    broken = not own or not np.isfinite(own[-1]["loss"])
    return np.full_like(lane.z, np.nan) if broken and not keeps_best else lane.z


def _answers(loss: AsWritten, rows: LaidOut, z: np.ndarray) -> np.ndarray:
    p = loss.answers(np, z.astype(np.float64))
    return rows.center + rows.scale * p if rows.task.kind == "regression" else p


def _loss(loss: AsWritten, z: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        value = float(weight @ loss.values(np, z.astype(np.float64), y) / max(float(weight.sum()), 1e-30))
    return float(np.sqrt(value)) if loss.name == "rmse" else value


def _mean(each: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([scores[name] for scores in each])) for name in each[0]}
