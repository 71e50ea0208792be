"""`photic data`: the sets that Photic knows by name."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photic.cli import help, options, screen  # noqa: A004 - its own word here

if TYPE_CHECKING:
    from photic.data.catalogue import Known

app = typer.Typer(
    help="List the sets known by name, read about one, fetch it.", invoke_without_command=True, cls=help.Group
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of a set.", rich_help_panel="Data")]


@app.callback()
def _data(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("list", cls=help.Command)
def list_sets(json: options.Json = False) -> None:
    """List the sets that are known by name."""
    from photic.data import sources  # inside: help must print without NumPy

    known = sources.list_sets()
    if json:
        screen.put_json({"sets": [_facts(each) for each in known]})
    else:
        _print_all(known)


@app.command(cls=help.Command)
def info(name: Name, json: options.Json = False) -> None:
    """Tell what a set is, where it comes from and under which licence."""
    from photic.data import sources  # inside: help must print without NumPy

    facts = _facts(sources.info(name))
    if json:
        screen.put_json(facts)
    else:
        _print(facts)


@app.command(cls=help.Command)
def get(name: Name, json: options.Json = False) -> None:
    """Fetch a set once and print the path of its file."""
    from photic.data import sources  # inside: help must print without NumPy

    with screen.err().status(f"fetching {name}"):
        path = str(sources.get(name))
    if json:
        screen.put_json({"name": name, "path": path})
    else:
        typer.echo(path)


def _facts(known: Known) -> dict[str, Any]:
    from photic.data import sources  # inside: help must print without NumPy

    here = sources.cached(known.name) is not None or known.package in {"photic", "scikit-learn"}
    return dataclasses.asdict(known) | {"leaks": list(known.leaks), "here": here}


def _print_all(known: tuple[Known, ...]) -> None:
    from rich.table import Table  # inside: help must print without it

    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("name", no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("predicts", no_wrap=True)
    table.add_column("what it is")
    absent = 0
    for facts in map(_facts, known):
        absent += not facts["here"]
        mark = "" if facts["here"] else " ↓"
        table.add_row(f"{facts['name']}{mark}", f"{facts['rows']:,}", facts["target"], facts["words"])
    console = screen.out()
    console.print(table)
    if absent:
        console.print("\n[dim]↓ is fetched once, with: photic data get NAME[/dim]")


def _print(facts: dict[str, Any]) -> None:
    from rich.table import Table  # inside: help must print without it

    package = f"{facts['package']} {facts['version']}".strip()
    here = "on this machine" if facts["here"] else f"to be fetched once, with: photic data get {facts['name']}"
    rows = {
        "rows": f"{facts['rows']:,}",
        "predicts": facts["target"],
        "left out": ", ".join(facts["leaks"]),
        "licence": facts["licence"],
        "from": f"{package}, {facts['file']}",
        "file": here,
        "next": f"photic fit {facts['name']}",
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for word, text in rows.items():
        if text:
            table.add_row(word, text)
    console = screen.out()
    console.print(f"[bold]{facts['name']}[/bold]  {facts['words']}\n")
    console.print(table)
