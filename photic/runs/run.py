"""A run: a trained network with its preparation, its history and its proof, in a folder."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from photic import report
from photic.backprop.neurons import Neuron
from photic.backprop.trace import Trace
from photic.data import maps
from photic.data.audit import Audit
from photic.data.dataset import Dataset
from photic.data.form import Form
from photic.data.memory import budget
from photic.data.read import read_for
from photic.data.task import Task
from photic.data.text import CONTEXT
from photic.experiment.outcome import Outcome
from photic.experiment.plan import Plan
from photic.export import bundle
from photic.export.bundle import Bundle
from photic.model import Model
from photic.optim.rules import Rule
from photic.runs import store
from photic.runs.course import Followed, follow
from photic.runs.generate import generate
from photic.runs.landscape import View, landscape
from photic.runs.look import open_neuron, trace_row
from photic.runs.picture import Picture, see
from photic.runs.predictions import Predictions, cleared
from photic.train.history import Watcher
from photic.train.predict import outputs, predictions

_PIECE = 8192  # rows at least, which a network takes at once


@dataclasses.dataclass(frozen=True)
class Report:
    """The report of a run: print it, show it in a notebook, or open the page at `path`."""

    path: Path

    def __str__(self) -> str:
        return report.text(self.path.parent)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        import html

        page = html.escape(self.path.read_text(), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:720px;border:0"></iframe>'


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """A finished run in its folder; everything here was read from there, the data it was trained on is not needed.

    Args:
        folder: where it is.
        bundle: what it holds.
    """

    folder: Path
    bundle: Bundle

    @property
    def model(self) -> Model:
        """The network's structure."""
        return self.bundle.model

    @property
    def task(self) -> Task:
        """What is predicted."""
        return self.bundle.task

    @property
    def history(self) -> list[dict[str, Any]]:
        """A dict per lane and epoch: loss, stop_loss, stop_score, learning_rate, best."""
        return self.bundle.history

    @cached_property
    def plan(self) -> Plan:
        """Everything that was chosen."""
        return Plan.from_json(self.bundle.plan, str(self.folder / "plan.json"))

    @cached_property
    def scores(self) -> Outcome | None:
        """Scores with intervals beside the baselines, and the verdict."""
        return None if self.bundle.scores is None else Outcome.from_json(self.bundle.scores)

    @cached_property
    def audit(self) -> Audit | None:
        """What was found about the data."""
        return None if self.bundle.audit is None else Audit.from_json(self.bundle.audit)

    def predict(self, data: Any, *, memory: str | int | None = None) -> Predictions:
        """Predictions for new rows: a file, a table or an array with the columns the network was trained on.

        For pictures: a folder of them, one file, a table of paths, or an array of bytes; unreadable ones are left out.

        Args:
            memory: how much of it rows may take, such as "2GB"; half of what is free when left out. Rows beyond that
                lie in a file and are predicted piece by piece.

        Raises:
            DataError: when a column is missing or holds something else than it did in training.
        """
        bundle = self.bundle
        dataset = read_for(data, bundle.columns, bundle.form, memory=budget(memory))
        z = _outputs(bundle, dataset)
        p = bundle.preparation.untarget(predictions(self.plan.loss, z))
        called, clock, form = "path" if dataset.kind == "images" else "series", "step", bundle.form
        if bundle.task.every_step:
            p = p if dataset.lengths is None else cleared(p, dataset.lengths)
            if bundle.task.unit:
                called, p = "window", _asked(p, dataset)
            elif isinstance(form, Form):
                called, clock = form.id or called, (form.time or clock) if dataset.moments is not None else clock
        return Predictions(bundle.task, p, dataset.said, dataset.names, called, dataset.moments, clock)

    def generate(self, prompt: str = "", *, temperature: float = 0.7, length: int = 400, seed: int = 0) -> str:
        """The text that follows a prompt, of a network on text; see `runs.generate.generate`."""
        return generate(self.bundle, prompt, temperature=temperature, length=length, seed=seed, where=str(self.folder))

    def trace(self, row: int, data: Any = None) -> Trace:
        """Every number of one forward and one backward pass of a row; see `runs.look.trace_row`."""
        return trace_row(self, row, data)

    def neuron(self, layer: str | int, unit: int, data: Any = None) -> Neuron:
        """What one neuron listens for and what excites it most; see `runs.look.open_neuron`."""
        return open_neuron(self, layer, unit, data)

    def see(self, data: Any = None, row: int = 0, answer: str | None = None) -> Picture:
        """One picture through the network: where it looks and what every layer makes of it; see `runs.picture.see`."""
        return see(self, data, row, answer)

    def follow(self, data: Any = None, row: int = 0, answer: str | None = None, beside: Sequence[Run] = ()) -> Followed:
        """One series through the network: which steps decide and what every unit does; see `runs.course.follow`."""
        return follow(self, data, row, answer, beside)

    def landscape(
        self,
        data: Any = None,
        *,
        rules: Sequence[str | Rule] = (),
        rates: Sequence[float] = (),
        points: int | None = None,
        progress: Watcher | None = None,
    ) -> View:
        """The loss around the path this run took, or under several update rules; see `runs.landscape.landscape`."""
        return landscape(self, data, rules=rules, rates=rates, points=points, progress=progress)

    def report(self) -> Report:
        """The report: its text when printed, its page in a notebook, the page's path as `.path`."""
        return Report(self.folder / "report.html")

    def save(self, folder: str | Path) -> Run:
        """A copy of the run in another folder.

        Raises:
            RunError: when the folder holds something already.
            WorkError: when it cannot be written.
        """
        place = store.new_folder(folder, self.plan.name)
        store.copy(self.folder, place)
        return load(place)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}: {self.task.words})\n{self.scores}"

    def _repr_html_(self) -> str:
        return self.report()._repr_html_()


def _outputs(bundle: Bundle, dataset: Dataset) -> Float[np.ndarray, "n ..."]:
    """What the network makes of all rows; of those in a file, piece by piece."""
    parts = []
    row_bytes = 4 * math.prod(bundle.input)
    for piece in maps.pieces(dataset.n, row_bytes, least=_PIECE) if dataset.mapped else [slice(0, dataset.n)]:
        rows = np.arange(dataset.n)[piece] if dataset.mapped else None
        lengths = None if dataset.lengths is None else dataset.lengths[piece]
        x = bundle.preparation.transform(dataset, rows, width=bundle.input[0])
        parts.append(outputs(bundle.model, bundle.params, bundle.state, x, lengths))
        maps.release(dataset.numbers)
        maps.release(dataset.codes)
    return np.concatenate(parts)


def _asked(p: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Answers at the steps of a text that stand for a symbol of it and are no mere context."""
    mine = dataset.numbers >= 0
    mine[1:, :CONTEXT] = False
    return np.where(mine[..., None], p, np.nan)


def load(folder: str | Path) -> Run:
    """The run in a folder.

    Raises:
        RunError: when it is not a run, was cut short or edited by hand, or was made by a newer Photic.
    """
    store.verify(folder)
    return Run(Path(folder), bundle.read(Path(folder)))
