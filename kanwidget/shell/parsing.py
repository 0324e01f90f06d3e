"""Command lines: help that keeps its lines, and one sentence for what is wrong."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from kanwidget.shell.refusing import REFUSED


class Parser(argparse.ArgumentParser):
    """A parser whose examples stay as they are written."""

    def __init__(self, **options: Any) -> None:
        formatter = argparse.RawDescriptionHelpFormatter
        super().__init__(formatter_class=formatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line and exit with 2."""
        self.exit(REFUSED, f"{self.prog}: {message}; {self.prog} --help says more\n")


def add_command(
    commands: argparse._SubParsersAction[Any],
    name: str,
    summary: str,
    description: str,
    examples: str,
) -> Parser:
    """A command with a line for the list of all, a description, and examples at the end of its help."""
    parser: Parser = commands.add_parser(
        name, help=summary, description=description, epilog=f"examples:\n{examples}"
    )
    return parser
