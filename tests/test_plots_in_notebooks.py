"""A plot is shown once in a notebook, whatever a cell does with it."""

import nbformat
import pytest
from nbclient import NotebookClient

START = """
import warnings
warnings.simplefilter("error", RuntimeWarning)
import kanwidget, torch
model = kanwidget.KAN([1, 1])
model.get_act(torch.linspace(-1, 1, 20)[:, None])
"""
PICTURES = ("image/png", "application/vnd.jupyter.widget-view+json")
ONCE = {
    "the last line": "model.plot()",
    "a line with a semicolon": "model.plot();",
    "a line among others": "model.plot()\nprint(1)",
    "kept": "kept = model.plot()",
    "kept and named": "kept = model.plot()\nkept",
    "displayed": "from IPython.display import display\ndisplay(model.plot())",
    "displayed, then more": "figure = model.plot()\ndisplay(figure)\nprint(2)",
}


def run(cells):
    """The outputs of code cells, in a kernel of their own."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells]


def pictures(outputs):
    """Pictures among outputs, and texts that stand in place of one."""
    shown = [output.data for output in outputs if "data" in output]
    return sum(any(kind in data for kind in PICTURES) for data in shown), len(shown)


@pytest.mark.parametrize("backend", ["inline", "widget"])
def test_a_plot_is_shown_once(backend):
    later = "kept"
    many = "for _ in range(25):\n    model.plot()"
    _, *outputs, again, loop = run([f"%matplotlib {backend}" + START, *ONCE.values(), later, many])
    found = {how: pictures(each) for how, each in zip(ONCE, outputs, strict=True)}
    assert found == dict.fromkeys(ONCE, (1, 1))
    assert pictures(again) == (1, 1)
    assert pictures(loop) == (25, 25)
    assert all(output.output_type != "error" for each in outputs for output in each)


def test_a_plot_not_asked_to_be_shown_is_a_value_like_any_other():
    cells = ["%matplotlib inline" + START + "import matplotlib.pyplot as plt\nplt.ioff();"]
    _, silent, value = run([*cells, "figure = model.plot()", "figure"])
    assert (pictures(silent), pictures(value)) == ((0, 0), (1, 1))


def test_plots_of_later_cells_are_shown_where_nobody_chose_a_backend():
    _, first, second = run([START, "model.plot();", "model.plot();"])
    assert (pictures(first), pictures(second)) == ((1, 1), (1, 1))
