"""The wheel holds what it should and works on its own; make test-wheel tries it in empty environments."""

import subprocess
import sys
import zipfile

import pytest
from packaging.requirements import Requirement

from kanwidget import __version__
from tests.wheel.building import build, copy, faults, metadata
from tests.wheel.environment import HERE, QUICKSTART, lower_bounds, run_in_peace


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return copy(tmp_path_factory.mktemp("tree") / "kanwidget")


@pytest.fixture(scope="module")
def wheel(tree, tmp_path_factory):
    return build(tree, tmp_path_factory.mktemp("wheel"), "--no-build-isolation")


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder with the wheel in it; what it needs comes from the Python that runs the tests."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*command, str(folder), str(wheel)], check=True)
    return folder


def test_it_holds_the_package_with_its_front_end_and_nothing_else(wheel, tree):
    assert faults(wheel, tree) == []
    assert metadata(wheel)["Version"] == __version__


def test_what_is_missing_or_too_much_in_a_wheel_is_said(wheel, tree, tmp_path):
    other = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(other, "w") as changed:
        for name in whole.namelist():
            if name not in ("kanwidget/py.typed", "kanwidget/static/widget.js"):
                changed.writestr(name, whole.read(name))
        changed.writestr("tests/test_wheel.py", b"")
        changed.writestr("kanwidget/static/widget.js.map", bytes(2**21))
    assert faults(other, tree) == [
        "kanwidget/py.typed is missing",
        "kanwidget/static/widget.js is missing",
        "kanwidget/static/widget.js.map has no business there",
        "tests/test_wheel.py lies outside of the package",
        f"it has {other.stat().st_size} bytes, more than 2097152",
    ]


def test_the_quickstart_passes_without_node(installed):
    trial = [str(HERE / "trial.py"), str(QUICKSTART), str(installed)]
    said = run_in_peace(sys.executable, *trial, PYTHONPATH=str(installed))
    assert said.endswith("\nexp(x_2**2 + sin(3.1416*x_1))\n")


def test_its_command_answers(installed):
    program = installed / "bin" / "kanwidget"
    said = run_in_peace(sys.executable, str(program), "--version", PYTHONPATH=str(installed))
    assert __version__ in said


def test_everything_it_needs_has_an_oldest_version(wheel):
    needs = [Requirement(need) for need in metadata(wheel).get_all("Requires-Dist")]
    names = {need.name for need in needs if "extra ==" not in str(need.marker)}
    assert "torch" in names
    assert {bound.partition("==")[0] for bound in lower_bounds(wheel)} == names
