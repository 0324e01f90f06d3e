"""Exports: downloads by mouse and by keyboard, and a page that lives without a kernel or a network."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from kanwidget import KAN, KANWidget
from tests.browser.conftest import ARTIFACTS
from tests.browser.core import Eye, complaints
from tests.browser.surface import Surface
from tests.networks import hello_data


def downloaded(hand, form, act):
    """The file that comes of an act."""
    with hand.notebook.page.expect_download() as download:
        act()
    path = hand.notebook._artifacts / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == f".{form}"
    return path


def pick(hand, form):
    hand.get("export").click()
    hand.get(f"export-{form}").click()


def test_picture_and_page_are_downloaded_by_mouse(desk):
    hand = desk.fitted()
    svg = downloaded(hand, "svg", lambda: pick(hand, "svg"))
    assert svg.name == "kan-2-1-1-step-0.svg"
    assert ET.parse(svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    png = downloaded(hand, "png", lambda: pick(hand, "png"))
    box = hand.canvas.bounding_box()
    assert box
    with Image.open(png) as picture:
        assert picture.width == pytest.approx(2 * box["width"], abs=2)
        assert np.ptp(np.asarray(picture.convert("L"))) > 100
    page = downloaded(hand, "html", lambda: pick(hand, "html"))
    assert page.read_text().startswith("<!doctype html>")
    expect(hand.get("message")).to_contain_text("kan-2-1-1-step-0.html was downloaded")


def test_the_menu_is_walked_by_keyboard_and_gives_the_focus_back(desk):
    hand = desk.fitted()
    keyboard = desk.page.keyboard
    hand.get("export").focus()
    keyboard.press("Enter")
    expect(hand.get("export-svg")).to_be_focused()
    desk.notebook.screenshot("menu")
    keyboard.press("ArrowDown")
    expect(hand.get("export-png")).to_be_focused()
    keyboard.press("Escape")
    expect(hand.get("export")).to_be_focused()
    keyboard.press("Enter")
    keyboard.press("ArrowDown")
    downloaded(hand, "png", lambda: keyboard.press("Enter"))
    expect(hand.get("export")).to_be_focused()


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> Path:
    """A page of a session: fitted, two functions taken, one of them taken back."""
    model = KAN([2, 1, 1], grid=5, k=3, seed=1)
    widget = KANWidget(model, hello_data(300))
    session = widget.session
    session.train(20)
    session.fix_symbolic(0, 0, 0, "sin")
    session.fix_symbolic(0, 1, 0, "x^2")
    path = tmp_path_factory.mktemp("page") / "study.html"
    widget.export_html(path)
    widget.close()
    session.close()
    return path


@pytest.mark.parametrize(("theme", "width"), [("light", 1200), ("dark", 520)])
def test_a_page_from_a_file_steps_through_the_history_without_a_network(
    stored, browser, theme, width
):
    context = browser.new_context(
        viewport={"width": width, "height": 1100}, color_scheme=theme, offline=True
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    surface = Surface(page, ARTIFACTS / f"stored-{theme}")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.goto(stored.as_uri())
        hand = Eye(surface)
        formula = hand.get("formula")
        expect(formula).to_have_attribute("data-latex", re.compile(r"x_\{2\}.*\\sin"))
        expect(formula.locator(".katex").first).to_contain_text("sin")
        expect(hand.get("message")).to_contain_text("This page has no kernel")
        surface.screenshot("last", hand.widget)
        before = surface.pixels(hand.canvas)
        assert (np.median(before) > 128) == (theme == "light")

        # back by mouse and by keyboard, forward again
        hand.get("undo").click()
        expect(hand.get("summary")).to_contain_text("1 symbolic")
        hand.canvas.focus()
        page.keyboard.press("Control+z")
        expect(hand.get("summary")).to_contain_text("0 symbolic")
        expect(formula).not_to_have_attribute("data-latex", re.compile(r"\\sin"))
        assert (surface.pixels(hand.canvas) != before).any()
        page.keyboard.press("Control+Shift+z")
        hand.get("redo").click()
        expect(hand.get("summary")).to_contain_text("2 symbolic")

        # an edge can be looked at; what needs a kernel is refused, and nothing changes
        menu = hand.click_edge((0, 0, 0))
        expect(menu.get_by_test_id("edge-plot")).to_be_visible()
        expect(menu).to_contain_text("Functions are ranked where there is a kernel")
        surface.screenshot("edge", hand.widget)
        page.keyboard.press("Escape")
        hand.get("train").click()
        expect(hand.get("message")).to_contain_text("open the notebook to change the network")
        expect(hand.get("train")).to_have_attribute("data-state", "idle")
        expect(hand.get("summary")).to_contain_text("2 symbolic")
        loaded = [url for url in asked if not url.startswith(("data:", "blob:"))]
        assert loaded == [stored.as_uri()]
        assert not complaints(surface)
    finally:
        context.close()
