import pytest
import torch

from kanwidget import foreseeing, pruning
from tests.networks import mixed_model, points, same, state


def one_by_one(model, x, y, seen, sets):
    """What pruning leaves, set by set."""
    losses = []
    for edges in sets:
        pruning.remove(model, edges, seen)
        with torch.no_grad():
            losses.append(float((model(x) - y).square().mean().sqrt()))
        pruning.restore(model, edges)
    return losses


def some_sets(model):
    live = model.edges()
    return [[], live[:1], live[::3], live[1::2], live[-2:], live]


@pytest.mark.parametrize("most", [20_000_000, 1_000, 10])
@pytest.mark.parametrize("width", [(3, 4, 2), (2, [3, 2], 2), (2, 3, 3, 1)], ids=str)
def test_losses_are_those_after_a_prune_in_one_batch_in_parts_and_one_by_one(
    width, most, monkeypatch
):
    monkeypatch.setattr(foreseeing, "AT_ONCE", most)
    model = mixed_model(width, seed=3)
    x, seen = points(40, model.width[0]), points(60, model.width[0], -1.3, 1.2)
    y = points(40, model.width[-1])
    sets = some_sets(model)
    expected = one_by_one(model, x, y, seen, sets)
    before = state(model)
    found = foreseeing.losses_after(model, x, y, seen, sets)
    assert found == pytest.approx(expected, rel=1e-9)
    assert same(model, before)


def test_a_network_with_nan_is_told_what_pruning_it_would_leave():
    model = mixed_model((2, 3, 1), seed=3)
    with torch.no_grad():
        model.layers[0].coef[0, 0, 0] = float("nan")
    x, seen, y = points(40, 2), points(60, 2), points(40, 1)
    sets = some_sets(model)
    expected = one_by_one(model, x, y, seen, sets)
    assert foreseeing.losses_after(model, x, y, seen, sets) == pytest.approx(
        expected, rel=1e-9, nan_ok=True
    )
