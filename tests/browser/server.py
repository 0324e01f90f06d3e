"""A server on a free localhost port, in a process of its own, whose every file lies in one folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path

REPOSITORY = str(Path(__file__).parents[2])
START_SECONDS = 60


class Server(ABC):
    """A server that is started at once, and ended by `close`.

    Settings, kernel connection files and the log live in ``folder``, and nothing of the user's own is
    read or written.  What is served lies under ``root``.

    Parameters
    ----------
    folder : Path
    name : str
        What it is called where something goes wrong.
    """

    def __init__(self, folder: Path, name: str = "server") -> None:
        self.folder = folder
        self.root = folder / "root"
        self.log = folder / f"{name.lower()}.log"
        self.root.mkdir(parents=True, exist_ok=True)
        self._name = name
        self.port = free_port()
        self._url = f"http://127.0.0.1:{self.port}"
        self._process = self._start()
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.close()
            raise

    @abstractmethod
    def command(self) -> list[str]:
        """Arguments of Python that start it."""

    def environment(self) -> dict[str, str]:
        """Where it keeps its files, and where its kernels find the package: beside these tests."""
        packages = [REPOSITORY, os.environ.get("PYTHONPATH")]
        return {
            "PYTHONPATH": os.pathsep.join(filter(None, packages)),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
            "IPYTHONDIR": str(self.folder / "ipython"),
            "MPLCONFIGDIR": str(self.folder / "matplotlib"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_STATE_HOME": str(self.folder / "state"),
        }

    def ask(self) -> None:
        """Ask for something that it answers when it is ready; OSError before."""
        socket.create_connection(("127.0.0.1", self.port), timeout=30).close()

    def close(self) -> None:
        """End the server together with its kernels."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(10)

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, *self.command()],
                cwd=self.root,
                env={**os.environ, **self.environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self._name} ended at once; its log:\n{self.log.read_text()}")
            try:
                self.ask()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError(
            f"{self._name} gave no answer in {START_SECONDS} s; its log:\n{self.log.read_text()}"
        )


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
