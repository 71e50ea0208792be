"""The live line of a training on standard error: a bar, the time left, loss and score so far."""

from __future__ import annotations

import math
from types import TracebackType
from typing import TYPE_CHECKING

from photic.cli import screen

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from photic.train.history import Progress

_WORDS = {
    "reading": "reading the data",
    "compiling": "compiling",
    "rates": "trying learning rates",
    "searching": "searching",
    "training": "training",
    "scoring": "scoring",
    "baselines": "training the baselines",
    "saving": "saving",
}


class Live:
    """A watcher to be entered: one live line in a terminal, elsewhere a line at the start and one at the end."""

    def __init__(self) -> None:
        self._console = screen.err()
        self._bar: RichProgress | None = None
        self._last: Progress | None = None
        self._searched = False

    def __enter__(self) -> Live:
        if self._console.is_terminal:
            self._bar = _bar(self._console)
            self._task = self._bar.add_task("starting", total=None, about="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        if kind is None and self._last is not None:
            self._console.print(f"trained {_ended(self._last)}", style="dim")

    def __call__(self, progress: Progress) -> None:
        """Show where the work stands."""
        if progress.phase == "training":
            if self._last is None and self._bar is None:
                self._console.print(f"training {_networks(progress)}, at most {progress.epochs} epochs")
            self._last = progress
        if progress.phase == "searching" and self._bar is None and not self._searched:
            self._console.print(f"searching among {progress.epochs} settings")
            self._searched = True
        if self._bar is not None:
            counted = progress.phase in {"training", "rates", "searching"}
            self._bar.update(
                self._task,
                description=_WORDS[progress.phase],
                total=progress.epochs if counted else None,
                completed=progress.epoch if counted else 0,
                about=_about(progress),
            )


def _bar(console: screen.Console) -> RichProgress:
    from rich.progress import BarColumn, TextColumn  # inside: help must print without it
    from rich.progress import Progress as RichProgress
    from rich.table import Column

    return RichProgress(
        TextColumn("{task.description}", table_column=Column(no_wrap=True, min_width=11)),
        BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=8)),
        TextColumn("{task.fields[about]}", table_column=Column(no_wrap=True)),
        console=console,
        transient=True,
        expand=True,
    )


def _about(progress: Progress) -> str:
    if progress.phase == "searching":
        return _search(progress)
    if progress.phase != "training":
        return ""
    parts = [f"epoch {progress.epoch}/{progress.epochs}"]
    if math.isfinite(progress.loss):
        parts.append(f"loss {progress.loss:.4g}")
    if progress.metric and math.isfinite(progress.score):
        parts.append(f"{progress.metric} {progress.score:.3f}")
    if progress.left is not None:
        parts.append(f"{duration(progress.left)} left")
    return "  ".join(parts)


def _search(progress: Progress) -> str:
    parts = [f"setting {progress.epoch}/{progress.epochs}", f"{progress.active} networks at once"]
    if math.isfinite(progress.score):
        parts.append(f"best {progress.metric} {progress.score:.3f}")
    if progress.left is not None:
        parts.append(f"{duration(progress.left)} left")
    return "  ".join(parts)


def _networks(progress: Progress) -> str:
    return "1 network" if progress.lanes == 1 else f"{progress.lanes} networks"


def _ended(progress: Progress) -> str:
    return f"{_networks(progress)} for {progress.epoch} epochs in {duration(progress.seconds)}"


def duration(seconds: float) -> str:
    """A time a person would say.

    >>> duration(3.24), duration(75), duration(7300)
    ('3.2 s', '1:15 min', '2:01 h')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02} h"
