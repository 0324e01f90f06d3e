"""The journeys of the tutorials: each notebook is run whole, and its widget at the end is used."""

import re

from playwright.sync_api import expect

EXACT = re.compile(r"^e\^\{.*\\sin.*\\pi.*\}$")
"""exp(sin(πx) + y²), in whatever order."""


def test_hello_world_ends_in_its_formula_and_a_change_of_mind_is_undone(run_whole):
    hand = run_whole("j3_hello_world.ipynb", height=1300)
    expect(hand.get("formula")).to_have_attribute("data-latex", EXACT)
    hand.take((0, 0, 0), "tanh")
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile("tanh"))
    hand.notebook.screenshot("tanh")
    hand.get("undo").click()
    expect(hand.get("formula")).to_have_attribute("data-latex", EXACT)
    assert hand.notebook.kernel.value("bool(sympy.simplify(formula - truth) == 0)")


def test_the_interpretable_network_takes_a_disguise_and_comes_back(run_whole):
    hand = run_whole("j5_interpretable.ipynb", height=1300)
    expect(hand.get("formula")).to_have_attribute("data-latex", EXACT)
    parabola = next(edge for edge in hand.live_edges() if edge[:2] == (0, 1))
    hand.take(parabola, "cosh")
    hand.train(20)
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile("cosh"))
    hand.notebook.screenshot("cosh")
    hand.get("undo").click()
    hand.get("undo").click()
    expect(hand.get("formula")).to_have_attribute("data-latex", EXACT)
    assert hand.notebook.kernel.value("kw.losses['val']")[-1] < 1e-3
