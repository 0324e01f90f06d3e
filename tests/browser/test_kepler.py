"""The second notebook by hand: a table, one edge, a power law in the data's own units."""

import re

from playwright.sync_api import expect


def test_keplers_law_from_a_table_by_hand(open_notebook):
    notebook = open_notebook("kepler.ipynb", width=1200, height=1000)
    for cell in (1, 7):
        notebook.run_cell(cell)
    widget = notebook.widget()
    widget.get_by_test_id("train").click()
    notebook.wait_for_value("kw.history['undo'] or ''", lambda label: label.startswith("train"))
    canvas = widget.get_by_test_id("kan-canvas")
    place = canvas.evaluate("canvas => canvas.kanEdgePosition(0, 0, 0)")
    notebook.page.mouse.click(place["x"], place["y"])
    power = widget.locator('[data-testid="candidate"][data-function="x^1.5"]')
    expect(power).to_be_visible()
    notebook.screenshot("menu")
    power.click()
    widget.get_by_test_id("train").click()
    formula = widget.get_by_test_id("formula")
    expect(formula).to_have_attribute("data-latex", re.compile(r"distance.*\^\{1\.5\}|\{3\}\{2\}"))
    notebook.wait_for_value("kw.status", lambda status: status == "idle")
    notebook.wait_for_value("len(kw.history['nodes'])", lambda nodes: nodes == 4)
    expect(widget.get_by_test_id("summary")).to_contain_text("1 symbolic")
    notebook.screenshot("law")
    off = "(kw.model(planets[['distance_au']]).detach().numpy()[:, 0] / planets.period_years - 1)"
    assert notebook.kernel.value(f"float({off}.abs().median())") < 0.01
