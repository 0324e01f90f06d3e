"""JupyterLab's stop button, a real SIGINT, stops the training and leaves everything usable."""

import time

import pytest

from tests.widget.kernels import Kernel

WIDGET = """
columns = {"train_input": 2, "train_label": 1, "test_input": 2, "test_label": 1}
noise = {name: torch.rand(60, count) for name, count in columns.items()}
model = kanwidget.KAN([2, 5, 1])
kw = KANWidget(model, DATA)
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    made = Kernel(tmp_path_factory.mktemp("kernel"))
    yield made
    made.close()


@pytest.fixture
def widget(kernel):
    kernel.run(WIDGET)
    yield "kw"
    kernel.run("kw.session.close(); kw.close()")


def assert_usable(kernel):
    """That the session trains, undoes and can be interrupted no more than is to be interrupted."""
    assert kernel.value("model.fitting") is False
    nodes = kernel.value("len(kw.history['nodes'])")
    assert kernel.value("kw.session.train(steps=1)['train_loss']") > 0
    assert kernel.value("kw.session.undo()").startswith("train 1 step")
    assert kernel.value("len(kw.history['nodes'])") == nodes + 1
    assert kernel.value("kw.status") == "idle"


@pytest.mark.parametrize(
    "code",
    [
        "kw.session.train(steps=100_000, optimizer='Adam')",
        "kw.session.train(steps=100_000)",
        "model.fit(DATA, steps=100_000)",
        "kanwidget.Session(kanwidget.KAN([2, 5, 1]), noise).auto(600)",
    ],
)
def test_an_interrupt_ends_a_cell_that_trains(kernel, widget, code):
    cell = kernel.begin(code)
    time.sleep(1.5)
    kernel.interrupt()
    assert kernel.finish(cell, 15) == "KeyboardInterrupt"
    kernel.wait_for("kw.status == 'idle'")
    if "auto" not in code:
        assert kernel.value("kw.history['undo']") is not None
    assert_usable(kernel)


def start_from_the_page(kernel, steps=1_000_000):
    kernel.page("kw", id=1, command="train", args={"steps": steps, "optimizer": "Adam"})
    kernel.wait_for("kw.session.view.step > 3")


def test_an_interrupt_between_two_cells_ends_a_training_that_the_page_began(kernel, widget):
    for _ in range(2):
        start_from_the_page(kernel)
        kernel.interrupt()
        kernel.wait_for("kw.status == 'idle'")
        assert "stopped" in kernel.value("kw.message['text']")
        assert kernel.value("kw.history['undo']").startswith("train ")
    assert_usable(kernel)


def test_an_interrupt_where_nothing_runs_changes_nothing(kernel, widget):
    before = kernel.value("[kw.version, kw.message]")
    kernel.interrupt()
    time.sleep(0.3)
    assert kernel.value("[kw.version, kw.message]") == before
    assert_usable(kernel)


def test_an_interrupt_of_another_cell_is_for_that_cell(kernel, widget):
    start_from_the_page(kernel)
    cell = kernel.begin("time.sleep(60)")
    time.sleep(0.5)
    kernel.interrupt()
    assert kernel.finish(cell, 10) == "KeyboardInterrupt"
    assert kernel.value("kw.session.view.status") == "training"
    kernel.interrupt()
    kernel.wait_for("kw.status == 'idle'")
    assert_usable(kernel)


def test_the_handler_between_cells_is_there_once_however_many_widgets_are_made(kernel, widget):
    kernel.run("for _ in range(3): KANWidget(model).close()")
    kernel.run("import threading\nt = threading.Thread(target=lambda: KANWidget(model).close())\n"
               "t.start(); t.join()")  # fmt: skip
    time.sleep(0.2)
    depth = (
        "import signal\ndef depth(handler):\n"
        "    return 1 + depth(handler._before) if hasattr(handler, '_before') else 0"
    )
    kernel.run(depth)
    assert kernel.value("depth(get_ipython().kernel.saved_sigint_handler)") == 1
    assert_usable(kernel)
