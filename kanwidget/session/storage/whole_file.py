"""A file that is replaced as a whole: whatever happens on the way, what is there can be read."""

from __future__ import annotations

import contextlib
import glob
import os
import secrets
import stat
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LEFT_BEHIND = 3600.0
"""Seconds after which a part of a file is one that a killed process has left."""


def place(path: Any) -> Path:
    """Where a file is or will be, links followed.

    Raises
    ------
    TypeError
        If path is no text and no path.
    ValueError
        If it is a folder or a device, or its folder does not exist.
    """
    if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):
        raise TypeError(f"path is {path!r:.60}; a text or a pathlib.Path is needed")
    if not os.fspath(path) or "\0" in os.fspath(path):
        raise ValueError(f"path is {os.fspath(path)!r:.60}, which names no file")
    found = Path(os.path.realpath(path))
    if not found.parent.is_dir():
        raise ValueError(f"there is no folder {str(found.parent)!r:.200}; make it first")
    if found.exists() and not found.is_file():
        what = "a folder" if found.is_dir() else "no ordinary file"
        raise ValueError(f"{str(found)!r:.200} is {what}; the name of a file is needed")
    return found


def replace(path: Any, parts: Iterable[Any]) -> None:
    """Write bytes, in parts, to a file, which is the old one until all of them are on the disk.

    An existing file keeps its permissions.

    Raises
    ------
    TypeError, ValueError
        As `place` does.
    OSError
        If the file is write-protected, or the disk is full.  The old file is then as it was.
    """
    target = place(path)
    old = target.stat() if target.exists() else None
    if old is not None and not os.access(target, os.W_OK):
        raise PermissionError(f"{str(target)!r:.200} is write-protected")
    _clear(target)
    beside = target.with_name(f"{_prefix(target)}{secrets.token_hex(4)}.part")
    try:
        # as open() does it, so that a new file gets the usual permissions
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with open(os.open(beside, flags, 0o666), "wb") as file:
            if old is not None:
                os.chmod(beside, stat.S_IMODE(old.st_mode))
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _settle(target.parent)


def _prefix(target: Path) -> str:
    """Short enough for a name of a file, whatever letters are in it."""
    return f".{target.name[:40]}."


def _clear(target: Path) -> None:
    """Remove what processes that were killed have left of this file."""
    for left in target.parent.glob(glob.escape(_prefix(target)) + "[0-9a-f]" * 8 + ".part"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_BEHIND:
                left.unlink()


def _settle(folder: Path) -> None:
    """Have the disk keep the new name too, where that can be asked for."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
