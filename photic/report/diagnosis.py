"""The diagnosis: whether anything is wrong with the training, the evidence, and the change to try first."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from photic.diagnose.diagnose import Diagnosis, diagnose, measured
from photic.diagnose.finding import Finding
from photic.diagnose.left import left
from photic.errors import RequestError
from photic.experiment.plan import Plan
from photic.report import svg
from photic.report.record import Record
from photic.report.tag import tag


def section(record: Record) -> Element | None:
    """The section, or None without a plan and a history it could be told from."""
    told = _told(record)
    if told is None:
        return None
    problems = len(told.problems)
    title = "No problem was found in the training"
    if problems:
        title = f"The training has {'a problem' if problems == 1 else f'{problems} problems'} to look at"
    items = [_item(each, first=number == 0) for number, each in enumerate(told.findings)]
    rows = [list(row) for row in measured(told.evidence)]
    again = tag("pre", f"photic diagnose {record.place} --try") if problems else None
    return tag(
        "section",
        tag("h2", title, id="diagnosis"),
        tag("p", told.verdict),
        tag("ul", items, class_="findings") if items else None,
        again,
        tag("details", tag("summary", "What was measured"), svg.scrolled(svg.table(["measure", ""], rows))),
    )


def _told(record: Record) -> Diagnosis | None:
    lines = [line for lane in record.lanes.values() for line in lane]
    if not record.plan or not lines:
        return None
    try:
        plan = Plan.from_json(record.plan, f"{record.place}/plan.json")
    except RequestError:  # a plan that was cut short is told of where it is used
        return None
    if plan.task.targets:  # its rules know one target
        return None
    scores = None if record.outcome is None else record.outcome.to_json()
    return diagnose(left(plan, lines, record.inspection, scores, record.audit))


def _item(finding: Finding, *, first: bool) -> Element:
    level = "Problem" if finding.level == "problem" else "Note"
    advice = finding.advice
    tried = [tag("b", "Try first: " if first else "Then: "), advice.words] if advice is not None else []
    return tag("li", tag("b", f"{level}: {finding.title}. "), finding.words, " ", tried, class_=finding.level)
