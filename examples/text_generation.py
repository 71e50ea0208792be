"""Text generation: a network reads the King James Bible character by character, and then writes on.

    python examples/text_generation.py [EPOCHS]

Two epochs (ten minutes of training on two busy cores) reached 2.18 bits per character on the last fifth of the book,
the greater part of the New Testament, which it had never seen. That is not enough: an n-gram reached 1.93 there, and
the compressor xz 1.86. Both stand beside the network's score when it is printed. Every temperature gives another
writer: a low one repeats what is safe, and at 1 fewer of the words are words.

Reference: Graves, "Generating sequences with recurrent neural networks", 2013, https://arxiv.org/abs/1308.0850
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import photic as ph


def main(epochs: int, book: str | Path = "bible", out: str | Path | None = None) -> ph.Run:
    """Fit, print the scores, and write at three temperatures; the Bible is fetched once, 10 MB."""
    run = ph.fit(book, epochs=epochs, out=out)
    print(run.scores)
    for temperature in (0.4, 0.7, 1.0):
        print(f"\nAt temperature {temperature}:")
        print(textwrap.fill(run.generate("And the LORD said", temperature=temperature, length=400), 100))
    print(f"\nThe page: {run.report().path}")
    return run


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
