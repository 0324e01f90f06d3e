"""A second line to a notebook's kernel, to ask it what is true without touching the page."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

from jupyter_client import BlockingKernelClient

ANSI = re.compile(r"\x1b\[[0-9;]*m")


class KernelError(RuntimeError):
    """Code sent to the kernel raised; the message is the kernel's traceback."""


class Kernel:
    """Runs code in a live kernel, as another cell of the same notebook would.

    Like any cell it waits until the kernel has finished the cells before it.
    """

    def __init__(self, connection_file: Path) -> None:
        self._client = BlockingKernelClient(connection_file=str(connection_file))
        self._client.load_connection_file()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=30)

    def run(self, code: str, timeout: float = 60) -> str:
        """Run code; return what it printed, or raise KernelError."""
        printed: list[str] = []

        def listen(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self._client.execute_interactive(
            code, store_history=False, allow_stdin=False, timeout=timeout, output_hook=listen
        )
        _raise_on_error(reply["content"])
        return "".join(printed)

    def value(self, expression: str, timeout: float = 60) -> Any:
        """Evaluate an expression whose value JSON can carry, and return that value."""
        asked = {"value": f"__import__('json').dumps({expression})"}
        reply = self._client.execute_interactive(
            "",
            silent=True,
            store_history=False,
            allow_stdin=False,
            user_expressions=asked,
            timeout=timeout,
            output_hook=lambda message: None,
        )
        _raise_on_error(reply["content"])
        answer = reply["content"]["user_expressions"]["value"]
        _raise_on_error(answer)
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def close(self) -> None:
        """Hang up; the kernel goes on."""
        self._client.stop_channels()


def _raise_on_error(answer: dict[str, Any]) -> None:
    if answer["status"] != "ok":
        lines = answer.get("traceback") or [f"{answer.get('ename')}: {answer.get('evalue')}"]
        raise KernelError(ANSI.sub("", "\n".join(lines)))
