"""kill -9 in the midst of a training: the file opens, and at most the last second is lost."""

import os
import random
import subprocess
import sys
import time

import pytest
import torch

from kanwidget.session import Session
from kanwidget.widget import KANWidget

KILLS = max(1, int(os.environ.get("KANWIDGET_SOAK", "0")) // 50)
LOST = 1.0
"""Seconds of what was done last that may be lost."""


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_session_is_opened_and_goes_on(tmp_path, number):
    path = tmp_path / "x.kan"
    command = [sys.executable, "-m", "tests.widget.killed", str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    ) as process:
        first = process.stdout.readline()
        assert first.startswith("0 ")
        time.sleep(random.Random(number).uniform(0.3, 5))
        killed = time.time()
        process.kill()
        told = [first, *process.stdout.readlines()]
    committed = [(int(node), float(when)) for node, when in (line.split() for line in told[:-1])]
    sure = [node for node, when in committed if when < killed - LOST]
    kw = KANWidget.load(path)
    assert len(kw.session.history.nodes) > max(sure, default=0)
    assert kw.history["nodes"][0]["note"] == "where it began"
    assert all(torch.isfinite(p).all() for p in kw.model.parameters())
    before = len(kw.history["nodes"])
    assert kw.session.train(steps=1)["train_loss"] > 0
    assert len(kw.history["nodes"]) == before + 1
    kw.session.save(path)
    assert len(Session.load(path).history.nodes) == before + 1
    assert sorted(each.name for each in tmp_path.iterdir() if each.suffix == ".kan") == ["x.kan"]
    kw.close()
    kw.session.close()
