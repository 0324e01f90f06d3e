"""kanwidget from the shell: JupyterLab, replays of sessions, their formulas in other languages."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence

from kanwidget.shell import export, lab, replay, show
from kanwidget.shell.parsing import Parser
from kanwidget.shell.refusing import REFUSED, Refused, one_line

__all__ = ["main"]

EXAMPLES = """\
examples:
  kanwidget lab                                   JupyterLab in this folder
  kanwidget lab --new study.ipynb                 a first notebook, and JupyterLab on it
  kanwidget show study.kan                        what was done in a session
  kanwidget export study.kan --to c -o f.c        its formula as a function in C
  kanwidget replay study.kan                      do all of it again, and compare

Every command has a --help of its own.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what a command line says.

    Parameters
    ----------
    argv : sequence of str, optional
        What stands after ``kanwidget``; None takes the process's own.

    Returns
    -------
    int
        The exit status: 0, 1 where a replay ended otherwise, 2 for bad usage and bad files.

    Raises
    ------
    SystemExit
        For ``--help``, ``--version`` and bad usage.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    end = given.index("--") if "--" in given else len(given)
    parser = _parser()
    for stream in (sys.stdout, sys.stderr):  # a terminal that knows no → shows a ? for it
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if not given:
        parser.print_help()
        return 0
    arguments = parser.parse_args(given[:end])
    arguments.rest = given[end + 1 :]
    if arguments.rest and arguments.command != "lab":
        parser.error("only lab takes arguments after --, for JupyterLab")
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except Refused as error:
        print(f"kanwidget {arguments.command}: {one_line(str(error))}", file=sys.stderr)
        return REFUSED
    except BrokenPipeError:  # the reader, such as head, has seen enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return status


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"kanwidget {version('kanwidget')}")
        parser.exit()


def _parser() -> Parser:
    parser = Parser(
        prog="kanwidget",
        description="Train a Kolmogorov-Arnold network by hand in JupyterLab, and hand on what was done.",
        epilog=EXAMPLES,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say which version this is")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in (lab, show, export, replay):
        command.add(commands)
    return parser
