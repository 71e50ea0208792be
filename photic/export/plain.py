"""Predictions from a run folder with NumPy alone: an independent witness of what the library computes.

It imports nothing of Photic, so this one file can be copied and used where only NumPy and safetensors are installed.
Everything is computed in float64, for clarity and not for speed:

    from plain import predict
    predict("runs/penguins-1", {"island": ["Dream"], "body_mass_g": [3750]})
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import numpy as safetensors

MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "?", "-", "--", ".", "missing"}
NO, YES = {"no", "false", "n", "f", "off", "0"}, {"yes", "true", "y", "t", "on", "1"}
WHEN = r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?(?:([+-])(\d\d):?(\d\d)|[zZ])?)?"
DAY = 86400.0


def predict(folder: str | Path, table: Any) -> np.ndarray:
    """Predictions for rows as a user has them.

    Args:
        folder: a run folder.
        table: a dict of columns, `{"age": [31, 58]}`; a list of rows, `[{"age": 31}, {"age": 58}]`; or an array. For
            pictures an array of bytes of the size in `preparation.json`; for series a list of arrays `[t, c]`; for text
            an array `[n, t]` of codes, the places of its symbols among the classes.

    Returns:
        `[n, k]` values in regression, `[n, 1]` probabilities of the second of two classes, `[n, c]` of more,
        or `[n, k]` of the labels; with an axis of places before the last one where each has an answer.
    """
    place = Path(folder)
    described = json.loads((place / "model.json").read_text("utf-8"))
    prepared = json.loads((place / "preparation.json").read_text("utf-8"))
    arrays = safetensors.load_file(place / "weights.safetensors")
    weights = {path.partition(".")[2]: array.astype(float) for path, array in arrays.items()}  # params and state alike
    rows = [series[None] for series in table] if ragged(table) else [table]  # one at a time: no padding
    parts = [fill(prepare(prepared, row), described["input"]) for row in rows]
    z = np.concatenate([forward(described["layers"], below(weights, "layers"), x) for x in parts])
    if prepared["task"]["kind"] == "regression":
        target = prepared["preparation"]["target"]
        return np.array(target["mean"]) + np.array(target["std"]) * z
    return softmax(z) if prepared["task"]["kind"] == "multiclass" else sigmoid(z)


def ragged(table: Any) -> bool:
    """Whether this is a list of series `[t, c]`."""
    return isinstance(table, list) and bool(table) and isinstance(table[0], np.ndarray)


def classes(folder: str | Path, table: Any) -> list[str]:
    """The most probable class of every row, by name."""
    p = predict(folder, table)
    names = json.loads((Path(folder) / "preparation.json").read_text("utf-8"))["task"]["classes"]
    chosen = p.argmax(1) if len(names) > 2 else (p[:, 0] > 0.5).astype(int)
    return [names[code] for code in chosen]


# The network: a layer is its JSON, its weights and running statistics by path, and what comes in

Layer = dict[str, Any]
Weights = dict[str, np.ndarray]
Memory = tuple[np.ndarray, np.ndarray]  # of a recurrent cell: its state, and the cell of an LSTM


def forward(layers: list[Layer], weights: Weights, x: np.ndarray) -> np.ndarray:
    """The output of layers one after another.

    >>> forward([{"type": "dense", "units": 1}], {"0.w": np.eye(1), "0.b": np.ones(1)}, np.array([[2.0]]))
    array([[3.]])
    """
    for index, layer in enumerate(layers):
        if layer["type"] not in LAYERS:
            raise ValueError(f"layer {index}: needs a known type, got {layer['type']!r}; use a newer copy of this file")
        x = LAYERS[layer["type"]](layer, below(weights, str(index)), x)
    return x


def below(weights: Weights, path: str) -> Weights:
    """The weights whose path begins with `path`, by the rest of it."""
    return {name.removeprefix(f"{path}."): array for name, array in weights.items() if name.startswith(f"{path}.")}


def dense(layer: Layer, own: Weights, x: np.ndarray) -> np.ndarray:
    """The weighted sum x w + b."""
    return x @ own["w"] + (own["b"] if layer.get("bias", True) else 0.0)


def conv(layer: Layer, own: Weights, x: np.ndarray) -> np.ndarray:
    """Every filter laid on every place; a group of filters sees its own part of the channels."""
    groups, (*sizes, size, units) = layer.get("groups", 1), own["w"].shape
    taps = np.moveaxis(windows(layer, "kernel", x, 0.0), len(sizes) + 1, -1)  # [n, *places, *sizes, c]
    parts = [
        np.tensordot(taps[..., i * size : (i + 1) * size], own["w"][..., each : each + units // groups], len(sizes) + 1)
        for i, each in enumerate(range(0, units, units // groups))
    ]
    return np.concatenate(parts, -1) + own.get("b", 0.0)


def conv_transpose(layer: Layer, own: Weights, x: np.ndarray) -> np.ndarray:
    """Every number spread over the places of its filter, and what does not belong to the output cut off."""
    *sizes, units, _ = own["w"].shape
    rank, padding, space = len(sizes), layer.get("padding", "same"), x.shape[1:-1]
    strides = each(layer.get("stride", 1), rank)
    z = np.zeros((len(x), *((n - 1) * s + max(k, s) for n, s, k in zip(space, strides, sizes, strict=True)), units))
    for tap in np.ndindex(*sizes):
        at = (slice(first, first + (n - 1) * s + 1, s) for first, n, s in zip(tap, space, strides, strict=True))
        z[(slice(None), *at)] += x @ own["w"][tap].T
    for axis, (n, s, k) in enumerate(zip(space, strides, sizes, strict=True)):
        if padding == "same":
            z = z.take(range((k - 1) // 2, (k - 1) // 2 + n * s), axis + 1) if k > s else z.take(range(n * s), axis + 1)
        else:
            p = 0 if padding == "valid" else each(padding, rank)[axis]
            z = z.take(range(p, (n - 1) * s + k - p), axis + 1)
    return z + own.get("b", 0.0)


def max_pool(layer: Layer, _: Weights, x: np.ndarray) -> np.ndarray:
    """The largest number of every window."""
    return windows(layer, "window", x, -np.inf).max(axis=tuple(range(x.ndim, 2 * x.ndim - 2)))


def average_pool(layer: Layer, _: Weights, x: np.ndarray) -> np.ndarray:
    """The mean of every window; what was padded does not count."""
    return np.nanmean(windows(layer, "window", x, np.nan), axis=tuple(range(x.ndim, 2 * x.ndim - 2)))


def windows(layer: Layer, name: str, x: np.ndarray, fill: float) -> np.ndarray:
    """What the window of a convolution or a pool sees at every place: `[n, *places, c, *sizes]`."""
    rank = x.ndim - 2
    sizes = each(layer.get(name, 2), rank)
    strides = each(layer.get("stride", 1 if name == "kernel" else sizes), rank)
    gaps, padding = each(layer.get("dilation", 1), rank), layer.get("padding", "same" if name == "kernel" else "valid")
    spans = [(size - 1) * gap + 1 for size, gap in zip(sizes, gaps, strict=True)]
    pads = [(size, size) for size in each(0 if isinstance(padding, str) else padding, rank)]
    if padding in ("same", "causal"):
        for axis, (n, span, stride) in enumerate(zip(x.shape[1:-1], spans, strides, strict=True)):
            before = span - 1 if padding == "causal" else (span - 1) // 2
            pads[axis] = (before, max((-(-n // stride) - 1) * stride + span - n - before, 0))
    x = np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=fill)
    seen = np.lib.stride_tricks.sliding_window_view(x, spans, tuple(range(1, rank + 1)))
    steps = [slice(None, None, stride) for stride in strides]
    return seen[(slice(None), *steps, ..., *(slice(None, None, gap) for gap in gaps))]


def each(value: Any, rank: int) -> list[int]:
    """One number for every space axis."""
    return list(value) if isinstance(value, list | tuple) else [value] * rank


def recurrent(layer: Layer, own: Weights, x: np.ndarray) -> np.ndarray:
    """A cell run along the steps, from the front, from the back or both, and the states joined."""
    u, every, ends = layer["units"], layer.get("returns", "last") == "all", []
    for way in {"forward": [""], "backward": ["_back"], "both": ["", "_back"]}[layer.get("direction", "forward")]:
        memory, states = (np.zeros((len(x), u)),) * 2, np.zeros((*x.shape[:2], u))
        for step in range(x.shape[1])[:: -1 if way else 1]:
            p, q = x[:, step] @ own[f"w{way}"] + own[f"b{way}"], memory[0] @ own[f"r{way}"]
            memory = CELLS[layer["type"]](layer, p, q, memory)
            states[:, step] = memory[0]
        ends.append(states if every else memory[0])
    return np.concatenate(ends, axis=-1)


def simple_rnn(layer: Layer, p: np.ndarray, q: np.ndarray, _: Memory) -> Memory:
    """The state h = tanh(p + q), or the positive part of the sum."""
    return (np.tanh(p + q) if layer.get("activation", "tanh") == "tanh" else np.maximum(p + q, 0),) * 2


def lstm(_: Layer, p: np.ndarray, q: np.ndarray, memory: Memory) -> Memory:
    """The cell c = f c + i g and the state h = o tanh(c), with the gates i, f, o and the candidate g."""
    i, f, g, o = np.split(p + q, 4, axis=1)
    c = sigmoid(f) * memory[1] + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def gru(_: Layer, p: np.ndarray, q: np.ndarray, memory: Memory) -> Memory:
    """The state h = (1 - z) g + z h, with the share z of the old state and the candidate g."""
    (a, b, c), (d, e, f) = np.split(p, 3, axis=1), np.split(q, 3, axis=1)
    z, g = sigmoid(a + d), np.tanh(c + sigmoid(b + e) * f)
    return ((1 - z) * g + z * memory[0],) * 2


CELLS = {"simple_rnn": simple_rnn, "lstm": lstm, "gru": gru}


def batch_norm(layer: Layer, own: Weights, x: np.ndarray) -> np.ndarray:
    """Every channel by its running mean and variance."""
    return (x - own["mean"]) / np.sqrt(own["variance"] + layer.get("epsilon", 1e-5)) * own["scale"] + own["shift"]


def layer_norm(layer: Layer, own: Weights, x: np.ndarray) -> np.ndarray:
    """Every row by the mean and variance of its last axis."""
    spread = np.sqrt(x.var(-1, keepdims=True) + layer.get("epsilon", 1e-5))
    return (x - x.mean(-1, keepdims=True)) / spread * own["scale"] + own["shift"]


def embedding(layer: Layer, own: Weights, x: np.ndarray) -> np.ndarray:
    """The row of the table after each code; row 0 for what is no code."""
    known = (x >= 0) & (x < layer["levels"])
    found = own["table"][np.where(known, x, -1).astype(int) + 1]
    return found if layer.get("sequence") else found.reshape(len(x), math.prod(x.shape[1:]) * layer["units"])


def parallel(layer: Layer, own: Weights, x: np.ndarray) -> np.ndarray:
    """The outputs of all branches, joined on the last axis."""
    parts = layer.get("columns") or [(0, x.shape[-1])] * len(layer["branches"])
    outputs = [
        forward(branch, below(own, f"branches.{index}"), x[..., start:stop])
        for index, (branch, (start, stop)) in enumerate(zip(layer["branches"], parts, strict=True))
    ]
    return np.concatenate(outputs, axis=-1)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)), in a form that cannot overflow."""
    return (1 + np.tanh(z / 2)) / 2


