"""`photic generate`: the text that a network on text goes on with."""

from __future__ import annotations

from typing import Annotated

import typer

from photic.cli import options, screen

_PANEL = "Text"


def generate(
    run: options.Run,
    prompt: Annotated[
        str,
        typer.Option(
            "--prompt", metavar="TEXT", help="What to go on from; else from anywhere.", rich_help_panel=_PANEL
        ),
    ] = "",
    temperature: Annotated[
        float,
        typer.Option(
            "--temperature",
            metavar="NUMBER",
            help="How daring: 0 always the most probable, 1 as probable as it is.",
            rich_help_panel=_PANEL,
        ),
    ] = 0.7,
    length: Annotated[
        int, typer.Option("--length", metavar="N", help="How many symbols.", rich_help_panel=_PANEL)
    ] = 400,
    seed: options.Seed = 0,
    json: options.Json = False,
) -> None:
    """Let a network that was fitted on a text go on with it."""
    from photic.runs.run import load  # inside: help must print without JAX

    text = load(run).generate(prompt, temperature=temperature, length=length, seed=seed)
    if json:
        screen.put_json({"run": run, "prompt": prompt, "temperature": temperature, "seed": seed, "text": text})
    else:
        screen.out().print(prompt + text, soft_wrap=True, markup=False, highlight=False)
