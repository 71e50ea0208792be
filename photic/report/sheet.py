"""A sheet: a self-contained HTML page around some parts, with the looks of the report."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources

from photic.report.tag import Child, html, tag


def sheet(title: str, parts: Iterable[Child]) -> str:
    """The page as HTML text: no network, no scripts, light and dark, for desk, phone and paper.

    >>> "<title>a &lt; b</title>" in sheet("a < b", [tag("p", "hello")])
    True
    """
    css = resources.files("photic.report").joinpath("report.css").read_text("utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", css),
    )
    text = f"<!doctype html>\n{html(tag('html', head, tag('body', tag('main', parts)), lang='en'))}\n"
    return text.encode("utf-8", "backslashreplace").decode()  # a lone surrogate of a column name becomes its escape
