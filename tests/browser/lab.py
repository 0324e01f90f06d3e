"""A real JupyterLab server on a free localhost port, whose every file lies in one folder."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from tests.browser.kernel import Kernel

START_SECONDS = 60
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

SETTINGS = {
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "docmanager-extension/plugin": {"autosave": False},
    "extensionmanager-extension/plugin": {"enabled": False},
}


class Lab:
    """One JupyterLab server; notebooks put under ``root`` are what its file browser shows.

    Its kernels run the Python that runs the tests. Settings, workspaces, kernel connection files
    and the log live in ``folder``, and nothing of the user's own Jupyter is read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.log = folder / "lab.log"
        self._settings = folder / "settings"
        self._runtime = folder / "runtime"
        self._token = secrets.token_hex(16)
        self.root.mkdir(parents=True)
        for plugin, values in SETTINGS.items():
            self.set_setting(plugin, values)
        self.set_theme("light")
        self._url = f"http://127.0.0.1:{_free_port()}"
        self._process = self._start(folder)
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.close()
            raise

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

    def close(self) -> None:
        """End the server together with its kernels."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(10)

    def _start(self, folder: Path) -> subprocess.Popen[bytes]:
        port = self._url.rpartition(":")[2]
        command = [sys.executable, "-m", "jupyterlab", "--no-browser"]
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
        command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={self.root}"]
        command += [f"--IdentityProvider.token={self._token}"]
        command += ["--LabApp.extension_manager=readonly", "--ServerApp.terminals_enabled=False"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        environment = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._runtime),
            "JUPYTERLAB_SETTINGS_DIR": str(self._settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "IPYTHONDIR": str(folder / "ipython"),
            "MPLCONFIGDIR": str(folder / "matplotlib"),
        }
        with self.log.open("wb") as log:
            return subprocess.Popen(
                command,
                cwd=self.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"JupyterLab ended at once; its log:\n{self.log.read_text()}")
            try:
                self._request("api/status")
            except URLError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError(
            f"JupyterLab gave no answer in {START_SECONDS} s; its log:\n{self.log.read_text()}"
        )

    def _request(self, path: str, method: str = "GET") -> list[dict]:
        headers = {"Authorization": f"token {self._token}"}
        with urlopen(
            Request(f"{self._url}/{path}", headers=headers, method=method), timeout=30
        ) as answer:
            body = answer.read()
        return json.loads(body) if body else []


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