def softmax(z: np.ndarray) -> np.ndarray:
    """exp(z) over its sum on the last axis."""
    shares = np.exp(z - z.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True)


def gelu(x: np.ndarray) -> np.ndarray:
    """Each number times the chance that a standard normal one is smaller."""
    return x * (1 + np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2))) / 2


def number(value: Any) -> float:
    """A number of a layer; a Knob stands at its own value."""
    return value["value"] if isinstance(value, dict) else value


LAYERS = {
    "dense": dense,
    "conv": conv,
    "conv_transpose": conv_transpose,
    "max_pool": max_pool,
    "average_pool": average_pool,
    "global_max_pool": lambda _, __, x: x.max(tuple(range(1, x.ndim - 1))),
    "global_average_pool": lambda _, __, x: x.mean(tuple(range(1, x.ndim - 1))),
    **dict.fromkeys(CELLS, recurrent),
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "embedding": embedding,
    "periodic": lambda _, own, x: np.hstack(
        [x, np.cos(x[:, :, None] * own["frequency"] + own["phase"]).reshape(len(x), -1)]
    ),
    "parallel": parallel,
    "residual": lambda layer, own, x: x + forward(layer["layers"], below(own, "layers"), x),
    "flatten": lambda _, __, x: x.reshape(len(x), math.prod(x.shape[1:])),
    "reshape": lambda layer, _, x: x.reshape(len(x), *layer["sizes"]),
    "rescale": lambda layer, _, x: x * layer.get("scale", 1 / 127.5) + layer.get("shift", -1.0),
    **dict.fromkeys(("dropout", "flip", "shift", "crop", "rotate", "cutout"), lambda _, __, x: x),  # training only
    "identity": lambda _, __, x: x,
    "relu": lambda _, __, x: np.maximum(x, 0),
    "leaky_relu": lambda layer, _, x: np.where(x > 0, x, number(layer.get("slope", 0.01)) * x),
    "elu": lambda layer, _, x: np.where(x > 0, x, number(layer.get("alpha", 1.0)) * np.expm1(np.minimum(x, 0))),
    "gelu": lambda _, __, x: gelu(x),
    "silu": lambda _, __, x: x * sigmoid(x),
    "softplus": lambda _, __, x: np.logaddexp(x, 0),
    "sigmoid": lambda _, __, x: sigmoid(x),
    "tanh": lambda _, __, x: np.tanh(x),
    "softmax": lambda _, __, x: softmax(x),
}


