"""The formula panel as a person uses it: by mouse and by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import FITTED

SYMBOLIC = (
    FITTED
    + """
for edge, name in {(0, 0, 0): "sin", (0, 1, 0): "x^2", (1, 0, 0): "exp"}.items():
    model.fix_symbolic(*edge, name)
"""
)
OUTPUTS = """
data = create_dataset(
    lambda x: torch.cat([x[:, [0]] ** 2, torch.sin(x[:, [1]])], 1), n_var=2, train_num=200, seed=1
)
model = KAN([2, 2], grid=5, k=3, seed=1)
model.fit(data, steps=5)
for edge in ((0, 0, 1), (0, 1, 0)):
    model.remove_edge(*edge)
model.fix_symbolic(0, 0, 0, "x^2")
"""


@pytest.fixture
def hand(desk):
    return desk.show("KANWidget(model, hello_world())", SYMBOLIC)


def term(hand, edge):
    return hand.get("formula").locator(f'[data-edge="{edge}"]').first


LIT = re.compile(r"\bkw-lit\b")


def test_pointing_at_a_term_says_its_edge_and_a_click_opens_it(hand):
    term(hand, "0-1-0").hover()
    expect(term(hand, "0-1-0")).to_have_class(LIT)
    expect(hand.get("formula-term")).to_contain_text("(0, 1, 0)")
    term(hand, "0-1-0").click()
    expect(hand.get("edge-menu")).to_have_attribute("data-edge", "0,1,0")


def test_pointing_at_an_edge_lights_its_term(hand):
    place = hand.canvas.evaluate("canvas => canvas.kanEdgePosition(0, 0, 0)")
    hand.notebook.page.mouse.move(place["x"], place["y"])
    expect(term(hand, "0-0-0")).to_have_class(LIT)
    expect(term(hand, "0-1-0")).not_to_have_class(LIT)


def test_terms_are_walked_by_keys_and_open_their_edge(hand):
    keyboard = hand.notebook.page.keyboard
    hand.get("formula").focus()
    expect(hand.get("formula-term")).to_contain_text("Arrow keys")
    keyboard.press("ArrowRight")
    expect(hand.get("formula-term")).to_contain_text("(1, 0, 0)")
    keyboard.press("ArrowDown")
    expect(hand.get("formula-term")).not_to_contain_text("(1, 0, 0)")
    keyboard.press("Home")
    keyboard.press("Enter")
    expect(hand.get("edge-menu")).to_have_attribute("data-edge", "1,0,0")
    hand.notebook.wait_for_value("kw.selected", lambda edge: edge == [1, 0, 0])


def test_the_tree_of_terms_is_walked_by_keys(hand):
    hand.get("show-outline").click()
    rows = hand.get("outline").get_by_role("treeitem")
    expect(rows).to_have_count(4)
    rows.nth(0).focus()
    hand.notebook.page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    hand.notebook.page.keyboard.press("Enter")
    expect(hand.get("edge-menu")).to_have_attribute("data-edge", "1,0,0")


def test_digits_are_set_by_mouse_by_keyboard_and_from_python(hand):
    digits, kernel = hand.get("digits"), hand.notebook.kernel
    expect(digits).to_have_text("4 digits")
    before = hand.latex()
    hand.widget.get_by_title("More digits").click()
    expect(digits).to_have_text("5 digits")
    hand.notebook.wait_for_value("kw.digits", lambda found: found == 5)
    digits.focus()
    hand.notebook.page.keyboard.press("End")
    expect(digits).to_have_text("all digits")
    expect(hand.get("formula-error")).to_contain_text("with all digits")
    assert len(hand.latex()) > len(before)
    kernel.run("kw.digits = 2")
    expect(digits).to_have_text("2 digits")


def test_every_output_has_a_tab(desk):
    hand = desk.show("KANWidget(model, data)", OUTPUTS)
    first, second = hand.get("formula-tab").all()
    expect(term(hand, "0-0-0")).to_be_visible()
    first.focus()
    hand.notebook.page.keyboard.press("ArrowRight")
    expect(second).to_be_focused()
    expect(second).to_have_attribute("aria-selected", "true")
    expect(hand.get("formula-error")).to_contain_text("1 edge is still numeric")
    expect(term(hand, "0-1-1")).to_have_class(re.compile("kw-phi"))
    first.click()
    expect(hand.get("formula-error")).not_to_contain_text("numeric")


@pytest.fixture
def page(hand):
    """The widget's page, with the clipboard of before at the end."""
    yield hand.notebook.page
    hand.notebook.page.evaluate("delete navigator.clipboard.writeText")


def test_the_formula_is_copied_in_another_language_by_keyboard(hand, page):
    page.evaluate(
        """() => {
            window.copied = [];
            navigator.clipboard.writeText = async (text) => { window.copied.push(text) };
        }"""
    )
    hand.get("copy-as").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(hand.get("copied")).to_have_text("Copied NumPy")
    expect(hand.get("copy-as")).to_be_focused()
    (text,) = page.evaluate("window.copied")
    assert text == hand.notebook.kernel.value('kw.model.export("numpy")')


def test_what_may_not_be_copied_is_there_to_be_taken(hand, page):
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    hand.get("copy-latex").click()
    box = hand.get("copy-by-hand")
    expect(box).to_be_focused()
    expect(box).to_have_value(hand.latex())
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()


def test_a_constant_is_accepted_and_undone_right_there(hand):
    kernel = hand.notebook.kernel
    hand.get("constants").click()
    first = hand.get("snap").first
    expect(first).to_be_visible(timeout=20_000)
    before = kernel.value("len(kw.session.history.nodes)")
    first.get_by_test_id("snap-accept").focus()
    hand.notebook.page.keyboard.press("Enter")
    expect(hand.get("snap-said")).to_contain_text("Set ", timeout=20_000)
    assert kernel.value("len(kw.session.history.nodes)") == before + 1
    hand.get("snap-undo").click()
    hand.notebook.wait_for_value("kw.session.history.redo_label", lambda label: label is not None)


def test_all_constants_are_snapped_at_once(hand):
    hand.get("constants").click()
    button = hand.get("snap-all")
    expect(button).to_be_visible(timeout=20_000)
    button.click()
    expect(hand.get("snap-undo")).to_be_visible(timeout=20_000)
    assert r"\pi" in hand.latex()


def test_the_formula_of_before_is_dimmed_while_a_training_runs(desk):
    hand = desk.fitted()
    hand.start(100_000)
    expect(hand.get("formula-old")).to_have_text("From before the training")
    hand.get("train").click()
    hand.wait_until_idle()
    expect(hand.get("formula-old")).to_have_count(0)
