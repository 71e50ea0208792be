"""The search in sentences: for the page, for the report in a terminal, and for the end of `photic tune`."""

from __future__ import annotations

import math

from photic.experiment.figures import figure
from photic.experiment.interval import Score
from photic.report.searched import Searched
from photic.report.track import plain, told_as

_SPENT = {"compile": "compiling", "train": "training", "engine": "in the engine between", "refit": "training winners"}


def title(found: Searched) -> str:
    """What won, in a few words."""
    assert found.own is not None
    if found.own.winner == 0:
        return f"Of {tried(found)} settings none was better than the default"
    return f"Of {tried(found)} settings number {found.own.winner} won"


def told_winner(found: Searched) -> str:
    """The winner's setting in words."""
    assert found.own is not None
    return ", ".join(f"{plain(name)} {told_as(value)}" for name, value in found.own.values.items())


def tried(found: Searched) -> str:
    """How many settings the search for the final network tried."""
    assert found.own is not None
    return f"{len(found.of_arena(found.own.name)) or found.study['trials']:,}"


def gap(found: Searched, honest: Score | None) -> str:
    """The score to expect beside the best score inside the search, and why they differ."""
    own = found.own
    assert own is not None
    inner = figure(own.inner)
    luck = f"it was chosen for that number, and the best of {tried(found)} is in part the luckiest"
    if honest is None or not math.isfinite(honest.value):
        words = f"Inside the search the winner had {inner}, which is not to be expected: {luck}."
        return f"{words} No rows were kept to score it."
    words = f"Expect {honest}: what was scored on rows no search saw. "
    words += f"Inside the search the winner had {inner}, which is not to be expected: {luck}."
    if found.unit:
        return f"{words} It is in {found.unit}, so the two are not compared."
    flattered = (own.inner - honest.value) * (1 if found.higher else -1)
    by = figure(abs(flattered), honest.high - honest.low)
    if not by.strip("0."):
        return f"{words} Here the two are level."
    if flattered > 0:
        return f"{words} The gap is {by}."
    return f"{words} Here the rows no search saw were kinder by {by}, which is chance and no promise."


def worth(found: Searched) -> str:
    """Whether tuning gained anything over the default, with the rows that say so."""
    gain = found.study.get("gain") or {}
    if not gain.get("words"):
        return "What tuning gained over the default was not measured."
    words = str(gain["words"])
    place = str(gain.get("rows") or "")
    rows = f" Measured on {place}, winner and default side by side." if place and place not in words else ""
    return f"{words[0].upper()}{words[1:]}{'' if words.endswith('.') else '.'}{rows}"


def judges(folds: int) -> str:
    """The rows that judge a setting.

    >>> judges(5), judges(1)
    ('5 inner folds', 'a fifth of the rows, held back')
    """
    return f"{folds} inner folds" if folds > 1 else "a fifth of the rows, held back"


def cost(found: Searched) -> str:
    """What the search took: trainings, epochs, lanes at once, seconds by name."""
    spent, study = found.study.get("cost") or {}, found.study
    outer = f" and in {study['outer']} outer folds" if study.get("outer") else ""
    judged = f"Every setting was judged on {judges(study['folds'])}, in the search for the final network{outer}"
    done = f"{spent.get('trainings', 0):,} trainings with {spent.get('epochs', 0):,} epochs"
    words = [f"{judged}: {done}, up to {spent.get('lanes', 0):,} at once."]
    rungs = [int(each) for each in study.get("rungs") or ()]
    if len(rungs) > 1:
        at = ", ".join(map(str, rungs[:-1]))
        words.append(f"After epochs {at} only the better ones went on, to epoch {rungs[-1]} at most.")
    seconds = {name: float(value) for name, value in (spent.get("seconds") or {}).items()}
    if seconds:
        told = ", ".join(f"{lasted(value)} {_SPENT.get(name, name)}" for name, value in seconds.items())
        words.append(f"It took {lasted(sum(seconds.values()))}: {told}.")
    return " ".join(words)


def lasted(seconds: float) -> str:
    """A time in words.

    >>> lasted(0.234), lasted(12.3), lasted(312.0)
    ('0.2 s', '12 s', '5 min 12 s')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
