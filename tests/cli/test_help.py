"""Help: complete, quick, and printed without a heavy library."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import photic
from photic import cli

HEAVY = ("jax", "numpy", "optax", "pandas", "polars", "pydantic", "rich", "scipy", "sklearn")


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", {})
    if not inner:
        yield path, command
    for name, part in inner.items():
        yield from _commands(part, (*path, name))


COMMANDS = dict(_commands(cli.command()))


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from photic.cli import main; main(['--help']); print([m for m in {} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code.format(HEAVY)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("Usage: photic")
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_commands_are_these() -> None:
    assert {" ".join(path) for path in COMMANDS} == {
        "fit", "validate", "tune", "predict", "generate", "show", "trace", "diagnose", "landscape",
        "data list", "data info", "data get",
    }  # fmt: skip


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_json_and_every_option_has_words(
    path: tuple[str, ...], capsys: pytest.CaptureFixture
) -> None:
    params = COMMANDS[path].params
    assert "--json" in [option for param in params for option in param.opts]
    assert all(param.help and param.help.endswith(".") for param in params)
    assert cli.main([*path, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: photic {' '.join(path)}")
    assert all(len(line) <= 80 for line in shown.splitlines())


@pytest.mark.parametrize("line", [[], ["--help"], ["-h"]])
def test_without_a_command_help_is_printed(line: list[str], capsys: pytest.CaptureFixture) -> None:
    assert cli.main(line) == 0
    shown = capsys.readouterr().out
    assert "Begin with: photic fit penguins" in shown
    assert all(f"\n  {name} " in shown for name in ("fit", "validate", "predict", "show", "data"))
    assert "..." not in shown.partition("Commands")[2], "the sentence about a command must fit its line"


def test_version(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"photic {photic.__version__}\n"
