"""kanwidget replay: do again what was done in a session, and compare."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from kanwidget.shell import files
from kanwidget.shell.parsing import add_command
from kanwidget.shell.refusing import Refused, sentence

EXAMPLES = """\
  kanwidget replay study.kan             a session's own file
  kanwidget replay study.py              a script that was exported from one
  kanwidget replay study.ipynb --quiet   a notebook; only the exit status says how it went

The exit status is 0 where formula and losses are the same, 1 where they are not, 2 where the file
cannot be replayed. A script and a notebook are run as Python: replay those you trust.
"""


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "replay",
        "do a session's actions again and compare the result",
        "Do all that was done in a session again, in a new process,\n"
        "and say whether it ends in the same formula and losses.",
        EXAMPLES,
    )
    parser.add_argument(
        "file", metavar="FILE", help="a session .kan, a script .py or a notebook .ipynb"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Replay a file: 0 where it ends in the same, 1 where it does not."""
    path = files.existing(arguments.file, files.SESSION, ".py", ".ipynb")
    from kanwidget.session.retelling.replaying import replay

    try:
        result = replay(path, show=None if arguments.quiet else partial(print, flush=True))
    except BrokenPipeError:
        raise
    except (ValueError, OSError) as error:
        raise Refused(sentence(error)) from error
    return 0 if result.ok else 1
