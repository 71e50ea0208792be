"""Faults injected into sound trainings, and what the diagnosis says of each: the trials behind the row `diagnose`."""

from __future__ import annotations

import dataclasses
import math
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from photic.diagnose.carry_out import carry_out, try_out
from photic.diagnose.described import Described
from photic.diagnose.diagnose import Diagnosis, diagnose
from photic.diagnose.evidence import Evidence
from photic.diagnose.inject import Fault
from photic.diagnose.parts import Data
from photic.diagnose.sound import ARCHITECTURES, at_hand, program
from photic.errors import PhoticError

_LEAST = 0.05  # so much of the sound skill must be lost for a fault of the kind "score" to count
_EVEN = 0.03  # a distance below this is none
_SEEDS = 2  # networks a training


@dataclasses.dataclass
class Trial:
    """One fault in one sound training.

    Args:
        sound, broken, cured: skill before, with the fault, and after the first advice was followed (None without one).
        counts: whether it did any harm.
        named: the kinds that were found, the first first.
        seconds: that training and diagnosing took.
        failure: what went wrong, in words.
    """

    fault: str
    strength: str
    program: str
    sound: float = math.nan
    broken: float = math.nan
    cured: float | None = None
    counts: bool = True
    named: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    detected: bool = False
    first: bool = False
    closed: bool = False
    seconds: float = 0.0
    failure: str = ""


@dataclasses.dataclass
class Alarm:
    """What was said of a sound training."""

    program: str
    skill: float
    problems: tuple[str, ...]
    words: tuple[str, ...]


class Bench:
    """Trainings carried out and kept: a sound one is compared with many broken ones.

    Args:
        half: the sets to draw from.
        say: told what is going on.
        made: trials and alarms of an earlier run, as JSON has them, that are not made again.
    """

    def __init__(
        self, half: Mapping[str, Data], say: Callable[[str], None], made: Iterable[dict[str, Any]] = ()
    ) -> None:
        self.names, self.say = [name for name in half if at_hand(name)], say
        self._sound: dict[str, Diagnosis] = {}
        self._made = {_mark(each.get("fault"), each.get("strength"), each["program"]): each for each in made}

    def sound(self, described: Described) -> Diagnosis:
        """The diagnosis of a sound training, made once."""
        if described.name not in self._sound:
            self._sound[described.name] = diagnose(carry_out(described, seeds=_SEEDS))
        return self._sound[described.name]

    def alarms(self, many: int) -> Iterator[Alarm]:
        """So many sound trainings, spread evenly over all sets and architectures, with as many seeds as it takes."""
        pairs = [(name, how) for name in self.names for how in ARCHITECTURES]
        for place, pair in enumerate(pairs):
            for seed in range(many * (place + 1) // len(pairs) - many * place // len(pairs)):
                described = program(*pair, seed)
                self.say(f"sound: {described.name}")
                if known := self._made.get(_mark(None, None, described.name)):
                    yield Alarm(**_tuples(known))
                    continue
                found = self.sound(described)
                yield Alarm(
                    described.name, _skill(found.evidence), tuple(each.kind for each in found.problems),
                    tuple(each.words for each in found.problems),
                )  # fmt: skip

    def trials(self, fault: Fault, each: int) -> Iterator[Trial]:
        """For every strength so many trials that count, over sets and architectures in a fixed random order."""
        pairs = [(name, how) for name in self.names for how in ARCHITECTURES]
        drawn = np.random.default_rng(zlib.crc32(fault.name.encode())).permutation(len(pairs))
        for strength in fault.strengths:
            counted = tried = 0
            for place in drawn:
                described = program(*pairs[place])
                if counted >= each or tried >= 3 * each:
                    break
                if not fault.applies(described):
                    continue
                tried += 1
                self.say(f"{fault.name} {strength}: {described.name}")
                known = self._made.get(_mark(fault.name, str(strength), described.name))
                trial = Trial(**_tuples(known)) if known else self.trial(fault, strength, described)
                counted += trial.counts
                yield trial

    def trial(self, fault: Fault, strength: object, described: Described) -> Trial:
        """Break, diagnose, follow the first advice."""
        trial = Trial(fault.name, str(strength), described.name)
        began = time.perf_counter()
        try:
            trial.sound = _skill(self.sound(described).evidence)
            broken = fault.break_(described, strength)
            found = diagnose(carry_out(broken, seeds=_SEEDS))
            trial.broken = _skill(found.evidence)
            trial.counts = fault.harms == "always" or trial.sound - trial.broken > _LEAST
            _judge(trial, fault, found)
            if trial.counts and fault.curable:
                self._cure(trial, fault, found, broken)
        except PhoticError as error:
            trial.failure = str(error)
        except Exception as error:  # noqa: BLE001 - a bug in one trial must not end the others
            trial.failure = f"{type(error).__name__}: {error}"
        trial.seconds = time.perf_counter() - began
        return trial

    def _cure(self, trial: Trial, fault: Fault, found: Diagnosis, broken: Described) -> None:
        first = found.first
        if first is None or first.advice is None or first.advice.change is None:
            return
        changed, distance = first.advice.change(broken), trial.sound - trial.broken
        if abs(distance) > _EVEN:
            trial.cured = _skill(try_out(changed, seeds=_SEEDS))
            left = trial.sound - trial.cured if distance > 0 else abs(trial.sound - trial.cured)
            trial.closed = left <= abs(distance) / 2
        else:
            after = diagnose(carry_out(changed, seeds=_SEEDS))
            trial.cured = _skill(after.evidence)
            gone = not set(fault.kinds) & {each.kind for each in after.findings}
            trial.closed = gone and trial.cured >= trial.sound - _LEAST


def _mark(fault: str | None, strength: str | None, name: str) -> tuple[str | None, str | None, str]:
    """What tells a trial from all others; an alarm has no fault."""
    return fault, strength, name


def _tuples(made: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in made.items()}


def _judge(trial: Trial, fault: Fault, found: Diagnosis) -> None:
    trial.named = tuple(each.kind for each in found.findings)
    trial.levels = tuple(each.level for each in found.findings)
    explained = {kind for each in found.findings for kind in (each.kind, *each.explains)}
    trial.detected = bool(explained & set(fault.kinds))
    trial.first = bool(trial.named) and trial.named[0] in fault.kinds


def _skill(evidence: Evidence) -> float:
    """Skill on rows held out, or on fit rows where none are; no worse than -1."""
    skill = evidence.skill(evidence.score if evidence.score is not None else evidence.fit_score)
    return max(skill, -1.0) if math.isfinite(skill) else -1.0
