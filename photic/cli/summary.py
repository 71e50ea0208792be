"""What a finished piece of work says in a terminal: what was found, what was chosen, the scores, the verdict."""

from __future__ import annotations

import collections
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from photic.cli import screen

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from photic.data.audit import Audit
    from photic.experiment.interval import Score
    from photic.experiment.outcome import Outcome
    from photic.experiment.plan import Plan
    from photic.report.searched import Searched


def put(
    plan: Plan,
    audit: Audit | None,
    scores: Outcome,
    parts: Iterable[tuple[str, RenderableType]],
    ways: Mapping[str, str],
) -> None:
    """Print the summary on standard output.

    Args:
        parts: headed pieces to stand between the choices and the scores.
        ways: headed lines at the end: where things are, and what to type next.
    """
    console = screen.out()
    page = _grid(7)
    said: list[tuple[str, RenderableType]] = [
        ("Found", _lines(_found(plan, audit, scores))),
        ("Chosen", _lines([(sentence, "") for sentence in plan.said])),
        *parts,
        ("Scores", _scores(scores.table(), console.width - 9)),
        *([("Each", _scores(scores.target_table(), console.width - 9))] if scores.targets else []),
        ("Verdict", scores.verdict),
    ]
    for heading, content in said:
        page.add_row(heading, content)
        page.add_row()
    console.print(page)
    for heading, line in ways.items():
        console.print(f"[bold]{heading:<7}[/bold]  ", end="")
        console.print(line, soft_wrap=True, markup=False)  # a path stays whole, so that it can be copied


def curves(scores: Outcome, history: Sequence[Mapping[str, Any]]) -> Table:
    """A row per lane: how many epochs it trained, which was the best, the curve of its loss, its score."""
    lanes: dict[str, list[Mapping[str, Any]]] = {}
    for line in history:
        lanes.setdefault(str(line["lane"]), []).append(line)
    network, main = scores.network, scores.main
    reached = [*network.folds.get(main, ()), *([network.test[main].value] if network.test else [])]
    spread = max(reached) - min(reached) if reached else math.nan
    table = _table("", "epochs", "best", "loss on the stop rows", _label(main))
    for (lane, lines), score in zip(lanes.items(), itertools.chain(reached, itertools.repeat(math.nan)), strict=False):
        best = max((line["epoch"] for line in lines if line.get("best")), default=lines[-1]["epoch"])
        table.add_row(lane, f"{len(lines)}", f"{best}", _curve(lines), _figure(score, spread))
    return table


def rates(plan: Plan) -> Table:
    """A row per lane: the rate it found, and the loss at every rate that was tried, a cross where it diverged."""
    from photic.report.text import sparkline  # inside: help must print without NumPy

    assert plan.rates, "rates were looked for"
    first = plan.rates[0]
    table = _table("", "found", f"loss after {first.epochs} epochs", "from", "to")
    for each in plan.rates:
        known = iter(sparkline([math.log(max(loss, 1e-12)) for loss in each.loss if loss is not None], 24))
        drawn = "".join("×" if loss is None else next(known) for loss in each.loss)
        found = "none" if each.rate is None else f"{each.rate:g}"
        table.add_row(each.lane, found, drawn, f"{each.tried[0]:g}", f"{each.tried[-1]:g}")
    return table


def search(found: Searched, honest: Score | None) -> list[tuple[str, RenderableType]]:
    """What a search came to, as headed pieces: the winner, what its score is worth, what mattered, what it cost.

    Args:
        honest: what the winner scored on rows no search saw; None where there were none.
    """
    from photic.report import telling  # inside: help must print without NumPy

    words = [f"{telling.title(found)}: {telling.told_winner(found)}.", telling.gap(found, honest), telling.worth(found)]
    pieces: list[tuple[str, RenderableType]] = [("Winner", _lines([(each, "") for each in words]))]
    pieces.append(("Setting", _winners(found)))
    if found.study.get("importance"):
        pieces.append(("Matters", _importance(found.study["importance"])))
    return [*pieces, ("Cost", telling.cost(found))]