def fill(x: np.ndarray, shape: list[int]) -> np.ndarray:
    """Prepared rows filled up with zeros to the width that the network takes."""
    return x if x.ndim > 2 else np.pad(x, ((0, 0), (0, shape[0] - x.shape[1])))


# The preparation


def prepare(prepared: dict[str, Any], table: Any) -> np.ndarray:
    """Rows as the network takes them, from rows as a user has them."""
    learned = prepared["preparation"]
    if learned["array"] is not None and learned["array"]["type"] in ("pixels", "codes"):
        return np.asarray(table, float).reshape(len(table), *learned["array"]["shape"])  # bytes; the network rescales
    if learned["array"] is not None and learned["array"]["type"] == "channels":
        return channels(learned["array"], np.array(table, float))
    if learned["array"] is not None:
        x = (np.asarray(table, float) - learned["array"]["mean"]) / learned["array"]["std"]
        return np.where(np.isfinite(x), x, 0.0)
    if isinstance(table, np.ndarray):
        table = {f"x{i + 1}": values for i, values in enumerate(table.T)}
    if not isinstance(table, dict):
        table = {name: [row.get(name) for row in table] for name in {name for row in table for name in row}}
    absent = [column["name"] for column in prepared["columns"] if column["name"] not in table]
    if absent:
        raise ValueError(f"table: needs the column {absent[0]!r}, got {', '.join(map(repr, table))}; add it")
    parts = [ENCODERS[column["type"]](column, table[column["name"]]) for column in learned["columns"]]
    return np.concatenate(parts, axis=1).astype(np.float32).astype(float)  # the network was trained on float32


