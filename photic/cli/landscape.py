"""`photic landscape`: the loss of a run's own network around the path it took, as a page."""

from __future__ import annotations

from typing import Annotated

import typer

from photic.cli import options, screen
from photic.cli.progress import Live
from photic.errors import PlanError

_PANEL = "Landscape"


def landscape(
    run: options.Run,
    data: Annotated[
        str | None,
        typer.Argument(metavar="DATA", help="The data of the run, if it is elsewhere now.", rich_help_panel="Data"),
    ] = None,
    rules: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Rules from the same start: sgd,momentum,adam.", rich_help_panel=_PANEL),
    ] = None,
    rates: Annotated[
        str | None,
        typer.Option(metavar="NUMBERS", help="A learning rate for each; found when left out.", rich_help_panel=_PANEL),
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(metavar="N", help="Points along each side of the plane.", rich_help_panel=_PANEL),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FILE", help="The page; in the run's folder.", rich_help_panel="Output"),
    ] = None,
    json: options.Json = False,
) -> None:
    """Look at the loss around the path a training took, or under several rules.

    The training is done again, on the same rows, and the loss is computed around it.
    """
    names, numbers = _words(rules), _numbers(rates)
    with Live() as live:
        from photic.runs import store
        from photic.runs.run import load  # inside: help must print without JAX

        loaded = load(run)
        seen = loaded.landscape(data, rules=names, rates=numbers, points=points, progress=live)
        page = store.put_page(loaded.folder, seen.name, seen.page(), out)
    if json:
        screen.put_json({"run": run, "page": str(page), **seen.to_json()})
        return
    console = screen.out()
    console.print(str(seen), soft_wrap=True, markup=False, highlight=False)
    console.print("\n[bold]Page[/bold]  ", end="")
    console.print(str(page), soft_wrap=True, markup=False)  # a path stays whole, so that it can be copied


def _words(text: str | None) -> list[str]:
    return [word.strip() for word in (text or "").split(",") if word.strip()]


def _numbers(text: str | None) -> list[float]:
    found = []
    for word in _words(text):
        try:
            found.append(float(word))
        except ValueError:
            fix = "give numbers with commas between them: 0.1,0.01"
            raise PlanError("--rates", "needs numbers", repr(word), source="the command line", fix=fix) from None
    return found
