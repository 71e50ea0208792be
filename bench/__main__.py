"""`python -m bench [ROW ...]`: measure, and print tables, or one object; into a document too, if one is named."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench import machine, table
from bench.outcome import Choice, Outcome, Session
from bench.rows import ROWS


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    unknown = [name for name in options.rows if name not in ROWS]
    if unknown:
        print(f"there is no row {unknown[0]!r}; the rows are {', '.join(ROWS)}", file=sys.stderr)
        return 2
    if options.list:
        print("\n".join(f"{row.name:13} {row.title}" for row in ROWS.values()))
        return 0
    here = machine.describe()
    show = (lambda _: None) if options.json else lambda text: print(text, end="\n\n", flush=True)
    head = f"{machine.lines(here)}\n\nMedian of {options.repeats} alternating rounds after a warm-up."
    show(head)
    choice = Choice(options.tune, tuple(options.fault), options.trials, options.sound, options.keep)
    outcomes, tables = _measure(options.rows or list(ROWS), options.repeats, choice, show)
    summary = f"### Summary\n\n{table.summary(ROWS, outcomes)}"
    show(summary)
    if options.json:
        print(json.dumps(table.as_json(here, outcomes)))
    for file in options.into:
        text = file.read_text()
        text = table.put(text, "bench", "\n\n".join([head, *tables, summary]))
        file.write_text(table.put(text, "bench summary", f"{head}\n\n{table.summary(ROWS, outcomes)}"))
    return 0


def _measure(names: list[str], repeats: int, choice: Choice, show: table.Show) -> tuple[dict[str, Outcome], list[str]]:
    outcomes: dict[str, Outcome] = {}
    tables: list[str] = []
    with tempfile.TemporaryDirectory(prefix="photic-bench-") as folder:
        for name in names:
            session = Session(repeats, Path(folder), lambda words, name=name: _say(f"{name}: {words}"), choice)
            outcomes[name] = ROWS[name].measure(session)
            tables.append(table.row(ROWS[name], outcomes[name]))
            _say("")
            show(tables[-1])
    return outcomes, tables


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Photic and its peers, measured side by side.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"{', '.join(ROWS)}; all of them when none is given")
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    parser.add_argument("--list", action="store_true", help="name the rows and do nothing")
    parser.add_argument("--repeats", type=int, default=5, help="rounds after the warm-up (5)")
    parser.add_argument(
        "--into",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="write into a document too, between <!-- bench --> or <!-- bench summary --> and its end mark",
    )
    known = parser.add_argument_group("the rows diagnose and tables")
    known.add_argument("--tune", action="store_true", help="on the sets that rules and defaults are tuned on")
    known.add_argument("--fault", action="append", default=[], metavar="NAME", help="this fault; may be repeated")
    known.add_argument("--trials", type=int, default=Choice.trials, help="that count, a fault and strength (4)")
    known.add_argument("--sound", type=int, default=Choice.sound, help="sound trainings, at least (100)")
    known.add_argument(
        "--keep",
        type=Path,
        metavar="FILE",
        help="every trial, a line of JSON each, which stands when it is found there; tables takes what peers scored",
    )
    return parser


def _say(words: str) -> None:
    """One line on a terminal, written over each time; nothing where nobody watches."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
