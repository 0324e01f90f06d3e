"""Voilà: the core journey on a page without cells."""

import pytest

from tests.browser.conftest import ARTIFACTS, notebook_of
from tests.browser.core import SETUP, SHOW, complaints, drive, has_letters_of_its_own
from tests.browser.hosts import Voila
from tests.browser.surface import Surface


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Voila(tmp_path_factory.mktemp("voila"), notebook_of([SETUP, SHOW]))
    yield running
    running.close()


def test_the_core_journey_in_voila(server, browser):
    page = browser.new_page(viewport={"width": 1300, "height": 1300})
    page.set_default_timeout(20_000)
    surface = Surface(page, ARTIFACTS / "voila")
    try:
        page.goto(server.url, timeout=60_000)
        hand = drive(surface)
        assert has_letters_of_its_own(hand)
        assert not complaints(surface)
    finally:
        surface.screenshot("last")
        surface.close()
