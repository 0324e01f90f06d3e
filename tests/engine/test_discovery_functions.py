"""Edges get functions, one after the other or all at once, and constants fitted together."""

import copy
import math

import pytest
import torch

import kanwidget
from kanwidget.discovery import functions, topology
from kanwidget.discovery.evidence import Evidence
from kanwidget.discovery.functions import all_at_once, choices, search, substitute
from kanwidget.discovery.numeric import fit
from kanwidget.symbolic import library
from kanwidget.symbolic.suggest import suggest
from tests.networks import hello, hello_data, points, same, state

LIKE = kanwidget.KAN([1, 1], seed=0).layers[0]
FEW = library.resolve(["0", "x", "x^2", "x^3", "sqrt", "exp", "log", "sin", "cos", "1/x"])
EXACT = 1e-9


def evidence(f, n, samples=300, low=-1.0, high=1.0):
    x, x_val = points(samples, n, low, high), points(samples, n, low, high, seed=1)
    y, y_val = f(x), f(x_val)
    return Evidence(x, y, x_val, y_val, float(y.std(correction=0)) or 1.0)


def splines(shape, data, seed=0):
    return fit(shape, LIKE, data, torch.Generator().manual_seed(seed)).network


def names(found):
    return sorted(name for _, name in functions.signature(found.network) if name)


HELLO = evidence(hello, 2)
HELLO_SPLINES = splines(topology.composed(2), HELLO)


def test_choices_are_of_every_numeric_edge_with_the_true_function_first():
    found = {option.edge: option for option in choices(HELLO_SPLINES, HELLO, FEW)}
    assert sorted(found) == [(0, 0, 0), (0, 1, 0), (1, 0, 0)]
    first = {edge: option.candidates[0].name for edge, option in found.items()}
    assert first == {(0, 0, 0): "sin", (0, 1, 0): "x^2", (1, 0, 0): "exp"}
    for option in found.values():
        scores = [one.score for one in option.candidates]
        assert scores == sorted(scores)
        assert len(scores) <= functions.MOST
        assert scores[-1] - scores[0] <= functions.DECADES
        assert 0 < option.share <= 1.5
        assert all(one.r2 >= functions.CLOSE or one.name == "0" for one in option.candidates)


def test_edges_that_have_functions_or_are_gone_get_no_choice():
    net = copy.deepcopy(HELLO_SPLINES)
    net.layers[0].set_symbolic(0, 0, library.get("sin"), (1, 0, 1, 0))
    net.layers[0].alive[0, 1] = False
    net.layers[0].structure_changed()
    assert [option.edge for option in choices(net, HELLO, FEW)] == [(1, 0, 0)]


def test_what_nothing_follows_has_no_candidates():
    data = evidence(lambda x: torch.sin(12 * x) * x, 1)
    net = splines(topology.additive(1), data)
    lib = library.resolve(["x", "x^2"])
    assert [option.candidates for option in choices(net, data, lib)] == [[]]
    (any_,) = choices(net, data, lib, closest=-math.inf)
    assert any_.candidates
    assert all_at_once(net, data, lib) is None


def test_a_clear_choice_is_more_certain_than_a_close_one():
    x = points(300, 1)[:, 0]
    clear = functions.Choice((0, 0, 0), suggest(x, torch.sin(3 * x), FEW), 1.0)
    close = functions.Choice((0, 0, 0), suggest(x, torch.sin(0.1 * x) + x**2 / 9, FEW), 1.0)
    assert clear.certainty > close.certainty


def test_choosing_changes_nothing():
    before = state(HELLO_SPLINES)
    choices(HELLO_SPLINES, HELLO, FEW)
    all_at_once(HELLO_SPLINES, HELLO, FEW)
    list(search(HELLO_SPLINES, HELLO, FEW, lambda: False))
    assert same(HELLO_SPLINES, before)


def test_substituting_zero_removes_the_edge_and_leaves_its_constant():
    net = splines(topology.additive(2), evidence(lambda x: x[:, [0]] ** 2 + 3, 2))
    values = net(HELLO.x).detach()
    option = next(o for o in choices(net, HELLO, FEW) if o.edge == (0, 1, 0))
    zero = next(one for one in option.candidates if one.name == "0")
    substitute(net, option.edge, zero)
    assert net.layers[0].alive.tolist() == [[True, False]]
    torch.testing.assert_close(net(HELLO.x).detach(), values, rtol=1e-4, atol=1e-4)


def test_all_at_once_finds_hello_world_exactly():
    found = all_at_once(HELLO_SPLINES, HELLO, FEW)
    assert found.error < EXACT
    assert found.numeric == 0
    assert names(found) == ["exp", "sin", "x^2"]
    assert [stage.command for stage in found.road] == ["fix_symbolic"] * 3 + ["refit"]
    assert found.error == pytest.approx(HELLO.error(found.network), abs=1e-12)


def test_stages_of_the_road_go_on_from_one_another():
    road = all_at_once(HELLO_SPLINES, HELLO, FEW).road
    done = [len(names(stage)) for stage in road]
    assert done == [1, 2, 3, 3]
    for stage, count in zip(road[:3], done, strict=False):
        assert stage.label.startswith("fix (")
        assert stage.arguments["function"] in names(stage)
        assert (
            sum(int((one.alive & one.numeric).sum()) for one in stage.network.layers) == 3 - count
        )


