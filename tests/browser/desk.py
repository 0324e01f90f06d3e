"""One open notebook for all tests of a module: a new widget takes a second, a new notebook ten."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.hand import Hand
from tests.browser.notebook import Notebook

PREPARING = """
import torch, kanwidget
from kanwidget import KAN, KANWidget, create_dataset

def hello_world(n=1000):
    return create_dataset(
        lambda x: torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2), n_var=2, train_num=n, seed=1
    )
"""
HELLO_WORLD = "KANWidget(KAN([2, 5, 1], grid=5, k=3, seed=1), hello_world())"
FITTED = """
model = KAN([2, 1, 1], grid=5, k=3, seed=1)
model.fit(hello_world(), steps=20)
"""
"""A network in which hello world's three functions can be found at once."""
CELLS = (PREPARING, "kw = make()\nkw")


class Desk:
    """A notebook with one cell that shows a widget, which is made anew for every test.

    Parameters
    ----------
    notebook : Notebook
        With the cells `CELLS`.
    keep_evidence : callable
        Keeps what shows why a test failed.
    """

    def __init__(self, notebook: Notebook, keep_evidence: Callable[[], None]) -> None:
        self.notebook = notebook
        self.keep_evidence = keep_evidence
        self._heard = 0
        notebook.run_cell(0)

    @property
    def kernel(self):
        """The notebook's kernel."""
        return self.notebook.kernel

    @property
    def page(self):
        """Playwright's page."""
        return self.notebook.page

    def show(self, widget: str = HELLO_WORLD, before: str = "") -> Hand:
        """Show a new widget in the second cell.

        Parameters
        ----------
        widget
            An expression that makes it; `hello_world()` makes data.
        before
            Statements that come before it.
        """
        lines = [*before.strip().splitlines(), f"return {widget}"]
        body = "\n".join(f"    {line}" for line in lines)
        self.kernel.run(f"def make():\n{body}")
        self.notebook.run_cell(1)
        return Hand(self.notebook)

    def fitted(self) -> Hand:
        """Show a widget of `FITTED`."""
        return self.show("KANWidget(model, hello_world())", FITTED)

    def clear(self) -> None:
        """Take the widget away and end what it does."""
        self.kernel.run(
            "if 'kw' in globals():\n    kw.session.stop()\n    kw.close()\n    kw.session.close()"
        )

    def console_starts_here(self) -> None:
        """Forget what the page has said so far."""
        self._heard = len(self.notebook.console)

    def complaints(self) -> list[str]:
        """What the page's console says of faults of ours."""
        lines = [line.lower() for line in self.notebook.console[self._heard :]]
        return [
            line
            for line in lines
            if line.startswith("uncaught") or (line.startswith("error") and "kanwidget" in line)
        ]
