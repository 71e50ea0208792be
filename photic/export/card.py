"""The card: a finished run in one readable page of Markdown, for whoever finds the folder later.

Reference: Mitchell et al., "Model cards for model reporting", 2019, https://doi.org/10.1145/3287560.3287596
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from photic import spec, tree
from photic.data.dataset import Column
from photic.data.form import Form
from photic.data.frame import Frame
from photic.export.bundle import Bundle

#: More columns than this are counted, not listed.
_MOST = 40
#: A test part with fewer rows than this gives a wide interval.
_FEW = 100

_USE = """\
    photic predict THIS_FOLDER new.csv -o predictions.csv

```python
import photic as ph

run = ph.load("THIS_FOLDER")
run.predict("new.csv").to_frame()
```

A table with the columns above is enough, in any order; the data it was trained on is not needed.
Where only NumPy and safetensors are installed, a copy of `photic/export/plain.py` predicts too:
`predict("THIS_FOLDER", columns)`."""


_USE_PICTURES = """\
    photic predict THIS_FOLDER new_pictures/ -o predictions.csv

```python
import photic as ph

run = ph.load("THIS_FOLDER")
run.predict("new_pictures/").to_frame()
```

Pictures of any size are enough, in any folders; the data it was trained on is not needed.
Where only NumPy and safetensors are installed, a copy of `photic/export/plain.py` predicts too:
`predict("THIS_FOLDER", bytes)` with an array of the size above."""


_USE_TEXT = """\
    photic generate THIS_FOLDER --prompt "Once upon" --temperature 0.7

```python
import photic as ph

run = ph.load("THIS_FOLDER")
print(run.generate("Once upon", temperature=0.7, length=400))
```

