"""The .ts file: series with their class, a line each, as the UCR and UEA archives are shipped.

Lines that begin with # or @ describe; after `@data` a line holds the channels of one series, divided by colons, and its
class last. Within a channel the steps are divided by commas; a question mark is a missing value.

Reference: Bagnall et al., "The UEA multivariate time series classification archive, 2018", 2018,
https://arxiv.org/abs/1811.00075
"""

from __future__ import annotations

import numpy as np

from photic.data.steps import Steps
from photic.errors import DataError


def parse(text: str, source: str) -> tuple[Steps, list[str]]:
    r"""The series and the class of each.

    Raises:
        DataError: naming the line that cannot be read.

    >>> steps, labels = parse("@data\n1,2,3:4,5,6:yes\n7,?:8,9:no", "a test")
    >>> steps.lengths.tolist(), labels, steps.values[:2].tolist()
    ([3, 2], ['yes', 'no'], [[1.0, 4.0], [2.0, 5.0]])
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    start = next((place for place, (_, line) in enumerate(lines) if line.lower() == "@data"), None)
    data = (
        [] if start is None else [(number, line) for number, line in lines[start + 1 :] if line and line[0] not in "#%"]
    )
    if not data:
        raise DataError(
            source, "needs a line @data with series after it", "none", source="the file", fix="give a .ts file"
        )
    sequences: list[np.ndarray] = []
    labels: list[str] = []
    for number, line in data:
        *channels, label = line.split(":")
        try:
            rows = [[np.nan if value.strip() in {"?", "NaN"} else float(value) for value in part.split(",")]
                    for part in channels]  # fmt: skip
            sequence = np.array(rows, np.float32).T
        except ValueError:
            sequence = np.empty(0)
        if sequence.ndim != 2 or (sequences and sequence.shape[-1] != sequences[0].shape[-1]):
            fix = "write each channel with as many numbers, and as many channels in each line"
            got = f"{len(channels)} channels that do not fit" if channels else "no channel"
            raise DataError(f"line {number}", "needs channels of numbers and a class", got, source=source, fix=fix)
        sequences.append(sequence)
        labels.append(label.strip())
    return Steps.of(sequences, [str(place + 1) for place in range(len(sequences))]), labels
