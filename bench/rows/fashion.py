"""The whole of Fashion-MNIST by `photic fit` as it comes; accuracy against time beside PyTorch's same network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.entrants import ROOT
from bench.outcome import Bar, Outcome, Row, Session
from bench.peers import PEERS
from bench.table import seconds

_LEAST, _MOST = 0.925, 15 * 60.0
_MARKS = (0.86, 0.88, 0.90, 0.91, 0.92)


def measure(session: Session) -> Outcome:
    """Once each: it takes minutes. PyTorch gets the rows, network, batches and epochs of Photic, channels last."""
    entrants = {"photic fit, everything": "photic"}
    missing = [] if PEERS["torch"].here else [PEERS["torch"].title]
    if not missing:
        entrants["PyTorch, the training alone"] = "torch"
    lines, ends = [], {}
    for title, peer in entrants.items():
        session.say(title)
        told = _lines(ROOT / "bench" / "scripts" / f"fashion_{peer}.py", session.folder)
        *epochs, ends[peer] = told
        reached = {mark: next((line["seconds"] for line in epochs if line["score"] >= mark), None) for mark in _MARKS}
        lines.append(
            {"": title}
            | {f"to {mark:.0%}": "never" if when is None else seconds(when) for mark, when in reached.items()}
            | {"epochs": str(len(epochs)), "all": seconds(ends[peer]["seconds"]), "test": f"{ends[peer]['test']:.4f}"}
        )
    end = ends["photic"]
    bars = [
        Bar(f"test accuracy at least {_LEAST:.1%}", f"{end['test']:.2%}", end["test"] >= _LEAST),
        Bar("in at most 15 minutes", seconds(end["seconds"]), end["seconds"] <= _MOST),
    ]
    note = "The marks are of the rows that choose the epoch, looked at after each; Photic's time includes reading,"
    return Outcome([], lines, bars, missing, [f"{note} compiling, simple models and the report."])


def _lines(script: Path, folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, str(script), str(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError((done.stderr.strip() or "no words").splitlines()[-1])
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


ROW = Row("fashion", "Fashion-MNIST, 60,000 and 10,000 pictures, by photic fit as it comes", measure)
