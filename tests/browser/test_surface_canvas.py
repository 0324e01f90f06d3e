"""The live picture: how it moves, how it is looked at, and what of a large network is drawn."""

import re

import pytest
from playwright.sync_api import expect

LARGE = "KANWidget(KAN([60, 30, 10], grid=3, k=3, seed=1), wide())"
DATA = """
def wide():
    return create_dataset(lambda x: x[:, :10] ** 2, n_var=60, train_num=60, test_num=20, seed=1)
"""
PLACES = """canvas => [[0, 0, 0], [1, 4, 0]].map(edge => {
    const at = canvas.kanEdgePosition(...edge);
    return [at.x, at.y];
})"""


def spread(hand):
    """How far two edges are from each other on the screen."""
    (ax, ay), (bx, by) = hand.canvas.evaluate(PLACES)
    return ((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5


def settled(hand):
    """The distance once the picture has come to rest."""
    seen = [spread(hand)]
    while len(seen) < 3 or len(set(seen[-3:])) > 1:
        hand.notebook.page.wait_for_timeout(60)
        seen.append(spread(hand))
    return seen[-1]


def draws(hand):
    return int(hand.canvas.get_attribute("data-draws"))


def rest(hand):
    """Wait until nothing is drawn any more."""
    before = -1
    while before != (before := draws(hand)):
        hand.notebook.page.wait_for_timeout(250)


def test_a_training_is_drawn_between_its_frames_too_and_then_comes_to_rest(desk):
    hand = desk.show()
    rest(hand)
    hand.start(400)
    frames = "() => +document.querySelector('[data-testid=kan-canvas]').dataset.frames"
    begin, drawn = hand.canvas.evaluate(frames), draws(hand)
    hand.notebook.page.wait_for_function(f"({frames})() > {begin} + 20")
    shown = hand.canvas.evaluate(
        "canvas => [+canvas.dataset.draws, +canvas.dataset.frames, +canvas.dataset.version]"
    )
    assert shown[0] - drawn > shown[1] - begin
    hand.get("stop").click()
    hand.wait_until_idle()
    rest(hand)
    quiet = draws(hand)
    hand.notebook.page.wait_for_timeout(300)
    assert draws(hand) == quiet
    assert int(hand.canvas.get_attribute("data-version")) > shown[2]


def test_what_cannot_be_seen_is_not_drawn(desk):
    hand = desk.show()
    hand.start(2000)
    hand.notebook.page.wait_for_timeout(300)
    hand.canvas.evaluate("canvas => { canvas.closest('.kanwidget').style.marginTop = '5000px'; }")
    hand.notebook.page.evaluate(
        "document.querySelector('.jp-WindowedPanel-outer, .jp-Notebook').scrollTop = 0"
    )
    rest(hand)
    assert hand.notebook.kernel.value("kw.status") == "training"
    hand.canvas.evaluate("canvas => { canvas.closest('.kanwidget').style.marginTop = ''; }")
    hand.widget.scroll_into_view_if_needed()
    before = draws(hand)
    hand.notebook.page.wait_for_function(
        f"+document.querySelector('[data-testid=kan-canvas]').dataset.draws > {before} + 3"
    )


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_the_network_is_looked_at_from_near_and_far(desk, way):
    hand = desk.show()
    page, canvas = hand.notebook.page, hand.canvas
    canvas.click(position={"x": 4, "y": 4})
    whole = settled(hand)

    def turn(delta):
        canvas.hover(position={"x": 60, "y": 60})
        page.keyboard.down("Control")
        page.mouse.wheel(0, delta)
        page.keyboard.up("Control")

    if way == "mouse":
        nearer, farther, fit = lambda: turn(-60), lambda: turn(60), hand.get("fit").click
    else:
        press = page.keyboard.press
        nearer, farther, fit = lambda: press("+"), lambda: press("-"), lambda: press("0")
    nearer()
    assert settled(hand) > 1.2 * whole
    farther()
    farther()
    assert settled(hand) < 0.95 * whole
    fit()
    assert settled(hand) == pytest.approx(whole, abs=1)
    (left, _), _ = canvas.evaluate(PLACES)
    if way == "mouse":
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + 8, box["y"] + 8)
        page.mouse.down()
        page.mouse.move(box["x"] + 108, box["y"] + 8, steps=4)
        page.mouse.up()
    else:
        page.keyboard.press("Shift+ArrowLeft")
    settled(hand)
    assert canvas.evaluate(PLACES)[0][0] > left + 50
    if way == "mouse":
        canvas.dblclick(position={"x": 4, "y": 4})
        settled(hand)
        assert canvas.evaluate(PLACES)[0][0] == pytest.approx(left, abs=1)


def test_the_selected_edge_fills_the_picture(desk):
    hand = desk.show()
    hand.click_edge((0, 1, 2))
    hand.notebook.page.keyboard.press("Escape")
    whole = settled(hand)
    hand.canvas.press("f")
    assert settled(hand) > 2 * whole
    hand.get("fit").click()
    assert settled(hand) == pytest.approx(whole, abs=1)
    hand.get("fit-selection").click()
    assert settled(hand) > 2 * whole


def test_those_who_like_stillness_see_no_motion(desk):
    hand = desk.show()
    page = hand.notebook.page
    page.emulate_media(reduced_motion="reduce")
    try:
        rest(hand)
        before, near = draws(hand), spread(hand)
        hand.get("zoom-in").click()
        assert spread(hand) > 1.2 * near
        rest(hand)
        # the canvas, and once more for what the button's own look may ask for
        assert draws(hand) - before <= 2
    finally:
        page.emulate_media(reduced_motion="no-preference")


def test_a_large_network_opens_as_a_summary_that_is_searched(desk):
    hand = desk.show(LARGE, DATA)
    page, drawn, field = hand.notebook.page, hand.get("drawn"), hand.get("filter")
    expect(drawn).to_have_text("60 of 2,100 edges, the strongest of each layer")
    field.click()
    page.keyboard.type("x_7 score > 0")
    expect(drawn).to_have_text(re.compile(r"^(30|none) of 2,100 edges$"))
    assert hand.canvas.evaluate("canvas => canvas.kanNodePosition(0, 6) !== null")
    field.fill("sni")
    expect(drawn).to_contain_text("“sni” is no node, function or kind")
    expect(field).to_have_attribute("aria-invalid", "true")
    hand.get("filter-clear").click()
    expect(drawn).to_contain_text("60 of 2,100 edges")
    fold = hand.widget.locator('[data-testid="fold"][data-layer="0"]')
    fold.click()
    expect(fold).to_have_text(re.compile(r"^fold \d+$"))
    slider = hand.get("most-edges")
    slider.press("End")
    expect(drawn).to_have_text("all 2,100 edges")
    assert hand.canvas.evaluate("canvas => canvas.kanEdgePosition(0, 59, 29) !== null")


def test_a_large_network_is_searched_by_keyboard_alone(desk):
    hand = desk.show(LARGE, DATA)
    page, drawn = hand.notebook.page, hand.get("drawn")
    hand.canvas.focus()
    page.keyboard.press("/")
    expect(hand.get("filter")).to_be_focused()
    page.keyboard.type("(1, 4, 0)")
    expect(drawn).to_have_text("1 of 2,100 edges")
    page.keyboard.press("Enter")
    expect(hand.canvas).to_be_focused()
    page.keyboard.press("ArrowRight")
    hand.notebook.wait_for_value("kw.selected", lambda edge: edge == [1, 4, 0])
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(hand.get("filter")).to_have_value("")
    expect(drawn).to_contain_text("of 2,100 edges, the strongest of each layer")
    fold = hand.widget.locator('[data-testid="fold"][data-layer="0"]')
    fold.focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    hand.get("most-edges").focus()
    page.keyboard.press("Home")
    expect(drawn).to_contain_text(re.compile("^1[01] of 2,100 edges"))
