"""The manual session: hello world from data to formula with the mouse, in a real JupyterLab."""

import re
import time

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.hand import FRAMES, Hand

HELLO_WORLD = re.compile(r"^e\^\{(x_\{1\}|x_\{2\}|[-+0-9. ^{}\\]|sin|pi|left|right|\(|\))*\}$")


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Share of pixels that differ clearly."""
    return float((np.abs(one.astype(int) - other.astype(int)).max(axis=2) > 24).mean())


@pytest.fixture
def hand(open_notebook):
    notebook = open_notebook("quickstart.ipynb", width=1400, height=1100)
    notebook.run_cell(1)
    notebook.run_cell(3)
    yield Hand(notebook)
    errors = [line for line in notebook.console if line.startswith(("uncaught", "error"))]
    assert not [line for line in errors if "kanwidget" in line.lower() or "uncaught" in line], (
        errors
    )


@pytest.mark.alone
def test_hello_world_by_hand_from_data_to_formula(hand):
    notebook, kernel = hand.notebook, hand.notebook.kernel
    fresh = notebook.pixels(hand.canvas)
    notebook.screenshot("1-fresh")

    # train: the curves move
    hand.train(20)
    assert len(kernel.value("kw.losses")["train"]) == 20
    assert difference(fresh, notebook.pixels(hand.canvas)) > 0.005
    notebook.screenshot("2-trained")

    # the prune slider shows what would go before it is released
    with notebook.dragging(hand.get("prune"), 0.7):
        expect(hand.get("prune-preview")).to_contain_text("12 of 15")
        notebook.screenshot("3-prune-preview")
        assert kernel.value("kw.summary['alive']") == 15
    notebook.wait_for_value("kw.summary['alive']", lambda alive: alive == 3)
    first, second, third = sorted(hand.live_edges())
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile(r"varphi_\{1"))
    notebook.screenshot("4-pruned")

    # train without sparsity for as long as we like; frames arrive; stop
    hand.set_lamb("0")
    hand.start(5000)
    frames = notebook.changes(FRAMES, 2)
    assert len(frames) >= 20, f"{len(frames)} frames in 2 s"
    began = time.monotonic()
    hand.get("train").click()
    expect(hand.get("train")).to_have_attribute("data-state", "idle")
    assert time.monotonic() - began < 2
    assert kernel.value("kw.summary['val_loss']") < 0.02
    notebook.screenshot("5-stopped")

    # three edges from the menu; the formula follows each
    menu = hand.click_edge(first)
    expect(menu.get_by_test_id("candidate").first).to_have_attribute("data-function", "sin")
    menu.get_by_test_id("candidate").first.hover()
    notebook.screenshot("6-edge-menu")
    menu.get_by_test_id("candidate").first.click()
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile(r"\\sin"))
    notebook.page.keyboard.press("Escape")
    hand.take(second, "x^2")
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile(r"\^\{2\}"))
    hand.take(third, "exp")
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile(r"e\^\{"))
    hand.train(20)
    notebook.screenshot("7-formula")
    # JSON turns the tuple into a list
    assert kernel.value(
        "sorted([l, i, j, f.name] for l, layer in enumerate(kw.model.layers) "
        "for (i, j), f in layer.functions.items())"
    ) == [[*first, "sin"], [*second, "x^2"], [*third, "exp"]]
    assert HELLO_WORLD.match(hand.latex()), hand.latex()
    assert re.search(r"(3\.1416|\\pi) x_\{1\}", hand.latex())
    assert "x_{2}^{2}" in hand.latex()
    rendered = hand.get("formula").inner_text()
    assert "sin" in rendered
    assert (
        kernel.value("float((kw.model(dataset.test_input) - dataset.test_label).abs().max())")
        < 1e-6
    )
    assert kernel.value("kw.formula_error['full']") < 1e-6
    expect(hand.get("formula-error")).to_contain_text("max")
    notebook.page.mouse.move(0, 0)
    notebook.page.keyboard.press("Escape")
    notebook.resize(1400, 1350)  # the whole of it
    notebook.screenshot("widget", hand.widget)

    # undo three steps, redo them, with the keyboard too
    done = hand.latex()
    for _ in range(2):
        hand.get("undo").click()
    notebook.wait_for_value("kw.summary['symbolic']", lambda symbolic: symbolic == 2)
    hand.canvas.focus()
    notebook.page.keyboard.press("Control+z")
    notebook.wait_for_value("kw.summary['symbolic']", lambda symbolic: symbolic == 1)
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile(r"varphi"))
    notebook.screenshot("8-undone")
    notebook.page.keyboard.press("Control+Shift+z")
    for _ in range(2):
        hand.get("redo").click()
    expect(hand.get("formula")).to_have_attribute("data-latex", done)
    assert kernel.value("kw.summary['symbolic']") == 3
    notebook.screenshot("9-redone")


def test_what_is_done_to_the_model_in_a_cell_shows_on_the_canvas(hand):
    notebook = hand.notebook
    before = notebook.pixels(hand.canvas)
    notebook.run_code("kw.model.fit(dataset, steps=3)\nkw.model.fix_symbolic(0, 0, 2, 'sin')")
    hand.widget.scroll_into_view_if_needed()
    expect(hand.get("formula")).to_have_attribute("data-latex", re.compile(r"\\sin"))
    assert difference(before, notebook.pixels(hand.canvas)) > 0.005
    assert notebook.kernel.value("kw.history['undo']").startswith("model.fix_symbolic")


def test_an_edge_is_removed_and_restored_by_keyboard(hand):
    notebook = hand.notebook
    hand.canvas.focus()
    notebook.page.keyboard.press("ArrowRight")
    selected = notebook.wait_for_value("kw.selected", lambda edge: edge is not None)
    notebook.page.keyboard.press("Delete")
    notebook.wait_for_value("kw.summary['alive']", lambda alive: alive == 14)
    assert tuple(selected) not in hand.live_edges()
    notebook.page.keyboard.press("Delete")
    notebook.wait_for_value("kw.summary['alive']", lambda alive: alive == 15)


def test_errors_appear_on_the_message_line_and_change_nothing(hand):
    notebook = hand.notebook
    before = notebook.kernel.value("kw.version")
    notebook.kernel.run(
        "kw._receive(kw, {'id': 1, 'command': 'prune', 'args': {'threshold': -1}}, [])"
    )
    expect(hand.get("message")).to_have_attribute("data-kind", "error")
    expect(hand.get("message")).to_contain_text("threshold is -1; a number of at least 0 is needed")
    assert notebook.kernel.value("kw.summary['alive']") == 15
    assert notebook.kernel.value("len(kw.history['nodes'])") == 1
    assert notebook.kernel.value("kw.version") > before
    notebook.screenshot("error")


@pytest.mark.alone
@pytest.mark.parametrize(
    ("cell", "least"),
    # the busy cell takes one of perhaps two cores from kernel, server and browser
    [("import time; time.sleep(30)", 20), ("while True: n = 1 + 1", 10)],
    ids=["sleeping", "busy"],
)
def test_frames_keep_arriving_while_another_cell_runs_and_stop_is_quick(hand, cell, least):
    notebook = hand.notebook
    hand.start(100_000)
    notebook.run_code(cell, wait=False)
    hand.get("kan-canvas").scroll_into_view_if_needed()  # unseen, it would be sent no frames
    notebook.page.wait_for_timeout(500)
    frames: list[float] = []
    for _ in range(3):  # a machine may be busy with something else for a moment
        frames = max(frames, notebook.changes(FRAMES, 2), key=len)
        if len(frames) >= 40:
            break
    # one round of the clock in the page, where the click is and where the answer shows
    seconds = hand.get("train").evaluate(
        """button => new Promise(done => {
            const began = performance.now();
            const look = () => button.dataset.state === "idle"
                ? done((performance.now() - began) / 1000) : requestAnimationFrame(look);
            button.click();
            look();
        })"""
    )
    print(f"{len(frames) / 2:.1f} frames/s beside {cell!r}; idle {seconds:.2f} s after Stop")
    assert len(frames) >= 2 * least
    assert seconds < 0.3
    notebook.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    notebook.page.get_by_role("menuitem", name=re.compile("^Interrupt Kernel")).click()


def test_it_looks_like_something_to_show_a_class(open_notebook):
    notebook = open_notebook("quickstart.ipynb", theme="light", width=700, height=1300)
    notebook.run_cell(1)
    notebook.run_cell(3)
    hand = Hand(notebook)
    hand.train(20)
    for theme, width in (("light", 700), ("dark", 1400)):
        notebook.turn(theme, width)
        expect(hand.widget).to_have_attribute("data-theme", theme)
        hand.click_edge(max(hand.live_edges())).get_by_test_id("candidate").first.hover()
        notebook.screenshot(f"menu-{theme}")
        notebook.page.keyboard.press("Escape")
        expect(hand.get("edge-menu")).to_be_hidden()
        notebook.screenshot(f"network-{theme}")
        root = hand.widget.bounding_box()
        assert root
        assert root["x"] + root["width"] <= width
        background = notebook.pixels(hand.canvas)[2, 2].mean()
        assert background > 200 if theme == "light" else background < 80
        # a formula that would be too wide is set smaller before it has to be scrolled
        sheet = hand.get("formula")
        assert sheet.evaluate("sheet => sheet.scrollWidth <= sheet.clientWidth + 1")
        size = float(sheet.evaluate("sheet => getComputedStyle(sheet).fontSize")[:-2])
        assert size == 17 if width == 1400 else 15 < size < 17
