"""The explorer in JupyterLab: the widget and its figures speak to each other."""

import re

import numpy as np
from playwright.sync_api import expect

from tests.browser.desk import FITTED


def test_an_edge_of_the_widget_is_drawn_and_a_point_of_a_figure_tells_its_sample(desk):
    hand = desk.show("kanwidget.explorer(model, hello_world())", FITTED)
    page = desk.page
    expect(page.locator(".jupyter-matplotlib-canvas-container canvas").first).to_be_visible()
    hand.click_edge((0, 0, 0))
    desk.notebook.wait_for_value("kw.selected", lambda edge: edge == [0, 0, 0])
    page.keyboard.press("Escape")
    choice = page.get_by_label("edge", exact=True)
    expect(choice).to_have_value("(0, 0, 0)")
    desk.notebook.screenshot("edge")
    # the other way round
    choice.select_option("(0, 1, 0)")
    desk.notebook.wait_for_value("kw.widget.selected", lambda edge: edge == [0, 1, 0])

    page.get_by_role("tab", name="Residuals").click()
    figure = page.locator(".jupyter-matplotlib-canvas-container:visible").first
    expect(figure).to_be_visible()
    desk.notebook.wait_for_value("kw._tabs.selected_index", lambda tab: tab == 1)
    desk.kernel.run("kw.drawings[1].figure.canvas.draw()")  # which lays it out
    place = desk.kernel.value(
        "(lambda d: [float(v) for v in d._axes.transData.transform(d._points[3])]"
        " + [d.figure.canvas.figure.bbox.width, d.figure.canvas.figure.bbox.height])(kw.drawings[1])"
    )
    box = figure.bounding_box()
    assert box
    x = box["x"] + place[0] / place[2] * box["width"]
    y = box["y"] + (1 - place[1] / place[3]) * box["height"]
    page.mouse.click(x, y)
    expect(page.get_by_text(re.compile(r"sample \d+: x_1 = "))).to_be_visible()
    sample = desk.kernel.value("kw.sample")
    point = desk.kernel.value("kw.drawings[1]._points[3].tolist()")
    picked = desk.kernel.value(
        "kw.drawings[1]._points[list(kw.drawings[1]._rows).index(kw.sample)].tolist()"
    )
    assert np.allclose(point, picked, rtol=0.1, atol=0.1), sample
    desk.notebook.screenshot("residuals")
