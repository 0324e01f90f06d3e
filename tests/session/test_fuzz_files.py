"""Damaged and hostile files: each is refused in one sentence, or is a session that works.

``make soak`` tries 10,000 of them.
"""

import ast
import collections
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import torch

from kanwidget.session import storage
from kanwidget.session.calls import METHODS
from kanwidget.session.storage.file import StorageError
from tests.session.fuzz_files import Fuzzer
from tests.session.histories import recorded

FILES = 10 * int(os.environ.get("KANWIDGET_SOAK", "15"))
SECONDS, MEMORY = 2.0, 200_000_000
LIMITED = """
import resource, sys
from pathlib import Path
from tests.session import test_fuzz_files as fuzz
sessions = fuzz.sessions(Path(sys.argv[1]))
for number in range(3):
    fuzz.outcome(*sessions[number], number)
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + fuzz.MEMORY, resource.RLIM_INFINITY))
fuzz.tell(sessions, int(sys.argv[2]))
"""
"""More memory than that ends in a MemoryError, or in an abort."""


def sessions(folder):
    """What is damaged: a way of damaging it, where it is put, and the data it needs."""
    kinds = [
        (recorded(), True),
        (recorded((3, [1, 2], [1, 1]), torch.float32, mult_arity=[2, [2, 3], 2], k=[3, 2]), True),
        (recorded((2, 2, 1), affine_trainable=True), False),
    ]
    made = []
    for number, (done, data) in enumerate(kinds):
        path = folder / f"{number}.kan"
        storage.write(path, *done.parts, settings={"metric": "backward", "lamb": 0.1}, data=data)
        fuzzer = Fuzzer(path.read_bytes(), folder / "trap")
        made.append((fuzzer, path, None if data else done.data))
    return made


def outcome(fuzzer, path, data, number):
    """What became of the file of a number; AssertionError where it is not as it should be."""
    raw, way = fuzzer.file(number)
    path.write_bytes(raw)
    begun = time.perf_counter()
    try:
        saved = storage.read(path, data)
    except StorageError as error:
        text = str(error)
        assert text.startswith(path.name), text
        assert len(path.name) + 5 < len(text) < 500, text
        assert text.isprintable(), text
        return way, "refused", time.perf_counter() - begun
    spent = time.perf_counter() - begun
    works(saved)
    return way, "read", spent


def works(saved):
    """Fail where a session that was read is not one in which everything can go on."""
    x, history = saved.dataset.train_input, saved.history
    with torch.no_grad():
        shape = saved.model(x).shape
        assert shape == saved.dataset.train_label.shape
        saved.model.training_inputs() if saved.model.calibration is not None else None
        for node in history.nodes:
            if node.state is not None:
                saved.model.restore(node.state)
                assert saved.model(x).shape == shape
                if saved.model.calibration is not None:
                    saved.model(saved.model.training_inputs())
            assert history.path(node)[0] is history.nodes[0]
            for call in node.action.calls or ():
                assert call.method in METHODS
                harmless(call.code())
    while history.current.redo is not None and history.redo_label:
        try:
            history.redo()
        except ValueError:
            break
    while history.current.parent is not None:
        history.undo()


def harmless(code):
    """Fail where a line of a script is more than the call of a method with plain values."""
    tree = ast.parse(code, mode="eval")
    assert isinstance(tree.body, ast.Call)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names <= {"model", "dataset", "sympy", "float"}, code


def tell(sessions, files):
    """Try files and print what became of them."""
    outcomes, longest = collections.Counter(), 0.0
    for number in range(files):
        try:
            way, became, spent = outcome(*sessions[number % len(sessions)], number)
        except BaseException as error:
            raise AssertionError(f"file {number}") from error
        assert spent < SECONDS, f"file {number} took {spent} s"
        outcomes[f"{way} {became}"] += 1
        longest = max(longest, spent)
    print(json.dumps({"outcomes": outcomes, "longest": longest}))


def test_damaged_files_are_refused_in_a_sentence_or_are_sessions_that_work(tmp_path):
    run = [sys.executable, "-c", LIMITED, str(tmp_path), str(FILES)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(run, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-6000:]
    told = json.loads(done.stdout)
    print(told)
    outcomes = told["outcomes"]
    assert sum(outcomes.values()) == FILES
    # both ends are reached by what changes the document, so that the checks are
    assert outcomes["_json refused"] > FILES // 10
    assert outcomes["_json read"] > FILES // 100
    assert not (tmp_path / "trap").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.kan", "1.kan", "2.kan"]
    assert not Path("trap").exists()
