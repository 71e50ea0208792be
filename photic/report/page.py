"""The page: one self-contained HTML file that tells a run's story, verdict first, from its folder's files alone."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from photic.report import (
    choices,
    diagnosis,
    gallery,
    layers,
    material,
    mistakes,
    network,
    prose,
    scores,
    study,
    training,
)
from photic.report.head import head
from photic.report.record import Record
from photic.report.sheet import sheet
from photic.report.tag import tag

_SECTIONS = (
    scores.section,
    study.section,
    prose.section,
    gallery.section,
    mistakes.section,
    training.section,
    layers.section,
    network.section,
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
    return sheet(title, body)


def _foot(record: Record) -> Element:
    made = ", ".join(f"{name} {version}" for name, version in record.plan.get("made_with", {}).items())
    words = "Every number on this page is in the files beside it" + (f"; made with {made}." if made else ".")
    return tag("footer", tag("p", words))
