"""The plain SVG: well formed, small, and with everything of the network in it."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
import torch

from kanwidget import KAN, picture
from kanwidget.plotting.svg import MOST_EDGES, to_svg
from tests.networks import hello_data

SVG = "{http://www.w3.org/2000/svg}"


def drawn_of(width, **options):
    model = KAN(width, seed=0, **options)
    x = torch.linspace(-1, 1, 60, dtype=model.layers[0].knots.dtype)
    x = torch.stack([x * (n + 1) / width[0] for n in range(width[0])], 1)
    model.get_act(x)
    return model, x


def parse(model, x, **options):
    return ET.fromstring(to_svg(picture.draw(model, x, "backward"), **options))


def texts(svg):
    return ["".join(each.itertext()) for each in svg.iter(f"{SVG}text")]


def test_every_edge_has_a_frame_with_its_curve_and_every_node_a_disc():
    svg = parse(*drawn_of([2, 5, 1]))
    assert len(list(svg.iter(f"{SVG}g"))) == 15
    assert len(list(svg.iter(f"{SVG}circle"))) == 8
    assert texts(svg) == ["x1", "x2", "y"]
    assert svg.get("role") == "img"


def test_symbolic_edges_carry_their_function_and_removed_ones_are_dashed():
    model, x = drawn_of([2, 2, 1])
    model.fix_symbolic(0, 0, 0, "sin")
    model.remove_edge(0, 1, 1)
    model.layers[1].locked[0, 1] = True
    svg = parse(model, x)
    assert "sin" in texts(svg)
    assert sum("stroke-dasharray" in each.attrib for each in svg.iter(f"{SVG}rect")) == 1
    plain = parse(*drawn_of([2, 2, 1]))
    shapes = [len(list(each.iter(f"{SVG}path"))) for each in (svg, plain)]
    # a padlock more, and without the two ways of the removed edge in their one path
    assert shapes[0] == shapes[1] + 1 - 1


def test_products_have_their_sign_and_their_factors():
    svg = parse(*drawn_of([2, [1, 2], 1]))
    # two inputs, an output, three hidden nodes, and a dot for each of four factors
    assert len(list(svg.iter(f"{SVG}circle"))) == 6 + 4


def test_large_networks_show_their_strongest_edges_and_say_so():
    model, x = drawn_of([40, 30, 4])
    drawn = picture.draw(model, x, "backward")
    text = to_svg(drawn)
    svg = ET.fromstring(text)
    assert len(list(svg.iter(f"{SVG}g"))) == MOST_EDGES
    assert f"the strongest {MOST_EDGES} of 1320 edges" in texts(svg)
    assert len(text) < 250_000


@pytest.mark.parametrize("name", ["<b>&", "a\u202eb\x07", "年" * 40, "x_{10}", "_"])
def test_names_of_any_kind_leave_it_well_formed(name):
    model, x = drawn_of([2, 1, 1])
    drawn = replace(picture.draw(model, x, "backward"), inputs=(name, "x_2"))
    svg = ET.fromstring(to_svg(drawn, name, [name, "y = " + "x" * 500]))
    assert len(texts(svg)) == 5
    assert max(map(len, texts(svg))) < 200
    assert all(each.isprintable() for each in texts(svg))


def test_flat_curves_are_lines_in_the_middle_of_their_frames():
    model, x = drawn_of([1, 1])
    drawn = picture.draw(model, x, "backward")
    flat = np.zeros_like(drawn.curve)
    level = replace(drawn, curve=flat, y_low=flat[:, 0], y_high=flat[:, 0])
    (group,) = ET.fromstring(to_svg(level)).iter(f"{SVG}g")
    heights = {point.split()[1] for point in group.find(f"{SVG}path").get("d")[1:].split("L")}
    assert len(heights) == 1


def test_data_of_the_hello_world_are_drawn_without_matplotlib():
    data = hello_data(60)
    model = KAN([2, 5, 1], seed=0)
    assert "nan" not in to_svg(picture.draw(model, data.train_input, "backward"))
