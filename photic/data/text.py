"""Text as a Dataset: a book becomes windows of symbols, and at every step the next symbol is to be said.

Symbols are characters, or the pieces of a tokenizer file. The windows stand in the order of the text, so that the test
part is its end, and their targets meet without a gap or an overlap: every symbol is predicted once. The first steps of
a window are context alone, the end of the window before it; they have no target, so that no answer is asked of an
empty memory.

Reference: Shannon, "Prediction and entropy of printed English", 1951,
https://doi.org/10.1002/j.1538-7305.1951.tb01366.x. Lesson 22.
"""

from __future__ import annotations

import collections
import importlib.util
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int

from photic.data.catalogue import KNOWN
from photic.data.dataset import Column, Dataset
from photic.data.form import Form
from photic.data.said import listed
from photic.data.task import Task
from photic.errors import DataError

#: Steps of a window that have a target, and those before them that are context alone.
STEPS, CONTEXT = 128, 16
#: More kinds of symbols than these are not told apart, nor those rarer than one in so many.
CHARACTERS, TOKENS, RARE = 255, 2_000, 200_000
#: A text with fewer windows cannot be divided into parts that say anything.
WINDOWS = 20
#: What stands for every symbol that is not told apart.
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
SUFFIXES = frozenset({".txt", ".md", ".text"})


def is_text(data: Any, target: Any = None) -> bool:
    """Whether this is a text to be continued: a file with the ending of one and no target named, or a set of text.

    >>> is_text("book.txt"), is_text("measured.txt", "price"), is_text("houses.csv")
    (True, False, False)
    """
    if not isinstance(data, str | os.PathLike) or target is not None:
        return False
    known = KNOWN.get(str(data))
    path = Path(data)
    return path.suffix.lower() in SUFFIXES or (not path.exists() and known is not None and known.kind == "text")


def read_text(data: Any, tokenizer: str | os.PathLike[str] | None = None) -> Dataset:
    """The Dataset of a text.

    Args:
        data: a path, or the name of a set of text.
        tokenizer: a tokenizer.json whose tokens are the symbols; None takes characters.

    Raises:
        DataError: for a file that is not there, is not UTF-8, is no text, or is too short.
    """
    name, source, words, said = opened(data)
    unit = "character" if tokenizer is None else "token"
    symbols, about = _characters(words) if tokenizer is None else _tokens(words, tokenizer)
    pieces = np.array(symbols, dtype=object)
    levels, codes = _vocabulary(symbols, CHARACTERS if tokenizer is None else TOKENS)
    need_length(name, len(codes), source)
    rare = int((codes == len(levels) - 1).sum()) if levels[-1] == UNKNOWN else 0
    if rare:
        gone = sorted(set(pieces[codes == len(levels) - 1]))
        which = listed([repr(symbol) for symbol in gone], 6)
        said += (f"Rare {unit}s become one, the unknown: {rare:,} times {which}.",)
    numbers, y = windows(codes)
    start = np.arange(len(numbers), dtype=np.float64) * STEPS
    cut = f"{len(numbers):,} windows of {STEPS} {unit}s, each after {CONTEXT} that are context alone."
    task = Task("multiclass", f"next {unit}", tuple(levels), every_step=True, unit=unit)
    return Dataset.of(
        name, source, [Column(unit, "category", tuple(levels))], numbers, task=task, y=y, time=start,
        until=start + STEPS, form=Form("text", window=STEPS + CONTEXT),
        said=(f"{len(codes):,} {unit}s, {len(levels):,} different ones{about}.", *said, cut),
    )  # fmt: skip


def read_text_for(data: Any, levels: Sequence[str]) -> Dataset:
    """New text in the symbols of a saved network; what it does not know is unknown to it.

    Raises:
        DataError: as `read_text`.
    """
    if isinstance(data, Dataset):
        return Dataset.of(data.name, data.source, data.columns, data.numbers, form=data.form)
    name, source, words, said = opened(data)
    codes = encoded(words, levels)
    if len(codes) < 2:
        raise DataError(name, "needs at least two symbols", f"{len(codes)}", source=source, fix="give a longer text")
    numbers, _ = windows(codes)
    return Dataset.of(
        name, source, [Column("character", "category", tuple(levels))], numbers, form=Form("text"), said=said
    )


