"""The harness itself, tried on a small widget of its own: clicks reach the kernel, frames the page.

What is shown here is also what the design of live training rests on: frames that a worker thread
sends keep arriving while another cell is running.
"""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.kernel import KernelError

COUNTER = '''
import anywidget, threading, time, traitlets

class Counter(anywidget.AnyWidget):
    """A button that counts in the kernel, and a frame number that a thread pushes."""

    _esm = """
    function render({ model, el }) {
      el.innerHTML = `<div data-testid="counter" style="padding: 8px">
        <button>add one</button> <output>0</output>
        <canvas width="200" height="40"></canvas>
        <input type="range" min="0" max="10" step="1" value="2"></div>`;
      el.querySelector("button").onclick = () => model.send({ command: "add" });
      model.on("change:count", () => {
        el.querySelector("output").textContent = model.get("count");
      });
      const slider = el.querySelector("input");
      slider.oninput = () => { window.held = slider.value; };
      slider.onchange = () => {
        model.set("level", Number(slider.value));
        model.save_changes();
      };
      const pen = el.querySelector("canvas").getContext("2d");
      model.on("change:frame", () => {
        window.frameNumber = model.get("frame");
        pen.fillStyle = `hsl(${window.frameNumber * 7 % 360} 80% 50%)`;
        pen.fillRect(0, 0, 200, 40);
      });
    }
    export default { render };
    """
    count = traitlets.Int(0).tag(sync=True)
    frame = traitlets.Int(0).tag(sync=True)
    level = traitlets.Int(2).tag(sync=True)

    def __init__(self):
        super().__init__()
        self.on_msg(self._take)

    def _take(self, widget, content, buffers):
        self.count += 1

    def play(self, seconds, rate=30):
        def push():
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                self.frame += 1
                time.sleep(1 / rate)
        threading.Thread(target=push, daemon=True).start()

counter = Counter()
counter
'''

SLEEP = "import time; time.sleep(5)"
BUSY = "import time\nend = time.monotonic() + 5\nwhile time.monotonic() < end: sum(range(100))"


@pytest.fixture
def counter(open_notebook):
    notebook = open_notebook([COUNTER])
    notebook.run_cell(0)
    notebook.page.get_by_test_id("counter").wait_for()
    return notebook


def test_a_click_reaches_the_kernel_and_its_answer_the_page(counter):
    assert counter.kernel.value("counter.count") == 0
    for _ in range(3):
        counter.page.get_by_role("button", name="add one").click()
    counter.wait_for_value("counter.count", lambda count: count == 3)
    expect(counter.page.get_by_test_id("counter").locator("output")).to_have_text("3")


def test_a_slider_is_dragged_by_its_thumb_and_sends_on_release(counter):
    with counter.dragging("[data-testid=counter] input", 0.7):
        assert counter.page.evaluate("window.held") == "7"
        assert counter.kernel.value("counter.level") == 2
    counter.wait_for_value("counter.level", lambda level: level == 7)


def test_the_kernel_answers_values_and_prints_and_raises(counter):
    assert counter.kernel.value("[1, 'two', None]") == [1, "two", None]
    assert counter.kernel.run("print('one'); print('two')") == "one\ntwo\n"
    with pytest.raises(KernelError, match="ZeroDivisionError"):
        counter.kernel.run("1 / 0")
    with pytest.raises(KernelError, match="NameError"):
        counter.kernel.value("not_there")


def test_code_typed_into_a_new_cell_runs_and_its_print_is_read(counter):
    code = "for n in range(3):\n    counter.count += n\nprint('count', counter.count)"
    assert counter.run_code(code) == "count 3"
    cells = counter.cells.count()
    assert counter.run_code("'and once more'") == "'and once more'"
    assert counter.cells.count() == cells + 1
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        counter.run_code("1 / 0")


def test_run_all_runs_every_cell_in_order(open_notebook):
    notebook = open_notebook(["a = 20", "b = a + 2", "print(a + b)"])
    notebook.run_all()
    assert notebook.output(2) == "42"
    notebook.kernel.run("a = 0")
    notebook.run_all()
    assert notebook.output(2) == "42"


@pytest.mark.alone
@pytest.mark.parametrize("other_cell", [None, SLEEP, BUSY], ids=["none", "sleeps", "is busy"])
def test_frames_of_a_thread_keep_arriving_while_another_cell(counter, other_cell):
    counter.kernel.run("counter.play(seconds=8)")
    if other_cell:
        counter.run_code(other_cell, wait=False)
    times = counter.changes("window.frameNumber", seconds=3)
    rate, longest_gap = len(times) / 3, max(np.diff(times))
    print(f"{rate:.1f} frames a second, longest gap {longest_gap * 1000:.0f} ms")
    assert rate >= 20
    assert longest_gap < 0.5


@pytest.mark.parametrize(("theme", "dark"), [("light", False), ("dark", True)])
def test_theme_and_window_size_are_what_was_asked_for(open_notebook, theme, dark):
    notebook = open_notebook(["pass"], theme=theme, width=700, height=800)
    background = notebook.pixels(".jp-Notebook")
    assert (background.mean() < 100) == dark
    assert notebook.page.evaluate("window.innerWidth") == 700
    notebook.screenshot("empty")


def test_pixels_show_what_a_canvas_has_drawn(counter):
    before = counter.pixels("canvas")
    counter.kernel.run("counter.frame += 1")
    counter.page.wait_for_function("window.frameNumber === 1")
    after = counter.pixels("canvas")
    assert before.shape == after.shape
    assert (before != after).any(axis=2).mean() > 0.9
