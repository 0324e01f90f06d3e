"""A real JupyterLab server on a free localhost port, whose every file lies in one folder."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote
from urllib.request import Request, urlopen

from playwright.sync_api import Page

from tests.browser.kernel import Kernel
from tests.browser.server import Server

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
OPEN_SECONDS = 60

SETTINGS = {
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "docmanager-extension/plugin": {"autosave": False},
    "extensionmanager-extension/plugin": {"enabled": False},
}


class Lab(Server):
    """One JupyterLab server; notebooks put under ``root`` are what its file browser shows.

    Its kernels run the Python that runs the tests. Settings, workspaces, kernel connection files
    and the log live in ``folder``, and nothing of the user's own Jupyter is read or written.
    """

    settings: ClassVar = SETTINGS
    """Of plugins, by their names."""

    def __init__(self, folder: Path, name: str = "Lab") -> None:
        self._settings = folder / "settings"
        self._runtime = folder / "runtime"
        self._token = secrets.token_hex(16)
        for plugin, values in self.settings.items():
            self.set_setting(plugin, values)
        self.set_theme("light")
        super().__init__(folder, name)

    def show(self, page: Page, notebook: str) -> None:
        """Open a notebook (path below ``root``): in a page that has JupyterLab already, in a tab of it."""
        if page.url.startswith(self._url):
            _do(page, "docmanager:open", path=notebook)
        else:
            page.goto(self.url(notebook), timeout=OPEN_SECONDS * 1000)

    def url(self, notebook: str) -> str:
        """Address of a notebook (path below ``root``) in a fresh JupyterLab workspace."""
        return (
            f"{self._url}/lab/workspaces/{secrets.token_hex(4)}/tree/{quote(notebook)}"
            f"?token={self._token}"
        )

    def set_setting(self, plugin: str, values: dict[str, object]) -> None:
        """Write one plugin's user settings; pages opened from now on follow them."""
        path = self._settings / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def set_theme(self, theme: str) -> None:
        """Choose "light" or "dark" for pages opened from now on."""
        self.set_setting("apputils-extension/themes", {"theme": THEMES[theme]})

    def change_theme(self, page: Page, theme: str) -> None:
        """Choose "light" or "dark" for a page that is open, as its menu does, and for its system."""
        page.emulate_media(color_scheme=theme)
        _do(page, "apputils:change-theme", theme=THEMES[theme])
        page.locator(f'body[data-jp-theme-name="{THEMES[theme]}"]').wait_for(state="attached")

    def kernel_of(self, notebook: str) -> Kernel:
        """Connect to the kernel that runs the given notebook."""
        running = [s for s in self._request("api/sessions") if s["path"] == notebook]
        if not running:
            raise LookupError(f"no kernel runs {notebook}")
        kernel_id = running[0]["kernel"]["id"]
        return Kernel(self._runtime / f"kernel-{kernel_id}.json")

    def shut_down_kernels(self) -> None:
        """End every running kernel."""
        for session in self._request("api/sessions"):
            self._request(f"api/sessions/{session['id']}", method="DELETE")

    def command(self) -> list[str]:
        """JupyterLab, without a browser."""
        flags = ["--LabApp.extension_manager=readonly", "--ServerApp.terminals_enabled=False"]
        # so that a page can be told to open another notebook
        flags += ["--LabApp.expose_app_in_browser=True"]
        return ["-m", "jupyterlab", *self._flags(), *flags]

    def _flags(self) -> list[str]:
        """What every Jupyter server is told."""
        flags = ["--no-browser", f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0"]
        flags += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={self.root}"]
        flags += [f"--IdentityProvider.token={self._token}"]
        return [*flags, "--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else flags

    def environment(self) -> dict[str, str]:
        """Settings and workspaces too."""
        return super().environment() | {
            "JUPYTERLAB_SETTINGS_DIR": str(self._settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.folder / "workspaces"),
        }

    def ask(self) -> None:
        """Ask for its status."""
        self._request("api/status")

    def _request(self, path: str, method: str = "GET") -> list[dict]:
        headers = {"Authorization": f"token {self._token}"}
        with urlopen(
            Request(f"{self._url}/{path}", headers=headers, method=method), timeout=30
        ) as answer:
            body = answer.read()
        return json.loads(body) if body else []


class ClassicNotebook(Lab):
    """Notebook 7: JupyterLab's parts, one notebook a page."""

    # it falls over settings of plugins that it does not have
    settings: ClassVar = {
        name: SETTINGS[name] for name in SETTINGS if "extensionmanager" not in name
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "Notebook")

    def url(self, notebook: str) -> str:
        """Address of a notebook (path below ``root``)."""
        return f"{self._url}/notebooks/{quote(notebook)}?token={self._token}"

    def command(self) -> list[str]:
        """Notebook 7, without a browser."""
        return ["-m", "notebook", *self._flags(), "--ServerApp.terminals_enabled=False"]


def _do(page: Page, command: str, **arguments: str) -> None:
    """Have a page of JupyterLab do one of its commands, to the end."""
    page.evaluate(
        "async ([command, args]) => { await jupyterapp.commands.execute(command, args) }",
        [command, arguments],
    )
