"""Advice: the one change to try first, in words and as a change of the setup that can be carried out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photic.diagnose.described import Described


@dataclasses.dataclass(frozen=True)
class Advice:
    """One change.

    Args:
        words: what to do, an imperative with the numbers.
        change: the setup before to the setup after; None for what only a person can do (look at the labels).
    """

    words: str
    change: Callable[[Described], Described] | None = None
