"""What every ingredient of the default for tables is worth: the default once more with one of them changed."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.outcome import Outcome, Row, Session

if TYPE_CHECKING:
    from photic.experiment.plan import Plan

_SMALL = 2_000  # rows; the larger tables of the half would take an hour


def measure(session: Session) -> Outcome:
    """Skill on the small tables of the half that defaults are tuned on, one network a fold."""
    from bench import tables  # imported here: naming the rows needs no JAX

    lines: dict[str, dict[str, str]] = {name: {"": name} for name in _changes()}
    means: dict[str, list[float]] = {name: [] for name in lines}
    for table in tables.TUNE:
        dataset = tables.load(table)
        if dataset.n > _SMALL:
            continue
        plan = tables.plan(dataset, 1)
        folds = tables.cut(plan, dataset).folds
        for name, change in _changes().items():
            session.say(f"{table}, {name}")
            changed = change(plan)
            learned = tables.learned(dataset, folds, lambda d=dataset, p=changed: tables.photic(d, p))
            means[name].append(statistics.mean(learned.skill))
            lines[name][table] = f"{means[name][-1]:.3f}"
    for name, values in means.items():
        lines[name]["mean"] = f"{statistics.mean(values):.3f}"
    return Outcome([], list(lines.values()), [], notes=["the mean skill of five folds, as in the row tables"])


def _changes() -> dict[str, Callable[[Plan], Plan]]:
    from photic import zoo
    from photic.layers import Dense, Periodic
    from photic.maths import losses
    from photic.model import Model

    def model(plan: Plan, **changes: object) -> Plan:
        usual: dict[str, Any] = {"width": 64, "activation": "silu", "dropout": 0.1, "waves": 4} | changes
        return dataclasses.replace(plan, model=zoo.mlp(plan.task.outputs, **usual))

    def rate(plan: Plan, value: float) -> Plan:
        rule = dataclasses.replace(plan.descent.rule, learning_rate=value)
        return dataclasses.replace(plan, descent=dataclasses.replace(plan.descent, rule=rule))

    def certain(plan: Plan) -> Plan:
        if plan.task.kind == "regression":
            return plan
        return dataclasses.replace(plan, loss=losses.default(plan.task.kind))

    def faster(plan: Plan) -> Plan:
        return dataclasses.replace(plan, model=Model(Periodic(4, spread=0.3), *plan.model.layers[1:]))

    def first(plan: Plan, law: str) -> Plan:
        *hidden, last = plan.model.layers
        layers = [dataclasses.replace(each, initializer=law) if isinstance(each, Dense) else each for each in hidden]
        return dataclasses.replace(plan, model=Model(*layers, last))

    return {
        "the default": lambda plan: plan,
        "first weights by Glorot's law": lambda plan: first(plan, "glorot_uniform"),
        "first weights within 1/sqrt(fan_in)": lambda plan: first(plan, "uniform"),
        "without waves": lambda plan: model(plan, waves=0),
        "waves half as fast again": faster,
        "ReLU instead of SiLU": lambda plan: model(plan, activation="relu"),
        "twice the dropout": lambda plan: model(plan, dropout=0.2),
        "labels as they are": certain,
        "a third of the learning rate": lambda plan: rate(plan, 0.003),
        "no rows held back to choose the epoch": lambda plan: dataclasses.replace(plan, stop=0.0),
        "twice the epochs": lambda plan: dataclasses.replace(plan, epochs=100, patience=100),
    }


ROW = Row("ingredients", "the default network for tables with one ingredient changed", measure)
