"""One series through a run's network: what it answers, which steps decide, and what every unit does along the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from photic import report
from photic.backprop.distance import Reach, reach
from photic.backprop.trace import trace
from photic.backprop.walk import Walk, walk
from photic.data.dataset import Dataset
from photic.errors import RequestError
from photic.layers.recurrent import RecurrentLayer
from photic.runs.answer import answer_of
from photic.runs.look import one_row, rows

if TYPE_CHECKING:
    from photic.runs.run import Run

_MOST_ROWS = 128  # whose gradients are measured against distance


@dataclasses.dataclass(frozen=True, eq=False)
class Followed:
    """A series as a network walks along it: print it, show it in a notebook, or take its page or its numbers.

    Args:
        name: of the series.
        channels: their names.
        values: `[t, d]`, the series in the user's units.
        answers: what the network says, in words and figures, the likeliest first.
        about: the answer that is explained.
        walk: the numbers.
        reaches: by the name of a run, how far back its gradient reaches; empty without a recurrent layer, and
            where only other data was asked for.
    """

    name: str
    channels: tuple[str, ...]
    values: Float[np.ndarray, "t d"]
    answers: tuple[tuple[str, str], ...]
    about: str
    walk: Walk
    reaches: Mapping[str, Reach]

    def page(self) -> str:
        """A self-contained HTML page."""
        return report.walk.build(
            self.name, self.channels, self.values, self.answers, self.about, self.walk, self.reaches
        )

    def to_json(self) -> dict[str, Any]:
        """All numbers as JSON values."""
        return {
            "name": self.name,
            "answers": [list(each) for each in self.answers],
            "about": self.about,
            "values": {name: self.values[:, at].tolist() for at, name in enumerate(self.channels)},
            "slope": self.walk.slope.tolist(),
            "falls": self.walk.falls.tolist(),
            "courses": [
                {"path": each.path, "layer": each.words, "name": each.name, "values": each.values.tolist()}
                for each in self.walk.courses
            ],
            "reaches": {
                name: {"distance": each.distance.tolist(), "size": each.size.tolist(), "rows": each.rows.tolist()}
                for name, each in self.reaches.items()
            },
        }

    def __str__(self) -> str:
        said = ", ".join(f"{what} {how}" for what, how in self.answers)
        falls, steps = self.walk.falls, len(self.values)
        middle = round((int(falls.argmax()) + 0.5) / len(falls) * steps)
        looks = f"Covering a stretch around step {middle:,} of {steps:,} lowers the output for {self.about!r} most"
        found = (
            f"{looks}, by {falls.max():.3g}." if falls.max() > 0 else "No stretch that is covered lowers the output."
        )
        return "\n".join([f"{self.name}: {said}.", found, *(_far(name, each) for name, each in self.reaches.items())])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        import html

        return f'<iframe srcdoc="{html.escape(self.page())}" style="width:100%;height:900px;border:0"></iframe>'


def follow(run: Run, data: Any, row: int = 0, answer: str | None = None, beside: Sequence[Run] = ()) -> Followed:
    """One series through the network.

    Args:
        data: series as the run was fitted on, without their targets; None for those it was fitted on.
        row: which of them, from 0.
        answer: the class to explain; the one the network says when left out.
        beside: other runs on the same data, whose gradients are measured against distance too.

    Raises:
        RequestError: for a run on other rows than series, a series or a class that does not exist.
        RunError: when the data of a run is not at hand.
    """
    bundle = run.bundle
    if len(bundle.input) != 2:
        fix = "open a row with photic trace, or a picture with photic show --picture"
        raise RequestError(str(run.folder), "needs a run on series", run.task.words, source="the run", fix=fix)
    one = one_row(run, data, row, "series")
    steps = one.numbers.shape[1] if one.lengths is None else int(one.lengths[0])
    x = bundle.preparation.transform(one, width=bundle.input[0])
    x = x if one.lengths is None else x[:, :steps]
    said = answer_of(run, x, answer)
    found = walk(bundle.model, bundle.params, bundle.state, x[0], said.output)
    found = dataclasses.replace(found, slope=said.sign * found.slope, falls=said.sign * found.falls)
    name = f"series {row if one.names is None else one.names[0]}"
    channels = tuple(column.name for column in bundle.columns)
    values = np.asarray(one.numbers[0, :steps], np.float64)
    asked = (run, *beside) if data is None or beside else ()  # another file may come without the run's own data
    reaches = {each.folder.name: far for each in asked if (far := reach_of(each)) is not None}
    return Followed(name, channels, values, said.answers, said.about, found, reaches)


def reach_of(run: Run, data: Dataset | None = None) -> Reach | None:
    """How far back the gradient of the run's loss reaches in its own series; None when no layer ends in its last state.

    Args:
        data: the series; None reads what the run was fitted on again.

    Raises:
        RunError: when that data is not at hand.
    """
    model = run.bundle.model
    if not any(isinstance(layer, RecurrentLayer) and layer.returns == "last" for layer in model.layers):
        return None
    dataset = rows(run) if data is None else data
    some, bundle = np.arange(min(dataset.n, _MOST_ROWS)), run.bundle
    assert dataset.y is not None, "rows that were read with a target have one"
    x = bundle.preparation.transform(dataset, some, width=bundle.input[0])
    y = bundle.preparation.target(dataset.y[some])
    lengths = None if dataset.lengths is None else dataset.lengths[some]
    seen = trace(model, bundle.params, bundle.state, x, y, run.plan.loss, lengths=lengths)
    return reach(seen["layers.0"])


def _far(name: str, far: Reach) -> str:
    """In words: from which distance on the gradient is below a hundredth of a row's largest."""
    seen = np.flatnonzero(far.size >= 0.01)
    last = int(seen[-1]) if len(seen) else 0
    if last == len(far.size) - 1:
        return f"{name}: the gradient reaches over all {len(far.size):,} steps (above a hundredth of its largest)."
    return f"{name}: more than {last:,} steps back the gradient is below a hundredth of its largest."
