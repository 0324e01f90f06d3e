"""The core journey on a model of pykan's, in JupyterLab."""

from tests.browser.core import SETUP, SHOW, complaints, drive

OURS = "model = KAN(width=[2, 1, 1], grid=5, k=3, seed=1)"
THEIRS = "import kan\nmodel = kan.KAN(width=[2, 1, 1], grid=5, k=3, seed=1, auto_save=False)"


def test_the_core_journey_on_a_model_of_pykans(open_notebook):
    assert OURS in SETUP
    notebook = open_notebook([SETUP.replace(OURS, THEIRS), SHOW], width=1300, height=1300)
    notebook.run_all()
    drive(notebook)
    kernel = notebook.kernel
    assert kernel.value("type(kw.model).__module__") == "kanwidget.model"
    assert kernel.value("type(model).__module__.partition('.')[0]") == "kan"
    # what has been done goes back: the same outputs, and pykan has the function too
    kernel.run("x = dataset['test_input']\nback = kw.model.to_pykan(dtype=x.dtype)")
    assert kernel.value("float((back(x) - kw.model(x)).abs().max())") < 1e-6
    assert kernel.value("[back.symbolic_fun[l].mask.sum().item() for l in (0, 1)]") == [1.0, 0.0]
    assert not complaints(notebook)
