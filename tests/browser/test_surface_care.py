"""Nobody is left out and nothing is left behind: axe-core, a journey by keys alone, two views, closing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.hand import Hand

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"

OPENERS = {
    "at rest": (),
    "an edge's menu": ("Enter",),
    "a node": ("n", "Enter"),
    "several edges": ("Control+a",),
    "help": ("?",),
}
"""Keys pressed on the canvas, where an edge is walked to before."""
BUTTONS = (
    "settings",
    "grid",
    "copy-as",
    "session",
    "tab-pareto",
    "loss-table",
    "show-outline",
    "table-toggle",
)


def faults(hand: Hand) -> list[str]:
    """What axe-core finds in the widget that is serious, with where."""
    page = hand.notebook.page
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    # what fades in is half transparent for a moment
    hand.widget.evaluate(
        "root => Promise.all(root.getAnimations({subtree: true}).map(a => a.finished))"
    )
    return page.evaluate(
        """async () => (await axe.run('[data-testid=kanwidget]', {resultTypes: ['violations']}))
        .violations.filter(one => ['serious', 'critical'].includes(one.impact))
        .map(one => `${one.id}: ${one.nodes.map(node => node.html + ' ' +
            node.any.map(check => check.message).join(' ')).join(' | ')}`)"""
    )


def to_the_canvas(hand: Hand, *keys: str) -> None:
    hand.canvas.focus()
    for key in ("ArrowRight", *keys):
        hand.notebook.page.keyboard.press(key)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_axe_finds_no_serious_fault(desk, theme):
    hand = desk.fitted()
    hand.train(3)
    desk.kernel.run(f"kw.theme = {theme!r}; kw.session.fix_symbolic(0, 1, 0, 'x^2')")
    hand.widget.scroll_into_view_if_needed()
    expect(hand.widget).to_have_attribute("data-theme", theme)
    found = {}
    for name, keys in OPENERS.items():
        to_the_canvas(hand, *keys)
        desk.page.wait_for_timeout(150)
        found[name] = faults(hand)
        for _ in range(3):
            desk.page.keyboard.press("Escape")
    for testid in BUTTONS:
        hand.get(testid).click()
        desk.page.wait_for_timeout(150)
        found[testid] = faults(hand)
        for _ in range(3):
            desk.page.keyboard.press("Escape")
    left = [f"{name}: {one}" for name, what in found.items() for one in what]
    assert not left, "\n".join(left)


ONE_INPUT_TOO_MANY = """
data = create_dataset(
    lambda x: torch.exp(torch.sin(torch.pi * x[:, [0]])), n_var=2, train_num=500, seed=1
)
model = KAN([2, 1, 1], grid=5, k=3, seed=1)
"""


class Keys:
    """A person without a pointer."""

    def __init__(self, hand: Hand) -> None:
        self.hand = hand
        self.page = hand.notebook.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def here(self, attribute: str = "testid") -> str | None:
        """What has the focus."""
        return self.page.evaluate("name => document.activeElement?.dataset?.[name]", attribute)

    def tab_to(self, testid: str, key: str = "Tab") -> None:
        for _ in range(80):
            if self.here() == testid:
                return
            self.press(key)
        raise AssertionError(f"{testid} is not reached by {key}")

    def take(self, edge: tuple[int, int, int], function: str) -> None:
        """Walk to an edge on the canvas, open its inspector, walk to a function and take it."""
        self.tab_to("kan-canvas", "Shift+Tab")
        kernel, wanted = self.hand.notebook.kernel, list(edge)
        for key in ["Home"] + ["ArrowUp"] * edge[0] + ["ArrowRight"] * 4:
            if (before := kernel.value("kw.selected")) == wanted:
                break
            self.press(key)
            for _ in range(20):  # on its way to the kernel; Home may lead to where it is
                if kernel.value("kw.selected") != before:
                    break
                self.page.wait_for_timeout(50)
        assert kernel.value("kw.selected") == wanted
        self.press("Enter")
        expect(self.hand.get("candidate").first).to_be_focused()
        for _ in range(40):
            if self.here("function") == function:
                break
            self.press("ArrowDown")
        assert self.here("function") == function
        self.press("Enter")
        self.hand.notebook.wait_for_value(
            f"kw.model.layers[{edge[0]}].functions.get({edge[1:]}, None) is not None", bool
        )
        self.press("Escape")
        expect(self.hand.canvas).to_be_focused()


def test_from_data_to_formula_by_keys_alone(desk):
    hand = desk.show("KANWidget(model, data, lamb=0.001, lamb_entropy=2.0)", ONE_INPUT_TOO_MANY)
    keys = Keys(hand)
    formula, kernel = hand.get("formula"), desk.kernel
    # the way from a notebook's cell into its output is the notebook's own
    hand.get("train").focus()
    keys.press("Enter")
    expect(hand.get("train")).to_have_attribute("data-state", "training")
    hand.wait_until_idle()
    expect(hand.get("progress")).to_be_hidden()

    keys.tab_to("prune")
    keys.press("Home")
    for _ in range(200):
        if hand.get("prune-preview").inner_text().startswith("1 of 3"):
            break
        keys.press("ArrowRight")
    keys.press("Enter")
    desk.notebook.wait_for_value("kw.summary['alive']", (2).__eq__)
    assert kernel.value("kw.model.edges()") == [[0, 0, 0], [1, 0, 0]]

    keys.take((0, 0, 0), "sin")
    expect(formula).to_have_attribute("data-latex", re.compile(r"\\sin"))
    keys.take((1, 0, 0), "exp")
    expect(formula).to_have_attribute("data-latex", re.compile(r"^(?!.*varphi).*e\^\{"))
    found = hand.latex()

    keys.press("Control+z")
    expect(formula).to_have_attribute("data-latex", re.compile("varphi"))
    keys.press("Control+Shift+z")
    expect(formula).to_have_attribute("data-latex", found)
    keys.press("ArrowUp", "Delete")
    desk.notebook.wait_for_value("kw.summary['alive']", lambda alive: alive < 2)
    keys.press("Control+z")
    expect(formula).to_have_attribute("data-latex", found)

    # the terms of the formula are walked too, and lead back to their edges
    keys.tab_to("formula")
    keys.press("ArrowRight", "Enter")
    expect(hand.get("edge-menu")).to_be_visible()
    keys.press("Escape")
    keys.press("?")
    expect(hand.get("help")).to_be_visible()
    keys.press("Escape")
    expect(hand.get("help")).to_be_hidden()
    desk.notebook.screenshot("by-keys")
    assert kernel.value("kw.formula_error['full']") < 1e-6


VIEWS = '[data-testid="kanwidget"]'


def test_two_views_and_two_widgets_stay_in_step(desk):
    hand = desk.fitted()
    views = desk.page.locator(VIEWS)
    try:
        desk.notebook.run_code(
            "from IPython.display import display\ndisplay(kw)\nKANWidget(kw.session)"
        )
        expect(views).to_have_count(3)
        formulas = views.get_by_test_id("formula")
        hand.take((0, 0, 0), "sin")
        desk.page.keyboard.press("Escape")
        for each in (0, 1, 2):
            expect(formulas.nth(each)).to_have_attribute("data-latex", re.compile(r"\\sin"))
        last = views.nth(2)
        last.scroll_into_view_if_needed()
        last.get_by_test_id("undo").click()
        for each in (0, 1, 2):
            expect(formulas.nth(each)).not_to_have_attribute("data-latex", re.compile(r"\\sin"))
        # a setting of one widget is seen by both of its views, not by the other widget's
        desk.kernel.run("kw.theme = 'dark'")
        expect(views.nth(1)).to_have_attribute("data-theme", "dark")
        expect(last).to_have_attribute("data-theme", "light")
    finally:
        desk.notebook.delete_cell(desk.notebook.cells.count() - 1)


PLAIN = """
import ipywidgets
class Plain(ipywidgets.Button):
    session = ipywidgets.Button()
    session.stop = lambda: None
