"""What a search says in a terminal."""

from __future__ import annotations

import io

from rich.console import Console

from photic.cli import summary
from photic.experiment.interval import Score
from photic.report.searched import Searched
from tests.report.drawn_study import drawn


def _printed(found: Searched, honest: Score | None) -> str:
    console = Console(width=90, record=True, file=io.StringIO())
    for heading, piece in summary.search(found, honest):
        console.print(heading)
        console.print(piece)
    return console.export_text()


def test_a_search_tells_its_winner_what_to_expect_what_mattered_and_its_cost() -> None:
    made, lines = drawn()
    found = Searched.of(made, lines, "a study")
    text = _printed(found, Score(0.91, 0.88, 0.94))
    assert "Expect 0.910 (0.880 to 0.940)" in text and "winners of 5 outer folds" in text
    assert "not worth it" in text and "1,920 trainings" in text and "71 %" in text
    row = next(line for line in text.splitlines() if line.strip().startswith("learning rate"))
    assert f"{found.arenas[0].values['learning_rate']:.3g}" in row and "0.003" in row


def test_without_outer_folds_importance_or_test_rows_the_rest_is_said() -> None:
    made, lines = drawn(outer=0, scores=(None,))
    text = _printed(Searched.of(made | {"importance": {}, "gain": {}}, lines, "a study"), None)
    assert "No rows were kept to score it" in text and "outer folds" not in text and "Matters" not in text
    assert "was not measured" in text