def _winners(found: Searched) -> Table:
    """A row per hyperparameter: the default, the winner, and the winners of the outer folds; then their scores."""
    from photic.report import agreement, track  # inside: help must print without NumPy

    folds, default = found.arenas[1:], found.study.get("default") or {}
    of_folds = [f"winners of {len(folds)} outer folds"] if folds else []
    table = _table("", "default", "winner", *of_folds)
    told = lambda values, key: track.told_as(values[key]) if key in values else "—"
    for key, searched in found.space.items():
        ended = [agreement.endings(folds, key, searched)] if folds else []
        table.add_row(track.plain(key), told(default, key), told(found.arenas[0].values, key), *ended)
    scores = (("inside the search", "inner"), ("on rows no search saw", "score"))
    for words, part in scores:
        known = [value for each in folds if math.isfinite(value := getattr(each, part))]
        spread = max(known) - min(known) if known else math.nan
        ended = [f"{_figure(min(known), spread)} to {_figure(max(known), spread)}" if known else "—"] if folds else []
        before = _figure(found.arenas[0].default_inner, math.nan) if part == "inner" else ""
        table.add_row(words, before, _figure(getattr(found.arenas[0], part), math.nan), *ended, style="dim")
    return table


def _importance(shares: Mapping[str, float]) -> Table:
    """A row per hyperparameter, with a bar for its share."""
    from photic.report.track import plain  # inside: help must print without NumPy

    table, most = _table("", "", ""), max(shares.values()) or 1.0
    table.show_header = False
    for name, share in sorted(shares.items(), key=lambda item: -item[1]):
        table.add_row(plain(name), "█" * max(1, round(24 * share / most)), f"{100 * share:.0f} %")
    return table


def _curve(lines: Sequence[Mapping[str, Any]]) -> str:
    """The loss after every epoch, on a logarithmic scale so that its end can be seen too."""
    from photic.report.text import sparkline  # inside: help must print without NumPy

    losses = [line.get("stop_loss", line.get("loss")) for line in lines]
    return sparkline([math.log(max(loss, 1e-12)) for loss in losses if loss is not None and math.isfinite(loss)], 24)


def _found(plan: Plan, audit: Audit | None, scores: Outcome) -> list[tuple[str, str]]:
    rows = scores.rows
    size = f"{rows['all']:,} rows" + (f" and {len(audit.columns)} columns" if audit and audit.columns else "")
    parts = [f"{rows[part]:,} {words}" for part, words in _PARTS.items() if rows.get(part)]
    lines = [(f"{plan.name}: {size}, for {plan.task.words}.", ""), (f"Rows: {', '.join(parts)}.", "")]
    lines.append((f"Split: {scores.split['why']}.", ""))
    if audit is None:
        return lines
    kinds = collections.Counter(facts.kind for facts in audit.columns)
    if kinds:
        counted = ", ".join(f"{count} {_KINDS[kind][count > 1]}" for kind, count in kinds.items())
        lines.insert(1, (f"Columns: {counted}.", ""))
    lines += [(sentence, "") for sentence in audit.said]
    lines += [(f"Left out: {each.name}, {each.reason}.", "") for each in audit.left_out]
    return lines + [(finding.words, "yellow" if finding.level == "problem" else "") for finding in audit.findings]


_KINDS = {
    "number": ("number", "numbers"),
    "category": ("category", "categories"),
    "boolean": ("yes or no", "yes or no"),
    "date": ("date", "dates"),
}
_PARTS = {"fit": "to fit", "stop": "to choose the epoch", "test": "locked away as test part"}


def _scores(lines: Sequence[Sequence[str]], width: int) -> RenderableType:
    """A table of scores, with as many metrics beside the main one as fit."""
    heading, *rows = lines
    heading = tuple(cell.replace(", ", "\n").replace("balanced ", "balanced\n") for cell in heading)
    widths = [
        max(len(line) for cell in (head, *cells) for line in cell.split("\n"))
        for head, *cells in zip(heading, *rows, strict=True)
    ]
    fitting = [i for i in range(len(widths)) if sum(widths[: i + 1]) + 2 * i <= width]
    table = _table(*(heading[i] for i in fitting))
    for row in rows:
        table.add_row(*(row[i] for i in fitting), style="bold" if row[0] == "network" else "")
    return table


def _lines(lines: Sequence[tuple[str, str]]) -> Table:
    from rich.table import Table  # inside: help must print without it
    from rich.text import Text

    grid = Table.grid()
    for words, style in lines:
        grid.add_row(Text(words, style=style))
    return grid


def _grid(width: int) -> Table:
    from rich.table import Table  # inside: help must print without it

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True, min_width=width)
    grid.add_column()
    return grid


def _table(*headings: str) -> Table:
    from rich.table import Table  # inside: help must print without it

    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _label(metric: str) -> str:
    from photic.experiment.figures import label  # inside: help must print without JAX

    return label(metric)


def _figure(value: float, width: float) -> str:
    from photic.experiment.figures import figure  # inside: help must print without JAX

    return figure(value, width)
