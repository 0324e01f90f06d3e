"""The journeys of the tutorials: each notebook is run whole, and its widget at the end is used."""

import re

from playwright.sync_api import expect


def test_hello_world_ends_in_its_formula_and_a_change_of_mind_is_undone(run_whole):
    hand = run_whole("j3_hello_world.ipynb", height=1300)
    exact = re.compile(r"^e\^\{.*\\sin.*\\pi.*\}$")
    expect(hand.get("formula")).to_have_attribute("data-latex", exact)
    hand.take((0, 0, 0), "tanh")
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile("tanh"))
    hand.notebook.screenshot("tanh")
    hand.get("undo").click()
    expect(hand.get("formula")).to_have_attribute("data-latex", exact)
    assert hand.notebook.kernel.value("bool(sympy.simplify(formula - truth) == 0)")
