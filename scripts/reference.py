"""Writes docs/reference from the code: commands, public names, specs with their JSON form, known sets.

`scripts/reference.py` writes, `scripts/reference.py --check` fails when what is written is not what the code says.
"""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
NOTE = "<!-- Written by `make reference`; change the code, not this page. -->\n\n"


def commands() -> str:
    """The help of every command, as it is printed on 80 columns."""
    from photic import cli

    pages = [
        "# The command line\n\n",
        NOTE,
        "Every command ends with 0 when it is done, 1 when the work failed and 2 when ",
    ]
    pages.append("the request was wrong.\nResults go to standard output, progress and errors to standard error.\n")
    parser = cli.command()
    for path, command in _commands("photic", parser):
        context = command.context_class(command, info_name=path, terminal_width=80, **parser.context_settings)
        text = re.sub(r"\x1b\[[0-9;]*m", "", command.get_help(context))
        pages.append(f"\n## {path}\n\n```text\n{text.strip()}\n```\n")
    return "".join(pages)


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(f"{path} {name}", inner)


def names() -> str:
    """Every public name with the first sentence of its docstring."""
    import photic

    rows = ["# Public names\n\n", NOTE, "`import photic as ph`, then:\n\n| name | file | what it is |\n|---|---|---|\n"]
    for name in sorted(photic.__all__, key=str.lower):
        value = getattr(photic, name)
        file = Path(inspect.getfile(value)).relative_to(ROOT).as_posix()
        rows.append(f"| `ph.{name}` | `{file}` | {_first_sentence(value)} |\n")
    return "".join(rows)


def specs() -> str:
    """Every layer, loss, update rule and schedule with its settings and their defaults."""
    from photic.layers import TYPES
    from photic.maths.losses import LOSSES
    from photic.optim.rules import RULES
    from photic.optim.schedules import SCHEDULES

    pages = ["# Specs and their JSON form\n\n", NOTE]
    pages.append('`Dense(64)` is `{"type": "dense", "units": 64}`; a setting that is left out has its default.\n')
    for title, table in (("Layers", TYPES), ("Losses", LOSSES), ("Update rules", RULES), ("Schedules", SCHEDULES)):
        pages.append(f"\n## {title}\n\n| type | settings | what it is |\n|---|---|---|\n")
        pages.extend(_rows(table))
    return "".join(pages)


def sets() -> str:
    """Every set known by name."""
    from photic.data.catalogue import KNOWN

    pages = ["# Sets known by name\n\n", NOTE, "| name | rows | predicts | what it is | licence | package |\n"]
    pages.append("|---|---|---|---|---|---|\n")
    for known in KNOWN.values():
        package = f"{known.package} {known.version}".strip()
        pages.append(
            f"| `{known.name}` | {known.rows:,} | `{known.target}` | {known.words} | {known.licence} | {package} |\n"
        )
    return "".join(pages)


def _rows(table: Mapping[str, Any]) -> Iterator[str]:
    for name, spec in table.items():
        settings = ", ".join(f"`{_setting(field)}`" for field in dataclasses.fields(spec)) or "none"
        yield f"| `{name}` | {settings} | {_first_sentence(spec)} |\n"


def _setting(field: dataclasses.Field[Any]) -> str:
    if field.default is dataclasses.MISSING:
        return field.name
    return f"{field.name}={field.default!r}"


def _first_sentence(value: Any) -> str:
    paragraph = inspect.cleandoc(value.__doc__ or "").split("\n\n")[0].replace("\n", " ").replace("|", r"\|")
    return re.split(r"(?<=[.]) ", paragraph)[0].rstrip(".")


def main() -> int:
    """Write the pages, or compare them with what is written."""
    os.environ["COLUMNS"] = "80"
    pages = {"cli.md": commands(), "names.md": names(), "specs.md": specs(), "sets.md": sets()}
    if "--check" not in sys.argv:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            (FOLDER / name).write_text(text, encoding="utf-8")
        return 0
    stale = [name for name, text in pages.items() if not _same(FOLDER / name, text)]
    print(
        "\n".join(f"docs/reference/{name} is not what the code says: make reference" for name in stale)
        or "References fit the code."
    )
    return 1 if stale else 0


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
