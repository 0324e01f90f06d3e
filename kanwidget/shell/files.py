"""Files that commands read and write: what is wrong with one is a sentence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kanwidget.shell.refusing import Refused, sentence

if TYPE_CHECKING:
    from kanwidget.session.history import History, Node

SESSION = ".kan"


def existing(name: str, *endings: str) -> Path:
    """A file that is there and has one of these endings."""
    path = Path(name)
    if path.suffix not in endings:
        *others, last = endings
        needed = f"{', '.join(others)} or {last}" if others else last
        raise Refused(f"{name} does not end in {needed}")
    if not path.exists():
        raise Refused(f"{name}: no such file")
    if not path.is_file():
        raise Refused(f"{name} is a folder, and a file is needed")
    return path


def session(name: str) -> Any:
    """What a session's file holds."""
    path = existing(name, SESSION)
    from kanwidget.session.storage.file import StorageError, read

    try:
        return read(path)
    except (StorageError, OSError) as error:  # both name the file
        raise Refused(sentence(error)) from error


def step(history: History, wanted: str | None) -> Node:
    """A step whose state is there, by its number or name; the current one where none is wanted."""
    if wanted is None:
        node = history.current
    elif wanted.isascii() and wanted.isdigit():
        try:
            node = history.node(int(wanted))
        except KeyError as error:
            raise Refused(sentence(error)) from error
    else:
        named = [node for node in history.nodes if node.name == wanted]
        if len(named) != 1:
            count = f"{len(named)} steps are" if named else "no step is"
            names = ", ".join(repr(node.name) for node in history.nodes if node.name) or "none"
            raise Refused(f"{count} called {wanted!r}; names are {names}, numbers do, too")
        (node,) = named
    if node.state is None:
        raise Refused(f"the state of step {node.id} ({node.label}) was let go to save memory")
    return node


def write(text: str, name: str | None) -> None:
    """Write a text to a file, or to the standard output where none is named."""
    if name is None:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        return
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(sentence(error)) from error
