"""What the user's words mean: a network by `--model NAME` or `--spec FILE`, never both; a learning rate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from photic.errors import PlanError, SpecError

if TYPE_CHECKING:
    from photic.model import Model

AUTO = "auto"


def rate(text: str | None) -> float | str | None:
    """A learning rate: its number, "auto", or None where the choice is Photic's.

    Raises:
        PlanError: when it is neither.

    >>> rate("0.1"), rate("auto"), rate(None)
    (0.1, 'auto', None)
    """
    if text is None or text == AUTO:
        return text
    try:
        return float(text)
    except ValueError:
        fix = "give a number such as 0.01, or auto, which finds one"
        need = "needs a number or 'auto'"
        raise PlanError("--lr", need, repr(text), source="the command line", fix=fix) from None


def network(name: str | None, spec: str | None) -> Model | str | None:
    """The network asked for, or None where the choice is Photic's.

    Raises:
        PlanError: when both a name and a file were given.
        SpecError: when the file cannot be read or holds no model.
    """
    if spec is None:
        return name
    if name is not None:
        raise PlanError(
            "--spec", "needs to be the only model", f"--model {name} too", source="the command line", fix="give one"
        )
    from photic.export import strict_json  # inside: help must print without NumPy
    from photic.model import Model  # inside: help must print without JAX

    path = Path(spec)
    if not path.is_file():
        fix = 'give a file that holds {"layers": [{"type": "dense", "units": 1}]}'
        raise SpecError("--spec", "needs a JSON file", "no such file", source=spec, fix=fix)
    return Model.from_json(strict_json.load(path.read_bytes(), spec), source=spec)
