"""A trace and a neuron as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from photic.backprop.entries import Block, Group, blocks
from photic.backprop.neurons import Moment, Named, Neuron
from photic.backprop.trace import Trace

_WIDEST = 44  # of the column of names

Line = tuple[str, str, str]


def trace(seen: Trace, row: int = 0, most: int = 6) -> str:
    """A trace as a table: from top to bottom the way forward, beside every number the gradient of the loss for it.

    Args:
        row: whose numbers; the gradients of weights are those of all rows together.
        most: how many numbers of a layer are shown; of a wider one the strongest.

    Raises:
        RequestError: when the trace has no such row.
    """
    shown = blocks(seen, row, most)
    lines = [("", "value", "gradient"), *(line for block in shown for line in _block(block))]
    return f"{about(seen, row)}\n\n{table(lines)}"


def about(seen: Trace, row: int) -> str:
    """A sentence or two above a trace: what is shown, and how to read it."""
    mode = "training" if seen.train else "prediction"
    if len(seen.x) == 1:
        rows = f"One row on its way through the network, as in {mode}."
    else:
        rows = f"Row {row} of {len(seen.x)} on its way through the network, as in {mode}."
        rows += " The gradients of weights are those of all rows."
    return f"{rows} Read values downward, gradients upward."


def neuron(found: Neuron, most: int = 8) -> str:
    """A neuron as text: what it listens to, what moves it, and the rows that excite and silence it.

    Args:
        most: how many weights and slopes are shown, the strongest.
    """
    lines = [headline(found), ""]
    if found.source is not None:
        own = [("its weights", "", ""), *_named(found.weights, most)]
        own += [] if found.bias is None else [("  bias", number(found.bias), "")]
        lines += [table(own), ""]
    if not found.direct:
        lines += [table([("what moves it, on average", "", ""), *_named(found.slopes, most)]), ""]
    for title, moments in (("what excites it most", found.exciting), ("what silences it most", found.silencing)):
        told = [(f"  row {moment.row}", number(moment.value), because(moment)) for moment in moments]
        widths = [max(len(line[i]) for line in told) for i in (0, 1)]
        lines += [title, *(f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c}".rstrip() for a, b, c in told), ""]
    return "\n".join(lines[:-1])


def headline(found: Neuron) -> str:
    """A neuron in a sentence."""
    mean, spread = number(found.mean), number(found.spread)
    silent = f", silent (exactly 0) for {found.silent:.0%} of them" if found.silent else ""
    name = f"{found.path} {found.layer}, neuron {found.unit}"
    return f"{name}: over {len(found.values):,} rows {mean} on average, spread {spread}{silent}."


def because(moment: Moment) -> str:
    """The features that pushed a neuron where it is: their slope times their value.

    >>> because(Moment(3, 1.0, (("age", 1.5), ("height", -0.25))))
    'age +1.5, height -0.25'
    """
    return ", ".join(f"{name} {part:+.3g}" for name, part in moment.because)


def table(lines: Iterable[Line]) -> str:
    """Three columns, numbers to the right; a name too long for its column gives up its middle.

    >>> print(table([("", "value", "gradient"), ("age", "1.5", "-0.25")]))
         value  gradient
    age    1.5     -0.25
    """
    cut = [(a if len(a) <= _WIDEST or not b else f"{a[: _WIDEST - 13]}…{a[-12:]}", b, c) for a, b, c in lines]
    first = max(len(a) for a, b, _ in cut if b)
    second, third = (max(len(line[i]) for line in cut) for i in (1, 2))
    return "\n".join(f"{a:<{first}}  {b:>{second}}  {c:>{third}}".rstrip() if b else a for a, b, c in cut)


def number(value: float | None) -> str:
    """Four digits are enough to read.

    >>> number(0.0123456), number(None)
    ('0.01235', '')
    """
    return "" if value is None else f"{value:.4g}"


def _named(named: tuple[Named, ...], most: int) -> list[Line]:
    lines = [(f"  {name}", number(value), "") for name, value in named[:most]]
    if len(named) > most:
        lines.append((f"  … {len(named) - most:,} more, within ±", number(abs(named[most][1])), ""))
    return lines


def _block(block: Block) -> list[Line]:
    indent = "  " * block.depth
    title = "  ".join(part for part in (f"{block.path} {block.words}".strip(), block.shape) if part)
    return [
        ("", "", ""),
        (f"{indent}{title}", "", ""),
        *(line for part in block.groups for line in _group(part, indent)),
    ]


def _group(part: Group, indent: str) -> list[Line]:
    lines = [(f"{indent}  {entry.name}", number(entry.value), number(entry.gradient)) for entry in part.entries]
    if part.left_out:
        lines.append((f"{indent}  … {part.left_out:,} more, within ±", number(part.largest), number(part.steepest)))
    return lines
