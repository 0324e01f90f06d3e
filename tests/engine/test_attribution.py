import matplotlib.pyplot as plt
import pytest
import torch

import kanwidget
from kanwidget import importance
from tests.networks import mixed_model, points

NETWORKS = [
    {"width": (2, 3, 1)},
    {"width": (3, [1, 2], 2), "mult_arity": [2, [2, 3], 2], "grid": [2, 5], "k": [3, 2]},
]
every_network = pytest.mark.parametrize("options", NETWORKS, ids=lambda o: str(o["width"]))


def seen(dtype=torch.float64, **options):
    model = mixed_model(dtype=dtype, **options)
    model.get_act(points(60, model.width[0], dtype=dtype))
    return model


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@every_network
def test_outputs_are_attributed_to_inputs(options, dtype):
    model = seen(dtype, **options)
    scores = model.attribute()
    assert scores.shape == (model.width[-1], model.width[0])
    assert scores.dtype == dtype
    torch.testing.assert_close(scores.mean(0), model.feature_score)
    assert torch.equal(model.attribute(i=0), scores[0])
    weights = torch.arange(1.0, 1 + model.width[-1])
    torch.testing.assert_close(
        model.attribute(out_score=weights), weights[:, None].to(dtype) * scores
    )


@every_network
def test_nodes_are_attributed_with_their_own_score(options):
    model = seen(**options)
    nodes = importance.node_scores(model, over_outputs="mean")
    by_layer = model.node_attribute()
    assert len(by_layer) == model.depth
    for l, scores in enumerate(by_layer, start=1):
        assert torch.equal(scores, model.attribute(l))
        unit = model.attribute(l, out_score=torch.ones(model.width[l]))
        torch.testing.assert_close(scores, nodes[l][:, None] * unit)
    torch.testing.assert_close(model.attribute(0), torch.diag(nodes[0]))
    torch.testing.assert_close(by_layer[0].sum(0), nodes[0])


def test_factors_of_a_product_are_attributed_to_it():
    model = kanwidget.KAN([3, [0, 1], 1])
    model.get_act(points(60, 3))
    for i, j in ((0, 0), (1, 1)):
        for other in range(3):
            if other != i:
                model.remove_edge(0, other, j)
    scores = model.attribute(1, 0)
    assert bool((scores[:2] > 0).all())
    assert float(scores[2]) == 0
    assert model.feature_interaction(1) == {(0, 1): 1}


def test_inputs_that_meet_in_a_node_are_counted():
    model = kanwidget.KAN([3, 4, 1])
    model.get_act(points(60, 3))
    for i, j in ((2, 0), (2, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)):
        model.remove_edge(0, i, j)
    assert model.feature_interaction(1, 0.0, 0.0) == {(0, 1): 2, (2,): 1}
    assert model.feature_interaction(2, 0.0, 0.0) == {(0, 1, 2): 1}
    assert model.feature_interaction(1, neuron_th=1e9) == {}
    strongest = {(int(row.argmax()),) for row in model.attribute(1)[:3]}
    assert set(model.feature_interaction(1, 0.0, 0.999)) == strongest


def test_bars_are_drawn_only_when_asked():
    model = seen(**NETWORKS[0])
    figures = plt.get_fignums()
    row = model.attribute(1, 2)
    assert plt.get_fignums() == figures
    model.attribute(1, 2, plot=True)
    (axes,) = plt.gcf().axes
    assert [bar.get_height() for bar in axes.patches] == pytest.approx(row.tolist())
    plt.close()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"l": 3}, "l is 3; a node layer from 0 to 2"),
        ({"l": -1}, "l is -1"),
        ({"l": 1, "i": 3}, "i is 3; a node from 0 to 2"),
        ({"i": "a"}, "i is 'a'"),
        ({"l": 1, "out_score": [1.0]}, r"out_score has the shape \(1,\); \(3,\) is needed"),
        ({"plot": True}, "plot is True, but i is None"),
    ],
)
def test_attributions_that_cannot_be_get_a_sentence(options, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        seen(width=(2, 3, 1)).attribute(**options)


def test_attribution_needs_data():
    model = mixed_model((2, 3, 1))
    for call in (model.attribute, model.node_attribute, lambda: model.feature_interaction(1)):
        with pytest.raises(ValueError, match="has seen no data yet"):
            call()
