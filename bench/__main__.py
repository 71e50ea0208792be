"""`python -m bench [ROW ...] [--json]`: measure, and print tables, or one object."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench import machine, table
from bench.outcome import Outcome, Session
from bench.rows import ROWS


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    unknown = [name for name in options.rows if name not in ROWS]
    if unknown:
        print(f"there is no row {unknown[0]!r}; the rows are {', '.join(ROWS)}", file=sys.stderr)
        return 2
    if options.list:
        print("\n".join(f"{row.name:10} {row.title}" for row in ROWS.values()))
        return 0
    here = machine.describe()
    if not options.json:
        print(
            machine.lines(here), f"median of {options.repeats} alternating rounds after a warm-up", sep="\n", flush=True
        )
    outcomes: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory(prefix="photic-bench-") as folder:
        for name in options.rows or ROWS:
            session = Session(options.repeats, Path(folder), lambda words, name=name: _say(f"{name}: {words}"))
            outcomes[name] = ROWS[name].measure(session)
            _say("")
            if not options.json:
                print("", table.row(ROWS[name], outcomes[name]), sep="\n", flush=True)
    if options.json:
        print(json.dumps(table.as_json(here, outcomes)))
    else:
        print("", "### summary", "", table.summary(outcomes), sep="\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Photic and its peers, measured side by side.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"{', '.join(ROWS)}; all of them when none is given")
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    parser.add_argument("--list", action="store_true", help="name the rows and do nothing")
    parser.add_argument("--repeats", type=int, default=5, help="rounds after the warm-up (5)")
    return parser


def _say(words: str) -> None:
    """One line on a terminal, written over each time; nothing where nobody watches."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
