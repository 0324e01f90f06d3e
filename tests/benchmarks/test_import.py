"""What it takes in a new process to have a network at hand, beyond what torch takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import kanwidget
from tests.benchmarks.measure import Times

ROUNDS = 5
CODE = """
import json, resource, sys, time
began = time.perf_counter()
{code}
seconds = time.perf_counter() - began
unit = 1 if sys.platform == "darwin" else 1024
memory = unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
names = {{name.split(".")[0] for name in sys.modules}} - set(sys.stdlib_module_names)
print(json.dumps([seconds, memory, sorted(names)]))
"""


def imported(code, folder):
    """Seconds, bytes of the process, and top-level modules from outside the standard library."""
    environment = os.environ | {"PYTHONPATH": str(Path(kanwidget.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE.format(code=code)],
        cwd=folder, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def test_import(table, folder):
    codes = ("import torch", "from kanwidget import KAN", "import kan")
    rounds = [[imported(code, folder) for code in codes] for _ in range(ROUNDS)][1:]
    beyond = Times(
        {
            whose: [round[place][0] - round[0][0] for round in rounds]
            for whose, place in {"ours": 1, "pykan": 2}.items()
        }
    )
    torch, ours, pykan = rounds[-1]
    loaded = sorted(set(ours[2]) - set(torch[2]) - {"kanwidget"})
    table.fill(
        "import",
        beyond.median("ours"),
        beyond.median("pykan"),
        f"loads {', '.join(loaded) or 'nothing'} beyond torch's modules",
    )
    table.fill("import memory", ours[1], pykan[1], f"torch alone {torch[1] / 1e6:.0f} MB")
