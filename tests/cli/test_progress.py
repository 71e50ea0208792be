"""The live line: what a terminal shows, and the two lines a log gets."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from photic.cli.progress import Live
from photic.train.history import Progress


def _run(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, fail: bool = False) -> str:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=terminal, width=80, color_system=None, legacy_windows=False)
    monkeypatch.setattr("photic.cli.screen.err", lambda: console)
    with Live() as live:
        live(Progress("reading"))
        live(Progress("compiling", lanes=6))
        for epoch in (1, 2, 30):
            live(Progress("training", epoch, 200, 6, 6, 0.1234 / epoch, 0.5 + epoch / 100, "accuracy", 3.24, 65.0))
            live._bar and live._bar.refresh()
        if fail:
            raise ValueError("the work failed")
        live(Progress("baselines"))
        live._bar and live._bar.refresh()
        live(Progress("saving"))
    return screen.getvalue()


def test_a_log_gets_a_line_at_the_start_and_one_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _run(monkeypatch, terminal=False) == (
        "training 6 networks, at most 200 epochs\ntrained 6 networks for 30 epochs in 3.2 s\n"
    )


def test_a_terminal_shows_epoch_loss_score_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = _run(monkeypatch, terminal=True)
    assert "epoch 30/200  loss 0.004113  accuracy 0.800  1:05 min left" in shown
    assert "training the baselines" in shown
    assert shown.rstrip("\x1b[?25h\n ").endswith("trained 6 networks for 30 epochs in 3.2 s")


def test_when_the_work_fails_nothing_is_said_to_be_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(ValueError, match="the work failed"):
        _run(monkeypatch, terminal=False, fail=True)
    assert "trained" not in capsys.readouterr().err
