"""Symbols: what each contender gave the symbol of a text that came, and the simple models that stand beside a network.

Of an answer over all symbols only three numbers are kept: the probability of the one that came, whether it was thought
the most probable, and how many characters it is. Bits per character follow from them, whatever a symbol is.

Reference: Witten and Bell, "The zero-frequency problem", 1991, https://doi.org/10.1109/18.87000 (method C);
interpolated as in Chen and Goodman, "An empirical study of smoothing techniques for language modeling", 1999,
https://doi.org/10.1006/csla.1999.0128 (section 2.7); a compressor as a model: Cilibrasi and Vitányi, "Clustering by
compression", 2005, https://doi.org/10.1109/TIT.2005.844059
"""

from __future__ import annotations

import lzma
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

#: The longest context that the n-gram looks at, no longer than the context that every window has.
LONGEST = 12
#: The simple models in words.
WORDS = {
    "frequencies": "knows how often each symbol comes",
    "n-gram": f"counts what came after the last symbols, at most {LONGEST} of them, and after fewer (interpolated)",
    "lzma": "the compressor xz, given the text before: what the test part adds to its size",
}
_BASE = np.uint64(0x9E3779B97F4A7C15)

Windows = Int[np.ndarray, "_ _"]
Told = Float[np.ndarray, "_ _ 3"]


def told(p: Float[np.ndarray, "n t c"], y: Windows, levels: Sequence[str]) -> Told:
    """The probability of the symbol that came, 1 where it was the most probable, and its characters.

    >>> told(np.array([[[0.25, 0.75]]]), np.array([[1]]), ["a", "bc"])[0].tolist()
    [[0.75, 1.0, 2.0]]
    """
    true = np.maximum(y, 0)
    chance = np.take_along_axis(p, true[..., None], axis=2)[..., 0]
    return np.stack([chance, p.argmax(axis=2) == true, _sizes(levels)[true]], axis=2).astype(np.float32)


def baselines(
    fit: tuple[Windows, Windows],
    stop: tuple[Windows, Windows],
    score: tuple[Windows, Windows],
    levels: Sequence[str],
) -> dict[str, Told]:
    """What the simple models give every symbol of the score windows, by name, simplest first.

    The n-gram's order is the one that is best on the stop windows; all learn from fit and stop windows together.

    Args:
        fit, stop, score: windows `[n, t]` and the symbols that follow, as `data.text.windows` cuts them.

    >>> from photic.data.text import windows
    >>> parts = [windows(np.tile([0, 1, 2, 1], 100)) for _ in range(3)]
    >>> p = baselines(*parts, ["a", "b", "c"])
    >>> list(p), bool(p["n-gram"][0, -1, 0] > 0.9)
    (['frequencies', 'n-gram', 'lzma'], True)
    """
    both = (np.concatenate([fit[0], stop[0]]), np.concatenate([fit[1], stop[1]]))
    order = _best_order(fit, stop, len(levels)) if len(stop[0]) else 5
    chances, guesses = _interpolated(both, score, len(levels), order)
    sizes = _sizes(levels)[np.maximum(score[1], 0)]
    lay = lambda chance, right: np.stack([chance, right, sizes], axis=2).astype(np.float32)
    usual = np.bincount(both[1][both[1] >= 0], minlength=len(levels)).argmax()
    packed = lay(np.full(score[1].shape, _packed(both[1], score[1], levels)), np.full(score[1].shape, np.nan))
    packed[..., 0] **= sizes  # so many bits for each character
    return {
        "frequencies": lay(chances[0], score[1] == usual),
        "n-gram": lay(chances[-1], guesses == score[1]),
        "lzma": packed,
    }


def _sizes(levels: Sequence[str]) -> Float[np.ndarray, " c"]:
    return np.array([max(1, len(level)) for level in levels], float)


def _best_order(fit: tuple[Windows, Windows], stop: tuple[Windows, Windows], symbols: int) -> int:
    chances, _ = _interpolated(fit, stop, symbols, LONGEST)
    there = stop[1] >= 0
    return 1 + int(np.argmin([-np.log(chance[there]).mean() for chance in chances[1:]]))


