"""Notebook 7: the core journey in a real one."""

import nbformat
import pytest

from tests.browser.conftest import ARTIFACTS, notebook_of
from tests.browser.core import SETUP, SHOW, complaints, drive, has_letters_of_its_own
from tests.browser.lab import ClassicNotebook
from tests.browser.notebook import Notebook


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = ClassicNotebook(tmp_path_factory.mktemp("notebook7"))
    yield running
    running.shut_down_kernels()
    running.close()


def test_the_core_journey_in_notebook_7(server, browser):
    nbformat.write(notebook_of([SETUP, SHOW]), server.root / "core.ipynb")
    page = browser.new_page(viewport={"width": 1300, "height": 1300})
    page.set_default_timeout(20_000)
    notebook = Notebook(page, server, "core.ipynb", ARTIFACTS / "notebook7")
    try:
        notebook.open()
        notebook.console.clear()  # it complains of a plugin of its own
        notebook.run_all()
        hand = drive(notebook)
        assert has_letters_of_its_own(hand)
        assert notebook.kernel.value("kw.summary['symbolic']") == 1
        assert not complaints(notebook)
    finally:
        notebook.screenshot("last")
        notebook.close()
