"""What exported functions may be called."""

from __future__ import annotations

import keyword
import re
from typing import Any

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
OURS = re.compile(r"(phi|h|rows|breaks|origins)(_[0-9]+)+|[tuxy][0-9]*", re.IGNORECASE)
PYTHON = frozenset([*keyword.kwlist, *keyword.softkwlist])


def identifier(name: Any, taken: frozenset[str], language: str) -> str:
    """The name of what is exported, if it can be a name in this language.

    Raises
    ------
    ValueError
        If it is no identifier of ASCII letters, digits and underscores, or has a meaning already.
    """
    if not isinstance(name, str) or not IDENTIFIER.fullmatch(name):
        raise ValueError(
            f"name is {name!r:.60}; letters, digits and underscores after a letter are needed"
        )
    if name in taken or OURS.fullmatch(name):
        raise ValueError(f"name is {name!r}, which has a meaning already in this {language} code")
    return name
