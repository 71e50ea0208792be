"""The page: one self-contained HTML file that tells a run's story, verdict first, from its folder's files alone."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from xml.etree.ElementTree import Element

from photic.report import choices, diagnosis, material, mistakes, scores, training
from photic.report.head import head
from photic.report.record import Record
from photic.report.tag import html, tag

_SECTIONS = (
    scores.section,
    mistakes.section,
    training.section,
    diagnosis.section,
    material.section,
    choices.section,
    choices.use,
)


def build(folder: str | Path) -> str:
    """The report of a run folder as HTML text: no network, no scripts, light and dark, for desk, phone and paper.

    Args:
        folder: of a finished run; what is missing in it is left out of the page.

    Raises:
        RunError: when a file is cut short or is not what it should be.
    """
    record = Record.read(folder)
    body = [head(record), *(made for part in _SECTIONS if (made := part(record)) is not None), _foot(record)]
    title = f"{record.task.target if record.task else 'run'} from {record.name} · Photic"
    page = tag("html", _head(title), tag("body", tag("main", body)), lang="en")
    return _whole("<!doctype html>\n" + html(page) + "\n")


def _head(title: str) -> Element:
    css = resources.files("photic.report").joinpath("report.css").read_text("utf-8")
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", css),
    )


def _foot(record: Record) -> Element:
    made = ", ".join(f"{name} {version}" for name, version in record.plan.get("made_with", {}).items())
    words = "Every number on this page is in the files beside it" + (f"; made with {made}." if made else ".")
    return tag("footer", tag("p", words))


def _whole(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()  # a lone surrogate of a column name becomes its escape
