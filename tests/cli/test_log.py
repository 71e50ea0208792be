"""`--log`: both commands hand it on, and a tracker that is not known is refused before a file is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from photic import cli

QUICK = ["--model", "linear", "--epochs", "2", "--no-baselines"]


@pytest.mark.slow
def test_a_run_and_a_validation_are_logged(table: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    logs = tmp_path / "logs"
    where = ["-t", "fruit", *QUICK, "--log", f"tensorboard:{logs}"]
    assert cli.main(["fit", str(table), *where, "--folds", "0", "-o", str(tmp_path / "run")]) == 0
    assert cli.main(["validate", str(table), *where, "--folds", "2"]) == 0
    first, second = (sorted(path.name for path in (logs / f"{table.stem}-{n}").iterdir()) for n in (1, 2))
    assert "final" in first and {"fold-1", "fold-2"} <= set(second)


def test_an_unknown_tracker_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["fit", "no-such-file.csv", "--log", "mflow", "-o", str(tmp_path / "run")]) == 2
    assert "log: needs a known tracker, got 'mflow'" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
