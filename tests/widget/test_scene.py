import base64
import dataclasses
import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

import kanwidget
from kanwidget.costs import Costs, PruneCurve, measure
from kanwidget.importance import METRICS, edge_scores
from kanwidget.picture import MOST_EDGES, Picture, draw, with_costs
from kanwidget.widget.scene import encode
from tests.networks import hello_data, mixed_model, points
from tests.widget import scenes

WIDTHS = [(1, 1), (2, 5, 1), (3, 4, 4, 2), (1, 3, 1), (5, 1), (2, [1, 2], [2, 1])]
KINDS = {"removed": 0, "numeric": 1, "symbolic": 2, "both": 3}


def drawn(width, metric="backward", costs=True):
    """The picture of a network with edges of all kinds, and made-up costs, some not measured."""
    model = mixed_model(width)
    edge = np.linspace(-0.1, 0.7, len(model.edges(alive=False)), dtype=np.float32)
    edge[::3] = np.nan
    curve = PruneCurve((0.0, 0.1, 1 / 3), (0.5, 0.7, 1e-9), (0, 1, 2))
    picture = draw(model, points(40, width[0]), metric)
    return with_costs(picture, Costs(edge, curve, np.full_like(edge, np.nan))) if costs else picture


def assert_read(data, picture):
    """That the bytes hold every part of the picture, and nothing else."""
    _, found = scenes.read(data)
    assert set(found) == {field.name for field in dataclasses.fields(Picture)}
    for name, value in found.items():
        expected = getattr(picture, name)
        if isinstance(expected, np.ndarray):
            assert value.dtype == expected.dtype, name
            np.testing.assert_array_equal(value, expected, err_msg=name)
        else:
            assert value == expected, name


@pytest.mark.parametrize("width", WIDTHS, ids=str)
@pytest.mark.parametrize("costs", [True, False], ids=["costs", "no costs"])
def test_every_part_of_a_picture_is_in_the_scene(width, costs):
    picture = drawn(width, costs=costs)
    assert_read(encode(picture, 3), picture)


def test_header_says_what_follows():
    data = encode(drawn((3, 4, 4, 2)), 2**32 - 1)
    assert data[:4] == b"KANW"
    assert struct.unpack_from("<7I", data, 4) == (3, 2**32 - 1, 3, 13, 36, 64, 16)
    assert struct.unpack_from("<4I", data, 32) == (3, 4, 4, 2)


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_sections_begin_at_multiples_of_four(width):
    picture = drawn(width)
    data = encode(picture, 1)
    for section in (picture.curve.tobytes(), picture.histogram.tobytes(), b'{"inputs"'):
        assert data.count(section) == 1
        assert data.index(section) % 4 == 0


def test_version_is_all_that_differs_between_two_scenes_of_a_picture():
    picture = drawn((2, 5, 1))
    old, new = encode(picture, 1), encode(picture, 2)
    assert old[:8] + new[8:12] + old[12:] == new
    assert old != new


def test_kinds_are_numbered_as_the_page_reads_them():
    model = kanwidget.KAN([2, 2])
    model.get_act(points(30, 2))
    model.remove_edge(0, 0, 0)
    model.fix_symbolic(0, 1, 0, "sin")
    model.fix_symbolic(0, 0, 1, "x^2")
    model.layers[0].numeric[1, 0] = True
    model.layers[0].structure_changed()
    _, found = scenes.read(encode(draw(model, points(30, 2), "backward"), 0))
    edges = list(zip(found["source"], found["target"], found["kind"], strict=True))
    kinds = (KINDS["removed"], KINDS["symbolic"], KINDS["both"], KINDS["numeric"])
    assert edges == list(zip((0, 1, 0, 1), (0, 0, 1, 1), kinds, strict=True))
    assert found["functions"] == {(0, 1, 0): "sin", (0, 0, 1): "x^2"}


def test_products_and_locked_edges_are_in_the_scene():
    model = mixed_model((2, [1, 2], [0, 1]), mult_arity=[2, [2, 3], 2])
    model.layers[0].locked[3, 1] = True
    _, found = scenes.read(encode(draw(model, points(30, 2), "backward"), 0))
    assert found["width"] == (2, 3, 1)
    assert found["arity"].tolist() == [0, 0, 1, 2, 3, 2]
    assert [found[name].max() for name in ("source", "target")] == [2, 5]
    (locked,) = found["locked"].nonzero()[0]
    assert [found[name][locked] for name in ("layer", "source", "target")] == [0, 1, 3]


