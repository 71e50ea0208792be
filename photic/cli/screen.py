"""Where a command writes: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def out() -> Console:
    """The console for results."""
    from rich.console import Console  # inside: help must print without it

    return Console(highlight=False)


def err() -> Console:
    """The console for progress and errors."""
    from rich.console import Console  # inside: help must print without it

    return Console(stderr=True, highlight=False)


def put_json(value: Any) -> None:
    """Print one JSON object on standard output; a number that is not defined becomes null."""
    from photic.export import strict_json  # inside: help must print without NumPy

    sys.stdout.write(strict_json.dump(value, "the result", results=True).decode())
