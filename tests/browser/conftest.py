"""Fixtures: one browser and one JupyterLab for all browser tests, a page of its own for each."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook

HERE = Path(__file__).parent
ARTIFACTS = HERE / "artifacts"
REPOSITORY = HERE.parents[1]

OpenNotebook = Callable[..., Notebook]


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


@pytest.fixture
def open_notebook(
    lab: Lab, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[OpenNotebook]:
    """Open a notebook in JupyterLab: ``open_notebook("quickstart.ipynb", theme="dark")``.

    The notebook is a name in the repository's ``notebooks/`` or a list of code cells. It is
    copied, with what lies beside it, into a folder of the test's own.
    """
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    opened: list[Notebook] = []

    def open_it(
        source: str | list[str], theme: str = "light", width: int = 1400, height: int = 900
    ) -> Notebook:
        folder = lab.root / f"{name}-{len(opened)}"
        if isinstance(source, str):
            shutil.copytree(REPOSITORY / "notebooks", folder)
            file = folder / source
        else:
            folder.mkdir()
            file = folder / "cells.ipynb"
            nbformat.write(_notebook_of(source), file)
        lab.set_theme(theme)
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
        page.set_default_timeout(20_000)
        notebook = Notebook(page, lab, str(file.relative_to(lab.root)), ARTIFACTS / name)
        opened.append(notebook)
        return notebook.open()

    yield open_it

    if request.node.stash.get(FAILED, False):
        for number, notebook in enumerate(opened):
            _keep_evidence(notebook, lab, ARTIFACTS / name, number)
    for notebook in opened:
        notebook.close()
    lab.shut_down_kernels()


def _notebook_of(cells: list[str]) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code) for code in cells], metadata={"kernelspec": kernel}
    )


def _keep_evidence(notebook: Notebook, lab: Lab, folder: Path, number: int) -> None:
    notebook.screenshot(f"failed-{number}")
    (folder / f"failed-{number}-console.txt").write_text("\n".join(notebook.console))
    shutil.copy(lab.log, folder / "failed-lab.log")