def test_every_metric_is_offered_on_the_page():
    panel = Path(__file__).parents[2] / "js" / "src" / "panels" / "importance.tsx"
    offered = re.findall(r'\["(\w+)", "\w+"\]', panel.read_text(encoding="utf-8"))
    assert sorted(offered) == sorted(METRICS)


def test_a_large_mixed_network_has_edges_of_all_kinds():
    _, found = scenes.read(encode(drawn((3, 4, 4, 2)), 0))
    assert set(found["kind"].tolist()) == set(KINDS.values())
    assert found["functions"]


def test_names_need_not_be_ascii():
    picture = dataclasses.replace(
        drawn((2, 1)), inputs=("größe", "温度 😀"), outputs=('a "b" \\ \n',), metric="é"
    )
    data = encode(picture, 1)
    assert_read(data, picture)
    assert "größe".encode() in data
    assert "温度 😀".encode() in data


def test_scene_of_a_session_picture_holds_names_costs_and_prune_curve():
    data = hello_data(60)
    model = kanwidget.KAN([2, 3, 1])
    model.input_names = ["höhe", "b"]
    costs = measure(model, data, "forward_n")
    picture = with_costs(draw(model, data.train_input, "forward_n"), costs)
    _, found = scenes.read(encode(picture, 1))
    assert (found["inputs"], found["outputs"], found["metric"]) == (
        ("höhe", "b"),
        ("y",),
        "forward_n",
    )
    np.testing.assert_array_equal(found["cost"], costs.edge)
    assert np.isfinite(found["cost"]).all()
    assert found["prune"] == costs.prune
    assert len(found["prune"].threshold) > 3


def test_layout_in_memory_and_width_of_numbers_do_not_matter():
    picture = drawn((2, 5, 1))
    odd = dataclasses.replace(
        picture,
        curve=np.asfortranarray(picture.curve),
        histogram=picture.histogram[:, ::-1][:, ::-1],
        score=picture.score.astype(">f4"),
        layer=picture.layer.astype(np.int64),
    )
    assert encode(odd, 4) == encode(picture, 4)


def test_a_large_network_keeps_its_strongest_edges_and_says_how_many_it_omits():
    model = kanwidget.KAN([50, 65, 2], noise_scale=1.0)
    x, total = points(30, 50), 50 * 65 + 65 * 2
    places = np.arange(total, dtype=np.float32)
    picture = with_costs(draw(model, x, "forward_u"), Costs(places, PruneCurve(), places))
    header, found = scenes.read(encode(picture, 1))
    assert header[5] == MOST_EDGES == len(found["score"])
    assert found["omitted"] == total - MOST_EDGES > 0
    assert found["width"] == (50, 65, 2)
    assert found["curve"].shape[0] == found["histogram"].shape[0] == MOST_EDGES
    scores = torch.cat([score.flatten() for score in edge_scores(model, x, "forward_u")])
    limit = float(scores.sort(descending=True).values[MOST_EDGES - 1])
    kept = found["cost"].astype(int)
    assert kept.tolist() == (scores >= limit).nonzero().flatten().tolist()
    np.testing.assert_allclose(found["score"], scores[kept], rtol=1e-6)
    place = (
        found["layer"] * 50 * 65
        + found["target"] * np.where(found["layer"] == 0, 50, 65)
        + found["source"]
    )
    np.testing.assert_array_equal(place, kept)


def test_golden_scene_is_what_encode_makes():
    golden = json.loads(scenes.GOLDEN.read_text(encoding="utf-8"))
    made = scenes.golden_record()
    assert golden["scene"] == made["scene"], "write it anew: python -m tests.widget.scenes"
    assert golden["expected"] == made["expected"]
    assert golden["expected"]["dloss"] == [0.25, -0.25, None, 0, 1024, 0.125]


def test_golden_scene_is_read_back():
    data = base64.b64decode(json.loads(scenes.GOLDEN.read_text(encoding="utf-8"))["scene"])
    assert_read(data, scenes.golden_picture())
    assert scenes.read(data)[0][1:] == [3, scenes.VERSION, 2, 5, 6, 3, 5]