def windows(codes: Int[np.ndarray, " s"]) -> tuple[Int[np.ndarray, "n t"], Int[np.ndarray, "n t"]]:
    """All windows of a text, and the symbol that follows at every step; -1 where none is asked for.

    Before the text, and after its last symbol, stand codes of -1, which no network knows.

    >>> numbers, y = windows(np.arange(200))
    >>> numbers.shape, y[0, 15:18].tolist(), y[1, 16].item(), int((y >= 0).sum())
    ((2, 144), [-1, 1, 2], 129, 199)
    """
    count = -(-(len(codes) - 1) // STEPS)
    filled = np.full(CONTEXT + count * STEPS + 1, -1, np.int32)
    filled[CONTEXT : CONTEXT + len(codes)] = codes
    at = np.arange(count)[:, None] * STEPS + np.arange(STEPS + CONTEXT)
    y = filled[at + 1].copy()
    y[:, :CONTEXT] = -1
    return filled[at], y


def encoded(words: str, levels: Sequence[str]) -> Int[np.ndarray, " s"]:
    """A text as codes, the longest known piece at every place; what is not known has the code of the unknown, or -1.

    >>> encoded("a cab?", ["a", "b", "ca", " "]).tolist()
    [0, 3, 2, 1, -1]
    """
    places = {level: code for code, level in enumerate(levels) if level != UNKNOWN}
    unknown = len(levels) - 1 if levels[-1] == UNKNOWN else -1
    longest = max(map(len, places))
    if longest == 1:
        return np.array([places.get(symbol, unknown) for symbol in words], np.int32)
    found, at = [], 0
    while at < len(words):
        size = next((size for size in range(longest, 0, -1) if words[at : at + size] in places), 1)
        found.append(places.get(words[at : at + size], unknown))
        at += size
    return np.array(found, np.int32)


def opened(data: Any) -> tuple[str, str, str, tuple[str, ...]]:
    """Name, source and words of a text, and what was handled.

    Raises:
        DataError: for a file that is not there, or no text in UTF-8.
    """
    path = Path(data)
    if str(data) in KNOWN and not path.exists():
        from photic.data import sources

        name, source, raw = str(data), f"the set {data}", sources.get(str(data)).read_bytes()
    else:
        if not path.is_file():
            from photic.data import files

            raise files.missing(path, tuple(KNOWN))
        name, source, raw = path.stem, str(path), path.read_bytes()
    words = _decoded(raw, source)
    said = []
    if "\r" in words:
        words = words.replace("\r\n", "\n").replace("\r", "\n")
        said.append("Line ends of other systems are read as plain ones.")
    return name, source, words, tuple(said)


def need_length(name: str, symbols: int, source: str) -> None:
    """Refuse a text that is too short to be divided.

    Raises:
        DataError: with the number of symbols that are needed.
    """
    if symbols < STEPS * WINDOWS:
        got = f"{symbols:,}" if symbols else "an empty text"
        required = f"needs at least {STEPS * WINDOWS:,} symbols to learn from and to be judged by"
        raise DataError(name, required, got, source=source, fix="give a longer text")


def _decoded(raw: bytes, source: str) -> str:
    if not raw.strip():
        raise DataError("text", "needs words", "an empty file", source=source, fix="give a file with text")
    for mark, encoding in ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if raw.startswith(mark):
            _refuse_encoding(f"the mark of {encoding} at its beginning", encoding, source)
    if b"\x00" in raw:
        fix = "give a file of plain text; of a document, save it as plain text first"
        got = f"a zero byte at place {raw.index(0):,}, as only other files have"
        raise DataError("text", "needs plain text in UTF-8", got, source=source, fix=fix)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        got = f"the byte 0x{raw[problem.start]:02x} at place {problem.start:,}, line {line:,}"
        _refuse_encoding(got, "WINDOWS-1252" if any(0x80 <= byte < 0xA0 for byte in raw) else "ISO-8859-1", source)
    raise AssertionError("one of the two ways is always taken")


def _refuse_encoding(got: str, likely: str, source: str) -> None:
    fix = f"it is likely {likely}: iconv -f {likely} -t UTF-8 {source} > utf8.txt"
    raise DataError("text", "needs UTF-8", got, source=source, fix=fix)


def _characters(words: str) -> tuple[list[str], str]:
    return list(words), ""


def _tokens(words: str, tokenizer: str | os.PathLike[str]) -> tuple[list[str], str]:
    """The pieces of a text: each token with whatever stands up to the next one, so that together they are the text."""
    where, path = str(tokenizer), Path(tokenizer)
    if importlib.util.find_spec("tokenizers") is None:
        fix = "type: pip install 'photic[text]'"
        raise DataError(where, "needs the library tokenizers", "none", source="this installation", fix=fix)
    import tokenizers  # a tenth of a second, and characters do not need it

    written = path.read_bytes() if path.is_file() else b""
    try:
        form = json.loads(written)
    except ValueError:
        form = None
    if not isinstance(form, dict) or "model" not in form:
        got = "other content" if written else "no such file, or an empty one"
        fix = "give a tokenizer.json as the library tokenizers writes it"
        raise DataError(where, "needs a tokenizer file", got, source="the tokenizer option", fix=fix)
    found = tokenizers.Tokenizer.from_file(where).encode(words, add_special_tokens=False)
    starts = sorted({0, *(start for start, _ in found.offsets)})
    ends = [*starts[1:], len(words)]
    return [words[start:end] for start, end in zip(starts, ends, strict=True)], f", tokens of {Path(where).name}"


def _vocabulary(symbols: Sequence[str], most: int) -> tuple[list[str], Int[np.ndarray, " s"]]:
    """The symbols that are told apart, in their order, the unknown last if there is any; and the text as codes."""
    counts = collections.Counter(symbols)
    least = len(symbols) / RARE
    kept = [symbol for symbol, count in counts.most_common(most) if count >= least and symbol != UNKNOWN]
    levels = sorted(kept) + ([UNKNOWN] if len(kept) < len(counts) else [])
    places = {level: code for code, level in enumerate(levels)}
    return levels, np.array([places.get(symbol, len(levels) - 1) for symbol in symbols], np.int32)