def _interpolated(
    known: tuple[Windows, Windows], asked: tuple[Windows, Windows], symbols: int, order: int
) -> tuple[list[Float[np.ndarray, "_ _"]], Int[np.ndarray, "_ _"]]:
    """For every order from 0 the chances of the symbols that came; and what came most often after the longest context.

    p_k(s) = (N(context, s) + T(context) p_{k-1}(s)) / (N(context) + T(context)), where N counts and T is the number of
    different symbols that followed the context; below order 0 every symbol is alike.
    """
    (x, y), (x_asked, y_asked) = known, asked
    there, wanted = y >= 0, y_asked >= 0
    true, sought = y[there].astype(np.uint64), y_asked[wanted].astype(np.uint64)
    chance, guess = np.full(len(sought), 1 / symbols), np.zeros(len(sought), np.int64)
    found = []
    mark, mark_asked = np.zeros(x.shape, np.uint64), np.zeros(x_asked.shape, np.uint64)
    for k in range(order + 1):
        if k:
            mark, mark_asked = (_longer(marks, codes, k) for marks, codes in ((mark, x), (mark_asked, x_asked)))
        counts = _Counts.of(mark[there], true)
        chance, guess = counts.applied(mark_asked[wanted], sought, chance, guess)
        found.append(_laid(chance, wanted, 1.0))
    return found, _laid(guess, wanted, -1)


def _longer(marks: np.ndarray, codes: Windows, k: int) -> np.ndarray:
    """A mark of the last k symbols at every step, from that of the last k - 1; different contexts hardly share one."""
    back = np.zeros_like(marks)
    back[:, k - 1 :] = (codes[:, : codes.shape[1] - k + 1] + 2).astype(np.uint64)
    with np.errstate(over="ignore"):
        return (marks ^ (back * np.uint64(2 * k + 1) * _BASE)) * _BASE + np.uint64(k)


class _Counts:
    """How often each symbol came after each context."""

    def __init__(self, pairs: np.ndarray, times: np.ndarray, contexts: np.ndarray, table: np.ndarray) -> None:
        self.pairs, self.times, self.contexts, self.table = pairs, times, contexts, table

    @classmethod
    def of(cls, marks: np.ndarray, true: np.ndarray) -> _Counts:
        with np.errstate(over="ignore"):
            pairs, first, times = np.unique(marks * _BASE + true, return_index=True, return_counts=True)
        contexts, which = np.unique(marks[first], return_inverse=True)
        total, kinds = np.bincount(which, times), np.bincount(which)
        order = np.lexsort((-times, which))
        most = true[first[order[np.flatnonzero(np.diff(which[order], prepend=-1))]]]
        return cls(pairs, times, contexts, np.stack([total, kinds, most.astype(float)], axis=1))

    def applied(
        self, marks: np.ndarray, true: np.ndarray, chance: np.ndarray, guess: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The chances and guesses of one order, from those of the order below."""
        at = np.minimum(np.searchsorted(self.contexts, marks), len(self.contexts) - 1)
        met = self.contexts[at] == marks
        total, kinds, most = self.table[at].T
        with np.errstate(over="ignore"):
            pair = marks * _BASE + true
        place = np.minimum(np.searchsorted(self.pairs, pair), len(self.pairs) - 1)
        times = np.where(self.pairs[place] == pair, self.times[place], 0)
        better = (times + kinds * chance) / (total + kinds)
        return np.where(met, better, chance), np.where(met, most.astype(np.int64), guess)


def _laid(values: np.ndarray, there: np.ndarray, fill: float) -> np.ndarray:
    out = np.full(there.shape, fill, values.dtype)
    out[there] = values
    return out


def _packed(before: Windows, score: Windows, levels: Sequence[str]) -> float:
    """The chance that a compressor's size amounts to for each character: 2 to the minus bits per character."""
    names = np.array(levels, dtype=object)
    spell = lambda y: "".join(names[y[y >= 0]])
    text, more = spell(before), spell(score)
    size = lambda words: len(lzma.compress(words.encode("utf-8", "replace"), preset=6))
    return float(2 ** (-8 * (size(text + more) - size(text)) / max(1, len(more))))
