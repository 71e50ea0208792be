"""The simple models of text against counts by hand, and bits per character whatever a symbol is."""

import lzma
import math
from collections import Counter

import numpy as np
import pytest

from photic.data.text import windows
from photic.experiment import sums, symbols

RNG = np.random.default_rng(0)
CODES = RNG.choice(4, 900, p=[0.5, 0.25, 0.15, 0.1]).astype(np.int32)
CODES[1::3] = (CODES[0::3][: len(CODES[1::3])] + 1) % 4  # something to learn
FIT, STOP, SCORE = windows(CODES[:500]), windows(CODES[500:700]), windows(CODES[700:])
LEVELS = ["a", "b", "c", "d"]


def by_hand(before, asked, order):
    """Witten and Bell's interpolation of one symbol after the other, with dictionaries; contexts within a window."""
    counts = [Counter() for _ in range(order + 1)]
    for x, y in zip(*before, strict=True):
        for t in np.flatnonzero(y >= 0):
            for k in range(order + 1):
                counts[k][(tuple(x[t - k + 1 : t + 1]) if k else (), int(y[t]))] += 1

    def chance(context, symbol):
        p = 1 / 4
        for k in range(order + 1):
            mine = tuple(context[len(context) - k :])
            after = {each: times for (at, each), times in counts[k].items() if at == mine}
            if after:
                total = sum(after.values())
                p = (after.get(symbol, 0) + len(after) * p) / (total + len(after))
        return p

    x, y = asked
    return np.array([chance(x[i, : t + 1].tolist(), int(y[i, t])) for i, t in zip(*np.nonzero(y >= 0), strict=True)])


def test_the_n_gram_is_witten_and_bells():
    found, _ = symbols._interpolated(FIT, SCORE, 4, 3)
    np.testing.assert_allclose(found[3][SCORE[1] >= 0], by_hand(FIT, SCORE, 3), rtol=1e-6)


def test_frequencies_and_the_compressor():
    found = symbols.baselines(FIT, STOP, SCORE, LEVELS)
    there = SCORE[1] >= 0
    seen = np.concatenate([FIT[1][FIT[1] >= 0], STOP[1][STOP[1] >= 0]])
    counts = np.bincount(seen, minlength=4)
    expected = (counts + 4 * 0.25) / (counts.sum() + 4)
    np.testing.assert_allclose(found["frequencies"][there, 0], expected[SCORE[1][there]], rtol=1e-6)
    before, after = ("".join(LEVELS[code] for code in part) for part in (seen, SCORE[1][there]))
    bits = 8 * (len(lzma.compress((before + after).encode(), preset=6)) - len(lzma.compress(before.encode(), preset=6)))
    told = sums.measure("text", found["lzma"], SCORE[1], np.ones(len(SCORE[1])))
    assert told["bits"] == pytest.approx(bits / len(after), rel=1e-5)
    assert math.isnan(told["accuracy"])


def test_longer_contexts_help_where_there_is_something_to_learn():
    found = symbols.baselines(FIT, STOP, SCORE, LEVELS)
    bits = {name: sums.measure("text", p, SCORE[1], np.ones(len(SCORE[1])))["bits"] for name, p in found.items()}
    assert bits["n-gram"] < bits["frequencies"]


def test_bits_are_those_of_characters_whatever_a_symbol_is():
    p = np.array([[[0.25, 0.75], [0.5, 0.5]]])
    y = np.array([[1, -1]])
    told = symbols.told(p, y, ["a", "bcd"])
    found = sums.measure("text", told, y, np.ones(1))
    assert found["bits"] == pytest.approx(-math.log2(0.75) / 3)
    assert found["perplexity"] == pytest.approx(4 / 3)
    assert found["accuracy"] == 1
