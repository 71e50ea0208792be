"""The network drawn, true to its weights: a dot for every neuron, a line for every weight, wider where it is larger.

A network of thousands of weights is a grey cloud when all are drawn. So each layer shows the neurons that carry most,
and between two layers the largest weights of those; what is left out is said under the picture.
Chapter: "Artificial neural network". Lesson 5.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np
from jaxtyping import Float, Int

from photic.backprop import names
from photic.backprop.names import Names
from photic.layers import Dense, Layer
from photic.layers.activation import ActivationLayer
from photic.model import Model
from photic.report import svg
from photic.report.record import Record
from photic.report.tag import tag

_MOST = 12  # neurons of a layer
_LINES = 48  # weights between two layers
WIDTH, HEIGHT, _TOP, _BOTTOM, _LEFT, _RIGHT = 920.0, 400.0, 14.0, 44.0, 190.0, 130.0

Weights = Float[np.ndarray, "_ _"]


@dataclasses.dataclass(frozen=True, eq=False)
class Column:
    """The neurons of one layer, or what goes into the first.

    Args:
        size: how many there are.
        shown: which of them are drawn, from the top.
        strength: `[size]`, of all of them; see `strengths`.
        words: what they are, for under the column.
        names: of all of them; None for neurons, which are called by number.
    """

    size: int
    shown: Int[np.ndarray, " k"]
    strength: Float[np.ndarray, " n"]
    words: str
    names: Names = None

    def called(self, place: int) -> str:
        """What one of them is called."""
        return self.names[place] if self.names is not None and place < len(self.names) else f"neuron {place}"


def section(record: Record) -> Element | None:
    """The section, or None without weights, without a chain of Dense layers, or where a weight is no number."""
    if not record.weights or not record.model.get("layers"):
        return None
    model = Model.from_json({"layers": record.model["layers"]}, source=f"{record.place}/model.json")
    chain = tail(model)
    if not chain:
        return None
    weights = [record.weights[f"params.{path}.w"] for path in chain]
    if not all(np.isfinite(each).all() for each in weights):
        return None
    columns = _columns(model, chain, weights, record)
    chart = svg.drawing("network", "the network", _told(columns), _marks(columns, weights), height=HEIGHT, width=WIDTH)
    hears = svg.table(["", "size of its weights"], _sizes(columns[0]))
    drawn = svg.figure(_title(columns[0]), chart, _caption(columns, chain), hears)
    return tag("section", tag("h2", "The network, true to its weights", id="network"), tag("div", drawn, class_="wide"))


def tail(model: Model) -> list[str]:
    """The paths of the Dense layers that end a model, one after another with nothing between that mixes neurons.

    >>> from photic.layers import Flatten, LayerNorm, ReLU, Reshape
    >>> tail(Model(Dense(4), Reshape((2, 2)), Flatten(), Dense(3), ReLU(), LayerNorm(), Dense(1)))
    ['layers.3', 'layers.6']
    """
    found: list[str] = []
    for index in range(len(model.layers) - 1, -1, -1):
        layer = model.layers[index]
        if isinstance(layer, Dense):
            found.append(f"layers.{index}")
        elif not isinstance(layer, names.ONE_TO_ONE):
            break
    return found[::-1]


def strengths(weights: Sequence[Weights]) -> list[Float[np.ndarray, " _"]]:
    """How much each neuron carries: the size of the weights that come in, times the size of those that go out.

    Size is the Euclidean norm. What goes into the first layer has only weights that go out, the last neurons only
    weights that come in.

    >>> [each.tolist() for each in strengths([np.array([[3.0, 0.0], [4.0, 1.0]]), np.array([[2.0], [1.0]])])]
    [[3.0, 4.123105625617661], [10.0, 1.0], [2.23606797749979]]
    """
    into = [np.linalg.norm(each, axis=0) for each in weights]
    out = [np.linalg.norm(each, axis=1) for each in weights]
    return [out[0], *(a * b for a, b in zip(into[:-1], out[1:], strict=True)), into[-1]]


def _columns(model: Model, chain: Sequence[str], weights: Sequence[Weights], record: Record) -> list[Column]:
    """All columns; each keeps its strongest, placed near what they hear most from, so that few lines cross."""
    known, _ = names.inputs(model.layers, record.features)
    every = strengths(weights)
    from_columns = known[chain[0]] is not None
    first = _strongest(every[0])
    made = [Column(len(every[0]), first, every[0], "columns" if from_columns else "numbers", known[chain[0]])]
    for index, strength in enumerate(every[1:]):
        last = index == len(weights) - 1
        shown = _strongest(strength)
        if last:
            shown = np.sort(shown)
        else:
            heard = np.abs(weights[index][made[-1].shown][:, shown])
            heights = np.arange(len(heard)) @ heard / np.maximum(heard.sum(0), np.finfo(np.float32).tiny)
            shown = shown[np.argsort(heights, kind="stable")]
        made.append(Column(len(strength), shown, strength, *_words(model, chain[index], record, last=last)))
    return made


def _words(model: Model, path: str, record: Record, *, last: bool) -> tuple[str, Names]:
    task = record.task
    if last and task is not None:
        called = task.classes if task.kind == "multiclass" else task.names
        return ("classes" if task.kind == "multiclass" else "answers"), called
    bend = _bend(model.layers[int(path.rpartition(".")[2]) + 1 :])
    return f"neurons{f', {bend}' if bend else ''}", None


def _bend(after: Sequence[Layer]) -> str:
    """The activation behind a Dense layer, before the next one."""
    for layer in after:
        if isinstance(layer, ActivationLayer):
            return type(layer).__name__
        if isinstance(layer, Dense):
            break
    return ""


def _strongest(strength: Float[np.ndarray, " n"]) -> Int[np.ndarray, " k"]:
    return np.argsort(-strength, kind="stable")[:_MOST]


def _marks(columns: Sequence[Column], weights: Sequence[Weights]) -> list[Element]:
    across = np.linspace(_LEFT, WIDTH - _RIGHT, len(columns))
    places = [
        {int(unit): (float(x), _height(row, len(column.shown))) for row, unit in enumerate(column.shown)}
        for x, column in zip(across, columns, strict=True)
    ]
    marks = []
    for index, each in enumerate(weights):
        marks += _lines(each, columns[index : index + 2], places[index : index + 2])
    for index, column in enumerate(columns):
        marks += _dots(column, places[index], first=index == 0, last=index == len(weights))
        many = len(column.shown)
        counted = f"{many} of {column.size:,}" if many < column.size else f"{many}"
        words = (
            column.words if column.size > 1 else {"columns": "column", "classes": "class"}.get(column.words, "answer")
        )
        marks.append(svg.text((float(across[index]), HEIGHT - 12), f"{counted} {words}", "axis middle"))
    return marks


def _height(row: int, many: int) -> float:
    room = (HEIGHT - _TOP - _BOTTOM) / max(many, 1)
    return _TOP + room * (row + 0.5)


def _lines(weights: Weights, ends: Sequence[Column], places: Sequence[dict[int, svg.Point]]) -> list[Element]:
    """The largest weights between the neurons that are drawn, the largest of all on top."""
    shown = weights[np.ix_(ends[0].shown, ends[1].shown)]
    largest = float(np.abs(shown).max()) or 1.0
    order = np.argsort(np.abs(shown), axis=None)[-_LINES:]
    marks = []
    for place in order:
        row, column = (int(each) for each in np.unravel_index(place, shown.shape))
        start, end = int(ends[0].shown[row]), int(ends[1].shown[column])
        value = float(shown[row, column])
        share = abs(value) / largest
        told = tag("title", f"{ends[0].called(start)} → {ends[1].called(end)}: {value:.3g}")
        (x1, y1), (x2, y2) = places[0][start], places[1][end]
        sign, width, deep = "plus" if value > 0 else "minus", 0.4 + 4 * share**2, 0.2 + 0.65 * share**2
        drawn = {"stroke_width": width, "stroke_opacity": deep, "class_": f"weight {sign}"}
        marks.append(tag("line", told, x1=x1, y1=y1, x2=x2, y2=y2, **drawn))
    return marks


def _dots(column: Column, places: dict[int, svg.Point], *, first: bool, last: bool) -> list[Element]:
    marks = []
    for unit, (x, y) in places.items():
        told = f"{column.called(unit)}: strength {column.strength[unit]:.3g}"
        marks.append(svg.dot((x, y), "neuron", told, size=6))
        if first:
            marks.append(svg.text((x - 12, y + 4), column.called(unit), "name end", most=26))
        elif last:
            marks.append(svg.text((x + 12, y + 4), column.called(unit), "name", most=18))
    return marks


def _title(inputs: Column) -> str:
    if inputs.names is None:
        return "The layers at its end"
    strongest = inputs.called(int(inputs.shown[0]))
    return f"Of what it reads, {strongest} has the largest weights"


def _caption(columns: Sequence[Column], chain: Sequence[str]) -> str:
    hidden = any(len(column.shown) < column.size for column in columns)
    parts = ["Wider lines are larger weights (by their square); blue-green adds, orange takes away."]
    if hidden:
        parts.append(
            f"Drawn are the {_MOST} of each layer that carry most (the size of what comes in times that of what goes "
            f"out), and the {_LINES} largest weights between them."
        )
    if chain[0] != "layers.0":
        parts.append("What comes before these layers is not drawn.")
    parts.append(f"Any neuron opens with photic show RUN --layer {chain[0].rpartition('.')[2]} --neuron 0.")
    return " ".join(parts)


def _sizes(inputs: Column) -> list[list[str]]:
    order = np.argsort(-inputs.strength, kind="stable")[:40]
    return [[inputs.called(int(place)), f"{inputs.strength[place]:.3g}"] for place in order]


def _told(columns: Sequence[Column]) -> str:
    return "; ".join(f"{column.size} {column.words}" for column in columns)
