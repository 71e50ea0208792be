"""What was chosen, and why; and how to use the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from photic.model import Model
from photic.report import svg
from photic.report.record import Record
from photic.report.tag import Child, tag

_USE = """\
import photic as ph

run = ph.load("{place}")
run.predict("new.csv").to_frame()"""


def section(record: Record) -> Element | None:
    """What was chosen; None without a plan."""
    if not record.plan:
        return None
    said = [tag("li", *_sentence(each)) for each in record.plan.get("said", ())]
    rows = list(_rows(record.plan))
    return tag(
        "section",
        tag("h2", "What was chosen" + (", and why" if said else ""), id="choices"),
        tag("ul", said, class_="said") if said else None,
        _network(record),
        tag("details", tag("summary", "Every choice"), svg.scrolled(svg.table(["choice", ""], rows))),
    )


def _sentence(words: str) -> tuple[Child, ...]:
    """A sentence of the plan, its subject set apart, as in `Batch size: 32, for 344 rows`."""
    subject, colon, rest = words.partition(": ")
    return (tag("b", subject), " ", rest) if colon and len(subject) < 24 else (words,)


#: What is enough to predict from, and a name for it, by the kind of rows.
_NEW = {
    "table": ("A table with the same columns is enough, in any order", "new.csv"),
    "long": ("A table with the same columns, a row for each step, is enough", "new.csv"),
    "lists": ("A table with the same columns is enough", "new.parquet"),
    "wide": ("A table with the same columns is enough", "new.csv"),
    "arrays": ("An array [n, t, c] with the same channels is enough", "new.ts"),
    "images": ("A folder of pictures is enough, of any sizes", "new_pictures/"),
}


def use(record: Record) -> Element | None:
    """The commands and lines that use the run; None when there is neither a network nor a plan."""
    enough, new = _NEW.get(str(record.form.get("kind")), _NEW["table"])
    network: list[Child] = [
        tag("p", f"{enough}; the training data is not needed."),
        tag("pre", f"photic predict {record.place} {new} -o predictions.csv"),
        tag("pre", _USE.format(place=record.place, new=new)),
    ]
    again: list[Child] = [
        tag("p", "To do the whole experiment again, to the same scores:"),
        tag("pre", f"photic fit --plan {record.place}/plan.json"),
    ]
    parts = (network if record.model else []) + (again if record.plan else [])
    return tag("section", tag("h2", "Use it", id="use"), parts) if parts else None


def words(data: Any) -> str:
    """A spec's JSON as the user would say it.

    >>> words({"type": "adam_w", "learning_rate": 0.003}), words(None), words(["a", 2])
    ('adam w, learning rate 0.003', 'none', 'a, 2')
    """
    if data is None or data == []:
        return "none"
    if isinstance(data, Mapping):
        kind = [str(data["type"]).replace("_", " ")] if "type" in data else []
        return ", ".join(kind + [f"{_plain(key)} {words(value)}" for key, value in data.items() if key != "type"])
    if isinstance(data, list):
        return ", ".join(words(item) for item in data)
    return {True: "yes", False: "no"}.get(data, str(data)) if isinstance(data, bool) else str(data)


def _plain(name: str) -> str:
    return str(name).replace("_", " ")


def _network(record: Record) -> Element | None:
    layers = record.model.get("layers")
    if not layers:
        return None
    model = Model.from_json({"layers": layers}, source=f"{record.place}/model.json")
    return tag(
        "div",
        tag("pre", model.summary(tuple(record.model["input"]))),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label="network",
    )


def _rows(plan: Mapping[str, Any]) -> Iterator[list[str]]:
    """Every choice but those that have a place of their own on the page."""
    for key, value in plan.items():
        if key in {"said", "model", "task", "format", "name", "rates"}:
            continue
        if key in {"descent", "source", "made_with"} and isinstance(value, Mapping):
            for part, inner in value.items():
                if inner not in (None, ""):
                    yield [f"{_plain(key)}: {_plain(part)}", words(inner)]
        else:
            yield [_plain(key), words(value)]
