"""The controls: training in every pace, the grid, pruning by number, the loss plot, the settings."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
SLOW = "KANWidget(KAN([2, 5, 1], grid=5, k=3, seed=1), hello_world(200), steps=200, slow=0.2)"


def press(hand, *keys):
    for key in keys:
        hand.notebook.page.keyboard.press(key)


def tab_to(hand, testid, most=40):
    """Walk with Tab until a control has the focus."""
    for _ in range(most):
        press(hand, "Tab")
        focused = "document.activeElement.dataset.testid"
        if hand.notebook.page.evaluate(focused) == testid:
            return
    raise AssertionError(f"Tab does not lead to {testid}")


# ---------------------------------------------------------------------- training


def test_slow_motion_shows_how_long_it_takes_pauses_steps_and_stops_at_once(desk):
    hand = desk.show(SLOW)
    hand.get("train").click()
    expect(hand.get("progress")).to_have_text(re.compile(r"^step \d+ of 200, \d+ (s|min) left$"))
    hand.get("pause").click()
    expect(hand.get("train")).to_have_attribute("data-state", "paused")
    before = desk.kernel.value("len(kw.losses['step'])")
    hand.get("step").click()
    hand.notebook.wait_for_value("len(kw.losses['step'])", lambda done: done == before + 1)
    expect(hand.get("train")).to_have_attribute("data-state", "paused")
    hand.get("train").click()
    hand.wait_until_idle(5)
    assert desk.kernel.value("len(kw.losses['step'])") <= before + 2


def test_the_same_by_keyboard(desk):
    hand = desk.show(SLOW)
    hand.get("train").focus()
    press(hand, "Enter")
    expect(hand.get("train")).to_have_attribute("data-state", "training")
    press(hand, "Tab", "Space")
    expect(hand.get("train")).to_have_attribute("data-state", "paused")
    before = desk.kernel.value("len(kw.losses['step'])")
    press(hand, "Tab", "Enter")
    hand.notebook.wait_for_value("len(kw.losses['step'])", lambda done: done == before + 1)
    tab_to(hand, "slow")
    press(hand, "Home")
    hand.notebook.wait_for_value("kw.slow", lambda slow: slow == 0)
    hand.get("cancel").focus()
    press(hand, "Enter")
    hand.wait_until_idle()
    assert desk.kernel.value("len(kw.history['nodes'])") == 1


def test_one_step_is_a_training_of_its_own_when_nothing_runs(desk):
    hand = desk.show()
    hand.get("step").click()
    hand.notebook.wait_for_value("kw.history['undo'] or ''", lambda label: label == "train 1 step")


def test_ten_million_steps_are_shown_whole(desk):
    hand = desk.show()
    hand.type_into("steps", "10000000")
    hand.notebook.wait_for_value("kw.steps", lambda steps: steps == 10_000_000)
    field = hand.get("steps")
    assert field.evaluate("field => field.scrollWidth <= field.clientWidth")


# ---------------------------------------------------------------------- grid


def test_the_grid_is_refined_after_a_look_and_back(desk):
    hand = desk.show()
    hand.train(5)
    hand.get("grid").click()
    preview = hand.get("refine-preview")
    expect(preview).to_contain_text("The function stays the same")
    expect(preview).to_contain_text(re.compile(r"\d+ → \d+.*ms"))
    hand.notebook.screenshot("refine")
    before = desk.kernel.value("kw.summary['val_loss']")
    hand.get("refine-now").click()
    expect(hand.get("grid")).to_have_text(re.compile("^10"))
    assert desk.kernel.value("[l.grid for l in kw.model.layers]") == [10, 10]
    assert desk.kernel.value("kw.summary['val_loss']") == pytest.approx(before, rel=1e-3)
    hand.get("undo").click()
    expect(hand.get("grid")).to_have_text(re.compile("^5"))


def test_the_grid_is_refined_by_keyboard(desk):
    hand = desk.show()
    hand.get("grid").focus()
    press(hand, "Enter")
    field = hand.get("new-grid")
    expect(field).to_be_focused()
    press(hand, "ControlOrMeta+a")
    hand.notebook.page.keyboard.type("3")
    expect(hand.get("refine-preview")).to_contain_text("from 6 to 1,000")
    press(hand, "ControlOrMeta+a")
    hand.notebook.page.keyboard.type("7")
    press(hand, "Enter")
    expect(hand.get("grid")).to_have_text(re.compile("^7"))
    expect(hand.get("grid")).to_be_focused()
    press(hand, "Enter", "Escape")
    expect(hand.get("grid")).to_be_focused()


# ---------------------------------------------------------------------- pruning


def test_a_threshold_is_typed_previewed_and_pruned_at(desk):
    hand = desk.show()
    hand.train(10)
    field = hand.get("prune-threshold")
    field.focus()
    hand.notebook.page.keyboard.type("0.05")
    expect(hand.get("prune-preview")).to_contain_text("Would remove")
    press(hand, "Escape")
    expect(hand.get("prune-preview")).to_have_attribute("data-active", "false")
    expect(field).to_have_value("0.03")
    assert len(hand.live_edges()) == 15
    hand.notebook.page.keyboard.type("0.05")
    press(hand, "Enter")
    hand.notebook.wait_for_value("kw.summary['alive']", lambda alive: alive < 15)


# ---------------------------------------------------------------------- losses


def test_losses_are_read_by_pointer_and_keys_with_penalty_and_actions(desk):
    hand = desk.show()
    hand.set_lamb("0.01")
    hand.train(10)
    hand.type_into("prune-threshold", "0.01")
    hand.notebook.wait_for_value("len(kw.losses['events'])", lambda count: count == 1)
    hand.train(5)
    values = hand.get("loss-values")
    expect(values).to_contain_text("penalty")
    chart = hand.get("loss-chart")
    box = chart.bounding_box()
    hand.notebook.page.mouse.move(box["x"] + 60, box["y"] + 60)
    expect(hand.get("loss-read")).to_have_text(re.compile(r"^step \d+"))
    chart.focus()
    press(hand, "End", "ControlOrMeta+ArrowLeft")
    expect(hand.get("loss-read")).to_have_text(re.compile("step 10: prune at 0.01"))
    hand.get("loss-burst").click()
    expect(chart.locator("text").filter(has_text=re.compile("^12$"))).to_have_count(1)
    hand.get("loss-table").focus()
    press(hand, "Space")
    expect(hand.get("losses").get_by_role("table")).to_be_visible()


def test_the_test_loss_is_of_the_network_that_is_shown(desk):
    hand = desk.show(SLOW)
    before = desk.kernel.value("kw.summary['test_loss']")
    hand.get("train").click()
    hand.notebook.wait_for_value("len(kw.losses['step'])", lambda count: count >= 3)
    assert desk.kernel.value("kw.summary['test_loss']") < before


# ---------------------------------------------------------------------- settings


def test_theme_palette_and_threads_are_set_by_mouse_and_from_python(desk):
    hand = desk.show()
    hand.get("settings").click()
    hand.get("theme").select_option("dark")
    hand.get("palette").select_option("okabe-ito")
    root = hand.widget
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("data-palette", "okabe-ito")
    hand.notebook.wait_for_value("kw.palette", lambda palette: palette == "okabe-ito")
    colour = "root => getComputedStyle(root).getPropertyValue('--kw-symbolic').trim()"
    assert root.evaluate(colour) == "#e69f00"
    hand.notebook.screenshot("okabe-ito")
    desk.kernel.run("kw.theme, kw.palette, kw.threads = 'contrast', 'grey', 1")
    expect(root).to_have_attribute("data-palette", "grey")
    expect(hand.get("threads")).to_have_value("1")


def test_settings_and_the_guide_are_reached_by_keyboard(desk):
    hand = desk.show()
    hand.get("settings").focus()
    press(hand, "Enter")
    expect(hand.get("theme")).to_be_focused()
    press(hand, "End")
    hand.notebook.wait_for_value("kw.theme", lambda theme: theme == "contrast")
    hand.get("open-guide").focus()
    press(hand, "Enter")
    expect(hand.get("guide")).to_contain_text("Levenberg–Marquardt")
    press(hand, "Escape")
    expect(hand.get("guide")).to_be_hidden()
