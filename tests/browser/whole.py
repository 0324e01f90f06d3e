"""Notebooks that are run whole in a real JupyterLab, once, before a hand drives their widget."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.hand import Hand
from tests.browser.notebook import Notebook

RUN_WHOLE = frozenset(
    {
        "feynman.ipynb",
        "formulas.ipynb",
        "j1_first_steps.ipynb",
        "j2_lean_layer.ipynb",
        "j3_hello_world.ipynb",
        "j4_digits.ipynb",
        "j5_interpretable.ipynb",
        "kepler.ipynb",
        "pde.ipynb",
        "scaling.ipynb",
        "two_moons.ipynb",
        "why_did_it_fail.ipynb",
    }
)
"""By name; `tests/test_notebooks.py` leaves them to the browser."""

OWN = {".ipynb_checkpoints", "__pycache__"}


def run(notebook: Notebook) -> Hand:
    """Run all cells and return a hand on the widget.

    Fails where a cell shows an error, and where a file is written or changed.
    """
    before = files(notebook.folder)
    notebook.run_all()
    notebook.wait_for_idle()
    error = notebook.page.locator('[data-mime-type="application/vnd.jupyter.error"]')
    expect(error, "a cell failed").to_have_count(0)
    assert files(notebook.folder) == before
    return Hand(notebook)


def files(folder: Path) -> dict[Path, bytes]:
    """What lies in a folder, but for what Jupyter and Python keep there for themselves."""
    paths = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in paths.items() if OWN.isdisjoint(name.parts)}
