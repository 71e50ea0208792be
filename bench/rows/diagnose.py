"""The diagnosis where the truth is known: faults injected into sound trainings, on sets no rule was tuned on."""

from __future__ import annotations

import dataclasses
import json
import math

from bench.outcome import Bar, Outcome, Row, Session

_DETECTED, _FIRST, _CURED, _ALARMS = 0.90, 0.70, 0.60, 0.05


def measure(session: Session) -> Outcome:
    """Every fault at every strength, then sound trainings; `--tune` takes the half that rules are tuned on."""
    from bench.faults import Bench, share  # imported here: naming the rows needs no JAX
    from photic.diagnose.inject import FAULTS
    from photic.diagnose.sound import REPORT, TUNE

    choice = session.choice
    bench = Bench(TUNE if choice.tune else REPORT, session.say)
    chosen = [FAULTS[name] for name in choice.faults or FAULTS]
    lines, kept = [], []
    for fault in chosen:
        trials = list(bench.trials(fault, choice.trials))
        counted = [trial for trial in trials if trial.counts]
        kept += trials
        curable = counted if fault.curable else []
        lines.append(
            {
                "fault": fault.name,
                "trials": str(len(counted)),
                "without harm": str(len(trials) - len(counted)),
                "detected": _percent(share(counted, "detected")),
                "named first": _percent(share(counted, "first")),
                "cured by the first advice": _percent(share(curable, "closed")),
                "instead named first": ", ".join(
                    sorted({(t.named or ("nothing",))[0] for t in counted if not t.first})
                ),
            }
        )
    alarms = list(bench.alarms(choice.sound))
    false = [alarm for alarm in alarms if alarm.problems]
    counted = [trial for trial in kept if trial.counts]
    curable = [trial for trial in counted if FAULTS[trial.fault].curable]
    rate = len(false) / len(alarms) if alarms else math.nan
    bars = [
        _bar("detected", share(counted, "detected"), _DETECTED),
        _bar("named first", share(counted, "first"), _FIRST),
        _bar("cured by the first advice", share(curable, "closed"), _CURED),
        Bar(f"false alarms on sound trainings, at most {_ALARMS:.0%}", f"{len(false)} of {len(alarms)} ({_percent(rate)})",
            rate <= _ALARMS if alarms else None),
    ]  # fmt: skip
    notes = [f"{alarm.program} (skill {alarm.skill:.2f}): {'; '.join(alarm.words)}" for alarm in false]
    notes += [
        f"{trial.fault} {trial.strength}, {trial.program} failed: {trial.failure}" for trial in kept if trial.failure
    ]
    if choice.keep is not None:
        with choice.keep.open("w") as file:
            file.writelines(json.dumps(dataclasses.asdict(each)) + "\n" for each in (*kept, *alarms))
    return Outcome([], lines, bars, notes=notes)


def _bar(words: str, measured: float, least: float) -> Bar:
    reached = measured >= least if not math.isnan(measured) else None
    return Bar(f"{words}, at least {least:.0%}", _percent(measured), reached)


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.0%}"


ROW = Row("diagnose", "injected faults: detected, named first, cured by the first advice", measure)
