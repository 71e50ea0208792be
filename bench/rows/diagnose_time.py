"""How long a diagnosis takes: of a run that exists, and the extra experiments that a plan leads to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.entrants import ROOT, Command
from bench.measure import FailedError
from bench.outcome import Bar, Outcome, Row, Session
from bench.table import seconds

_RUN, _SHARE = 2.0, 0.5


class Plan:
    """A training as it is described, and the experiments that its first finding asks for; compiled anew each time."""

    peer = "photic"

    def __init__(self, title: str, make: Callable[[], Any]) -> None:
        self.title, self.make = title, make

    def start(self) -> None:
        """Nothing: what a person waits for begins with nothing compiled."""

    def once(self) -> dict[str, float]:
        import jax

        from photic.diagnose.carry_out import carry_out, try_out
        from photic.diagnose.diagnose import diagnose
        from photic.diagnose.probes import OPEN, probe
        from photic.experiment import devices, program

        devices.set_up()
        jax.config.update("jax_enable_compilation_cache", False)
        program._COMPILED.clear()  # cold is cold
        told = diagnose(carry_out(self.make(), seeds=3))
        if told.first is None or told.first.kind not in OPEN:
            raise FailedError(f"its first finding leaves nothing open: {told.first and told.first.kind}")
        carry = lambda what, rows, epochs, alone: try_out(what, seeds=3, rows=rows, epochs=epochs, alone=alone)
        seconds = probe(told.evidence, told.first.kind, carry).seconds
        return {"seconds": seconds["training"], "extra": seconds["probes"]}

    def close(self) -> None:
        """Nothing is left open."""


def _overfits() -> Any:
    from photic.diagnose.inject import FAULTS
    from photic.diagnose.sound import program

    return FAULTS["overfitting"].break_(program("friedman", "one layer"), 0.12)


def _underfits() -> Any:
    from photic.diagnose.inject import FAULTS
    from photic.diagnose.sound import program

    return FAULTS["network too small"].break_(program("segment", "one layer"), 1)


def measure(session: Session) -> Outcome:
    """`photic diagnose RUN` in a process of its own; then plans, each with the experiments it asks for."""
    folder = session.folder / "penguins"
    words = [str(Path(sys.executable).with_name("photic")), "fit", "penguins", "-o", str(folder)]
    subprocess.run(words, capture_output=True, cwd=ROOT, check=True)
    asked = Command("photic diagnose RUN (penguins)", "photic", [words[0], "diagnose", str(folder)])
    plans = [Plan("a plan that overfits (friedman)", _overfits), Plan("a plan too small (segment)", _underfits)]
    entries, missing = session.alternate([asked, *plans])
    lines, bars = [], []
    for entry in (entry for entry in entries if entry.runs):
        low, high = entry.spread()
        line = {
            "": entry.title,
            "takes": seconds(entry.median()),
            "least to most": f"{seconds(low)} to {seconds(high)}",
        }
        if entry is entries[0]:
            words_ = f"a run that exists, under {_RUN:g} s"
            bars.append(Bar(words_, seconds(entry.median()), entry.median() < _RUN))
        else:
            share = entry.median("extra") / entry.median()
            line |= {"extra experiments": seconds(entry.median("extra")), "of the training's time": f"{share:.0%}"}
            words_ = f"{entry.title}: extra experiments at most {_SHARE:.0%} of the training's time"
            bars.append(Bar(words_, f"{share:.0%}", share <= _SHARE))
        lines.append(line)
    return Outcome(entries, lines, bars, missing)


ROW = Row("diagnose-time", "a diagnosis: of a run that exists, and what a plan's extra experiments cost", measure)
