"""The history, two states side by side, the Pareto plot and the session's script and file, in JupyterLab."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAST = """
data = hello_world(200)
session = kanwidget.Session(KAN([2, 5, 1], grid=3, k=3, seed=1), data)
session.train(steps=5)
session.fix_symbolic(0, 0, 0, "sin")
session.undo()
session.remove_edge(0, 0, 3)
session.fix_symbolic(0, 1, 0, "x^2")
"""
"""Steps: 0 start, 1 training, 2 a branch with a sine, 3 an edge removed, 4 a square, where it is."""
SHOWN = "KANWidget(session)"


@pytest.fixture
def hand(desk):
    shown = desk.show(SHOWN, PAST)
    expect(state(shown, 4)).to_have_attribute("aria-current", "step")
    return shown


def state(hand, step):
    return hand.widget.locator(f'[data-testid="state"][data-step="{step}"]')


def at(hand):
    return hand.notebook.kernel.value("kw.session.history.current.id")


def picture(hand):
    """What is on the canvas, as pixels."""
    return hand.canvas.evaluate("canvas => canvas.toDataURL()")


def press(hand, *keys):
    for key in keys:
        hand.notebook.page.keyboard.press(key)


# ---------------------------------------------------------------------- preview and jump


def test_a_state_is_shown_while_pointed_at_and_gone_to_by_a_click(hand):
    live, drawn = hand.latex(), picture(hand)
    state(hand, 2).hover()
    expect(hand.get("preview")).to_contain_text("Looking at step 2: fix (0, 0, 0) to sin")
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile(r"\\sin"))
    assert picture(hand) != drawn
    hand.notebook.screenshot("preview")
    assert at(hand) == 4
    hand.notebook.page.mouse.move(5, 5)
    expect(hand.get("preview")).to_be_hidden()
    assert hand.latex() == live
    hand.notebook.page.wait_for_function(
        "before => document.querySelector('[data-testid=kan-canvas]').toDataURL() === before",
        arg=drawn,
    )
    state(hand, 2).click()
    expect(state(hand, 2)).to_have_attribute("aria-current", "step")
    expect(hand.get("message")).to_contain_text("went to step 2: fix (0, 0, 0) to sin")
    expect(hand.get("preview")).to_be_hidden()
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile(r"\\sin"))
    assert at(hand) == 2
    state(hand, 4).click()
    expect(hand.get("formula")).to_have_attribute("data-latex", live)
    assert at(hand) == 4


def test_states_are_walked_shown_left_and_gone_to_by_keys(hand):
    live = hand.latex()
    hand.get("history-tree").focus()
    press(hand, "ArrowLeft", "ArrowLeft")  # to the state it was made from, and on
    expect(hand.get("preview")).to_have_attribute("data-step", "1")
    press(hand, "ArrowDown")
    expect(hand.get("preview")).to_have_attribute("data-step", "2")
    press(hand, "Escape")
    expect(hand.get("preview")).to_be_hidden()
    assert hand.latex() == live
    press(hand, "Enter")
    expect(state(hand, 2)).to_have_attribute("aria-current", "step")
    assert at(hand) == 2
    press(hand, "End", "Enter")
    expect(state(hand, 4)).to_have_attribute("aria-current", "step")
    expect(hand.get("formula")).to_have_attribute("data-latex", live)
    press(hand, "Control+z")
    expect(state(hand, 3)).to_have_attribute("aria-current", "step")


def test_a_past_state_takes_no_click_and_no_key_for_the_live_one(hand):
    nodes = hand.notebook.kernel.value("len(kw.session.history.nodes)")
    hand.click_edge((1, 0, 0))
    press(hand, "Escape")
    hand.get("history-tree").focus()
    press(hand, "Home")
    expect(hand.get("preview")).to_have_attribute("data-step", "0")
    place = hand.canvas.evaluate("canvas => canvas.kanEdgePosition(0, 0, 0)")
    hand.notebook.page.mouse.click(place["x"], place["y"])
    expect(hand.get("preview")).to_be_hidden()
    expect(hand.get("edge-menu")).to_be_hidden()
    hand.canvas.focus()
    state(hand, 2).hover()
    expect(hand.get("preview")).to_be_visible()
    press(hand, "Delete")
    expect(hand.get("preview")).to_be_hidden()
    assert hand.notebook.kernel.value("len(kw.session.history.nodes)") == nodes


def test_states_are_looked_at_while_a_training_runs(hand):
    hand.type_into("steps", "100000")
    hand.notebook.page.get_by_test_id("optimizer").select_option("Adam")
    hand.get("train").click()
    hand.notebook.wait_for_value("kw.step", lambda step: step > 3)
    state(hand, 1).hover()
    expect(hand.get("preview")).to_have_attribute("data-step", "1")
    seen = hand.notebook.kernel.value("kw.step")
    hand.notebook.wait_for_value("kw.step", lambda step: step > seen + 20)
    expect(hand.get("preview")).to_be_visible()
    hand.notebook.page.mouse.move(5, 5)
    expect(hand.get("preview")).to_be_hidden()
    hand.get("stop").click()
    hand.wait_until_idle()
    expect(state(hand, 5)).to_have_attribute("aria-current", "step")
    expect(state(hand, 5).locator(".kw-spark")).to_be_visible()


def test_a_state_that_was_let_go_is_said_so_and_not_gone_to(desk):
    hand = desk.show(SHOWN, f"{PAST}\nsession.history.nodes[2].state = None\nsession.pin(1)")
    expect(state(hand, 2)).to_have_attribute("aria-disabled", "true")
    state(hand, 2).click(force=True)
    expect(hand.get("history-said")).to_contain_text("step 2 was let go to save memory")
    expect(hand.get("preview")).to_be_hidden()
    hand.get("history-tree").focus()
    press(hand, "Home", "ArrowDown", "ArrowDown", "Enter")
    assert at(hand) == 4


# ---------------------------------------------------------------------- notes, names, pins


def test_notes_names_and_pins_are_written_by_mouse(hand):
    for button, field, text in (
        ("Note (N)", "note-field", "dd: the sine, jj"),
        ("Rename (F2)", "name-field", "with a sine"),
    ):
        state(hand, 2).hover()
        state(hand, 2).get_by_role("button", name=button).click()
        hand.get(field).fill(text)
        hand.widget.get_by_role("button", name="Keep", exact=True).click()
        expect(hand.get(field)).to_be_hidden()
    state(hand, 2).hover()
    state(hand, 2).get_by_role("button", name=re.compile("^Pin")).click()
    expect(hand.get("history-said")).to_have_text("Step 2 is pinned.")
    expect(state(hand, 2)).to_contain_text("with a sine")
    written = "[(n.name, n.note, n.pinned) for n in kw.session.history.nodes][2]"
    assert hand.notebook.kernel.value(written) == ["with a sine", "dd: the sine, jj", True]
    assert at(hand) == 4


def test_notes_names_and_pins_are_written_by_keys_that_jupyter_never_hears(hand):
    cells = hand.notebook.cells.count()
    hand.get("history-tree").focus()
    press(hand, "Home", "n")
    expect(hand.get("note-field")).to_be_focused()
    hand.notebook.page.keyboard.type("dd ab?\u00e9")
    press(hand, "Enter")
    expect(hand.get("history-tree")).to_be_focused()
    expect(hand.get("help")).to_be_hidden()
    press(hand, "F2")
    hand.notebook.page.keyboard.type("the beginning")
    press(hand, "Enter")
    expect(state(hand, 0)).to_contain_text("the beginning")
    press(hand, "p")
    expect(hand.get("history-said")).to_have_text("Step 0 is pinned.")
    press(hand, "n")
    hand.notebook.page.keyboard.type("something else")
    press(hand, "Escape")
    written = "[(n.name, n.note, n.pinned) for n in kw.session.history.nodes][0]"
    assert hand.notebook.kernel.value(written) == ["the beginning", "dd ab?\u00e9", True]
    assert hand.notebook.cells.count() == cells


# ---------------------------------------------------------------------- two states


def test_two_states_are_compared_by_mouse_and_one_is_gone_to(hand):
    state(hand, 1).click(modifiers=["Shift"])
    dialog = hand.get("compare")
    expect(dialog.locator('.kw-diff[data-kind="function"][data-edge="0,1,0"]')).to_have_count(2)
    expect(dialog).to_contain_text("another function: 1")
    expect(dialog.locator('.kw-diff[data-kind="removed"][data-edge="0,0,3"]')).to_have_count(1)
    dialog.get_by_text("All differences in words").click()
    said = hand.notebook.kernel.value("str(kw.session.compare(1))")
    expect(hand.get("compare-text")).to_have_text(said)
    hand.notebook.screenshot("compare")
    hand.get("compare-after").select_option("2")
    expect(dialog.locator('[data-edge="0,0,0"]')).to_have_count(2)
    dialog.get_by_role("button", name="Go there").first.click()
    expect(dialog).to_be_hidden()
    assert at(hand) == 1


def test_two_states_are_compared_by_keys_and_the_focus_comes_back(hand):
    hand.get("history-tree").focus()
    press(hand, "Home", "c")
    expect(hand.get("compare")).to_be_focused()
    expect(hand.get("compare")).to_contain_text("live edges")
    expect(hand.get("compare-before")).to_have_value("0")
    press(hand, "Tab")
    press(hand, "Tab")
    expect(hand.get("compare-before")).to_be_focused()
    press(hand, "Escape")
    expect(hand.get("compare")).to_be_hidden()
    expect(hand.get("history-tree")).to_be_focused()
    assert at(hand) == 4


# ---------------------------------------------------------------------- Pareto


def test_the_pareto_plot_shows_and_restores_states_by_mouse(hand):
    hand.get("tab-pareto").click()
    front = hand.notebook.kernel.value("[node.id for node in kw.session.pareto()]")
    best = hand.get("pareto").locator('circle[data-best="true"]')
    expect(best).to_have_count(len(front))
    other = next(step for step in front if step != 4)
    dot = hand.get("pareto").locator(f'circle[data-step="{other}"]')
    dot.hover(force=True)
    expect(hand.get("preview")).to_have_attribute("data-step", str(other))
    hand.notebook.screenshot("pareto")
    dot.click(force=True)
    expect(dot).to_have_attribute("data-here", "true")
    assert at(hand) == other


def test_the_pareto_front_is_walked_by_keys_and_read_as_a_table(hand):
    hand.get("tab-history").focus()
    press(hand, "ArrowRight")
    expect(hand.get("tab-pareto")).to_be_focused()
    front = hand.notebook.kernel.value("[node.id for node in kw.session.pareto()]")
    hand.get("pareto").focus()
    press(hand, "Home")
    for step in front[1:]:
        press(hand, "ArrowRight")
        if step != 4:
            expect(hand.get("preview")).to_have_attribute("data-step", str(step))
    press(hand, "Home", "Enter")
    hand.notebook.wait_for_value("kw.session.history.current.id", lambda now: now == front[0])
    table = hand.get("history").get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(len(front) + 1)


# ---------------------------------------------------------------------- the session


def test_the_session_is_copied_as_python_and_nothing_is_written(hand):
    page = hand.notebook.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    files = "sorted(__import__('os').listdir())"
    before = hand.notebook.kernel.value(files)
    hand.get("session").click()
    hand.get("copy-python").click()
    expect(hand.get("history-said")).to_have_text("The session is in the clipboard as Python.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == hand.notebook.kernel.value("kw.session.to_python()")
    with page.expect_download() as downloaded:
        hand.get("get-notebook").click()
    assert downloaded.value.suggested_filename == "session.ipynb"
    assert hand.notebook.kernel.value(files) == before


def test_the_session_is_saved_by_keys_under_a_name_and_its_script_reads_it(desk):
    hand = desk.show(SHOWN, f"{PAST}\nsession.model.layers[0].coef.data *= 1.01")
    page = hand.notebook.page
    hand.get("session").focus()
    press(hand, "Enter", "Tab")
    expect(hand.get("copy-python")).to_be_focused()
    press(hand, "Enter")
    field = hand.get("session-path")
    expect(field).to_be_focused()
    expect(hand.get("session-menu")).to_contain_text("save the session and give its file as path")
    page.keyboard.type("mine")
    press(hand, "Enter")
    expect(hand.get("session-refusal")).to_contain_text("a name that ends in .kan is needed")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.type(".kan")
    press(hand, "Enter")
    expect(hand.get("history-said")).to_have_text("The session is in the clipboard as Python.")
    assert "mine.kan" in page.evaluate("navigator.clipboard.readText()")
    loaded = "len(kanwidget.Session.load('mine.kan').history.nodes)"
    assert hand.notebook.kernel.value(loaded) == 6


# ---------------------------------------------------------------------- many states


def test_hundreds_of_states_are_as_quick_as_a_few(desk):
    many = """
session = kanwidget.Session(KAN([2, 2, 1], grid=3, k=3, seed=1), hello_world(50))
with session.model.exclusive:
    node = session.history.current
    for number in range(500):
        session.history.commit(node.action, node.state, node.metrics)
session.annotate(0, "the first of many")
"""
    hand = desk.show(SHOWN, many)
    expect(state(hand, 500)).to_have_attribute("aria-current", "step")
    assert hand.get("state").count() < 40
    hand.get("history-tree").focus()
    press(hand, "Home", "ArrowDown")
    expect(hand.get("preview")).to_have_attribute("data-step", "1")
    press(hand, "p")
    expect(hand.get("history-said")).to_have_text("Step 1 is pinned.")
    press(hand, "End", "PageUp")
    expect(state(hand, 500)).to_be_visible()
