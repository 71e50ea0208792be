"""One picture through a run's network: what it answers, where it looks, and what every layer makes of the picture."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import UInt8

from photic import report
from photic.backprop.sight import Sight, sight
from photic.errors import RequestError
from photic.runs.answer import answer_of
from photic.runs.look import one_row

if TYPE_CHECKING:
    from photic.runs.run import Run


@dataclasses.dataclass(frozen=True, eq=False)
class Picture:
    """A picture as a network sees it: print it, show it in a notebook, or take its page or its numbers.

    Args:
        name: of the picture.
        pixels: `[h, w, c]`, as the network is given them.
        answers: what the network says, in words and figures, the likeliest first.
        about: the answer that is explained.
        sight: the numbers.
    """

    name: str
    pixels: UInt8[np.ndarray, "h w c"]
    answers: tuple[tuple[str, str], ...]
    about: str
    sight: Sight

    def page(self) -> str:
        """A self-contained HTML page."""
        return report.sight.build(self.name, self.pixels, self.answers, self.about, self.sight)

    def to_json(self) -> dict[str, Any]:
        """All numbers as JSON values."""
        seen = self.sight
        return {
            "name": self.name,
            "answers": [list(each) for each in self.answers],
            "about": self.about,
            "slope": seen.slope.tolist(),
            "falls": seen.falls.tolist(),
            "filters": None if seen.filters is None else seen.filters.tolist(),
            "maps": {each.path: {"layer": each.words, "values": each.values.tolist()} for each in seen.maps},
        }

    def __str__(self) -> str:
        falls = self.sight.falls
        row, column = (int(at) for at in np.unravel_index(int(falls.argmax()), falls.shape))
        down, across = ((at + 0.5) / many for at, many in zip((row, column), falls.shape, strict=True))
        said = ", ".join(f"{what} {how}" for what, how in self.answers)
        where = f"{across:.0%} from the left and {down:.0%} from the top"
        looks = f"Covering it at {where} lowers the output for {self.about!r} most, by {falls.max():.3g}."
        return f"{self.name}: {said}.\n{looks if falls.max() > 0 else 'No square that is covered lowers the output.'}"

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        import html

        return f'<iframe srcdoc="{html.escape(self.page())}" style="width:100%;height:900px;border:0"></iframe>'


def see(run: Run, data: Any, row: int = 0, answer: str | None = None) -> Picture:
    """One picture through the network.

    Args:
        data: a file, a folder, or an array of pictures; None for those the run was fitted on.
        row: which of them, from 0.
        answer: the class to explain; the one the network says when left out.

    Raises:
        RequestError: for a run on other rows than pictures, a picture or a class that does not exist.
        DataError: when the picture cannot be read.
        RunError: when the data of the run is not at hand.
    """
    bundle = run.bundle
    if len(bundle.input) != 3:
        fix = "open a row with photic trace, or a neuron with photic show --layer"
        raise RequestError(str(run.folder), "needs a run on pictures", run.task.words, source="the run", fix=fix)
    one = one_row(run, data, row, "picture")
    x = bundle.preparation.transform(one)
    said = answer_of(run, x, answer)
    found = sight(bundle.model, bundle.params, bundle.state, x[0], said.output)
    found = dataclasses.replace(found, slope=said.sign * found.slope, falls=said.sign * found.falls)
    name = f"picture {row}" if one.names is None else str(one.names[0])
    return Picture(name, np.asarray(one.numbers[0]), said.answers, said.about, found)
