"""The inspector of an edge, by mouse and by keyboard, in JupyterLab."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

FIRST = (0, 0, 0)
READY = "KANWidget(model, hello_world())"
PREPARED = """
model = KAN([2, 1, 1], grid=5, k=3, seed=1)
model.fit(hello_world(), steps=20)
model.fix_symbolic(0, 0, 0, "sin")
"""


def constant(hand, name):
    """A constant of the first edge, and whether it is locked, as the kernel has them."""
    place = "abcd".index(name)
    return hand.notebook.kernel.value(
        f"[kw.model.layers[0].affine[0, 0, {place}].item(), "
        f"kw.model.layers[0].held[0, 0, {place}].item()]"
    )


def heights(hand):
    return hand.notebook.kernel.value(
        "__import__('kanwidget.shaping').shaping.control_points(kw.model.layers[0], 0, 0)[1].tolist()"
    )


def open_by_keys(hand):
    """Open the inspector of the first edge without the mouse."""
    hand.notebook.kernel.run("kw.selected = (0, 0, 0)")
    expect(hand.get("voice")).not_to_be_empty()
    hand.canvas.focus()
    hand.notebook.page.keyboard.press("Enter")
    menu = hand.get("edge-menu")
    expect(menu).to_have_attribute("data-edge", "0,0,0")
    expect(menu.get_by_test_id("candidate").first).to_be_visible()
    return menu


def test_a_function_is_found_taken_and_taken_back_with_the_inspector_open(desk):
    hand = desk.fitted()
    menu = hand.click_edge(FIRST)
    expect(menu.get_by_test_id("knots")).to_be_attached()
    menu.get_by_test_id("show-slope").check()
    expect(menu.get_by_test_id("slope")).to_be_attached()
    expect(menu.get_by_test_id("candidate")).to_have_count(8)
    menu.get_by_test_id("more-candidates").click()
    menu.get_by_test_id("sort-r2").click()
    expect(menu.get_by_test_id("candidate").first).to_have_attribute("data-function", "sin")
    menu.get_by_test_id("candidate-filter").fill("x^2")
    menu.locator('[data-function="x^2"]').hover()
    expect(menu.locator(".kw-plot .kw-candidate-curve")).to_be_attached()
    menu.get_by_test_id("candidate-filter").fill("sin")
    menu.locator('[data-function="sin"]').click()
    expect(menu.get_by_test_id("constants")).to_be_visible()
    expect(menu.get_by_test_id("edge-formula")).to_contain_text("sin")
    desk.notebook.screenshot("taken")
    menu.get_by_test_id("unfix").click()
    expect(menu.get_by_test_id("constants")).to_be_hidden()
    desk.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(hand.canvas).to_be_focused()


def test_by_keys_a_function_is_taken_and_the_edge_locked(desk):
    hand = desk.fitted()
    menu = open_by_keys(hand)
    keyboard = desk.page.keyboard
    expect(menu.get_by_test_id("candidate").first).to_be_focused()
    keyboard.press("ArrowDown")
    expect(menu.get_by_test_id("candidate").nth(1)).to_be_focused()
    keyboard.press("ArrowUp")
    keyboard.press("Enter")
    expect(menu.get_by_test_id("constants")).to_be_visible()
    assert hand.notebook.kernel.value("kw.model.layers[0].functions[0, 0].name") == "sin"
    menu.get_by_test_id("lock").focus()
    keyboard.press("Enter")
    expect(menu.get_by_test_id("lock")).to_have_attribute("aria-pressed", "true")
    expect(menu.get_by_test_id("constant-a")).to_be_disabled()
    keyboard.press("Enter")
    expect(menu.get_by_test_id("lock")).to_have_attribute("aria-pressed", "false")
    keyboard.press("Escape")
    expect(hand.canvas).to_be_focused()


def test_a_typed_constant_is_set_locked_kept_by_training_and_freed(desk):
    hand = desk.show(READY, PREPARED)
    menu = hand.click_edge(FIRST)
    field = menu.get_by_test_id("constant-a")
    field.fill("pi")
    field.press("Enter")
    expect(menu.get_by_test_id("lock-a")).to_have_attribute("aria-pressed", "true")
    expect(field).to_have_value("pi")
    assert constant(hand, "a") == [pytest.approx(3.141592653589793, abs=1e-15), True]
    before = constant(hand, "c")
    field.fill("nonsense")
    field.press("Enter")
    expect(menu.get_by_test_id("refused")).to_contain_text("pi/2, 1/3 or sqrt(2)")
    desk.notebook.screenshot("refused")
    desk.page.keyboard.press("Escape")
    hand.train(3)
    assert constant(hand, "a")[0] == pytest.approx(3.141592653589793, abs=1e-15)
    assert constant(hand, "c") != before
    menu = open_by_keys(hand)
    menu.get_by_test_id("lock-a").focus()
    desk.page.keyboard.press("Space")
    expect(menu.get_by_test_id("lock-a")).to_have_attribute("aria-pressed", "false")
    assert constant(hand, "a")[1] is False


def test_a_dragged_point_moves_the_curve_and_is_undone(desk):
    hand = desk.fitted()
    menu = hand.click_edge(FIRST)
    before = heights(hand)
    menu.get_by_test_id("edit-points").check()
    # the functions of the list make the inspector higher, and may move it
    expect(menu.get_by_test_id("candidate").first).to_be_visible(timeout=20_000)
    place = menu.get_by_test_id("control-point").nth(3).bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    path = menu.get_by_test_id("beyond")
    drawn = path.get_attribute("d")
    mouse = desk.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, y - 25, steps=3)
    expect(path).not_to_have_attribute("d", drawn)
    assert heights(hand) == before
    desk.notebook.screenshot("dragging")
    mouse.up()
    hand.notebook.wait_for_value("kw.history['undo']", lambda label: "point" in (label or ""))
    after = heights(hand)
    changed = [k for k, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
    assert len(changed) == 1
    hand.get("undo").click()
    hand.notebook.wait_for_value("kw.history['redo']", lambda label: "point" in (label or ""))
    assert heights(hand) == before


def test_by_keys_a_point_is_moved_and_the_rest_refits(desk):
    hand = desk.fitted()
    menu = open_by_keys(hand)
    before, loss = heights(hand), hand.notebook.kernel.value("kw.summary['val_loss']")
    for name in ("edit-points", "refit"):
        menu.get_by_test_id(name).focus()
        desk.page.keyboard.press("Space")
    menu.get_by_test_id("control-point").nth(2).focus()
    desk.page.keyboard.press("ArrowRight")
    expect(menu.get_by_test_id("control-point").nth(3)).to_be_focused()
    for _ in range(3):
        desk.page.keyboard.press("Shift+ArrowUp")
    desk.page.keyboard.press("Enter")
    hand.notebook.wait_for_value("kw.history['undo']", lambda label: "refitted" in (label or ""))
    after = heights(hand)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
    assert hand.notebook.kernel.value("kw.summary['val_loss']") != loss
    others = "[node['label'] for node in kw.history['nodes']]"
    assert len(re.findall("point", str(hand.notebook.kernel.value(others)))) == 1


def test_an_own_function_joins_the_list_and_can_be_taken(desk):
    hand = desk.fitted()
    menu = hand.click_edge(FIRST)
    line = menu.get_by_test_id("own-function")
    line.fill("wave = sin(x) + cos(2*x)/10")
    line.press("Enter")
    own = menu.locator('[data-function="wave"]')
    expect(own).to_be_visible()
    line.fill("sin = x")
    menu.get_by_test_id("add-function").click()
    expect(menu.get_by_test_id("own-refused")).to_contain_text("sin")
    own.click()
    expect(menu.get_by_test_id("constants")).to_be_visible()
    assert hand.notebook.kernel.value("kw.model.layers[0].functions[0, 0].name") == "wave"
