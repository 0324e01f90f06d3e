"""Kepler's law: found by commands, undone, and found again by hand: a table, one edge, a power law."""

import re

from playwright.sync_api import expect


def test_keplers_law_from_a_table_by_hand(run_whole):
    hand = run_whole("kepler.ipynb", width=1200, height=1000)
    notebook, formula = hand.notebook, hand.get("formula")
    law = re.compile(r"distance.*\^\{1\.5\}|\{3\}\{2\}")
    expect(formula).to_have_attribute("data-latex", law)
    for left in (2, 1, 0):
        hand.get("undo").click()
        notebook.wait_for_value("len(kw.session.history.path()) - 1", left.__eq__)
    expect(formula).to_have_attribute("data-latex", re.compile("varphi"))
    hand.train(20)
    menu = hand.click_edge((0, 0, 0))
    power = menu.locator('[data-testid="candidate"][data-function="x^1.5"]')
    expect(power).to_be_visible()
    notebook.screenshot("menu")
    power.click()
    expect(formula).to_have_attribute("data-latex", law)
    notebook.page.keyboard.press("Escape")
    hand.train(20)
    notebook.wait_for_value("len(kw.session.history.path()) - 1", (3).__eq__)
    expect(hand.get("summary")).to_contain_text("1 symbolic")
    notebook.screenshot("law")
    off = "(kw.model(planets[['distance_au']]).detach().numpy()[:, 0] / planets.period_years - 1)"
    assert notebook.kernel.value(f"float({off}.abs().median())") < 0.01