The text it was trained on is not needed."""


def card(bundle: Bundle) -> str:
    """The page: what it predicts, from what, how good, how it was trained, what is weak, how to use it.

    Returns:
        Markdown text; what the bundle does not know is left out.
    """
    name = bundle.plan.get("name", "a table")
    sections = {
        "What it predicts": _task(bundle),
        "How good it is": _scores(bundle),
        "How it was trained": _training(bundle),
        "What is known to be weak": _weak(bundle),
        "How to use it": [_USE_TEXT if bundle.task.unit else _USE_PICTURES if isinstance(bundle.form, Frame) else _USE],
    }
    parts = [f"## {title}\n\n" + "\n".join(lines) for title, lines in sections.items()]
    return "\n\n".join([f"# {_cell(bundle.task.target)}, predicted from {_cell(name)}", *parts]) + "\n"


def _task(bundle: Bundle) -> list[str]:
    columns = bundle.columns
    lines = [f"It predicts {bundle.task.words}."]
    if isinstance(bundle.form, Frame):
        return [*lines, f"Its input are pictures, brought to {bundle.form.words}."]
    if isinstance(bundle.form, Form) and bundle.task.unit:
        return [*lines, f"Its input is text, of {len(bundle.task.classes):,} different symbols."]
    if isinstance(bundle.form, Form):
        names = ", ".join(_cell(column.name) for column in columns[:_MOST])
        return [*lines, f"Its input are series of up to {bundle.input[0]:,} steps; channels: {names}."]
    if not columns:
        return [*lines, f"Its input are arrays of shape {bundle.input}."]
    listed = [f"| {_cell(column.name)} | {column.kind} | {_levels(column)} |" for column in columns[:_MOST]]
    more = [f"\nand {len(columns) - _MOST} more, in `preparation.json`."] if len(columns) > _MOST else []
    return [*lines, "", "| from the column | kind | values |", "|---|---|---|", *listed, *more]


def _scores(bundle: Bundle) -> list[str]:
    scores = bundle.scores
    if scores is None:
        return ["It was never scored."]
    main, rows, contenders = scores["main"], scores["rows"], scores["contenders"]
    places = [place for place in ("test", "validation") if any(each.get(place) for each in contenders)]
    heads = {"test": f"{main} on the {rows['test']:,} rows of the test part", "validation": f"{main} over the folds"}
    lines = [scores["verdict"], "", "| | " + " | ".join(heads[place] for place in places) + " |"]
    lines.append("|---" * (1 + len(places)) + "|")
    for each in contenders:
        title = "**this network**" if each["name"] == "network" else _cell(each["name"])
        lines.append(f"| {title} | " + " | ".join(_score(each.get(place), main) for place in places) + " |")
    lines += ["", "In brackets: the interval that holds the true score in 95 of 100 cases."]
    return [*lines, *_targets(scores.get("targets") or {}, places)]


def _targets(targets: dict[str, Any], places: list[str]) -> Iterator[str]:
    """Several targets: the network on each of them alone."""
    for place, (name, contenders) in enumerate(targets.items()):
        found = contenders[0][places[0]]
        if not place:
            yield from ("", "| this network on | " + " | ".join(found) + " |", "|---" * (1 + len(found)) + "|")
        yield f"| {_cell(name)} | " + " | ".join(_score(found, metric) for metric in found) + " |"


def _training(bundle: Bundle) -> list[str]:
    plan, scores = bundle.plan, bundle.scores or {}
    numbers = tree.count(bundle.params)
    layers = ", ".join(spec.words(layer) for layer in bundle.model.layers)
    lines = [f"- Network: {layers}; {numbers:,} numbers learned."]
    rows, split = scores.get("rows"), scores.get("split")
    if rows:
        lines.append(
            f"- Rows: {rows['fit']:,} trained on, {rows['stop']:,} to choose the epoch, {rows['test']:,} locked away."
        )
    if split:
        lines.append(f"- Split: {split['why'].rstrip('.')}.")
    lines += [f"- {line}" for line in _choices(plan)]
    best = [line["epoch"] for line in bundle.history if line.get("lane") == "final" and line.get("best")]
    if best:
        lines.append(f"- The weights are those of epoch {best[-1]}.")
    return [*lines, *(f"- {said}" for said in plan.get("said", ()))]


def _choices(plan: dict[str, Any]) -> Iterator[str]:
    if "loss" in plan:
        yield f"Loss: {_spec(plan['loss'])}."
    if "descent" in plan:
        descent = plan["descent"]
        yield f"Optimizer: {_spec(descent['rule'])}, schedule {_spec(descent['schedule'])}."
    if "batch_size" in plan:
        yield f"Batches of up to {plan['batch_size']} rows, at most {plan['epochs']} epochs, seed {plan['seed']}."
    if "made_with" in plan:
        yield "Made with " + ", ".join(f"{name} {version}" for name, version in plan["made_with"].items()) + "."


def _weak(bundle: Bundle) -> list[str]:
    scores, audit = bundle.scores, bundle.audit or {}
    marks = {"problem": "**Problem.** "}
    lines = [f"- {marks.get(each['level'], '')}{each['words']}" for each in audit.get("findings", ())]
    test = scores["rows"]["test"] if scores else 0
    if not test:
        lines.append("- No rows were locked away, so no score comes from rows that nothing was chosen by.")
    elif test < _FEW:
        lines.append(f"- The test part has only {test} rows, so its interval is wide.")
    lines.append("- Rows unlike those it was trained on get an answer too; nothing marks it as a guess.")
    if bundle.columns and bundle.form is None:
        lines.append(
            "- A category never met in training counts as unknown, a number far outside the range met as its edge."
        )
    return lines


def _score(part: dict[str, Any] | None, main: str) -> str:
    found = (part or {}).get(main)
    if not found or found["value"] is None:
        return "not known"
    shown = f"{found['value']:.4g}"
    if found.get("low") is None or found.get("high") is None:
        return shown
    return f"{shown} ({found['low']:.4g} to {found['high']:.4g})"


def _levels(column: Column) -> str:
    shown = ", ".join(_cell(level) for level in column.levels[:8])
    return shown + (f" and {len(column.levels) - 8} more" if len(column.levels) > 8 else "")


def _spec(data: Any) -> str:
    """A spec's JSON in words: `adam (learning_rate 0.003)`."""
    if not isinstance(data, dict) or data.get("type") == "knob":
        return str(data["value"] if isinstance(data, dict) else data)
    settings = ", ".join(f"{name} {_spec(value)}" for name, value in data.items() if name != "type")
    return f"{data.get('type')} ({settings})" if settings else str(data.get("type"))


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
