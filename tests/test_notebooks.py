"""Every notebook runs from top to bottom and leaves no file behind.

Those of `RUN_WHOLE` do so in the browser tests, which then use their widget.
"""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.browser.whole import RUN_WHOLE, files

HERE = Path(__file__).parent
FOLDER = HERE.parent / "notebooks"
NOTEBOOKS = {path.name for path in FOLDER.glob("*.ipynb")}


def test_there_are_notebooks_and_each_is_run_somewhere():
    browser_tests = "".join(path.read_text("utf-8") for path in HERE.glob("browser/test_*.py"))
    run_there = re.findall(r'run_whole\("(.+?)"', browser_tests)
    assert sorted(run_there) == sorted(RUN_WHOLE)
    assert NOTEBOOKS > RUN_WHOLE


@pytest.mark.parametrize("name", sorted(NOTEBOOKS - RUN_WHOLE))
def test_notebook_runs_and_leaves_no_file_behind(name, tmp_path):
    here = tmp_path / "notebooks"
    shutil.copytree(FOLDER, here, ignore=shutil.ignore_patterns(".*"))
    before = files(tmp_path)
    notebook = nbformat.read(here / name, as_version=4)

    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(here)}}
    ).execute()

    assert files(tmp_path) == before
