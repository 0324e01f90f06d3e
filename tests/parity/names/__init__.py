"""What is called of each of pykan's names: a check for every row of the migration page's tables."""

from collections.abc import Callable
from typing import Any

CHECKS: dict[tuple[str, str], Callable[..., None]] = {}
"""By section of the page and name; each is called with pykan, our names in its place, and the name."""


def calls(section: str, names: str) -> Callable[[Any], Any]:
    """Put a function down as the check of some names, parted by spaces, of a section."""

    def put(check: Callable[..., None]) -> Callable[..., None]:
        for name in names.split():
            assert (section, name) not in CHECKS, f"{name} has two checks"
            CHECKS[section, name] = check
        return check

    return put
