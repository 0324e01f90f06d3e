"""What is measured in a notebook that is open in JupyterLab."""

from __future__ import annotations

from itertools import cycle, islice

from playwright.sync_api import Locator, expect

from tests.benchmarks.ui.stopwatch import ACTION, OPENING, REDRAW, Spread, gestures, rate
from tests.browser.desk import FITTED, Desk
from tests.browser.hand import Hand

EDGES = [(0, i, j) for j in range(5) for i in range(2)] + [(1, j, 0) for j in range(5)]
Edge = tuple[int, int, int]
READING = 500
"""Milliseconds that a person looks at what is there, the pointer on the button, before the click."""
PRESSED = 80
"""Milliseconds that a finger takes for it."""
IMAGES = """
torch.manual_seed(0)
def images():
    x = torch.rand(1000, 784)
    y = x[:, :10]
    return dict(train_input=x[:800], train_label=y[:800], test_input=x[800:], test_label=y[800:])
"""
SQUARES = """
def squares(n, m):
    return create_dataset(lambda x: x[:, :m] ** 2, n_var=n, train_num=200, test_num=50, seed=1)
"""


def actions(desk: Desk, rounds: int = 12) -> dict[str, Spread]:
    """Milliseconds from a click to the new canvas and formula, by action, and of all."""
    times: dict[str, list[float]] = {}

    def timed(name: str, target: Locator) -> None:
        target.hover()
        desk.page.wait_for_timeout(READING)
        desk.page.evaluate(ACTION)
        target.click(delay=PRESSED)
        times.setdefault(name, []).append(desk.page.evaluate("kanTook"))
        desk.notebook.wait_for_value("kw.status", lambda status: status == "idle")

    hand = desk.show("KANWidget(model, hello_world())", MODEL)
    for edge in islice(cycle(EDGES), rounds):
        timed("fix", _candidate(hand, edge))
        for name in ("unfix", "remove", "restore"):
            timed(name, _in_menu(hand, name, edge))
        _close(hand)
        for name in ("undo", "redo"):
            timed(name, hand.get(name))
    hand = desk.show("KANWidget(model, hello_world())", SYMBOLIC)
    for n in range(rounds):
        if not hand.get("snaps").is_visible():
            hand.get("constants").click()
        expect(hand.get("snap-accept").first).to_be_enabled()
        accept = hand.get("snap-accept").nth(n % hand.get("snap-accept").count())
        timed("snap", accept)
        hand.get("undo").click()
        desk.notebook.wait_for_value("kw.history['redo']", bool)
    everything = [took for each in times.values() for took in each]
    return {name: Spread.of(each) for name, each in times.items()} | {"all": Spread.of(everything)}


MODEL = """
model = KAN([2, 5, 1], grid=5, k=3, seed=1)
model.fit(hello_world(), steps=20)
"""
SYMBOLIC = f"""
{FITTED}
for edge, function in {{(0, 0, 0): "sin", (0, 1, 0): "x^2", (1, 0, 0): "exp"}}.items():
    model.fix_symbolic(*edge, function)
"""


def _candidate(hand: Hand, edge: Edge):
    _open(hand, edge)
    found = hand.get("edge-menu").get_by_test_id("candidate").first
    expect(found).to_be_visible()
    return found


def _in_menu(hand: Hand, name: str, edge: Edge):
    _open(hand, edge)
    found = hand.get("edge-menu").get_by_test_id(name)
    expect(found).to_be_enabled()
    return found


def _open(hand: Hand, edge: Edge) -> None:
    if not hand.get("edge-menu").is_visible():
        hand.click_edge(edge)


def _close(hand: Hand) -> None:
    if hand.get("edge-menu").is_visible():
        hand.notebook.page.keyboard.press("Escape")
    expect(hand.get("edge-menu")).to_be_hidden()


def training(desk: Desk) -> dict[str, float]:
    """Scenes and drawn frames a second while [2, 5, 1] is trained."""
    hand = desk.show()
    hand.start(100_000)
    desk.page.wait_for_timeout(1000)
    rates = {name: rate(desk.page, name, 4) for name in ("frames", "draws")}
    hand.get("stop").click()
    hand.wait_until_idle()
    return rates


def redraw(desk: Desk) -> Spread:
    """Milliseconds of a frame in which 1,000 edges are painted."""
    hand = desk.show("KANWidget(KAN([20, 20, 25, 4], grid=3, seed=1), squares(20, 4))", SQUARES)
    expect(hand.get("drawn")).to_have_text("all 1,000 edges")
    desk.page.wait_for_timeout(500)
    return Spread.of(desk.page.evaluate(REDRAW)[3:])


def moving(desk: Desk) -> dict[str, float]:
    """Drawn frames a second at the 3,000 edges that a scene of [50, 50, 50] has."""
    hand = desk.show("KANWidget(KAN([50, 50, 50], grid=3, seed=1), squares(50, 50))", SQUARES)
    hand.get("most-edges").press("End")
    expect(hand.get("drawn")).to_contain_text("3,000 of 5,000 edges")
    return {kind: gestures(desk.page, kind) for kind in ("pan", "zoom")}


def opening(desk: Desk, rounds: int = 5) -> dict[str, Spread]:
    """Milliseconds to the first picture of [784, 64, 10]: from Shift+Enter, and in the page alone."""
    whole, page = [], []
    for _ in range(rounds):
        desk.clear()
        desk.kernel.run(
            f"{IMAGES}\nnetwork = KAN([784, 64, 10], grid=3, seed=1, dtype=torch.float32)\n"
            "ready = KANWidget(network, images())\ndef make():\n    return ready"
        )
        desk.page.evaluate(OPENING)
        desk.notebook.run_cell(1)
        took = desk.page.evaluate("kanOpened")
        whole.append(took["whole"])
        page.append(took["page"])
    return {"whole": Spread.of(whole), "page": Spread.of(page)}
