"""marimo: the core journey in an app of its own, whose page is light though the system is dark."""

import numpy as np
import pytest

from tests.browser.conftest import ARTIFACTS
from tests.browser.core import SETUP, SHOW, complaints, drive, has_letters_of_its_own
from tests.browser.hosts import Marimo
from tests.browser.surface import Surface


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    cells = [
        ("", SETUP, "KANWidget, dataset, model"),
        ("KANWidget, dataset, model", SHOW, "kw,"),
    ]
    running = Marimo(tmp_path_factory.mktemp("marimo"), cells)
    yield running
    running.close()


def test_the_core_journey_in_marimo(app, browser):
    page = browser.new_page(viewport={"width": 1300, "height": 1300}, color_scheme="dark")
    page.set_default_timeout(20_000)
    surface = Surface(page, ARTIFACTS / "marimo")
    try:
        page.goto(app.url, timeout=60_000)
        hand = drive(surface)
        assert has_letters_of_its_own(hand)
        around = np.median(surface.pixels("body")[-20:, :20])
        inside = np.median(surface.pixels(hand.canvas)[:20, :20])
        assert (around > 128) == (inside > 128), (
            "the widget is dark on a light page, or light on dark"
        )
        assert not complaints(surface)
    finally:
        surface.screenshot("last")
        surface.close()
