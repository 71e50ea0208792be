"""Help in plain words: options in groups under their headings, without boxes, quick to print."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup


class Command(TyperCommand):
    """A command whose help lists its options group by group (the `rich_help_panel` each was given)."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line to type."""
        words = [param for param in self.get_params(ctx) if isinstance(param, TyperArgument)]
        shown = [str(word.metavar) if word.required else f"[{word.metavar}]" for word in words]
        formatter.write_usage(ctx.command_path, " ".join([*shown, "[OPTIONS]"]))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the groups in the order of the parameters."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is None:
                continue
            if isinstance(param, TyperArgument):
                record = (str(param.metavar), param.help or "")
            groups.setdefault(getattr(param, "rich_help_panel", None) or "Options", []).append(record)
        for name, records in groups.items():
            with formatter.section(typer.style(name, bold=True)):
                formatter.write_dl(records)


class Group(TyperGroup):
    """A group of commands, listed by what they do."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands first, then the options."""
        for heading, rows in (("Commands", self._rows(ctx)), ("Options", self._records(ctx))):
            with formatter.section(typer.style(heading, bold=True)):
                formatter.write_dl(rows)

    def _rows(self, ctx: Any) -> list[tuple[str, str]]:
        return [(name, self.commands[name].get_short_help_str(100)) for name in self.list_commands(ctx)]

    def _records(self, ctx: Any) -> list[tuple[str, str]]:
        return [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx)) is not None]
