"""The command line: a file a command, each parses, calls one function of the library and prints.

    fit.py validate.py tune.py predict.py generate.py show.py trace.py diagnose.py landscape.py data.py   the commands
    options.py    options that several commands take
    help.py       help in plain words
    screen.py     standard output and standard error
    progress.py   the live line of a training
    refusal.py    errors in their five parts
    choosing.py   what --model, --spec and --lr mean

Importing this room must stay quick: JAX, scikit-learn and polars are imported inside the functions that need them.
"""

from __future__ import annotations

import sys
import warnings
from typing import Annotated

import typer
import typer.core
import typer.main

import photic
from photic.cli import data, diagnose, fit, generate, help, landscape, predict, refusal, show, trace, tune, validate  # noqa: A004 - its own word here

app = typer.Typer(
    name="photic",
    help="Neural networks a person can see through: honest scores, every number visible.",
    epilog="Begin with: photic fit penguins",
    add_completion=False,
    rich_markup_mode=None,  # panels cost a tenth of a second and are hard to read
    cls=help.Group,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command("fit", cls=help.Command)(fit.fit)
app.command("validate", cls=help.Command)(validate.validate)
app.command("tune", cls=help.Command)(tune.tune)
app.command("predict", cls=help.Command)(predict.predict)
app.command("generate", cls=help.Command)(generate.generate)
app.command("show", cls=help.Command)(show.show)
app.command("trace", cls=help.Command)(trace.trace)
app.command("diagnose", cls=help.Command)(diagnose.diagnose)
app.command("landscape", cls=help.Command)(landscape.landscape)
app.add_typer(data.app, name="data")


@app.callback(invoke_without_command=True)
def _photic(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if version:
        typer.echo(f"photic {photic.__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def command() -> typer.core.TyperGroup:
    """The parser of the whole command line."""
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return group


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 the work failed, 2 the request was wrong.

    >>> main(["--version"]) and "an error" or "fine"
    photic 0.1.0
    'fine'
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    group = command()
    with warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.simplefilter("ignore")  # a library's warning means nothing to the person here; -W shows them
        try:
            code = group.main(arguments, prog_name="photic", standalone_mode=False)
        except Exception as error:  # noqa: BLE001 - no traceback reaches a user
            return refusal.tell(error, *_place(group, arguments), json="--json" in arguments)
    if code == _INTERRUPTED:
        return refusal.stopped(*_place(group, arguments), json="--json" in arguments)
    return code or 0


_INTERRUPTED = 130  # what typer makes of Ctrl-C


def _place(group: typer.core.TyperGroup, arguments: list[str]) -> tuple[str, list[str]]:
    """The command in the user's line, `photic data info`, and the commands known where the line ends."""
    said, inner = ["photic"], group
    for word in arguments:
        following = inner.commands.get(word)
        if following is None:
            break
        said.append(word)
        if not isinstance(following, typer.core.TyperGroup):
            break
        inner = following
    return " ".join(said), list(inner.commands)
