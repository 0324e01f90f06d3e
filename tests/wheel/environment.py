"""Empty environments with the wheel in them, whose programs find no other program on PATH."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement

from tests.wheel.building import REPOSITORY, metadata

HERE = Path(__file__).parent
QUICKSTART = REPOSITORY / "notebooks" / "quickstart.ipynb"


class Environment:
    """A virtual environment.

    Parameters
    ----------
    folder : Path
        Where it is made.
    python : str
        The Python that it is made from.
    """

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        subprocess.run([python, "-m", "venv", str(folder)], check=True)

    def install(self, *what: str) -> None:
        """Install with pip."""
        self.run("python", "-m", "pip", "install", "--quiet", "--no-input", *what)

    def run(self, program: str, *arguments: str) -> str:
        """Run one of its programs in an empty folder; return what it prints, or raise with that."""
        return run_in_peace(str(self.folder / "bin" / program), *arguments)

    def size(self) -> int:
        """Bytes on the disk."""
        return sum(path.lstat().st_size for path in self.folder.rglob("*") if path.is_file())


def run_in_peace(program: str, *arguments: str, **variables: str) -> str:
    """Run a program in an empty folder, with nothing but its own folder on PATH; see `Environment.run`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(
            [program, *arguments],
            cwd=folder,
            env={**kept, "PATH": str(Path(program).parent), "IPYTHONDIR": folder, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    if ran.returncode:
        command = " ".join([program, *arguments])
        raise RuntimeError(f"{command} ended with {ran.returncode}:\n{ran.stdout}")
    return ran.stdout


def lower_bounds(wheel: Path) -> list[str]:
    """Constraints that choose the oldest of all that the wheel needs: ``torch==2.4``, …"""
    needs = map(Requirement, metadata(wheel).get_all("Requires-Dist") or [])
    return [
        f"{need.name}=={bound.version}"
        for need in needs
        if not (need.marker and "extra" in str(need.marker))
        for bound in need.specifier
        if bound.operator == ">="
    ]


def differences_of_types(told: str, source: str) -> Iterable[str]:
    """Where mypy tells something else than the comments in a file say."""
    said = dict(re.findall(r':(\d+): note: Revealed type is "(.*)"', told))
    for number, line in enumerate(source.splitlines(), 1):
        wanted = re.search(r"^reveal_type.*\)  # (.*)$", line)
        if wanted and said.get(str(number)) != wanted[1]:
            yield f"line {number} is {said.get(str(number))}, not {wanted[1]}"
