"""kanwidget lab: JupyterLab, in a folder or on a notebook."""

from __future__ import annotations

import argparse
import importlib.util
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kanwidget.shell import files
from kanwidget.shell.parsing import add_command
from kanwidget.shell.refusing import Refused, sentence
from kanwidget.shell.starter import starter

EXAMPLES = """\
  kanwidget lab                                       in this folder
  kanwidget lab studies/                              in another one
  kanwidget lab study.ipynb                           on a notebook
  kanwidget lab --new study.ipynb                     on a new one with a network to train
  kanwidget lab --new again.ipynb --session study.kan on a new one that goes on with a session
  kanwidget lab -- --port 8899 --no-browser           with arguments of JupyterLab's own

Nothing is written without --new, and no file is overwritten.
"""


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "lab",
        "open JupyterLab, on a new notebook if asked for",
        "Open JupyterLab in a folder or on a notebook.\nCtrl+C ends it, as it ends jupyter lab.",
        EXAMPLES,
    )
    parser.usage = (
        "kanwidget lab [-h] [FILE | --new NAME.ipynb [--session FILE.kan]] [-- ARGUMENT ...]"
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        help="a notebook or folder; this folder where none is given",
    )
    parser.add_argument(
        "--new", metavar="NAME.ipynb", help="write a small notebook to start from, and open it"
    )
    parser.add_argument(
        "--session", metavar="FILE.kan", help="the new notebook goes on with this session"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Open JupyterLab, and wait until it ends."""
    place = _place(arguments)
    if importlib.util.find_spec("jupyterlab") is None:
        raise Refused("JupyterLab is not installed here; pip install 'kanwidget[lab]' brings it")
    if arguments.new is not None:
        _write(place, arguments.session)
    return wait([sys.executable, "-m", "jupyterlab", str(place), *arguments.rest])


def wait(command: Sequence[str]) -> int:
    """Run a command until it ends; what it does about Ctrl+C is its own decision."""
    # a handler of one's own is not handed on to the command, as an ignored signal would be
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        status = subprocess.call(command)
    finally:
        signal.signal(signal.SIGINT, before)
    return status if status >= 0 else 128 - status  # ended by a signal, as shells say it


def _place(arguments: argparse.Namespace) -> Path:
    """What JupyterLab is to be opened on."""
    if arguments.new is None:
        if arguments.session is not None:
            raise Refused(
                "--session goes with --new NAME.ipynb, the notebook that opens the session"
            )
        path = Path("." if arguments.file is None else arguments.file)
        if path.suffix == files.SESSION:
            raise Refused(
                f"{path} is a session; kanwidget lab --new NAME.ipynb --session {path} makes a notebook "
                "that goes on with it"
            )
        if not path.exists():
            raise Refused(f"{path}: no such file; kanwidget lab --new NAME.ipynb makes a notebook")
        return path
    if arguments.file is not None:
        raise Refused(f"--new {arguments.new} is opened, so {arguments.file} cannot be, too")
    if arguments.session is not None:
        files.existing(arguments.session, files.SESSION)
    path = Path(arguments.new)
    if path.suffix != ".ipynb":
        raise Refused(f"{path} does not end in .ipynb")
    if path.exists():
        raise Refused(f"{path} is already there, and is not overwritten")
    return path


def _write(path: Path, session: str | None) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starter(path, None if session is None else Path(session)))
    except OSError as error:
        raise Refused(sentence(error)) from error
