"""Notebooks of what one can do: each is run whole, and its widget at the end is used."""

import re

from playwright.sync_api import expect


def test_a_differential_equation_ends_in_its_solution_which_the_widget_takes_apart(run_whole):
    hand = run_whole("pde.ipynb", height=1300)
    formula = hand.get("formula")
    solution = re.compile(r"\\sin.*\\pi.*x.*\\sin.*\\pi.*y")
    expect(formula).to_have_attribute("data-latex", solution)
    menu = hand.click_edge(hand.live_edges()[0])
    menu.get_by_test_id("unfix").click()
    expect(formula).to_have_attribute("data-latex", re.compile("varphi"))
    hand.notebook.screenshot("numeric")
    hand.notebook.page.keyboard.press("Escape")
    hand.get("undo").click()
    expect(formula).to_have_attribute("data-latex", solution)
    assert hand.notebook.kernel.value("l2_error(model) < 1e-8")
