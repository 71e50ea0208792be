"""`photic show`: a run's summary, scores and curves in the terminal; a neuron, a picture or a series of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from photic.cli import diagnose, options, screen, summary
from photic.errors import RequestError

if TYPE_CHECKING:
    from photic.runs.run import Run


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
    series: Annotated[
        str | None,
        typer.Option(
            "--series",
            metavar="FILE|NUMBER",
            help="Every unit along a series, or that one of its own data.",
            rich_help_panel="Series",
        ),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option("--beside", metavar="RUN", help="How far back this one learns, too.", rich_help_panel="Series"),
    ] = None,
    answer: Annotated[
        str | None,
        typer.Option("--answer", metavar="CLASS", help="Explain this class of a picture or series."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FILE", help="The page of it; in the run's folder."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Show a saved run: choices, scores, curves; or open a neuron, a picture, a series."""
    from photic.diagnose import diagnose as doctor  # inside: help must print without JAX
    from photic.diagnose.evidence import Evidence
    from photic.runs.run import load

    found = load(run)
    if picture is not None and series is not None:
        fix, got = "show one after the other", "--picture and --series"
        raise RequestError("photic show", "opens one thing at a time", got, source="the options", fix=fix)
    if layer is not None:
        opened = found.neuron(int(layer) if layer.isdecimal() else layer, neuron)
        if json:
            screen.put_json(opened.to_json())
        else:
            screen.out().print(str(opened), soft_wrap=True, markup=False, highlight=False)
        return
    if picture is not None or series is not None:
        _page(found, picture, series, answer, beside or (), out, json)
        return
    _need_nothing_else({"--answer": answer, "--out": out, "--beside": beside})
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


def _page(
    found: Run,
    picture: str | None,
    series: str | None,
    answer: str | None,
    beside: Sequence[str],
    out: str | None,
    json: bool,
) -> None:
    """Write the page of a picture or of a series, and say what is on it."""
    from photic.runs import store
    from photic.runs.run import load

    given = series if picture is None else picture
    assert given is not None, "one of them was asked for"
    data, number = (None, int(given)) if given.isdecimal() else (given, 0)
    if picture is not None:
        seen, name = found.see(data, number, answer), "picture.html"
    else:
        seen, name = found.follow(data, number, answer, [load(each) for each in beside]), "series.html"
    page = store.put_page(found.folder, name, seen.page(), out)
    if json:
        screen.put_json(seen.to_json())
    else:
        screen.out().print(f"{seen}\nPage  {page}", soft_wrap=True, markup=False)


def _need_nothing_else(options: dict[str, object]) -> None:
    """Refuse options that say something about a page that nobody asked for."""
    given = [name for name, value in options.items() if value]
    if given:
        fix = "add --picture or --series, or leave it out"
        raise RequestError(given[0], "needs --picture or --series", "neither", source="the options", fix=fix)