"""


def test_closing_leaves_nothing_in_the_page(desk):
    """JupyterLab keeps something of every cell that ran: ours may keep no more than a button."""
    page = desk.page
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")

    def kept(show) -> dict[str, float]:
        def once() -> dict[str, float]:
            show()
            desk.clear()
            desk.kernel.run("del kw, make")
            expect(page.locator(VIEWS)).to_have_count(0)
            devtools.send("HeapProfiler.collectGarbage")
            counts = devtools.send("Performance.getMetrics")["metrics"]
            return {one["name"]: one["value"] for one in counts}

        once()  # what is made once
        before = once()
        for _ in range(2):
            after = once()
        return {name: after[name] - before[name] for name in ("Nodes", "JSEventListeners")}

    def show_ours() -> None:
        desk.fitted().click_edge((0, 0, 0))
        page.keyboard.press("Escape")

    def show_plain() -> None:
        desk.kernel.run(PLAIN + "def make():\n    return Plain()")
        desk.notebook.run_cell(1)

    ours, plain = kept(show_ours), kept(show_plain)
    print(f"kept of 2 that were shown and closed: {ours} of ours, {plain} of a button's")
    # one that is shown has some 900 nodes and 150 listeners
    assert ours["Nodes"] - plain["Nodes"] < 100
    assert ours["JSEventListeners"] - plain["JSEventListeners"] < 20
    sheets = "() => [...document.querySelectorAll('style')].map(style => style.textContent)"
    # anywidget keeps the one style sheet of the class for the next widget
    assert len([css for css in page.evaluate(sheets) if ".kw-toolbar" in css]) <= 1
