"""Fixtures: one browser with one JupyterLab for all browser tests, a notebook of its own for each."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium, whole
from tests.browser.core import complaints
from tests.browser.desk import CELLS, Desk
from tests.browser.hand import Hand
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook
from tests.browser.window import Window

HERE = Path(__file__).parent
ARTIFACTS = HERE / "artifacts"
REPOSITORY = HERE.parents[1]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    path = chromium.find()
    assert path, "no Chromium found; make chromium installs one"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=chromium.ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab server with nothing open, also ended when the tests are told to terminate."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    running = Lab(tmp_path_factory.mktemp("lab"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def window(lab: Lab, browser: Browser) -> Window:
    """The page that the tests take in turn."""
    return Window(lab, browser)


class Opener:
    """Opens notebooks in a window, for one test or for all of a module.

    Parameters
    ----------
    window : Window
    name : str
        Of the folder that the notebooks and the pictures of them lie in.
    """

    def __init__(self, window: Window, name: str) -> None:
        self._window = window
        self._name = re.sub(r"\W+", "-", name).strip("-")
        self._opened: list[Notebook] = []
        self._in_order = True

    def __call__(
        self, source: str | list[str], theme: str = "light", width: int = 1400, height: int = 900
    ) -> Notebook:
        """Open a notebook in JupyterLab: ``open_notebook("quickstart.ipynb", theme="dark")``.

        The notebook is a name in the repository's ``notebooks/`` or a list of code cells.  It is
        copied, with what lies beside it, into a folder of its own.
        """
        root = self._window.lab.root
        folder = root / self._name
        while folder.exists():
            folder = folder.with_name(f"{folder.name}-again")
        if isinstance(source, str):
            shutil.copytree(REPOSITORY / "notebooks", folder)
            file = folder / source
        else:
            folder.mkdir()
            file = folder / "cells.ipynb"
            nbformat.write(notebook_of(source), file)
        self._in_order = False
        page, path = self._window.page(theme, width, height), str(file.relative_to(root))
        notebook = Notebook(page, self._window.lab, path, ARTIFACTS / self._name)
        self._opened.append(notebook)
        notebook.open()
        self._in_order = True
        return notebook

    def keep_evidence(self) -> None:
        """Keep what shows why a test failed."""
        self._in_order = False
        for number, notebook in enumerate(self._opened):
            _keep_evidence(notebook, self._window.lab, ARTIFACTS / self._name, number)

    def close(self) -> None:
        """Close all notebooks and end their kernels."""
        for notebook in self._opened:
            notebook.leave()
        self._window.clear(again=self._in_order)


@pytest.fixture
def open_notebook(window: Window, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens notebooks for this test; see `Opener`."""
    opener = Opener(window, request.node.name)
    yield opener
    if request.node.stash.get(FAILED, False):
        opener.keep_evidence()
    opener.close()


@pytest.fixture
def run_whole(open_notebook: Opener) -> Iterator[Callable[..., Hand]]:
    """Opens a notebook, runs all of it, and gives a hand on its widget; see `tests.browser.whole`.

    ``run_whole("kepler.ipynb", height=1300)``.  Until the test ends the page may not complain.
    """
    hands: list[Hand] = []

    def run(name: str, **look: Any) -> Hand:
        assert name in whole.RUN_WHOLE
        hands.append(whole.run(open_notebook(name, **look)))
        return hands[-1]

    yield run
    for hand in hands:
        assert not complaints(hand.notebook), complaints(hand.notebook)


@pytest.fixture(scope="module")
def _desk(window: Window, request: pytest.FixtureRequest) -> Iterator[Desk]:
    opener = Opener(window, request.module.__name__.rpartition(".")[2])
    try:
        yield Desk(opener(list(CELLS), height=1300), opener.keep_evidence)
    finally:
        opener.close()


@pytest.fixture
def desk(_desk: Desk, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A notebook that the tests of a module share, each with a widget of its own; see `Desk`."""
    _desk.console_starts_here()
    yield _desk
    if request.node.stash.get(FAILED, False):
        _desk.keep_evidence()
    _desk.clear()
    assert not _desk.complaints(), _desk.complaints()


def notebook_of(cells: list[str]) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code) for code in cells], metadata={"kernelspec": kernel}
    )


def _keep_evidence(notebook: Notebook, lab: Lab, folder: Path, number: int) -> None:
    notebook.screenshot(f"failed-{number}")
    (folder / f"failed-{number}-console.txt").write_text("\n".join(notebook.console))
    shutil.copy(lab.log, folder / "failed-lab.log")
