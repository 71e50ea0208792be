"""`photic show`: a run's summary, scores and curves in the terminal."""

from __future__ import annotations

from photic.cli import options, screen


def show(run: options.Run, json: options.Json = False) -> None:
    """Show a saved run: its choices, its scores, its curves."""
    from photic.runs.run import load  # inside: help must print without JAX

    loaded = load(run)
    bundle = loaded.bundle
    if json:
        screen.put_json(
            {"folder": run, "task": bundle.task.to_json(), "plan": bundle.plan, "audit": bundle.audit}
            | {"scores": bundle.scores, "history": bundle.history}
        )
    else:
        screen.out().print(str(loaded.report()), soft_wrap=True, markup=False)
