"""Every recipe runs from beginning to end on a cut-down size, gives its numbers and draws its page."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from photic.data import sources

EXAMPLES = Path(__file__).parents[2] / "examples"


def recipe(name: str) -> ModuleType:
    """A recipe as a module, without running it."""
    described = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert described is not None and described.loader is not None
    made = importlib.util.module_from_spec(described)
    described.loader.exec_module(made)
    return made


def at_hand(name: str) -> None:
    """Skip where a set would have to be fetched: tests have no network."""
    if sources.cached(name) is None:
        pytest.skip(f"the set {name} was never fetched")


def test_every_recipe_says_what_it_reached_and_is_listed_and_tested():
    listed, tested = (EXAMPLES / "README.md").read_text("utf-8"), Path(__file__).read_text("utf-8")
    for path in EXAMPLES.glob("*.py"):
        told = (recipe(path.stem).__doc__ or "").strip()
        assert f"python examples/{path.name}" in told and any(sign.isdigit() for sign in told) and "RESULT" not in told
        assert f"`{path.name}`" in listed and f'recipe("{path.stem}")' in tested


@pytest.mark.slow
def test_text_generation(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    book = tmp_path / "book.txt"
    book.write_text("And the LORD said unto them, go and do as it is said. " * 400)
    run = recipe("text_generation").main(1, book, tmp_path / "run")
    assert "bits per character" in capsys.readouterr().out
    assert (run.folder / "report.html").exists()


@pytest.mark.slow
def test_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    reached = recipe("pictures").main({"digits-images": {"epochs": 1}}, tmp_path)
    assert reached["digits-images"] > 0.2  # guessing gets 0.1
    assert (tmp_path / "digits-images" / "report.html").exists()


@pytest.mark.slow
def test_series(tmp_path: Path):
    at_hand("japanese-vowels")
    reached = recipe("series").main({"japanese-vowels": {"epochs": 1}}, tmp_path)
    assert reached["japanese-vowels"] > 0.2  # guessing gets 0.11


@pytest.mark.slow
def test_ecg(tmp_path: Path):
    at_hand("ecg")
    delay, false = recipe("ecg").main(1, tmp_path / "run", tmp_path / "ecg.html")
    assert delay >= 0 and false >= 0 and "<polyline" in (tmp_path / "ecg.html").read_text("utf-8")


@pytest.mark.slow
def test_detection(tmp_path: Path):
    at_hand("mnist-5000")
    score = recipe("detection").main(192, 2, tmp_path / "run", tmp_path / "boxes.html")
    assert 0 < score < 1 and (tmp_path / "boxes.html").read_text("utf-8").count("<figure>") == 24


@pytest.mark.slow
def test_segmentation(tmp_path: Path):
    at_hand("mnist-5000")
    score, simple = recipe("segmentation").main(96, 1, tmp_path / "run", tmp_path / "masks.html")
    assert 0 <= score <= 1 and 0 < simple < 1
    assert (tmp_path / "masks.html").read_text("utf-8").count("<figure>") == 12


def test_masks_by_hand():
    masks = np.array([[[True, True, False]], [[False, True, True]]])
    np.testing.assert_allclose(recipe("segmentation").iou(masks, masks[::-1]), [1 / 3, 1 / 3])


def test_boxes_by_hand():
    boxes = (
        np.array([[0.0, 0, 2, 2], [0, 0, 1, 1], [3, 3, 2, 2]]),
        np.array([[1.0, 1, 3, 3], [0, 0, 1, 1], [0, 0, 9, 9]]),
    )
    np.testing.assert_allclose(recipe("detection").iou(*boxes), [1 / 7, 1, 0])


@pytest.mark.slow
def test_dates(tmp_path: Path):
    share = recipe("dates").main(400, 1, 8, tmp_path / "dates.html")
    assert 0 <= share <= 1 and (tmp_path / "dates.html").read_text("utf-8").count("<table>") == 4


@pytest.mark.parametrize(("n", "words"), [(1999, "nineteen ninety-nine"), (1900, "nineteen hundred"),
                                          (1905, "nineteen oh five"), (2001, "two thousand and one"),
                                          (2013, "twenty thirteen"), (2040, "twenty forty")])  # fmt: skip
def test_years_in_words(n: int, words: str):
    assert recipe("dates").year(n) == words


def test_days_in_words():
    ordinal = recipe("dates").ordinal
    assert [ordinal(n) for n in (1, 12, 13, 20, 21, 30, 31)] == [
        "first", "twelfth", "thirteenth", "twentieth", "twenty-first", "thirtieth", "thirty-first"
    ]  # fmt: skip
