"""Build a wheel from a folder of its own, and say what is wrong with what it holds."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
LARGEST = 2 * 1024**2
"""Bytes that the wheel may have."""

STATIC = {"widget.js", "widget.css", "standalone.js", "licenses.txt"}
NOT_OF_THE_TREE = shutil.ignore_patterns(
    ".git",
    ".venv",
    ".*_cache",
    ".hypothesis",
    "node_modules",
    "__pycache__",
    "artifacts",
    "dist",
    "build",
)


def copy(to: Path) -> Path:
    """Copy the repository as it is, its built front end included."""
    return shutil.copytree(REPOSITORY, to, ignore=NOT_OF_THE_TREE)


def clone(to: Path) -> Path:
    """Clone the repository as it is committed."""
    command = ["git", "clone", "--quiet", "--depth=1", REPOSITORY.as_uri(), str(to)]
    subprocess.run(command, check=True)
    return to


def build(tree: Path, folder: Path, *options: str) -> Path:
    """Build the wheel of a tree into a folder."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *options]
    subprocess.run([*command, "--wheel-dir", str(folder), str(tree)], check=True)
    (wheel,) = folder.glob("kanwidget-*.whl")
    return wheel


def metadata(wheel: Path) -> Message:
    """What the wheel says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def faults(wheel: Path, tree: Path) -> list[str]:
    """What is too much and what is missing in the wheel of a tree, in sentences."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    ours = {name for name in names if name.startswith("kanwidget/")}
    about = {name for name in names if name.partition("/")[0].endswith(".dist-info")}
    package = [path.relative_to(tree) for path in tree.glob("kanwidget/**/*") if path.is_file()]
    written = {path.as_posix() for path in package if path.parts[1] != "static"}
    wanted = {"kanwidget/py.typed"} | written | {f"kanwidget/static/{name}" for name in STATIC}
    found = [f"{name} is missing" for name in sorted(wanted - names)]
    found += [f"{name} has no business there" for name in sorted(ours - wanted)]
    found += [f"{name} lies outside of the package" for name in sorted(names - ours - about)]
    if not any(name.endswith("licenses/LICENSE") for name in about):
        found.append("the licence is missing")
    if (size := wheel.stat().st_size) > LARGEST:
        found.append(f"it has {size} bytes, more than {LARGEST}")
    return found
