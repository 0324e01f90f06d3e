"""One notebook open in JupyterLab: the page object that the browser tests speak to."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.kernel import Kernel
from tests.browser.lab import OPEN_SECONDS, Lab
from tests.browser.surface import CELL_SECONDS, Surface

AT_REST = """() => new Promise((done) => {
    let place = "", since = 0;
    const look = (now) => {
        const { left, top, width } =
            document.querySelector("[data-testid=kan-canvas]").getBoundingClientRect();
        if (place !== `${left} ${top} ${width}`) {
            place = `${left} ${top} ${width}`;
            since = now;
        }
        if (now - since > 300) done();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""
"""When the widget's canvas has been where it is for a while."""


class Notebook(Surface):
    """A notebook below the lab's root, open in a page.

    ``page`` is Playwright's page for all that has no method here. Every wait has a limit and says
    what it waited for.
    """

    def __init__(self, page: Page, lab: Lab, path: str, artifacts: Path) -> None:
        super().__init__(page, artifacts)
        self.path = path
        self.folder = (lab.root / path).parent
        self._lab = lab
        self._kernel: Kernel | None = None

    def open(self) -> Notebook:
        """Show it, fold the side bar away, and wait until the kernel is ready."""
        self._lab.show(self.page, self.path)
        panel = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        panel.wait_for(timeout=OPEN_SECONDS * 1000)
        self.wait_for_idle(OPEN_SECONDS)
        side_bar = self.page.locator("#jp-left-stack")
        if side_bar.is_visible():
            self.page.keyboard.press("Control+b")
            side_bar.wait_for(state="hidden")
        return self

    def turn(self, theme: str, width: int) -> None:
        """Have the page in another theme, "light" or "dark", and another width; the widget is at rest."""
        size = self.page.viewport_size
        assert size is not None
        self.resize(width, size["height"])
        self._lab.change_theme(self.page, theme)
        self.page.evaluate(AT_REST)

    # --- cells ----------------------------------------------------------------------------

    @property
    def cells(self) -> Locator:
        """All cells, from top to bottom."""
        return self.page.locator(".jp-Notebook .jp-Cell")

    def run_cell(self, index: int, wait: bool = True, seconds: float = CELL_SECONDS) -> None:
        """Run the cell at ``index`` (all kinds counted, from 0) by Shift+Enter in it."""
        before = self._prompt_text(index)
        self._focus(index)
        self.page.keyboard.press("Shift+Enter")
        if wait:
            self._wait_for_run(index, before, seconds)

    def run_all(self, wait: bool = True, seconds: float = 2 * CELL_SECONDS) -> None:
        """Run every cell through JupyterLab's Run menu."""
        before = [self._prompt_text(index) for index in range(self.cells.count())]
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name=re.compile("^Run All Cells$")).click()
        if wait:
            for index, prompt in enumerate(before):
                self._wait_for_run(index, prompt, seconds)

    def run_code(self, code: str, wait: bool = True, seconds: float = CELL_SECONDS) -> str:
        """Type code into a new last cell, run it, and return the text it shows."""
        new = self.cells.count()
        self._focus(new - 1)
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("b")
        expect(self.cells).to_have_count(new + 1)
        self._focus(new)
        # one piece of inserted text: neither brackets nor indents are completed by the editor
        self.page.keyboard.insert_text(code)
        # not Shift+Enter, which would leave one more empty cell behind
        self.page.keyboard.press("Control+Enter")
        if not wait:
            return ""
        self._wait_for_run(new, "", seconds)
        return self.output(new)

    def delete_cell(self, index: int) -> None:
        """Delete the cell at ``index`` with what it shows."""
        left = self.cells.count() - 1
        self._focus(index)
        for key in ("Escape", "d", "d"):
            self.page.keyboard.press(key)
        expect(self.cells).to_have_count(left)

    def output(self, index: int) -> str:
        """Text that the cell at ``index`` shows below itself."""
        texts = self.cells.nth(index).locator(".jp-OutputArea-output pre").all_inner_texts()
        return "\n".join(texts).strip("\n")

    def wait_for_idle(self, seconds: float = CELL_SECONDS) -> None:
        """Wait until the status bar shows a kernel that is connected and has no work."""
        if "/notebooks/" in self.page.url:  # Notebook 7 has no status bar
            # its light says idle before it begins to connect; what it says in words goes when it has
            status = ".jp-NotebookKernelStatus-fade:not(.jp-NotebookKernelStatus-info)"
            self.page.locator(status).wait_for(state="attached", timeout=seconds * 1000)
            idle = self.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
            idle.wait_for(timeout=seconds * 1000)
            return
        # the notebook's own light says idle too while there is no kernel yet
        kernel = self.page.locator('.jp-StatusBar-TextItem[title^="Change kernel"]')
        expect(kernel, "the kernel is not idle").to_have_text(
            re.compile(r"^(?!No Kernel).*\| Idle$"), timeout=seconds * 1000
        )

    # --- the kernel -----------------------------------------------------------------------

    @property
    def kernel(self) -> Kernel:
        """The notebook's kernel, reached on its own line beside the page."""
        if self._kernel is None:
            self._kernel = self._lab.kernel_of(self.path)
        return self._kernel

    def wait_for_value(
        self, expression: str, accept: Callable[[object], bool], seconds: float = 20
    ) -> object:
        """Ask the kernel for ``expression`` until ``accept`` takes its value; return that."""
        deadline = time.monotonic() + seconds
        while not accept(value := self.kernel.value(expression)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {seconds} s, {expression} is still {value!r}")
            self.page.wait_for_timeout(50)
        return value

    def leave(self) -> None:
        """Hang up the line to the kernel, and hear no more of the page."""
        if self._kernel is not None:
            self._kernel.close()
        self.hear_no_more()

    def close(self) -> None:
        """Leave it, and close its page."""
        self.leave()
        super().close()

    # --- inside ---------------------------------------------------------------------------

    def _focus(self, index: int) -> None:
        cell = self.cells.nth(index)
        cell.scroll_into_view_if_needed()
        editor = cell.locator(".cm-content").first
        if editor.is_visible():
            editor.click()
            expect(editor).to_be_focused()
        else:
            cell.click()

    def _prompt_text(self, index: int) -> str:
        """``[3]:`` for a cell that has run, ``[ ]:`` for one that has not, "" for Markdown."""
        cell = self.cells.nth(index)
        kind = cell.get_attribute("class") or ""
        return cell.locator(".jp-InputPrompt").first.inner_text() if "jp-CodeCell" in kind else ""

    def _wait_for_run(self, index: int, prompt_before: str, seconds: float) -> None:
        """Wait until a code cell bears a new number; raise if it shows a traceback."""
        cell = self.cells.nth(index)
        is_code = cell.evaluate("cell => cell.classList.contains('jp-CodeCell')")
        if not is_code or not cell.locator(".cm-content").first.inner_text().strip():
            return
        new_number = re.compile(rf"^(?!{re.escape(prompt_before)}$)\[\d+\]:$")
        prompt = cell.locator(".jp-InputPrompt").first
        expect(prompt, f"cell {index} has not finished").to_have_text(
            new_number, timeout=seconds * 1000
        )
        shown = self.output(index)
        if "Traceback (most recent call last)" in shown:
            raise AssertionError(f"cell {index} failed:\n{shown}")
