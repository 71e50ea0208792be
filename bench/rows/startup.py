"""How soon the command line answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.entrants import ROOT, Command
from bench.outcome import Bar, Outcome, Row, Session
from bench.table import seconds

_MOST = 0.25
_HELP = "import sys; from photic.cli import main; sys.argv = ['photic', '--help']; main()"
_LOOK = f"import atexit, sys; atexit.register(lambda: print('jax' in sys.modules, file=sys.stderr)); {_HELP}"


def measure(session: Session) -> Outcome:
    """`photic --help` beside an empty Python; and whether the help imported jax."""
    script = Path(sys.executable).with_name("photic")
    words = [str(script), "--help"] if script.exists() else [sys.executable, "-c", _HELP]
    entrants = [
        Command("photic --help", "photic", words),
        Command("python -c pass", "numpy", [sys.executable, "-c", "pass"]),
    ]
    entries, missing = session.alternate(entrants)
    lines, bars = [], []
    for entry in (entry for entry in entries if entry.runs):
        low, high = entry.spread()
        lines.append(
            {
                "": entry.title,
                "wall time": seconds(entry.median()),
                "least to most": f"{seconds(low)} to {seconds(high)}",
            }
        )
    if entries[0].runs:
        asked = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, cwd=ROOT, check=False)
        imported = "True" in asked.stderr.splitlines()
        median = entries[0].median()
        bars.append(Bar(f"at most {_MOST} s", seconds(median), median <= _MOST))
        bars.append(Bar("without importing jax", "imported" if imported else "not imported", not imported))
    return Outcome(entries, lines, bars, missing)


ROW = Row("startup", "photic --help", measure)
