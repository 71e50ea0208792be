"""The files of a finished network: everything needed to use it, judge it and train it again, without the original data.

Numbers that training made are in safetensors, everything else in JSON beside them; a person can read all of it, and no
file can run code when it is opened. `docs/decisions/run-folder.md` says why these files.

Reference: the format of the weights, https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from photic import keys, tree
from photic.data.dataset import Column
from photic.data.form import Form
from photic.data.frame import Frame
from photic.data.prepare import Preparation
from photic.data.task import Task
from photic.errors import RunError
from photic.export import seal, strict_json
from photic.layers.base import Params, State
from photic.model import Model
from photic.tensor import Shape

_AGAIN = "put the file back as it was saved, or train again with `photic fit`"


@dataclasses.dataclass(frozen=True, eq=False)
class Bundle:
    """A finished network and its story.

    Args:
        model: the layers.
        params, state: their arrays.
        input: the per-row shape the network takes; prepared rows of a table are filled up with zeros to it.
        preparation: what turns a table into such rows.
        task: what is predicted.
        columns: the columns of a table it takes.
        plan: everything that was chosen, as JSON values.
        history: a dict per lane and epoch.
        scores: every contender's scores and the verdict, as JSON values.
        audit: what was found about the data, as JSON values.
        test: the locked test part: `rows`, `target`, `prediction`.
        inspection: a dict per lane and inspected epoch, with the measures of every layer.
        form: what pictures or series were brought to; None for a table.
        examples: rows of the test part to look at, as JSON values; see `runs/examples.py`.
    """

    model: Model
    params: Params
    state: State
    input: Shape
    preparation: Preparation
    task: Task
    columns: tuple[Column, ...]
    plan: dict[str, Any]
    history: list[dict[str, Any]]
    scores: dict[str, Any] | None = None
    audit: dict[str, Any] | None = None
    test: dict[str, np.ndarray] | None = None
    inspection: list[dict[str, Any]] | None = None
    form: Frame | Form | None = None
    examples: list[dict[str, Any]] | None = None


def files(bundle: Bundle) -> dict[str, bytes]:
    """The content of every file by its name, without the seal.

    Raises:
        PlanError: when the plan, the model or the preparation holds NaN or an infinity.
    """
    from photic.export.card import card  # the card takes a Bundle, so it stands above this file

    prepared = {
        "task": bundle.task.to_json(),
        "columns": [column.to_json() for column in bundle.columns],
        "preparation": bundle.preparation.to_json(),
        **({} if bundle.form is None else {"form": bundle.form.to_json()}),
    }
    content = {
        "model.json": strict_json.dump({"input": list(bundle.input), **bundle.model.to_json()}, "model.json"),
        "weights.safetensors": _arrays(tree.flatten({"params": bundle.params, "state": bundle.state})),
        "preparation.json": strict_json.dump(prepared, "preparation.json"),
        "plan.json": strict_json.dump(bundle.plan, "plan.json"),
        "history.jsonl": strict_json.dump(bundle.history, "history.jsonl", results=True, lines=True),
    }
    if bundle.inspection is not None:
        content["inspection.jsonl"] = strict_json.dump(bundle.inspection, "inspection.jsonl", results=True, lines=True)
    for name, part in (("scores.json", bundle.scores), ("audit.json", bundle.audit)):
        if part is not None:
            content[name] = strict_json.dump(part, name, results=True)
    if bundle.examples:
        content["examples.jsonl"] = strict_json.dump(bundle.examples, "examples.jsonl", results=True, lines=True)
    if bundle.test is not None:
        content["test.safetensors"] = _arrays(bundle.test)
    return {**content, "card.md": card(bundle).encode()}


def write(folder: str | Path, bundle: Bundle, more: Mapping[str, bytes] | None = None) -> None:
    """Save a network as a run folder, replacing what is there in one step.

    Args:
        more: other files to stand under its seal.

    Raises:
        WorkError: when the disk is full or there is no right to write; what was there before is then whole.
        PlanError: when a choice in it is NaN or an infinity.
    """
    seal.write(folder, {**files(bundle), **(more or {})})


def read(folder: str | Path) -> Bundle:
    """The network in a run folder; `runs.store.verify` first says whether the folder is whole.

    Raises:
        RunError: when a file is missing, is not what it should be, or the weights do not fit the model.
    """
    place = Path(folder)
    described = _json(place / "model.json", "input", "layers")
    prepared = _json(place / "preparation.json", "task", "columns", "preparation")
    source = str(place / "preparation.json")
    model = Model.from_json({"layers": described["layers"]}, source=str(place / "model.json"))
    shape = tuple(described["input"])
    params, state = _weights(place / "weights.safetensors", model, shape)
    return Bundle(
        model=model,
        params=params,
        state=state,
        input=shape,
        preparation=Preparation.from_json(prepared["preparation"], source),
        form=read_form(prepared["form"], source) if "form" in prepared else None,
        task=Task.from_json(prepared["task"], source),
        columns=tuple(Column.from_json(column, source) for column in prepared["columns"]),
        plan=_json(place / "plan.json"),
        history=_lines(place / "history.jsonl"),
        inspection=_lines(place / "inspection.jsonl") if (place / "inspection.jsonl").exists() else None,
        examples=_lines(place / "examples.jsonl") if (place / "examples.jsonl").exists() else None,
        scores=_json(place / "scores.json") if (place / "scores.json").exists() else None,
        audit=_json(place / "audit.json") if (place / "audit.json").exists() else None,
        test=_load(place / "test.safetensors") if (place / "test.safetensors").exists() else None,
    )


def read_form(data: Mapping[str, Any], source: str) -> Frame | Form:
    """What rows were brought to, from its JSON form.

    Raises:
        RunError: when it is neither the frame of pictures nor the form of sequences.
    """
    return Frame.from_json(data, source) if data.get("kind") == "images" else Form.from_json(data, source)


def _weights(path: Path, model: Model, shape: Shape) -> tuple[Params, State]:
    found = _load(path)
    params, state = jax.eval_shape(lambda: model.init(keys.root(0), shape))
    expected = {name: tuple(leaf.shape) for name, leaf in tree.flatten({"params": params, "state": state}).items()}
    given = {name: array.shape for name, array in found.items()}
    for name in sorted(expected.keys() | given.keys()):
        if expected.get(name) != given.get(name):
            required = f"needs {list(expected[name])}" if name in expected else "needs to be absent"
            came = str(list(given[name])) if name in given else "nothing"
            source = f"{path.parent / 'model.json'}, which describes another network"
            raise RunError(f"{path} {name}", required, came, source=source, fix=_AGAIN)
    both = tree.unflatten({name: jnp.asarray(array) for name, array in found.items()})
    return both.get("params", {}), both.get("state", {})


def _arrays(arrays: Mapping[str, Any]) -> bytes:
    return safetensors.save({name: np.asarray(array, order="C") for name, array in arrays.items()})


def _load(path: Path) -> dict[str, np.ndarray]:
    try:
        return safetensors.load(_content(path))
    except SafetensorError as error:
        raise RunError(
            str(path), "needs a whole safetensors file", str(error), source="its content", fix=_AGAIN
        ) from None


def _json(path: Path, *keys: str) -> dict[str, Any]:
    value = strict_json.load(_content(path), str(path))
    if not isinstance(value, dict):
        raise RunError(str(path), "needs an object", f"a {type(value).__name__}", source="its content", fix=_AGAIN)
    for key in keys:
        if key not in value:
            raise RunError(str(path), f"needs {key!r}", "an object without it", source="its content", fix=_AGAIN)
    return value


def _lines(path: Path) -> list[dict[str, Any]]:
    return strict_json.load(_content(path), str(path), lines=True)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        came = (error.strerror or str(error)).lower()
        raise RunError(str(path), "needs a file that can be read", came, source="the run folder", fix=_AGAIN) from None
