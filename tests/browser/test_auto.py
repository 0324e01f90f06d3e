"""The button that finds a formula, in a real JupyterLab."""

import re

from playwright.sync_api import expect

from tests.browser.hand import Hand

HELLO_WORLD = """
import kanwidget
import torch

data = kanwidget.create_dataset(
    lambda x: torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2),
    n_var=2, train_num=200, test_num=200,
)
kw = kanwidget.KANWidget(kanwidget.KAN([2, 5, 1], seed=1), data)
kw
"""
BESSEL = """
import kanwidget
import torch

def bessel(x):
    product = torch.special.bessel_j0(9 * x[:, [0]] * x[:, [1]])
    return product + torch.sin(2 * x[:, [0]] + 3 * x[:, [1]] ** 2)

data = kanwidget.create_dataset(bessel, n_var=2, train_num=200, test_num=200)
kw = kanwidget.KANWidget(kanwidget.KAN([2, 5, 1], seed=1), data)
kw
"""
FOUND = r"e^{x_{2}^{2} + \sin{\left(\pi x_{1} \right)}}"


def test_a_click_finds_the_formula_and_every_step_is_undone(open_notebook):
    notebook = open_notebook([HELLO_WORLD], theme="dark", width=700, height=1300)
    notebook.run_all()
    hand = Hand(notebook)
    formula, undo = hand.get("formula"), hand.get("undo")
    start = hand.latex()
    hand.get("find-formula").click()
    expect(formula).to_have_attribute("data-latex", FOUND, timeout=60_000)
    expect(hand.get("message")).to_contain_text("exact on the validation data")
    expect(hand.get("find-formula")).to_be_enabled()
    expect(undo).to_have_attribute("aria-label", re.compile("^Undo: snap constants: "))
    notebook.screenshot("found-dark")
    notebook.turn("light", 1400)
    notebook.screenshot("found-light")
    undo.click()
    expect(undo).to_have_attribute("aria-label", "Undo: tidy")
    steps = notebook.kernel.value("len(kw.session.history.path()) - 1")
    for left in reversed(range(steps)):
        undo.click()
        notebook.wait_for_value("len(kw.session.history.path()) - 1", left.__eq__)
    expect(undo).to_be_disabled()
    expect(formula).to_have_attribute("data-latex", start)


def test_a_search_says_how_far_it_is_and_stops(open_notebook):
    notebook = open_notebook([BESSEL], theme="dark", width=1400, height=1300)
    notebook.run_all()
    hand = Hand(notebook)
    hand.get("find-formula").click()
    expect(hand.get("message")).to_contain_text("looking for a formula: ")
    expect(hand.get("train")).to_have_attribute("data-state", "searching")
    expect(hand.get("train")).to_contain_text("1 of 30 s", timeout=20_000)
    expect(hand.get("find-formula")).to_be_disabled()
    notebook.screenshot("searching")
    hand.get("stop").click()
    hand.wait_until_idle(5)
    expect(hand.get("message")).to_contain_text("stopped")
    menu = hand.click_edge((0, 0, 0))
    expect(menu.locator(".kw-loss-change").first).to_have_text(re.compile(r"^[+−]?\d"))
    notebook.screenshot("edge-menu")
