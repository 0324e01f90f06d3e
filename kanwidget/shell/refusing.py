"""What a command says in one sentence, instead of doing what it cannot."""

from __future__ import annotations

from kanwidget.texts import printable

REFUSED = 2
"""Exit status for bad usage and bad files."""


class Refused(Exception):
    """A sentence for the person at the shell, who sees no traceback."""


def sentence(error: BaseException) -> str:
    """What an exception says, in one line; for files also which one."""
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror.lower()}"
    said = error.args[0] if isinstance(error, KeyError) and error.args else error
    return one_line(str(said)) or type(error).__name__


def one_line(text: str) -> str:
    """A text in one line, that no terminal takes for a command."""
    return " ".join(printable(text).split())
