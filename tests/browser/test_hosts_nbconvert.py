"""Pages without a kernel: what nbconvert makes of a notebook shows the last picture and its formula."""

import re
from base64 import b64decode

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from tests.browser.conftest import ARTIFACTS, notebook_of
from tests.browser.core import SETUP, SHOW
from tests.browser.surface import Surface

LATER = "model.fit(dataset, steps=20)\nmodel.fix_symbolic(0, 0, 0, 'sin')\nNone"


@pytest.fixture(scope="module")
def executed():
    notebook = notebook_of([SETUP, SHOW, LATER])
    NotebookClient(notebook, timeout=120, store_widget_state=False).execute()
    return notebook


def test_the_output_of_an_executed_notebook_holds_the_last_state(executed):
    (output,) = executed.cells[1].outputs
    assert output.output_type == "display_data"
    data = output.data
    assert {"application/vnd.jupyter.widget-view+json", "image/svg+xml", "text/latex"} <= set(data)
    assert "1 symbolic" in data["text/plain"]
    assert "sin" in data["text/plain"].splitlines()[1]
    assert "\\sin" in data["text/latex"]
    assert ">sin</text>" in data["image/svg+xml"]
    assert len(nbformat.writes(executed)) < 60_000


def test_nbconvert_shows_picture_and_formula_without_a_kernel_or_a_network(
    executed, browser, tmp_path
):
    html, _ = HTMLExporter().from_notebook_node(executed)
    (tmp_path / "page.html").write_text(html)
    page = browser.new_page(viewport={"width": 900, "height": 1100})
    page.route(
        "**/*",
        lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort(),
    )
    surface = Surface(page, ARTIFACTS / "nbconvert")
    try:
        page.set_default_timeout(5000)
        page.goto((tmp_path / "page.html").as_uri(), wait_until="domcontentloaded")
        picture = page.locator('.jp-OutputArea-output img[src^="data:image/svg+xml"]')
        picture.wait_for()
        drawn = b64decode((picture.get_attribute("src") or "").partition("base64,")[2]).decode()
        assert ">sin</text>" in drawn
        assert re.search(r">[^<]*sin\([^<]*x_1", drawn), (
            "the formula does not stand below the picture"
        )
        box = picture.bounding_box()
        assert box
        assert box["height"] > 150
        surface.screenshot("page")
    finally:
        surface.close()
