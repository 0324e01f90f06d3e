"""The hand on the canvas: reading out, choosing several edges, nodes, keys, and the table of edges."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

SMALL = "KANWidget(KAN([2, 3, 1], grid=5, k=3, seed=1), hello_world(200))"
TRAINED = """
model = KAN([2, 3, 1], grid=5, k=3, seed=1)
data = hello_world(200)
model.fit(data, steps=10)
"""


@pytest.fixture
def hand(desk):
    return desk.show(SMALL)


@pytest.fixture
def trained(desk):
    return desk.show("KANWidget(model, data)", TRAINED)


def edge_at(hand, *edge):
    place = hand.canvas.evaluate("(c, edge) => c.kanEdgePosition(...edge)", list(edge))
    assert place, f"edge {edge} is not on the canvas"
    return place["x"], place["y"]


def node_at(hand, *node):
    place = hand.canvas.evaluate("(c, node) => c.kanNodePosition(...node)", list(node))
    assert place, f"node {node} is not on the canvas"
    return place["x"], place["y"]


def value(hand, expression):
    return hand.notebook.kernel.value(expression)


def wait(hand, expression, wanted):
    hand.notebook.wait_for_value(expression, lambda found: found == wanted)


def last_label(hand, wanted):
    """Wait until this was done last, and the page knows of it."""
    wait(hand, "kw.history['undo'] or ''", wanted)
    hand.notebook.page.wait_for_function(
        "version => +document.querySelector('[data-testid=kanwidget]').dataset.version >= version",
        arg=value(hand, "kw.version"),
    )


@contextmanager
def shift(hand):
    hand.notebook.page.keyboard.down("Shift")
    yield
    hand.notebook.page.keyboard.up("Shift")


def keys(hand, *names):
    hand.canvas.focus()
    for name in names:
        hand.notebook.page.keyboard.press(name)


LIVE = "len(kw.model.edges())"


# ---------------------------------------------------------------------- reading out


def test_an_edge_is_read_out_where_it_is_pointed_at_and_never_covered(trained):
    hand, mouse = trained, trained.notebook.page.mouse
    tip = hand.widget.locator(".kw-tip")
    for edge in [(0, 0, 0), (0, 1, 2), (1, 2, 0)]:
        x, y = edge_at(hand, *edge)
        mouse.move(x, y)
        expect(tip).to_contain_text(f"Edge ({', '.join(map(str, edge))})")
        expect(tip).to_contain_text("Δloss if removed")
        box = tip.bounding_box()
        inside = (
            box["x"] <= x <= box["x"] + box["width"] and box["y"] <= y <= box["y"] + box["height"]
        )
        assert not inside
    mouse.move(*node_at(hand, 1, 1))
    expect(tip).to_contain_text("values in")
    mouse.move(5, 5)
    expect(tip).to_be_hidden()


def test_a_functions_r2_and_extrapolation_are_read_out(desk):
    hand = desk.show(
        "KANWidget(model, data)",
        TRAINED + "model.fix_symbolic(0, 0, 0, 'sin')\n"
        "for layer in model.layers[1:]:\n    layer.knots.mul_(0.1)",
    )
    mouse, tip = hand.notebook.page.mouse, hand.widget.locator(".kw-tip")
    mouse.move(*edge_at(hand, 0, 0, 0))
    expect(tip).to_contain_text("R² ")
    mouse.move(*edge_at(hand, 1, 0, 0))
    expect(tip).to_contain_text("extrapolates")


# ---------------------------------------------------------------------- several edges


def test_edges_are_chosen_by_clicks_and_a_rectangle_and_removed_in_one_step(trained):
    hand, page = trained, trained.notebook.page
    with shift(hand):
        page.mouse.click(*edge_at(hand, 1, 0, 0))
        page.mouse.click(*edge_at(hand, 1, 1, 0))
        page.mouse.click(*edge_at(hand, 1, 0, 0))
        first, last = edge_at(hand, 0, 0, 0), edge_at(hand, 0, 0, 1)
        page.mouse.move(first[0] - 30, first[1] - 55)
        page.mouse.down()
        page.mouse.move(last[0] + 20, last[1] + 55, steps=4)
        expect(hand.get("lasso")).to_be_visible()
        page.mouse.up()
    bar = hand.get("bulk")
    expect(bar).to_have_attribute("data-count", "3")
    hand.notebook.screenshot("chosen")
    expect(hand.get("bulk-cost")).to_contain_text("without: validation loss")
    cost = hand.get("bulk-cost").inner_text().split("→")[1].strip()
    hand.get("bulk-remove").click()
    last_label(hand, "remove 3 edges")
    assert value(hand, LIVE) == 6
    assert value(hand, "kw.summary['val_loss']") == pytest.approx(float(cost), rel=0.01)
    hand.get("bulk-restore").click()
    last_label(hand, "restore 3 edges")
    assert value(hand, LIVE) == 9
    for _ in range(2):
        hand.get("undo").click()
    wait(hand, "kw.history['current']", 0)
    assert value(hand, LIVE) == 9
    hand.get("bulk-drop").click()
    expect(bar).to_be_hidden()


def test_edges_are_chosen_locked_fixed_and_removed_by_keys_alone(trained):
    hand, page = trained, trained.notebook.page
    keys(hand, "ArrowRight", "Shift+Space", "ArrowRight", "Shift+Enter")
    bar = hand.get("bulk")
    expect(bar).to_have_attribute("data-count", "2")
    page.keyboard.press("l")
    last_label(hand, "lock 2 edges")
    page.keyboard.press("Delete")
    expect(hand.get("message")).to_contain_text("is locked")
    page.keyboard.press("l")
    last_label(hand, "unlock 2 edges")
    fix = hand.get("bulk-fix")
    fix.focus()
    page.keyboard.press("Enter")
    rows = hand.get("bulk-functions").get_by_role("button")
    expect(rows.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    function = rows.nth(1).get_attribute("data-function")
    page.keyboard.press("Enter")
    last_label(hand, f"fix 2 edges to {function}")
    expect(hand.canvas).to_be_focused()
    assert value(hand, "kw.summary['symbolic']") == 2
    page.keyboard.press("u")
    last_label(hand, "unfix 2 edges")
    page.keyboard.press("Control+a")
    expect(bar).to_have_attribute("data-count", "9")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


# ---------------------------------------------------------------------- nodes


def test_a_node_and_an_input_go_and_come_back_by_mouse_with_the_cost_told(trained):
    hand, page = trained, trained.notebook.page
    for node, live in [((1, 1), 6), ((0, 0), 6)]:
        page.mouse.click(*node_at(hand, *node))
        menu = hand.get("node-menu")
        expect(menu.get_by_test_id("node-cost")).to_contain_text("without it: validation loss")
        menu.get_by_test_id("remove").click()
        expect(menu).to_be_hidden()
        wait(hand, LIVE, live)
        page.mouse.click(*node_at(hand, *node))
        expect(menu.get_by_test_id("node-cost")).to_contain_text("with all its edges")
        menu.get_by_test_id("restore").click()
        expect(menu).to_be_hidden()
        wait(hand, LIVE, 9)


def test_nodes_are_walked_opened_and_removed_by_keys(trained):
    hand, page = trained, trained.notebook.page
    keys(hand, "n", "ArrowUp", "End")
    expect(hand.get("voice")).to_contain_text("Node (1, 2)")
    expect(hand.get("at-node")).to_be_visible()
    page.keyboard.press("Delete")
    last_label(hand, "remove node (1, 2)")
    page.keyboard.press("Delete")
    last_label(hand, "restore node (1, 2)")
    page.keyboard.press("Enter")
    expect(hand.get("node-menu")).to_contain_text("3")
    hand.get("choose-edges").focus()
    page.keyboard.press("Enter")
    expect(hand.get("bulk")).to_have_attribute("data-count", "3")
    expect(hand.canvas).to_be_focused()


def test_an_input_gets_another_name_which_the_formula_and_training_keep(hand):
    page = hand.notebook.page
    keys(hand, "n", "Enter")
    field = hand.get("node-name")
    field.fill("x_2")
    field.press("Enter")
    expect(hand.get("message")).to_contain_text("which input 1 has already")
    field.fill("speed")
    field.press("Enter")
    last_label(hand, "call (0, 0) speed")
    expect(hand.canvas).to_be_focused()
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile("speed"))
    hand.train(2)
    assert value(hand, "kw.model.input_names") == ["speed", "x_2"]
    hand.canvas.focus()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    wait(hand, "kw.model.input_names", ["x_1", "x_2"])


# ---------------------------------------------------------------------- keys


def test_keys_walk_lock_train_and_undo_and_never_reach_the_notebook(hand):
    page, cells = hand.notebook.page, hand.notebook.cells.count()
    keys(hand, "Home", "ArrowUp", "End")
    wait(hand, "kw.selected", [1, 2, 0])
    expect(hand.get("voice")).to_contain_text("Edge (1, 2, 0)")
    expect(hand.widget.locator(".kw-tip")).to_contain_text("Edge (1, 2, 0)")
    page.keyboard.press("l")
    last_label(hand, "lock (1, 2, 0)")
    page.keyboard.press("Control+z")
    wait(hand, "kw.history['current']", 0)
    page.keyboard.press("Control+Shift+z")
    wait(hand, "kw.history['current']", 1)
    for key in "ddaabbmmyx":  # commands of the notebook
        page.keyboard.press(key)
    assert hand.notebook.cells.count() == cells
    hand.type_into("steps", "3")
    keys(hand, "t")
    last_label(hand, "train 3 steps")


def test_the_help_tells_every_key_and_closes_by_escape(hand):
    keys(hand, "?")
    help_page = hand.get("help")
    for text in ["Shift+Enter", "Ctrl+A", "Delete", "choose all edges in a rectangle"]:
        expect(help_page).to_contain_text(text)
    hand.notebook.screenshot("help")
    hand.notebook.page.keyboard.press("Escape")
    expect(help_page).to_be_hidden()
    expect(hand.canvas).to_be_focused()


# ---------------------------------------------------------------------- the table


def test_the_table_is_reached_sorted_and_used_by_keys(trained):
    hand, page = trained, trained.notebook.page
    toggle = hand.get("table-toggle")
    toggle.focus()
    page.keyboard.press("Enter")
    rows = hand.get("table").locator("tbody tr")
    expect(rows).to_have_count(9)
    hand.get("sort-score").focus()
    page.keyboard.press("Enter")
    expect(hand.get("table").get_by_role("columnheader", name="score")).to_have_attribute(
        "aria-sort", "descending"
    )
    best = rows.first.get_attribute("data-edge")
    rows.first.get_by_role("button", name="Remove").focus()
    page.keyboard.press("Enter")
    last_label(hand, f"remove edge ({best.replace(',', ', ')})")
    expect(hand.get("message")).to_contain_text(
        re.compile(r"validation loss [\d.e-]+ → [\d.e-]+; 8 of 9 edges")
    )
    toggle.focus()
    page.keyboard.press("Tab")
    expect(hand.canvas).to_be_focused()


def test_the_table_and_the_canvas_are_in_step(trained):
    hand = trained
    hand.get("table-toggle").click()
    rows = hand.get("table").locator("tbody tr")
    keys(hand, "End")
    expect(hand.get("table").locator("[aria-current]")).to_have_attribute("data-edge", "0,1,2")
    rows.nth(1).get_by_role("cell", name="spline").click()
    wait(hand, "kw.selected", [0, 0, 1])
    rows.nth(2).get_by_role("checkbox").check()
    expect(hand.get("bulk")).to_have_attribute("data-count", "1")
    rows.nth(0).get_by_role("button", name="Lock").click()
    last_label(hand, "lock (0, 0, 0)")
    expect(rows.nth(0)).to_contain_text("yes")
    hand.notebook.screenshot("table")
