"""The data: how the rows were split, what the audit found, and every column in a line."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from photic.experiment.figures import figure
from photic.report import svg
from photic.report.bars import categories, histogram, small_bars, split_bar
from photic.report.record import Record
from photic.report.tag import Child, tag

_MOST = 60  # columns that are listed
_USES = {
    "fit": "to train on",
    "stop": "to choose the epoch",
    "test": "locked away until the end",
    "unused": "used by the folds only, or not at all",
}


def section(record: Record) -> Element | None:
    """The section, or None when no file tells about the data."""
    parts = [_split(record), _findings(record), _target(record), _columns(record), _left_out(record)]
    if not any(part is not None for part in parts):
        return None
    return tag("section", tag("h2", _title(record), id="data"), *parts)


def _title(record: Record) -> str:
    findings = record.audit.get("findings", ())
    problems = sum(each["level"] == "problem" for each in findings)
    if problems:
        return f"The data has {problems} {'problem' if problems == 1 else 'problems'} that can make the scores wrong"
    return "No problem was found in the data" if record.audit else "The data"


def _split(record: Record) -> Element | None:
    if record.outcome is None:
        return None
    rows, why = record.outcome.rows, record.outcome.split.get("why", "")
    parts = {key: rows[key] for key in ("fit", "stop", "test") if rows.get(key)}
    rest = rows.get("all", 0) - sum(parts.values())
    parts |= {"unused": rest} if rest > 0 else {}
    if not parts:
        return None
    legend = [
        tag("li", tag("i", class_=f"swatch {key}"), f"{count:,} rows {_USES[key]}") for key, count in parts.items()
    ]
    said = tag("p", f"The split is {why.rstrip('.')}.", class_="caption") if why else None
    return tag("div", split_bar("split", parts), tag("ul", legend, class_="legend"), said, class_="split")


def _findings(record: Record) -> Element | None:
    found = record.audit.get("findings", ())
    items = [
        tag("li", tag("b", "Problem " if each["level"] == "problem" else "Note "), each["words"], class_=each["level"])
        for each in found
    ]
    said = [tag("li", sentence, class_="said") for sentence in record.audit.get("said", ())]
    return tag("ul", items, said, class_="findings") if items or said else None


def _target(record: Record) -> Element | None:
    facts = record.audit.get("target")
    if not facts:
        return None
    name = facts["name"]
    if facts["levels"]:
        level, count = facts["levels"][0]
        share = count / max(record.audit.get("looked") or 1, 1)
        title = f"The most frequent class is ‘{level}’, {share:.0%} of the rows"
        chart = categories("target", [(str(level), int(count)) for level, count in facts["levels"]], name)
        numbers = svg.table(["class", "rows"], [[str(level), f"{count:,}"] for level, count in facts["levels"]])
        return svg.figure(title, chart, f"Rows of each class of {name}.", numbers)
    if not facts["bins"]:
        return None
    low, first, middle, third, high = (float(value) for value in facts["quartiles"])
    width = third - first
    title = f"Half of the values of {name} lie between {figure(first, width)} and {figure(third, width)}"
    edges = [low + (high - low) * i / len(facts["bins"]) for i in range(len(facts["bins"]) + 1)]
    chart = histogram("target", edges, facts["bins"], name) if high > low else None
    told = (
        f"The median is {figure(middle, width)}, the smallest {figure(low, width)}, the largest {figure(high, width)}."
    )
    return None if chart is None else svg.figure(title, chart, told)


def _columns(record: Record) -> Element | None:
    facts = record.audit.get("columns")
    listed: Sequence[Mapping[str, Any]] = facts or ([] if record.form else record.columns)
    if not listed:
        return None
    rows = [_row(each) if facts else [each["name"], each["kind"]] for each in listed[:_MOST]]
    heading = ["column", "kind", "missing", "values", ""] if facts else ["column", "kind"]
    more = f" and {len(listed) - _MOST:,} more, in audit.json" if len(listed) > _MOST else ""
    looked, whole = record.audit.get("looked"), record.audit.get("rows")
    sample = f" Facts are from {looked:,} of {whole:,} rows." if facts and looked != whole else ""
    caption = f"The {len(listed):,} columns that the network learns from{more}.{sample}"
    return tag("div", svg.scrolled(svg.table(heading, rows, class_="columns")), tag("p", caption, class_="caption"))


def _row(facts: Mapping[str, Any]) -> list[Child]:
    missing = f"{facts['missing']:.1%}" if facts["missing"] else ""
    if facts["levels"]:
        shown = ", ".join(f"{level} {count:,}" for level, count in facts["levels"][:3])
        more = facts["distinct"] - min(3, len(facts["levels"]))
        told = ", ".join(f"{level} {count}" for level, count in facts["levels"])
        values = shown + (f" and {more:,} more" if more > 0 else "")
        return [
            facts["name"],
            facts["kind"],
            missing,
            values,
            small_bars([count for _, count in facts["levels"]], told),
        ]
    if not facts["quartiles"]:
        return [facts["name"], facts["kind"], missing, "no value", ""]
    numbers = _dates(facts["quartiles"]) if facts["kind"] == "date" else _figures(facts["quartiles"])
    values = f"median {numbers[2]}, half of them {numbers[1]} to {numbers[3]}"
    return [
        facts["name"],
        facts["kind"],
        missing,
        values,
        small_bars(facts["bins"], f"from {numbers[0]} to {numbers[4]}"),
    ]


def _figures(quartiles: Sequence[float]) -> list[str]:
    if all(value == int(value) and abs(value) < 1e4 for value in quartiles):
        return [f"{value:.0f}".replace("-", "−") for value in quartiles]  # years have no comma
    width = (quartiles[3] - quartiles[1]) or (quartiles[4] - quartiles[0])
    return [figure(float(value), float(width)) for value in quartiles]


def _dates(quartiles: Sequence[float]) -> list[str]:
    start = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    try:
        return [f"{start + datetime.timedelta(seconds=value):%Y-%m-%d}" for value in quartiles]
    except OverflowError:  # a date before year 1 or after year 9999
        return _figures(quartiles)


def _left_out(record: Record) -> Element | None:
    left = record.audit.get("left_out", ())
    if not left:
        return None
    rows = [[each["name"], each["reason"]] for each in left]
    return tag("div", tag("h3", "Left out"), svg.scrolled(svg.table(["column", "why"], rows)))
