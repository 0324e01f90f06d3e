"""A page with JupyterLab in it: another notebook opens there in a second, another page takes five."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.browser.lab import Lab

# what a test wrote is not kept, so that nobody is asked whether to save it
CLOSE = """async () => {
    for (const tab of [...jupyterapp.shell.widgets("main")]) {
        if (tab.sessionContext) {
            await tab.sessionContext.shutdown();
            tab.context.model.dirty = false;
        }
        tab.close();
    }
    document.activeElement?.blur();
}"""


class Window:
    """A page of JupyterLab, in which one notebook after the other is opened, each with a kernel of its own.

    Parameters
    ----------
    lab : Lab
    browser : Browser
    """

    def __init__(self, lab: Lab, browser: Browser) -> None:
        self.lab = lab
        self._browser = browser
        self._page: Page | None = None

    def page(self, theme: str, width: int, height: int) -> Page:
        """The page, with no notebook in it, of this look and size."""
        size = {"width": width, "height": height}
        if self._page is None:
            self.lab.set_theme(theme)
            self._page = self._browser.new_page(viewport=size, color_scheme=theme)
            self._page.set_default_timeout(20_000)
        else:
            open_already = self._page.locator(".jp-NotebookPanel").count()
            assert not open_already, "one test, or one module's desk, has the window at a time"
            self._page.set_viewport_size(size)
            self.lab.change_theme(self._page, theme)
        return self._page

    def clear(self, again: bool) -> None:
        """End kernels and close notebooks; the page too, unless it may be used again.

        A page on which a question was left open is not used again either.
        """
        page = self._page
        if page is None:
            return
        if again and not page.locator(".jp-Dialog").count():
            page.evaluate(CLOSE)
            page.mouse.move(0, 0)
            page.context.clear_permissions()
        else:
            page.close()
            self._page = None
        self.lab.shut_down_kernels()
