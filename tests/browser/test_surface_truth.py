"""What keeps a person from believing what is not so: scores, ghosts, roll-backs and warnings."""

import re

import numpy as np
from playwright.sync_api import expect

EDGE = (0, 0, 0)


def canvas_at(hand, edge):
    """Pixels of the canvas around an edge, with the pointer elsewhere."""
    hand.notebook.page.mouse.move(2, 2)
    hand.notebook.page.wait_for_timeout(400)  # for the picture to come to rest
    place = hand.canvas.evaluate("(canvas, edge) => canvas.kanEdgePosition(...edge)", list(edge))
    box = hand.canvas.bounding_box()
    x, y = int(place["x"] - box["x"]), int(place["y"] - box["y"])
    return hand.notebook.pixels(hand.canvas)[y - 40 : y + 40, x - 40 : x + 40].astype(int)


def test_another_score_is_chosen_by_mouse_and_by_keys_and_explained(desk):
    hand = desk.show()
    hand.train(5)
    backward = hand.get("metric-says").inner_text()
    scores = desk.kernel.value("kw.session.view.picture.score.tolist()")
    hand.get("metric").select_option("forward_n")
    hand.notebook.wait_for_value("kw.session.view.picture.metric", "forward_n".__eq__)
    expect(hand.get("metric-says")).not_to_have_text(backward)
    assert desk.kernel.value("kw.session.view.picture.score.tolist()") != scores
    hand.get("metric").focus()
    desk.page.keyboard.press("Home")
    hand.notebook.wait_for_value("kw.session.view.picture.metric", "backward".__eq__)
    expect(hand.get("metric-says")).to_have_text(backward)
    expect(hand.get("legend").get_by_role("listitem")).to_have_count(8)


def test_the_curve_before_an_action_stays_behind_the_one_of_now_until_it_is_not_wanted(desk):
    hand = desk.fitted()
    fresh = canvas_at(hand, EDGE)
    hand.take(EDGE, "x^2")  # which is not what the spline was
    with_ghost = canvas_at(hand, EDGE)
    hand.get("settings").focus()
    desk.page.keyboard.press("Enter")
    hand.get("ghosts").focus()
    desk.page.keyboard.press(" ")
    desk.page.keyboard.press("Escape")
    without = canvas_at(hand, EDGE)
    assert np.abs(with_ghost - fresh).max() > 60
    assert (np.abs(with_ghost - without).max(2) > 10).sum() > 30, "no ghost is drawn"


def test_a_training_that_meets_nan_goes_back_and_says_why(desk):
    hand = desk.show()
    hand.train(5)
    found = hand.get("summary").inner_text()
    desk.kernel.run("kw.optimizer, kw.lr = 'Adam', 1e200")
    expect(hand.get("lr")).to_have_value(re.compile("200$"))
    hand.get("train").press("Enter")
    expect(hand.get("message")).to_contain_text(
        re.compile("nan|not finite|diverge", re.I), timeout=20_000
    )
    hand.wait_until_idle()
    desk.notebook.screenshot("rolled-back")
    assert "nan" not in hand.get("summary").inner_text().lower()
    assert desk.kernel.value("all(bool(p.isfinite().all()) for p in kw.model.parameters())")
    assert hand.get("summary").inner_text().split("·")[0] == found.split("·")[0]


def test_a_function_with_a_pole_or_a_domain_near_the_data_is_warned_of(desk):
    hand = desk.fitted()
    menu = hand.click_edge((1, 0, 0))
    menu.get_by_test_id("candidate-filter").fill("sqrt")
    warned = menu.locator('[data-testid="candidate"][data-function="sqrt"]')
    expect(warned).to_contain_text("⚠")
    sentence = warned.get_attribute("title")
    assert "is undefined beyond x = " in sentence
    menu.get_by_test_id("candidate-filter").focus()
    for _ in range(5):
        desk.page.keyboard.press("ArrowDown")
        if warned.evaluate("element => element === document.activeElement"):
            break
    expect(warned).to_be_focused()
    expect(warned).to_have_attribute("aria-label", re.compile(re.escape(sentence)))
