"""The diagnosis where the truth is known: faults injected into sound trainings, on sets no rule was tuned on."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from bench.outcome import Bar, Choice, Outcome, Row, Session
from photic.errors import nearest

if TYPE_CHECKING:
    from bench.faults import Alarm, Trial

_DETECTED, _FIRST, _CURED, _ALARMS = 0.90, 0.70, 0.60, 0.05
_FALSE = f"false alarms on sound trainings, at most {_ALARMS:.0%}"


def measure(session: Session) -> Outcome:
    """Every fault at every strength, then sound trainings; `--tune` takes the half that rules are tuned on."""
    from bench.faults import Bench  # imported here: naming the rows needs no JAX
    from photic.diagnose.inject import FAULTS
    from photic.diagnose.sound import REPORT, TUNE

    choice = session.choice
    for name in choice.faults:
        if name not in FAULTS:
            raise SystemExit(f"there is no fault {name!r}; {nearest(name, FAULTS)}")
    bench = Bench(TUNE if choice.tune else REPORT, session.say, made := _made(choice))
    trials: dict[str, list[Trial]] = {}
    for name in choice.faults or FAULTS:
        trials[name] = list(_kept(bench.trials(FAULTS[name], choice.trials), choice, made))
    curable = [trial for name, each in trials.items() if FAULTS[name].curable for trial in each if trial.counts]
    alarms = list(_kept(bench.alarms(choice.sound), choice, made))
    lines = [_line(name, each, curable=FAULTS[name].curable) for name, each in trials.items()]
    return Outcome([], lines, _bars(_counted(trials), curable, alarms), notes=list(_notes(trials, alarms)))


def _line(name: str, trials: Sequence[Trial], *, curable: bool) -> dict[str, str]:
    counted = [trial for trial in trials if trial.counts]
    return {
        "fault": name,
        "trials": str(len(counted)),
        "without harm": str(len(trials) - len(counted)),
        "detected": _share(counted, "detected"),
        "named first": _share(counted, "first"),
        "cured by the first advice": _share(counted, "closed") if curable else "cannot be",
        "instead named first": ", ".join(
            sorted({(each.named or ("nothing",))[0] for each in counted if not each.first})
        ),
    }


def _bars(counted: Sequence[Trial], curable: Sequence[Trial], alarms: Sequence[Alarm]) -> list[Bar]:
    false = sum(bool(alarm.problems) for alarm in alarms)
    told = f"{false} of {len(alarms)} ({false / max(len(alarms), 1):.0%})"
    return [
        _bar("detected", counted, "detected", _DETECTED),
        _bar("named first", counted, "first", _FIRST),
        _bar("cured by the first advice", curable, "closed", _CURED),
        Bar(_FALSE, told, false <= _ALARMS * len(alarms) if alarms else None),
    ]


def _notes(trials: dict[str, list[Trial]], alarms: Sequence[Alarm]) -> Iterator[str]:
    for alarm in alarms:
        if alarm.problems:
            yield f"{alarm.program} (skill {alarm.skill:.2f}), a false alarm: {' '.join(alarm.words)}"
    for each in trials.values():
        for trial in each:
            if trial.failure:
                yield f"{trial.fault} {trial.strength}, {trial.program} failed: {trial.failure}"


def _counted(trials: dict[str, list[Trial]]) -> list[Trial]:
    return [trial for each in trials.values() for trial in each if trial.counts]


def _made(choice: Choice) -> list[dict[str, Any]]:
    """What an earlier run kept."""
    if choice.keep is None or not choice.keep.exists():
        return []
    return [json.loads(line) for line in choice.keep.read_text().splitlines()]


def _kept(found: Iterator[Any], choice: Choice, made: list[dict[str, Any]]) -> Iterator[Any]:
    """The same, each that is new written down at once."""
    known = {json.dumps(each) for each in made}
    for each in found:
        line = json.dumps(dataclasses.asdict(each))
        if choice.keep is not None and line not in known:
            with choice.keep.open("a") as file:
                file.write(line + "\n")
        yield each


def _bar(words: str, trials: Sequence[Trial], name: str, least: float) -> Bar:
    share = sum(getattr(trial, name) for trial in trials) / len(trials) if trials else math.nan
    return Bar(f"{words}, at least {least:.0%}", _share(trials, name), share >= least if trials else None)


def _share(trials: Sequence[Trial], name: str) -> str:
    return f"{sum(getattr(trial, name) for trial in trials) / len(trials):.0%}" if trials else ""


ROW = Row("diagnose", "injected faults: detected, named first, cured by the first advice", measure)
