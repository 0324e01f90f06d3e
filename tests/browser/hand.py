"""What a person's hand does on the widget."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.notebook import Notebook

FRAMES = "+document.querySelector('[data-testid=kan-canvas]').dataset.frames"


class Hand:
    """What a person's hand does on the widget."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.widget = notebook.widget()
        self.canvas = self.widget.get_by_test_id("kan-canvas")

    def get(self, testid: str) -> Locator:
        return self.widget.get_by_test_id(testid)

    def train(self, steps: int) -> None:
        """Train to the end."""
        self.start(steps)
        self.wait_until_idle()

    def start(self, steps: int) -> None:
        self.type_into("steps", str(steps))
        self.get("train").click()
        expect(self.get("train")).to_have_attribute("data-state", "training")

    def wait_until_idle(self, seconds: float = 60) -> None:
        expect(self.get("train")).to_have_attribute("data-state", "idle", timeout=seconds * 1000)
        self.notebook.wait_for_value("kw.status", lambda status: status == "idle")

    def type_into(self, testid: str, text: str) -> None:
        field = self.get(testid)
        field.click(click_count=3)
        self.notebook.page.keyboard.type(text)
        self.notebook.page.keyboard.press("Enter")

    def set_lamb(self, value: str) -> None:
        self.type_into("lamb-value", value)
        self.notebook.wait_for_value("kw.lamb", lambda lamb: lamb == float(value))

    def click_edge(self, edge: tuple[int, int, int]) -> Locator:
        """Click an edge on the canvas; return its menu."""
        place = self.canvas.evaluate(
            "(canvas, edge) => canvas.kanEdgePosition(...edge)", list(edge)
        )
        assert place, f"edge {edge} is not on the canvas"
        self.notebook.page.mouse.click(place["x"], place["y"])
        menu = self.get("edge-menu")
        expect(menu).to_have_attribute("data-edge", ",".join(map(str, edge)))
        return menu

    def take(self, edge: tuple[int, int, int], function: str) -> None:
        """Open the edge's inspector, take a function, and close it."""
        menu = self.click_edge(edge)
        menu.get_by_test_id("candidate-filter").fill(function)
        menu.locator(f'[data-testid="candidate"][data-function="{function}"]').click()
        expect(self.get("unfix")).to_be_visible()
        self.notebook.page.keyboard.press("Escape")
        expect(menu).to_be_hidden()

    def latex(self) -> str:
        return self.get("formula").get_attribute("data-latex") or ""

    def live_edges(self) -> list[tuple[int, int, int]]:
        return [tuple(edge) for edge in self.notebook.kernel.value("kw.model.edges()")]
