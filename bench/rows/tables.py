"""The default network on real tables, beside scikit-learn's MLP, boosted trees and linear models."""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.outcome import Bar, Outcome, Row, Session

if TYPE_CHECKING:
    from bench.tables import Learned
    from photic.data.dataset import Dataset
    from photic.data.split import Fold
    from photic.experiment.plan import Plan

_REPEATS = 2
_OFTEN = 0.9  # of the tables
_METRICS = {"binary": "AUC", "multiclass": "log loss", "regression": "RMSE"}

Scores = dict[str, "Learned"]


def measure(session: Session) -> Outcome:
    """Every contender on the same folds of every table; `--tune` leaves out the half nobody looked at before."""
    from bench import tables  # imported here: naming the rows needs no JAX

    halves = {"tune": tables.TUNE} | ({} if session.choice.tune else {"report": tables.REPORT})
    found: dict[str, dict[str, Scores]] = {}
    lines = []
    for half, names in halves.items():
        found[half] = {}
        for name in names:
            found[half][name], about = _contest(name, session)
            lines.append({"half": half, "table": name} | about | _cells(found[half][name]))
    everything = {name: scores for each in found.values() for name, scores in each.items()}
    parts = found | ({"all": everything} if len(found) > 1 else {})
    bars = [bar for half, tables_of in parts.items() for bar in _bars(half, tables_of)]
    return Outcome([], lines, bars, notes=list(_notes(parts)))


def _contest(name: str, session: Session) -> tuple[Scores, dict[str, str]]:
    from bench import tables

    dataset = tables.load(name)
    plan = tables.plan(dataset, _REPEATS)
    folds = tables.cut(plan, dataset).folds
    scores = {}
    for contender in (tables.PHOTIC, *tables.PEERS):
        session.say(f"{name}, {contender}")
        key = {"table": name, "contender": contender, "rows": dataset.fingerprint, "repeats": _REPEATS}
        kept = None if contender == tables.PHOTIC else _kept(session.choice.keep, key)
        work = _work(contender, dataset, plan, folds)
        scores[contender] = kept or tables.learned(dataset, folds, work)
        if kept is None:
            _keep(session.choice.keep, key | dataclasses.asdict(scores[contender]))
    assert dataset.task is not None
    return scores, {"rows": f"{dataset.n:,}", "by": _METRICS[dataset.task.kind]}


def _work(contender: str, dataset: Dataset, plan: Plan, folds: Sequence[Fold]) -> Callable[[], list]:
    from bench import tables

    if contender == tables.PHOTIC:
        return lambda: tables.photic(dataset, plan)
    return lambda: tables.peer(tables.PEERS[contender], dataset, folds)


def _cells(scores: Scores) -> dict[str, str]:
    best = max(_skill(each) for each in scores.values())
    return {who: f"{_skill(each):.3f} ({_skill(each) / best:.3f})" for who, each in scores.items()}


def _bars(half: str, found: Mapping[str, Scores]) -> list[Bar]:
    from bench.tables import PHOTIC, TREES

    wins, count = sum(_beats(scores, _skill) for scores in found.values()), len(found)
    own, trees = (_normalised(list(found.values()), who, _skill) for who in (PHOTIC, TREES))
    return [
        Bar(
            f"{half}: better than scikit-learn's MLP, at least nine of ten",
            f"{wins} of {count}",
            wins >= _OFTEN * count,
        ),
        Bar(f"{half}: mean normalised score not below boosted trees", f"{own:.3f} against {trees:.3f}", own >= trees),
    ]


def _notes(parts: Mapping[str, Mapping[str, Scores]]) -> Iterator[str]:
    from bench.tables import FOLDS, PEERS, PHOTIC, TREES

    yield (
        f"{FOLDS} folds, drawn {_REPEATS} times, all contenders on the same rows; the cells are the mean skill, 0 for "
        "the best constant and 1 for a perfect answer (two classes: 2 AUC - 1; more: 1 - log loss / that of shares; "
        "numbers: 1 - RMSE / that of the mean), and in brackets the normalised score, "
        "1 for the best contender of the table; below 0 it counts as 0"
    )
    yield "of scikit-learn's two MLPs the one that scored better on the table counts"
    for half, found in parts.items():
        wins = sum(_beats(scores, _right) for scores in found.values())
        means = ", ".join(f"{who} {_normalised(list(found.values()), who, _right):.3f}" for who in (PHOTIC, *PEERS))
        yield f"{half}, by accuracy and R^2 instead: better than the MLP on {wins} of {len(found)}; normalised: {means}"
        for who in (PHOTIC, *PEERS):
            yield (
                f"{half}, {who}: mean normalised score {_normalised(list(found.values()), who, _skill):.3f}, "
                f"{sum(scores[who].seconds for scores in found.values()):.0f} s"
            )
        closer = sum(_skill(scores[PHOTIC]) >= _skill(scores[TREES]) for scores in found.values())
        yield f"{half}: at least as good as boosted trees on {closer} of {len(found)}"


def _beats(scores: Scores, measure: Callable[[Learned], float]) -> bool:
    from bench.tables import PHOTIC, STOPPED, WHOLE

    return measure(scores[PHOTIC]) > max(measure(scores[STOPPED]), measure(scores[WHOLE]))


def _normalised(found: Sequence[Scores], who: str, measure: Callable[[Learned], float]) -> float:
    return statistics.mean(
        max(measure(scores[who]), 0.0) / max(measure(each) for each in scores.values()) for scores in found
    )


def _skill(each: Learned) -> float:
    return statistics.mean(each.skill)


def _right(each: Learned) -> float:
    return statistics.mean(each.right)


def _kept(file: Path | None, key: Mapping[str, object]) -> Learned | None:
    from bench.tables import Learned

    if file is None or not file.exists():
        return None
    for line in map(json.loads, file.read_text().splitlines()):
        if all(line.get(name) == value for name, value in key.items()):
            return Learned(tuple(line["skill"]), tuple(line["right"]), line["seconds"])
    return None


def _keep(file: Path | None, line: Mapping[str, object]) -> None:
    if file is not None:
        with file.open("a") as opened:
            opened.write(json.dumps(line) + "\n")


ROW = Row(
    "tables", "real tables: the default network beside scikit-learn's MLP, boosted trees and linear models", measure
)
