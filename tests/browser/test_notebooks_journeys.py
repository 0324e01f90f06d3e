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


def test_a_network_that_reads_digits_is_searched_pruned_and_healed(run_whole):
    hand = run_whole("j4_digits.ipynb", height=1300)
    edges, alive = hand.notebook.kernel.value("[kw.summary['edges'], kw.summary['alive']]")
    drawn, field = hand.get("drawn"), hand.get("filter")
    expect(drawn).to_contain_text(f"of {edges:,} edges, the strongest of each layer")
    field.fill("p_42 score > 0")
    expect(drawn).to_have_text(re.compile(rf"^\d+ of {edges:,} edges"))
    hand.notebook.screenshot("one-pixel")
    field.fill("")
    hand.notebook.screenshot("summary")
    with hand.notebook.dragging(hand.get("prune"), 0.75):
        expect(hand.get("prune-preview")).to_contain_text(f"of {edges:,} edges")
    hand.notebook.wait_for_value("kw.summary['alive']", lambda left: 0 < left < alive)
    moved = hand.notebook.kernel.value("kw.summary['val_loss']")
    hand.train(20)
    assert hand.notebook.kernel.value("kw.summary['val_loss']") < moved


def test_a_first_network_is_trained_and_its_history_leads_back(run_whole):
    hand = run_whole("j1_first_steps.ipynb", height=1300)
    before = hand.notebook.kernel.value("kw.summary['train_loss']")
    hand.train(20)
    assert hand.notebook.kernel.value("kw.summary['train_loss']") != before
    hand.take((0, 0, 0), "sin")
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile(r"\\sin"))
    hand.notebook.screenshot("sin")
    hand.get("undo").click()
    hand.get("undo").click()
    hand.notebook.wait_for_value("kw.summary['train_loss']", lambda loss: loss == before)


def test_a_lean_network_is_opened_and_one_of_its_edges_named(run_whole):
    hand = run_whole("j2_lean_layer.ipynb", height=1300)
    formula, edge = hand.get("formula"), min(hand.live_edges())
    expect(formula).not_to_have_attribute("data-latex", re.compile(r"\\sin"))
    hand.take(edge, "sin")
    expect(formula).to_have_attribute("data-latex", re.compile(r"\\sin"))
    hand.train(20)
    hand.notebook.screenshot("trained")
    assert hand.notebook.kernel.value("len(kw.losses['train'])") == 20
    expect(hand.get("summary")).to_contain_text("1 symbolic")
