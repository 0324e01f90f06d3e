"""Build the wheel from a fresh clone and try it in empty environments, the newest and the oldest.

``python -m tests.wheel`` needs git, Node for the building alone, minutes, and gigabytes for two
installations of torch. What `pip config` says of indexes is followed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.wheel.building import build, clone, faults
from tests.wheel.environment import (
    HERE,
    QUICKSTART,
    Environment,
    differences_of_types,
    lower_bounds,
)

MINORS = range(10, 20)


def pythons() -> dict[int, str]:
    """The Pythons on this machine that kanwidget may run on: program by minor version."""
    found = {sys.version_info.minor: sys.executable}
    for minor in MINORS:
        program = f"python3.{minor}"
        try:
            subprocess.run(
                [program, "-c", "import ensurepip, venv"], check=True, capture_output=True
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        found.setdefault(minor, program)
    return found


def attempt(name: str, python: str, wheel: Path, folder: Path, *constraints: str) -> Environment:
    """Install the wheel in an empty environment, and try it there."""
    began = time.monotonic()
    environment = Environment(folder / name, python)
    environment.install(str(wheel), *constraints)
    took, size = time.monotonic() - began, environment.size() / 1e9
    print(f"{name}: installed in {took:.0f} s, {size:.1f} GB", flush=True)
    print(environment.run("python", "-m", "pip", "check").strip())
    began = time.monotonic()
    trial = [str(HERE / "trial.py"), str(QUICKSTART), str(environment.folder)]
    versions, formula = environment.run("python", *trial).splitlines()[-2:]
    print(f"{versions}\n{formula} in {time.monotonic() - began:.0f} s", flush=True)
    assert "kanwidget lab" in environment.run("kanwidget", "--help")
    return environment


def check_types(environment: Environment) -> None:
    """See what mypy tells a user."""
    environment.install("mypy")
    # as text, or mypy would find the package beside the file
    source = (HERE / "typed.py").read_text(encoding="utf-8")
    told = environment.run("mypy", "--strict", "-c", source)
    wrong = list(differences_of_types(told, source))
    assert not wrong, "\n".join([*wrong, told])
    print("types: as expected")


def main() -> None:
    """Do it all, or say where it failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--newest", metavar="PYTHON", help="Python of the newest environment")
    parser.add_argument("--oldest", metavar="PYTHON", help="Python of the oldest environment")
    wanted = parser.parse_args()
    there = pythons()
    newest, oldest = wanted.newest or there[max(there)], wanted.oldest or there[min(there)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = clone(folder / "clone")
        began = time.monotonic()
        wheel = build(tree, folder)
        found = faults(wheel, tree)
        assert not found, "\n".join(found)
        size = wheel.stat().st_size / 1e6
        print(f"{wheel.name}: {size:.2f} MB, built in {time.monotonic() - began:.0f} s", flush=True)
        constraints = folder / "oldest.txt"
        constraints.write_text("\n".join(lower_bounds(wheel)))
        attempt("oldest", oldest, wheel, folder, "-c", str(constraints))
        check_types(attempt("newest", newest, wheel, folder))
    print("the wheel works in both")


if __name__ == "__main__":
    main()
