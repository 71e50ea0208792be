"""`photic diagnose`: what is wrong with a training, the evidence, and what to change first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photic.cli import options, screen
from photic.cli.progress import Live
from photic.errors import PlanError, RunError

if TYPE_CHECKING:
    from rich.table import Table

    from photic.diagnose.diagnose import Diagnosis, Retry

MaybeRun = Annotated[
    str | None,
    typer.Argument(metavar="RUN", help="The folder of a run, as photic fit left it.", rich_help_panel="Data"),
]


def diagnose(
    run: MaybeRun = None,
    plan: Annotated[
        str | None,
        typer.Option(metavar="PLAN", help="Train what this file describes, as written.", rich_help_panel="Data"),
    ] = None,
    try_: Annotated[
        bool, typer.Option("--try", help="Make the first change advised and train again.", rich_help_panel="Training")
    ] = False,
    seeds: Annotated[
        int, typer.Option(metavar="N", min=1, help="Train so many networks each time.", rich_help_panel="Training")
    ] = 3,
    json: options.Json = False,
) -> None:
    """Tell what is wrong with a training, and what to change first.

    A run that exists is read in a second. A file may describe any training, of another framework too.
    """
    _check(run, plan)
    with Live() as live:
        from photic.diagnose.diagnose import retry  # inside: help must print without JAX

        told = _of_run(run) if run is not None else _of_plan(str(plan), seeds, live)
        again = retry(told, seeds=seeds, watch=live) if try_ and told.first is not None else None
    if json:
        screen.put_json(told.to_json() | ({"retry": again.to_json()} if again else {}))
    else:
        _print(told, again, run, plan)


def _check(run: str | None, plan: str | None) -> None:
    if (run is None) == (plan is None):
        got = "nothing" if run is None else f"the run {run} and the plan {plan}"
        fix = "give the folder of a run: photic diagnose runs/penguins-1, or a file: --plan training.json"
        raise PlanError("photic diagnose", "needs a run or a plan", got, source="the command line", fix=fix)


def _of_run(folder: str) -> Diagnosis:
    from photic.diagnose.diagnose import diagnose as ask  # inside: help must print without JAX
    from photic.diagnose.evidence import Evidence
    from photic.runs.run import load

    return ask(Evidence.of(load(folder)))


def _of_plan(file: str, seeds: int, live: Live) -> Diagnosis:
    from photic.diagnose.carry_out import carry_out, try_out  # inside: help must print without JAX
    from photic.diagnose.described import Described
    from photic.diagnose.diagnose import diagnose as ask
    from photic.diagnose.probes import probe
    from photic.experiment.plan import Plan
    from photic.export import strict_json

    path = Path(file)
    path = path / "plan.json" if path.is_dir() else path
    if not path.is_file():
        fix = "give a file that describes a training, see docs/described-training.md"
        raise RunError("--plan", "needs a JSON file", "no such file", source=file, fix=fix)
    try:
        data = strict_json.load(path.read_bytes(), file)
    except RunError as error:
        fix = "correct it there; docs/described-training.md shows the form"
        raise RunError("--plan", "needs JSON text", error.got, source=file, fix=fix) from None
    own = isinstance(data, dict) and "model" in data  # a plan.json of Photic's own
    setup = Described.of(Plan.from_json(data, file)) if own else Described.from_json(data, file)
    told = ask(carry_out(setup, seeds=seeds, watch=live))
    if told.first is None:
        return told
    say = lambda words: screen.err().print(words, style="dim")
    carry = lambda what, rows, epochs, alone: try_out(
        what, seeds=seeds, rows=rows, epochs=epochs, alone=alone, watch=live
    )
    return ask(probe(told.evidence, told.first.kind, carry, say))


def lines(told: Diagnosis) -> Table:
    """The verdict and the findings, each with its evidence and its advice, for the screen."""
    from rich.table import Table  # inside: help must print without it
    from rich.text import Text

    grid = Table.grid()
    grid.add_row(Text(told.verdict))
    for number, each in enumerate(told.findings, 1):
        grid.add_row()
        grid.add_row(Text(f"{number}  {each.title}.", style="bold yellow" if each.level == "problem" else "bold"))
        grid.add_row(Text(each.words))
        about = [each.certainty, *([each.where] if each.where else [])]
        about += [f"explains: {', '.join(each.explains)}"] if each.explains else []
        grid.add_row(Text("; ".join(about), style="dim"))
        if each.advice is not None:
            grid.add_row(Text.assemble(("Try first: " if number == 1 else "Then: ", "bold"), each.advice.words))
    return grid


def _print(told: Diagnosis, again: Retry | None, run: str | None, plan: str | None) -> None:
    console, page = screen.out(), _grid(8)
    page.add_row("Verdict", lines(told))
    page.add_row()
    page.add_row("Measured", _measured(told, again))
    if again is not None:
        page.add_row()
        page.add_row("Tried", again.words)
    console.print(page)
    first = told.first
    if again is None and first is not None and first.advice is not None and first.advice.change is not None:
        console.print("\n[bold]Next[/bold]      ", end="")
        line = f"photic diagnose {run if run is not None else f'--plan {plan}'} --try"
        console.print(line, soft_wrap=True, markup=False)  # a path stays whole, so that it can be copied


def _measured(told: Diagnosis, again: Retry | None) -> Table:
    """The numbers the verdict rests on; before and after, when the advice was tried."""
    from photic.diagnose.diagnose import measured  # inside: help must print without JAX

    sides = [told.evidence] if again is None else [again.before, again.after]
    columns = [dict(measured(each)) for each in sides]
    grid = _grid(0)
    for _ in columns[1:]:
        grid.add_column()
    if again is not None:
        grid.add_row("", "[dim]before[/dim]", "[dim]after[/dim]")
    for name in dict.fromkeys(name for column in columns for name in column):
        grid.add_row(f"[not bold]{name}[/not bold]", *(column.get(name, "") for column in columns))
    return grid


def _grid(width: int) -> Table:
    from rich.table import Table  # inside: help must print without it

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", min_width=width)
    grid.add_column()
    return grid
