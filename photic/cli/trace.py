"""`photic trace`: every number of one row's way through a network, forward and backward."""

from __future__ import annotations

from typing import Annotated

import typer

from photic.cli import options, screen


def trace(
    run: options.Run,
    data: Annotated[
        str | None,
        typer.Argument(metavar="DATA", help="Rows to look at; those of the fit when left out.", rich_help_panel="Data"),
    ] = None,
    row: Annotated[
        int, typer.Option("--row", metavar="NUMBER", help="Which row, counted from 0.", rich_help_panel="Data")
    ] = 0,
    json: options.Json = False,
) -> None:
    """Follow one row through the network: every number forward, every gradient backward."""
    from photic.runs.run import load  # inside: help must print without JAX

    found = load(run).trace(row, data)
    if json:
        screen.put_json(found.to_json())
    else:
        screen.out().print(found.text(), soft_wrap=True, markup=False, highlight=False)
