"""How an error reaches the person: its five parts on standard error, never a traceback."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, cast

from typer.exceptions import TyperException

from photic.cli import screen
from photic.errors import PhoticError, RequestError, WorkError, nearest

if TYPE_CHECKING:
    from pydantic import ValidationError

_PARTS = ("where", "required", "got", "source", "fix")


def tell(error: Exception, command: str, commands: list[str], *, json: bool) -> int:
    """Print an error and return the exit code: 2 when the request was wrong, 1 when the work failed.

    Args:
        error: what was raised.
        command: what the user ran, `photic fit`.
        commands: those known there, to offer the nearest.
        json: whether to print one JSON object on standard output instead.
    """
    told = error if isinstance(error, PhoticError) else None
    if isinstance(error, TyperException):
        told = _from_parser(error, command, commands)
    if told is None:
        told = _fault(error, command)
    if json:
        screen.put_json({"error": {part: getattr(told, part) for part in _PARTS}})
    else:
        _print(told)
    return told.exit_code


def _print(error: PhoticError) -> None:
    from rich.text import Text  # inside: help must print without it

    console = screen.err()
    text = Text.assemble(
        (error.where, "bold"), f": {error.required}, got ", (error.got, "red"), "\n",
        "from ", error.source, "; ", (f"{error.fix}.", "green"),
    )  # fmt: skip
    wide = console.width if console.is_terminal else 10_000  # a log keeps its lines whole
    for number, line in enumerate(text.wrap(console, wide - 8)):
        console.print(
            Text("error   " if number == 0 else "        ", style="bold red").append_text(line), soft_wrap=True
        )


def _from_parser(error: TyperException, command: str, commands: list[str]) -> PhoticError:
    """What the parser of the command line refused, in our five parts; its classes are private, so they go by name."""
    seen: Any = error
    more = f"{command} --help lists what there is"
    match type(error).__name__:
        case "NoSuchOption":
            fix = f"did you mean {min(seen.possibilities)}? {more}" if seen.possibilities else more
            return _wrong(command, "needs options it knows", seen.option_name, fix)
        case "MissingParameter":
            name = seen.param.metavar
            return _wrong(command, f"needs {name}", "nothing", f"add it: {command} {name}; {more}")
        case "BadParameter":
            return _wrong(f"{command} {seen.param.opts[0]}", *_value(error), more)
    unknown = re.match(r"No such command '(?P<name>.*?)'", str(error))
    if unknown:
        return _wrong(command, "needs a known command", repr(unknown["name"]), nearest(unknown["name"], commands))
    return _wrong(command, "needs a line it can read", str(error).rstrip("."), more)


def _value(error: TyperException) -> tuple[str, str]:
    """What an option needs and what came; typer checks values with pydantic, whose error is the cause."""
    kinds = {"int_parsing": "a whole number", "float_parsing": "a number", "int_from_float": "a whole number"}
    if error.__cause__ is None:
        return "needs another value", str(error)
    first = cast("ValidationError", error.__cause__).errors()[0]
    return f"needs {kinds.get(first['type'], first['msg'])}", repr(first["input"])


def _wrong(where: str, required: str, got: str, fix: str) -> RequestError:
    return RequestError(where, required, got, source="the command line", fix=fix)


class _FaultError(PhoticError):
    """A fault of Photic's own, told like any other error."""

    exit_code = 1


def _fault(error: Exception, command: str) -> PhoticError:
    import tempfile  # inside: only a fault pays for it
    import traceback

    handle, path = tempfile.mkstemp(prefix="photic-fault-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)))
    first = (str(error).strip().splitlines() or ["without a word"])[0]
    return _FaultError(
        command,
        "needs a Photic without faults",
        f"{type(error).__name__}: {first[:200]}",
        source="inside Photic, which is not your doing",
        fix=f"report it with {path}, where the details are",
    )


def stopped(command: str, commands: list[str], *, json: bool) -> int:
    """Say that Ctrl-C came before there was anything to keep."""
    fix = "run it again and give it longer"
    early = WorkError(command, "needs time until its first epoch is over", "Ctrl-C", source="the keyboard", fix=fix)
    return tell(early, command, commands, json=json)
