"""Every notebook runs from top to bottom and leaves no file behind."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs_and_leaves_no_file_behind(name, tmp_path):
    here = tmp_path / "notebooks"
    shutil.copytree(FOLDER, here, ignore=shutil.ignore_patterns(".*"))
    before = files(tmp_path)
    notebook = nbformat.read(here / name, as_version=4)

    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(here)}}
    ).execute()

    assert files(tmp_path) == before


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