KNOWN = {
    "sum": (
        topology.additive(3),
        lambda x: torch.sin(2 * x[:, [0]]) + torch.exp(x[:, [1]]) - 0.3 * x[:, [2]],
        ["exp", "sin", "x"],
    ),
    "product": (
        topology.product(2),
        lambda x: torch.cos(2 * x[:, [0]]) * torch.exp(x[:, [1]]),
        ["exp", "sin"],
    ),
    "one input too many": (
        topology.additive(2),
        lambda x: torch.exp(2 * x[:, [0]]),
        ["exp"],
    ),
}


@pytest.mark.parametrize("kind", KNOWN)
def test_the_search_ends_at_the_exact_formula(kind):
    shape, f, truth = KNOWN[kind]
    data = evidence(f, shape.n_in)
    found = list(search(splines(shape, data), data, FEW, lambda: False))
    best = found[-1]
    assert best.error < EXACT
    assert best.numeric == 0
    assert sorted(name.replace("cos", "sin") for name in names(best)) == truth
    assert all(one.error >= EXACT for one in found[:-1])


def test_the_search_goes_back_where_the_first_choice_was_wrong():
    """A parabola follows a short piece of a cosine; only when all have functions does it tell."""
    data = evidence(
        lambda x: torch.log(3 + torch.exp(0.5 * x[:, [0]]) + torch.cos(0.7 * x[:, [1]])), 2
    )
    net = splines(topology.composed(2), data)
    first = all_at_once(net, data, FEW)
    assert "x^2" in names(first)
    assert first.error > 1e-4
    found = list(search(net, data, FEW, lambda: False))
    assert names(found[-1]) == ["cos", "exp", "log"]
    assert found[-1].error < EXACT


def test_giving_up_ends_the_search():
    asked = []

    def give_up():
        asked.append(1)
        return len(asked) > 3

    data = evidence(lambda x: torch.sin(5 * x[:, [0]]) * x[:, [0]] + 0.1 * x[:, [1]], 2, 100)
    found = list(search(splines(topology.additive(2), data), data, FEW, give_up))
    assert len(found) <= 2
    assert len(asked) < 10
    assert not list(search(HELLO_SPLINES, HELLO, library.resolve(["x"]), lambda: True))


def test_what_is_yielded_has_its_true_error():
    data = evidence(lambda x: torch.sin(5 * x[:, [0]]) * x[:, [0]] + x[:, [1]], 2, 100)
    lib = library.resolve(["0", "x", "x^2", "sin"])
    asked = []
    stop = lambda: asked.append(1) or len(asked) > 40  # noqa: E731
    for one in search(splines(topology.additive(2), data), data, lib, stop, closest=0.0):
        assert one.error == pytest.approx(data.error(one.network))
        assert one.numeric == 0


def test_signature_tells_functions_and_removed_edges():
    net = copy.deepcopy(HELLO_SPLINES)
    assert functions.signature(net) == ()
    net.layers[0].set_symbolic(1, 0, library.get("x^2"), (1, 0, 1, 0))
    net.layers[0].alive[0, 0] = False
    assert functions.signature(net) == (((0, 0, 0), ""), ((0, 1, 0), "x^2"))


# ---------------------------------------------------------------------- evidence


def test_evidence_is_in_the_datas_own_units_in_float64():
    plain = hello_data(100)
    scaled = plain.normalized().to(torch.float32, "cpu")
    one, other = Evidence.of(plain), Evidence.of(scaled)
    for name in ("x", "y", "x_val", "y_val"):
        assert getattr(other, name).dtype == torch.float64
        torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=1e-5, atol=1e-5)
    assert one.spread == pytest.approx(float(plain.train_label.std(correction=0)))
    assert other.spread == pytest.approx(one.spread, rel=1e-5)


def test_evidence_is_the_first_samples_and_one_output_at_a_time():
    data = kanwidget.create_dataset(
        lambda x: torch.cat([x, 100 * x**2], 1), n_var=1, train_num=30, test_num=20
    )
    whole = Evidence.of(data, most=10)
    assert whole.x.shape == (10, 1)
    assert torch.equal(whole.y, data.train_label[:10])
    second = whole.of_output(1)
    assert torch.equal(second.y, whole.y[:, [1]])
    assert torch.equal(second.y_val, whole.y_val[:, [1]])
    assert second.spread == pytest.approx(float(whole.y[:, 1].std(correction=0)))


def test_errors_are_in_parts_of_the_spread_and_never_nan():
    data = HELLO
    zero = splines(topology.additive(2), evidence(lambda x: 0 * x[:, [0]], 2))
    truth = float((data.y_val).square().mean().sqrt()) / data.spread
    assert data.error(zero) == pytest.approx(truth, rel=1e-3)
    assert data.relative(float("nan")) == math.inf
    broken = copy.deepcopy(zero)
    broken.layers[0].set_symbolic(0, 0, library.get("log"), (1, 0, 1, 0))
    assert data.error(broken) == math.inf


def test_a_constant_label_has_a_spread_to_divide_by():
    data = kanwidget.create_dataset(lambda x: 0 * x + 7, n_var=1, train_num=20, test_num=20)
    assert Evidence.of(data).spread == 1.0
    two = kanwidget.create_dataset(
        lambda x: torch.cat([0 * x + 7, x], 1), n_var=1, train_num=20, test_num=20
    )
    assert Evidence.of(two).of_output(0).spread == 1.0
