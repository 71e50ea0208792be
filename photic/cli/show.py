"""`photic show`: a run's summary, scores and curves in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from photic.cli import diagnose, options, screen, summary


def show(
    run: options.Run,
    layer: Annotated[
        str | None,
        typer.Option(
            "--layer", metavar="LAYER", help="Open a neuron of this layer: 2 or layers.2.", rich_help_panel="Neuron"
        ),
    ] = None,
    neuron: Annotated[
        int, typer.Option("--neuron", metavar="NUMBER", help="Which neuron, counted from 0.", rich_help_panel="Neuron")
    ] = 0,
    picture: Annotated[
        str | None,
        typer.Option(
            "--picture",
            metavar="FILE|NUMBER",
            help="Where the network looks in a picture, or in that one of its own data.",
            rich_help_panel="Picture",
        ),
    ] = None,
    answer: Annotated[
        str | None,
        typer.Option(
            "--answer", metavar="CLASS", help="Explain this class, not the one it says.", rich_help_panel="Picture"
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="The picture's page; in the run's folder.", rich_help_panel="Output"
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Show a saved run: its choices, its scores, its curves; or open one of its neurons, or a picture."""
    from photic.diagnose import diagnose as doctor  # inside: help must print without JAX
    from photic.diagnose.evidence import Evidence
    from photic.runs import store
    from photic.runs.run import load

    found = load(run)
    if layer is not None:
        opened = found.neuron(int(layer) if layer.isdecimal() else layer, neuron)
        if json:
            screen.put_json(opened.to_json())
        else:
            screen.out().print(str(opened), soft_wrap=True, markup=False, highlight=False)
        return
    if picture is not None:
        number = int(picture) if picture.isdecimal() else None
        seen = found.see(None if number is not None else picture, number or 0, answer)
        page = store.put_page(found.folder, "picture.html", seen.page(), out)
        if json:
            screen.put_json(seen.to_json())
        else:
            screen.out().print(f"{seen}\nPage  {page}", soft_wrap=True, markup=False)
        return
    bundle = found.bundle
    told = doctor.diagnose(Evidence.of(found)) if found.history else None
    if json:
        screen.put_json(
            {"folder": run, "task": bundle.task.to_json(), "plan": bundle.plan, "audit": bundle.audit}
            | {"scores": bundle.scores, "history": bundle.history, "diagnosis": told.to_json() if told else None}
        )
    elif found.scores is None:
        screen.out().print(str(found.report()), soft_wrap=True, markup=False)
    else:
        ways = {
            "Page": str(found.report().path),
            "Next": f"photic predict {run} {options.new(bundle)} -o predictions.csv",
        }
        parts = [("Rates", summary.rates(found.plan))] if found.plan.rates else []
        parts.append(("Curves", summary.curves(found.scores, found.history)))
        if told is not None:
            parts.append(("Training", diagnose.lines(told)))
        summary.put(found.plan, found.audit, found.scores, parts, ways)
