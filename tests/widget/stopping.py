"""How long a training goes on after a page has said stop."""

import random
import time

import torch

import kanwidget
from kanwidget.widget import KANWidget
from tests.networks import hello_data
from tests.widget.widgets import wait_until

LIMIT = 0.2
"""Seconds, for 95 of 100 tries."""


def images(samples=6000):
    """Data of the size of MNIST's: random images and their classes as ten columns."""
    generator = torch.Generator().manual_seed(0)

    def part(count):
        classes = torch.randint(0, 10, (count,), generator=generator)
        return (
            torch.rand(count, 784, generator=generator),
            torch.nn.functional.one_hot(classes, 10).float(),
        )

    (x, y), (test_x, test_y) = part(samples), part(samples // 6)
    return {"train_input": x, "train_label": y, "test_input": test_x, "test_label": test_y}


CASES = {
    "[2,5,1] LBFGS": ([2, 5, 1], lambda: hello_data(1000), "LBFGS", -1),
    "[784,64,10] Adam": ([784, 64, 10], images, "Adam", 256),
    "[784,64,10] AdamW": ([784, 64, 10], images, "AdamW", 256),
}


def stops(width, data, optimizer, batch, tries, seed=0):
    """Seconds from the message to the end of the fit, to the answer to stop, and to idle, a row a try."""
    rng, rows = random.Random(seed), []
    widget = KANWidget(kanwidget.KAN(width, grid=3, k=3), data())
    session, replies = widget.session, {}
    widget.send = lambda reply: replies.setdefault(reply["id"], time.perf_counter())
    for number in range(0, 2 * tries, 2):
        train = {"steps": 100_000, "optimizer": optimizer, "batch": batch}
        widget._receive(widget, {"id": number, "command": "train", "args": train}, [])
        wait_until(lambda: session.model.fitting and session.view.status == "training", 60)
        time.sleep(rng.uniform(0.02, 0.6))
        began = time.perf_counter()
        widget._receive(widget, {"id": number + 1, "command": "stop", "args": {}}, [])
        while session.model.fitting:
            time.sleep(0.0005)
        ended = time.perf_counter()
        wait_until(lambda: session.view.status == "idle", 60)
        idle = time.perf_counter()
        wait_until(lambda number=number: number in replies, 60)
        rows.append((ended - began, replies[number + 1] - began, idle - began))
        session.undo()
    widget.close()
    session.close()
    return torch.tensor(rows)
