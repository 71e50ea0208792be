"""The README's Python is run as it stands, and what it shows of the project exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text()


def test_the_python_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(compile(block, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "The network is right on" in printed and "logistic" in printed
    assert list((tmp_path / "runs").glob("penguins-*/report.html"))


@pytest.mark.parametrize("place", sorted(set(re.findall(r"\]\(([^)#:]+)\)", TEXT))))
def test_what_the_readme_points_to_exists(place: str) -> None:
    assert (ROOT / place).exists()


def test_the_two_commands_are_in_the_makefile() -> None:
    known = (ROOT / "Makefile").read_text()
    assert all(f"\n{word}:" in known for word in re.findall(r"^make (\w+)$", TEXT, re.MULTILINE))
