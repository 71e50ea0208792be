"""Generating: text that a network on text goes on with, from a prompt or from nothing."""

from __future__ import annotations

import numpy as np

from photic import keys
from photic.data.text import UNKNOWN, encoded
from photic.errors import RequestError, RunError
from photic.export.bundle import Bundle
from photic.train.sample import continued

#: The temperatures of the samples in a report, and their length.
TEMPERATURES, LENGTH = (0.4, 0.7, 1.0), 400
_BEFORE = 100  # symbols drawn and thrown away before a text that has no prompt: a memory that is not empty
_MOST = 100_000


def generate(
    bundle: Bundle, prompt: str = "", *, temperature: float = 0.7, length: int = 400, seed: int = 0, where: str = "run"
) -> str:
    """The text that follows a prompt; the prompt is not part of it.

    Args:
        prompt: what to go on from; without one the text begins anywhere.
        temperature: 0 takes the most probable symbol each time, 1 draws them as probable as they are.
        length: how many symbols.
        seed: the same seed gives the same text.
        where: the run, as the user knows it.

    Raises:
        RunError: for a network that is not one of text.
        RequestError: for a temperature, length or prompt that cannot be.
    """
    task = bundle.task
    if not task.unit:
        fix = "give the run of a text: photic fit book.txt"
        raise RunError(where, "needs a network that continues text", task.words, source=where, fix=fix)
    if isinstance(temperature, bool) or not 0 <= temperature < float("inf"):
        fix = "give a number such as 0.7"
        _refuse("temperature", "needs a number of at least 0", temperature, fix)
    if isinstance(length, bool) or not 1 <= length <= _MOST:
        _refuse("length", f"needs a whole number from 1 to {_MOST:,}", length, "give a number such as 400")
    levels = task.classes
    codes = encoded(prompt, levels) if prompt else np.array([_usual(levels)])
    unknown = sorted({symbol for symbol in prompt if not _known(symbol, levels)})
    if unknown and len(unknown) == len(set(prompt)):
        fix = "write it in the alphabet of the text"
        _refuse("prompt", "needs symbols that the network knows", prompt[:20], fix)
    spare = 0 if prompt else _BEFORE
    drawn = continued(
        bundle.model, bundle.params, bundle.state, codes, length + spare, temperature=temperature,
        key=keys.fold(keys.root(seed), "generate"), banned=np.array([level == UNKNOWN for level in levels]),
    )  # fmt: skip
    return "".join(levels[code] for code in drawn[spare:])


def samples(bundle: Bundle, seed: int) -> list[dict[str, object]]:
    """Texts at several temperatures, as the report keeps them."""
    return [
        {"kinds": ["sample"], "temperature": temperature,
         "text": generate(bundle, temperature=temperature, length=LENGTH, seed=seed)}
        for temperature in TEMPERATURES
    ]  # fmt: skip


def _known(symbol: str, levels: tuple[str, ...]) -> bool:
    return any(symbol in level for level in levels if level != UNKNOWN)


def _usual(levels: tuple[str, ...]) -> int:
    """Where a text without a prompt begins: at a line end if there is one, else at a space or the first symbol."""
    return next((levels.index(mark) for mark in ("\n", " ") if mark in levels), 0)


def _refuse(name: str, required: str, got: object, fix: str) -> None:
    raise RequestError(name, required, repr(got), source=f"the {name} option", fix=fix)
