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


def test_feynmans_equations_are_proven_and_a_curve_that_is_trained_again_is_no_formula(run_whole):
    hand = run_whole("feynman.ipynb", height=1300)
    formula = hand.get("formula")
    rapidities = re.compile(r"\\tanh.*atanh.*u.*atanh.*v")
    expect(formula).to_have_attribute("data-latex", rapidities)
    hand.take((0, 0, 0), "tan")
    hand.set_lamb("0")
    hand.train(5)
    expect(formula).to_have_attribute("data-latex", re.compile(r"\\tan[^h]"))
    hand.notebook.screenshot("tan")
    assert hand.notebook.kernel.value("kw.summary['val_loss'] > 1e-4")
    hand.get("undo").click()
    hand.get("undo").click()
    expect(formula).to_have_attribute("data-latex", rapidities)
    assert hand.notebook.kernel.value("said.exact")


def test_a_boundary_is_a_formula_and_training_in_a_cell_is_seen_in_the_widget(run_whole):
    hand = run_whole("two_moons.ipynb", height=1300)
    formula = hand.get("formula")
    expect(formula).to_have_attribute("data-latex", re.compile(r"\\cos.*x"))
    hand.take((0, 0, 0), "tanh")
    expect(formula).to_have_attribute("data-latex", re.compile(r"\\tanh"))
    said = hand.notebook.run_code(
        'print(model.fit(dataset, steps=10, loss_fn="bce", metrics="accuracy")["test_accuracy"][-1])'
    )
    assert 0.8 < float(said) < 0.96  # a step is no wave
    hand.notebook.wait_for_value("kw.history['undo']", lambda label: "bce" in label)
    hand.notebook.screenshot("tanh")
    hand.get("undo").click()
    hand.get("undo").click()
    expect(formula).to_have_attribute("data-latex", re.compile(r"\\cos.*x"))


def test_failures_are_mended_and_the_widget_finds_the_way_out_of_the_valley(run_whole):
    hand = run_whole("why_did_it_fail.ipynb", height=1300)
    assert hand.notebook.kernel.value("kw.summary['val_loss']") > 0.3
    hand.train(5)
    assert hand.notebook.kernel.value("kw.summary['val_loss']") > 0.3
    hand.get("find-formula").click()
    formula = hand.get("formula")
    exact = re.compile(r"^e\^\{.*\\sin.*\\pi.*\}$")
    expect(formula).to_have_attribute("data-latex", exact, timeout=60_000)
    expect(hand.get("message")).to_contain_text("exact on the validation data")
    hand.notebook.screenshot("found")
    assert hand.notebook.kernel.value("kw.summary['val_loss']") < 1e-9


def test_a_refined_curve_is_so_close_to_its_function_that_it_can_be_taken(run_whole):
    hand = run_whole("scaling.ipynb", height=1300)
    best = "model.suggest_symbolic({}).candidates[0]"
    for edge, function in {"0, 0, 0": "sin", "0, 1, 0": "x^2", "1, 0, 0": "exp"}.items():
        assert hand.notebook.kernel.value(f"{best.format(edge)}.name") == function
        assert hand.notebook.kernel.value(f"{best.format(edge)}.r2") > 1 - 1e-7
    hand.take((0, 0, 0), "sin")
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile(r"\\sin"))
    hand.train(5)
    hand.notebook.screenshot("sine")
    assert hand.notebook.kernel.value("kw.summary['val_loss']") < 1e-4


def test_a_formula_of_noisy_data_is_changed_by_hand_and_comes_back(run_whole):
    hand = run_whole("formulas.ipynb", height=1300)
    formula = hand.get("formula")
    exact = re.compile(r"^e\^\{.*\\sin.*\\pi.*\}$")
    expect(formula).to_have_attribute("data-latex", exact)
    known = hand.notebook.kernel.value("kw.summary['val_loss']")
    hand.take((1, 0, 0), "x^2")
    expect(formula).to_have_attribute("data-latex", re.compile(r"\\right\)\^\{2\}"))
    hand.set_lamb("0")
    hand.train(10)
    hand.notebook.screenshot("square")
    assert hand.notebook.kernel.value("kw.summary['val_loss']") > 1.1 * known
    for _ in range(2):
        hand.get("undo").click()
    expect(formula).to_have_attribute("data-latex", exact)
