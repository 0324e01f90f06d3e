"""Other places than JupyterLab where the widget is shown: each is served from a folder of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import nbformat

from tests.browser.server import Server


class Marimo(Server):
    """A marimo app of some cells.

    Parameters
    ----------
    folder : Path
    cells : sequence of (names it needs, code, names it gives)
    """

    def __init__(self, folder: Path, cells: Sequence[tuple[str, str, str]]) -> None:
        (folder / "root").mkdir(parents=True, exist_ok=True)
        (folder / "root" / "app.py").write_text(_app(cells))
        super().__init__(folder, "marimo")

    @property
    def url(self) -> str:
        """Address of the app."""
        return self._url

    def command(self) -> list[str]:
        """The app, without its editor and without a browser."""
        flags = ["--headless", "--no-token", "--host", "127.0.0.1", "--port", str(self.port)]
        return ["-m", "marimo", "run", "app.py", *flags]


def _app(cells: Sequence[tuple[str, str, str]]) -> str:
    parts = ['import marimo\n\napp = marimo.App(width="full")\n']
    for needs, code, gives in cells:
        body = textwrap.indent(code.strip(), "    ")
        parts.append(f"@app.cell\ndef _({needs}):\n{body}\n    return {gives}\n")
    return "\n\n".join(parts)


class Voila(Server):
    """A notebook as a web page of Voilà's."""

    def __init__(self, folder: Path, notebook: nbformat.NotebookNode) -> None:
        (folder / "root").mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / "root" / "page.ipynb")
        super().__init__(folder, "Voila")

    @property
    def url(self) -> str:
        """Address of the page."""
        return self._url

    def command(self) -> list[str]:
        """The page, without a browser."""
        flags = ["--no-browser", f"--port={self.port}", "--Voila.ip=127.0.0.1"]
        return ["-m", "voila", "page.ipynb", *flags]