def channels(learned: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """Series standardised channel by channel; a missing value repeats the one before it, the first is the mean."""
    x = (x - np.array(learned["mean"])) / np.array(learned["std"])
    x[:, 0] = np.nan_to_num(x[:, 0])
    for step in range(1, x.shape[1]):
        x[:, step] = np.where(np.isfinite(x[:, step]), x[:, step], x[:, step - 1])
    return x


def measure(column: dict[str, Any], values: Any) -> np.ndarray:
    """A number, or the time since 1970: centred, scaled, squeezed into (-3, 3); then circles; then 1 where missing."""
    read = seconds if column["type"] == "date" else numeric
    x = np.array([read(column["name"], value) for value in values], float)
    finite = np.isfinite(x)
    at = np.where(finite, x, column["center"])
    z = np.clip((at - column["center"]) / column["scale"], -1e6, 1e6)
    parts = [z / np.sqrt(1 + (z / 3) ** 2)]
    for part in column.get("parts", ()):
        angle = 2 * np.pi * np.array([turn(part, moment) for moment in at])
        parts += [np.sin(angle) * finite, np.cos(angle) * finite]
    return np.stack(parts + ([~finite] if column["missing"] else []), axis=1)


def boolean(column: dict[str, Any], values: Any) -> np.ndarray:
    """1 for yes, -1 for no, 0 for anything else; yes and no by their own names or any usual ones."""
    no, yes = (NO | {column["levels"][0].lower()}, YES | {column["levels"][1].lower()})
    lower = [(word or "").lower() for word in words(values)]
    return np.array([[1.0 if word in yes else -1.0 if word in no else 0.0] for word in lower])


def category(column: dict[str, Any], values: Any) -> np.ndarray:
    """A column of 0 and 1 for each kept level, then one for rare and unknown ones, then one for missing."""
    levels, rare, missing = column["levels"], column["rare"], column["missing"]
    out = np.zeros((len(values), len(levels) + rare + missing))
    for row, level in zip(out, words(values), strict=True):
        if level in levels:
            row[levels.index(level)] = 1
        elif level is None and missing:
            row[-1] = 1
        elif level is not None and rare:
            row[len(levels)] = 1
    return out


ENCODERS = {"number": measure, "date": measure, "boolean": boolean, "category": category}


def turn(part: str, at: float) -> float:
    """Where on its circle a moment lies, from 0 to 1; `at` is in seconds since 1970, which began on a Thursday."""
    if part == "month":
        return np.datetime64(math.floor(at), "s").astype("datetime64[M]").astype(int) % 12 / 12
    return (math.floor(at / DAY) + 3) % 7 / 7 if part == "weekday" else at % DAY / DAY


# Values as users write them


def words(values: Any) -> list[str | None]:
    """The text of every value, None where it is missing; whole numbers are spelled without a point."""
    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    values = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
    if all(value is None or (isinstance(value, float) and value.is_integer()) for value in values):
        values = [None if value is None else int(value) for value in values]
    texts = [str(value).lower() if isinstance(value, bool) else str(value).strip() for value in values]
    return [
        None if value is None or text.lower() in MISSING else text for value, text in zip(values, texts, strict=True)
    ]


def numeric(name: str, value: Any) -> float:
    """The number that a value is, NaN where it is missing."""
    if isinstance(value, int | float | np.number | np.bool_):
        return float(value)
    text = words([value])[0]
    if text is not None and re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    try:
        return math.nan if text is None else float(text)
    except ValueError:
        raise ValueError(f"column {name!r}: needs numbers, got {text!r}; correct it") from None


def seconds(name: str, value: Any) -> float:
    """The moment that a value is, in seconds since 1970, NaN where it is missing."""
    text = words([str(value)])[0]
    if value is None or text is None or text == "NaT":
        return math.nan
    found = re.fullmatch(WHEN, text)
    if found is None:
        raise ValueError(f"column {name!r}: needs dates such as 2020-12-31, got {text!r}; correct it")
    year, month, day, hour, minute, second, sign, hours, minutes = (part or "0" for part in found.groups())
    days = np.datetime64(f"{year}-{month:0>2}-{day:0>2}", "D").astype(int)
    ahead = int(f"{sign}1" if sign != "0" else 0) * (int(hours) * 3600 + int(minutes) * 60)
    return float(days * DAY + int(hour) * 3600 + int(minute) * 60 + float(second) - ahead)
