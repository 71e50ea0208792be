"""One element of HTML or SVG at a time; text and attributes are escaped by the standard library's serialiser."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

Child = Element | str | None


def tag(element_name: str, /, *children: Child | Iterable[Child], **attributes: object) -> Element:
    """An element with its children; None is left out, lists are laid open, `class_` is class and `data_n` data-n.

    >>> html(tag("p", "a < b, ", tag("b", "bold"), None, class_="x", data_n=1.50))
    '<p class="x" data-n="1.5">a &lt; b, <b>bold</b></p>'
    """
    known = {_name(key): _value(value) for key, value in attributes.items() if value is not None}
    element = Element(element_name, known)
    for child in children:
        _append(element, child)
    return element


def html(element: Element) -> str:
    """The element as HTML text.

    >>> html(tag("th", "<script>", title='"'))
    '<th title="&quot;">&lt;script&gt;</th>'
    """
    return tostring(element, encoding="unicode", method="html")


def _append(element: Element, child: Child | Iterable[Child]) -> None:
    if isinstance(child, Element):
        element.append(child)
    elif isinstance(child, str):
        if len(element):
            element[-1].tail = (element[-1].tail or "") + child
        else:
            element.text = (element.text or "") + child
    elif child is not None:
        for each in child:
            _append(element, each)


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: object) -> str:
    if isinstance(value, float):
        text = f"{value:.2f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)
