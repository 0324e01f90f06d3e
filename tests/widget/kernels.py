"""A real kernel without a page: cells are run in it, and a test says what a page would."""

import ast
import json
import os
import sys
import time

from jupyter_client import KernelManager

START = """
import gc, os, threading, time, torch, kanwidget
from kanwidget.widget import KANWidget
from tests.widget.widgets import DATA
"""


class Kernel:
    """Runs cells, speaks as a page does, and is interrupted by a real SIGINT."""

    def __init__(self, folder, start=START):
        environment = os.environ | {
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(folder),
            "PYTHONPATH": os.pathsep.join([os.getcwd(), *filter(None, sys.path)]),
            "OMP_NUM_THREADS": "1",
            "PYTHONWARNINGS": "default",
        }
        self.manager = KernelManager(kernel_name="python3")
        self.manager.kernel_cmd = None
        self.manager.start_kernel(env=environment, cwd=os.getcwd())
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        try:
            self.client.wait_for_ready(timeout=60)
            self.run(start)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self):
        return self.manager.provisioner.pid

    def begin(self, code):
        """Run a cell without waiting for it; what comes back is for `finish`."""
        return self.client.execute(code)

    def finish(self, message, seconds=60):
        """The error of a cell ("" if there was none) when it is done."""
        end = time.monotonic() + seconds
        while True:
            reply = self.client.get_shell_msg(timeout=max(0.1, end - time.monotonic()))
            if reply["parent_header"].get("msg_id") == message:
                return reply["content"].get("ename", "")

    def run(self, code, seconds=120):
        """Run a cell and return what it printed."""
        printed = []

        def listen(message):
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self.client.execute_interactive(
            code, allow_stdin=False, timeout=seconds, output_hook=listen
        )
        content = reply["content"]
        if content["status"] == "aborted":  # as what is asked just after a cell has failed
            return self.run(code, seconds)
        assert content["status"] == "ok", "\n".join(content.get("traceback", [str(content)]))
        return "".join(printed)

    def value(self, expression, seconds=60):
        """What an expression is, in a way that JSON can carry."""
        printed = self.run(f"import json; print(repr(json.dumps({expression})))", seconds)
        return json.loads(ast.literal_eval(printed.splitlines()[-1]))

    def wait_for(self, expression, seconds=20):
        end = time.monotonic() + seconds
        while not self.value(expression):
            assert time.monotonic() < end, f"{expression} did not become true"
            time.sleep(0.02)

    def page(self, widget, **content):
        """Send what a view of the page would."""
        data = {"method": "custom", "content": content}
        comm = self.value(f"{widget}.model_id")
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        self.client.shell_channel.send(message)

    def interrupt(self):
        self.manager.interrupt_kernel()

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
