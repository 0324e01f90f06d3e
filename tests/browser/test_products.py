"""Products in the widget: edges into their factors are told apart, and the formula multiplies them."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.notebook import Notebook

PRODUCTS = """
import kanwidget
import torch

data = kanwidget.create_dataset(
    lambda x: x[:, [0]] * torch.sin(3 * x[:, [1]]), n_var=2, train_num=200, test_num=200
)
model = kanwidget.KAN([2, [2, 2], 1], mult_arity=[2, [2, 3], 2], noise_scale=0.5)
model.get_act(data)
model.layers[0].locked[1, 0] = True
model.remove_edge(0, 1, 4)
kw = kanwidget.KANWidget(model, data)
kw
"""
ONE_PRODUCT = """
model = kanwidget.KAN([2, [0, 1], 1], seed=0)
model.get_act(data)
model.remove_edge(0, 1, 0)
model.remove_edge(0, 0, 1)
kw = kanwidget.KANWidget(model, data, steps=30, lamb=0.0)
kw
"""


def hover(notebook: Notebook, widget: Locator, what: str, *index: int) -> Locator:
    """Point at an edge or a node; return the lines that appear beside it."""
    canvas = widget.get_by_test_id("kan-canvas")
    expect(canvas).to_have_attribute("data-frames", re.compile("[1-9]"))
    place = canvas.evaluate(f"(canvas, at) => canvas.kan{what}Position(...at)", list(index))
    notebook.page.mouse.move(place["x"], place["y"])
    return widget.locator(".kw-tip")


def take(notebook: Notebook, widget: Locator, edge: tuple[int, int, int], function: str) -> None:
    """Click an edge and give it a function from its menu."""
    expect(hover(notebook, widget, "Edge", *edge)).to_be_visible()
    notebook.page.mouse.down()
    notebook.page.mouse.up()
    menu = widget.get_by_test_id("edge-menu")
    expect(menu).to_have_attribute("data-edge", ",".join(map(str, edge)))
    expect(menu).to_contain_text(f"Edge ({', '.join(map(str, edge))})")
    menu.locator(f'[data-testid="candidate"][data-function="{function}"]').click()
    expect(menu.get_by_test_id("unfix")).to_be_visible()
    notebook.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_factors_and_locks_are_told_apart_and_a_factor_takes_a_function(open_notebook):
    notebook = open_notebook([PRODUCTS], theme="dark", width=700, height=1300)
    notebook.run_all()
    widget = notebook.widget()
    for edge, said in {
        (0, 0, 1): "x₁ → h₁",
        (0, 0, 3): "x₁ → h₂, factor 2 of 2",
        (0, 1, 6): "x₂ → h₃, factor 3 of 3",
    }.items():
        tip = hover(notebook, widget, "Edge", *edge)
        expect(tip).to_contain_text(f"Edge ({', '.join(map(str, edge))})")
        expect(tip).to_contain_text(said)
        expect(tip).to_contain_text("spline, locked" if edge == (0, 0, 1) else "spline")
    expect(hover(notebook, widget, "Node", 1, 3)).to_contain_text("product of 3 sums")
    take(notebook, widget, (0, 1, 3), "sin")
    formula = widget.get_by_test_id("formula")
    factors = (
        r"h_\{2\} &= .*\\varphi_\{0,0,2\}.*\\right\) \\left\(.*\\sin.*x_\{2\}.*\\varphi_\{0,0,3\}"
    )
    expect(formula).to_have_attribute("data-latex", re.compile(factors))
    notebook.screenshot("products-dark")
    notebook.turn("light", 1400)
    notebook.screenshot("products-light")


def test_a_product_is_found_by_hand(open_notebook):
    notebook = open_notebook([PRODUCTS.split("model =")[0] + ONE_PRODUCT], height=1300)
    notebook.run_all()
    widget = notebook.widget()
    widget.get_by_test_id("train").click()
    notebook.wait_for_value("kw.history['undo'] or ''", lambda label: label.startswith("train"))
    for edge, function in {(0, 0, 0): "x", (0, 1, 1): "sin", (1, 0, 0): "x"}.items():
        take(notebook, widget, edge, function)
    widget.get_by_test_id("train").click()
    notebook.wait_for_value("len(kw.history['nodes'])", lambda nodes: nodes == 6)
    expect(widget.get_by_test_id("formula")).to_have_attribute(
        "data-latex", r"x_{1} \sin{\left(3 x_{2} \right)}"
    )
    notebook.screenshot("product")
