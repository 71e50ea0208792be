"""A trace and a neuron as HTML for a notebook: readable on light and dark pages, by keyboard and by a screen reader.

No script and nothing from elsewhere. Text takes the colour of the page; bars are teal above zero and orange below, and
their direction says the same as their colour.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

import numpy as np

from photic.backprop.entries import Block, Group, blocks
from photic.backprop.neurons import Moment, Named, Neuron
from photic.backprop.text import about, because, headline, number
from photic.backprop.trace import Trace

_BARS = 96  # in a picture; of more numbers neighbours share a bar, which shows the larger

_STYLE = """<style>
.photic{--up:#1b93a8;--down:#d97706;--line:color-mix(in srgb,currentColor 20%,transparent);
 font:13px/1.5 system-ui,sans-serif;max-width:52rem;font-variant-numeric:tabular-nums}
.photic p{margin:0 0 .6rem}
.photic code{font:12px/1.5 ui-monospace,monospace;background:none;padding:0;color:inherit}
.photic .row,.photic summary{display:grid;grid-template-columns:minmax(0,1fr) 9rem 9rem;gap:0 1rem;align-items:center;
 padding:.25rem .25rem;border-top:1px solid var(--line)}
.photic .head{border:0;opacity:.75}
.photic summary{cursor:pointer;list-style:none}
.photic summary::-webkit-details-marker{display:none}
.photic summary>span:first-child::before{content:"▸";display:inline-block;width:1.1em;opacity:.75}
.photic details[open]>summary>span:first-child::before{content:"▾"}
.photic .note{opacity:.75}
.photic svg{display:block;width:100%;height:26px}
.photic table{border-collapse:collapse;margin:.1rem 0 .6rem 1.4rem}
.photic th,.photic td,.photic tr{background:none!important;border:0;padding:0 1.2rem 0 0;font-size:12px;color:inherit}
.photic td,.photic thead th{text-align:right;white-space:nowrap}
.photic th[scope=row],.photic td.words,.photic th.words{text-align:left;font-weight:400}
.photic thead th{font-weight:400;opacity:.75}
.photic tbody+tbody tr:first-child>*{padding-top:.35rem}
.photic h4{font-size:13px;margin:.6rem 0 .1rem;font-weight:600}
</style>"""


def trace(seen: Trace, row: int = 0, most: int = 8) -> str:
    """A trace as HTML: a line per layer with pictures of its numbers and of their gradients, which opens into a table.

    Args:
        row: whose numbers; the gradients of weights are those of all rows together.
        most: how many numbers of a layer its table shows; of a wider one the strongest.

    Raises:
        RequestError: when the trace has no such row.
    """
    shown = blocks(seen, row, most)
    columns = ("layer", "what comes out", "its gradient")
    head = f'<div class="row head">{"".join(f"<span>{title}</span>" for title in columns)}</div>'
    layers = "".join(map(_block, shown))
    return f'{_STYLE}<div class="photic"><p>{html.escape(about(seen, row))}</p>{head}{layers}</div>'


def neuron(found: Neuron, most: int = 8) -> str:
    """A neuron as HTML: its weights and slopes with bars, and the rows that excite and silence it.

    Args:
        most: how many weights and slopes are shown, the strongest.
    """
    parts = [f"<p>{html.escape(headline(found))}</p>"]
    if found.source is not None:
        bias = () if found.bias is None else (("bias", found.bias),)
        parts.append(_bars("Its weights", "weight", found.weights, most, bias))
    if not found.direct:
        parts.append(_bars("What moves it, on average", "slope", found.slopes, most))
    parts += [_moments("What excites it most", found.exciting), _moments("What silences it most", found.silencing)]
    return f'{_STYLE}<div class="photic">{"".join(parts)}</div>'


def bars(values: Sequence[float] | np.ndarray, width: float = 144, height: float = 26) -> str:
    """Numbers as small bars beside each other, up from the middle above zero and down below it.

    >>> "2 numbers from -1 to 1" in bars([1.0, -1.0])
    True
    """
    flat = np.asarray(values, float).reshape(-1)
    known = np.isfinite(flat)
    finite = np.where(known, flat, 0.0)
    told = f"{flat.size} {'number' if flat.size == 1 else 'numbers'}"
    told += f" from {number(flat[known].min())} to {number(flat[known].max())}" if known.any() else ""
    told += "" if known.all() else f", {(~known).sum()} of them not finite"
    if flat.size > _BARS:
        parts = np.array_split(finite, _BARS)
        finite = np.array([part[np.abs(part).argmax()] for part in parts])
    wide, middle = width / max(finite.size, 12), height / 2
    tall = finite / (np.abs(finite).max() or 1.0) * (middle - 1)
    paths = ""
    for sign, colour in ((1, "--up"), (-1, "--down")):
        moves = "".join(f"M{(i + 0.5) * wide:.1f} {middle:g}v{-h:.1f}" for i, h in enumerate(tall) if sign * h >= 0.05)
        paths += f'<path d="{moves}" stroke="var({colour})" stroke-width="{max(wide * 0.75, 0.8):.1f}"/>'
    line = f'<path d="M0 {middle:g}H{width:g}" stroke="currentColor" stroke-opacity=".3" stroke-width=".5"/>'
    label = f'role="img" aria-label="{told}"><title>{told}</title>'
    return f'<svg viewBox="0 0 {width:g} {height:g}" preserveAspectRatio="none" {label}{line}{paths}</svg>'


def _block(block: Block) -> str:
    name, shape = html.escape(f"{block.path} {block.words}".strip()), html.escape(block.shape)
    inside = f'<code>{name}</code> <span class="note">{shape}</span>'
    title = f'<span style="padding-left:{block.depth * 1.4}em">{inside}</span>'
    pictures = "".join(
        f"<span>{'' if values is None else bars(values)}</span>" for values in (block.values, block.gradients)
    )
    small = not any(part.left_out for part in block.groups)
    heads = '<thead><tr><th></th><th scope="col">value</th><th scope="col">gradient</th></tr></thead>'
    table = f"<table>{heads}{''.join(map(_group, block.groups))}</table>"
    return f"<details{' open' * small}><summary>{title}{pictures}</summary>{table}</details>"


def _group(part: Group) -> str:
    lines = [(entry.name, number(entry.value), number(entry.gradient)) for entry in part.entries]
    if part.left_out:
        lines.append((f"… {part.left_out:,} more, within ±", number(part.largest), number(part.steepest)))
    return f"<tbody>{''.join(map(_line, lines))}</tbody>"


def _line(cells: Iterable[str]) -> str:
    first, *rest = (html.escape(cell) for cell in cells)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'


def _bars(title: str, what: str, named: Sequence[Named], most: int, more: Sequence[Named] = ()) -> str:
    largest = max((abs(value) for _, value in (*named, *more) if np.isfinite(value)), default=0.0) or 1.0
    rows = [
        f'<tr><th scope="row">{html.escape(name)}</th><td>{number(value)}</td><td>{_bar(value / largest)}</td></tr>'
        for name, value in (*named[:most], *more)
    ]
    if len(named) > most:
        rows.insert(most, _line((f"… {len(named) - most:,} more, within ±", number(abs(named[most][1])), "")))
    heads = f'<thead><tr><th></th><th scope="col">{what}</th><th></th></tr></thead>'
    return f"<h4>{title}</h4><table>{heads}<tbody>{''.join(rows)}</tbody></table>"


def _bar(share: float) -> str:
    share = share if np.isfinite(share) else 0.0
    colour, start, wide = "--up" if share > 0 else "--down", min(60, 60 + 60 * share), abs(60 * share)
    box = f'<rect x="{start:.1f}" y="2" width="{wide:.1f}" height="8" fill="var({colour})"/>'
    line = '<path d="M60 0V12" stroke="currentColor" stroke-opacity=".3"/>'
    return f'<svg viewBox="0 0 120 12" style="width:120px;height:12px" aria-hidden="true">{line}{box}</svg>'


def _moments(title: str, moments: Sequence[Moment]) -> str:
    rows = "".join(
        f'<tr><th scope="row">row {moment.row}</th><td>{number(moment.value)}</td>'
        f'<td class="words">{html.escape(because(moment))}</td></tr>'
        for moment in moments
    )
    heads = '<thead><tr><th></th><th scope="col">value</th><th scope="col" class="words">because of</th></tr></thead>'
    return f"<h4>{title}</h4><table>{heads}<tbody>{rows}</tbody></table>"
