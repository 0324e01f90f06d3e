"""What pykan's operations on the structure mean, with its numbers loaded."""

import copy

import pytest
import torch

import kanwidget
from kanwidget import grids
from tests.networks import points
from tests.parity.test_pykan import both, close, load, pykan  # noqa: F401

WIDTHS = [[2, 5, 1], [2, 3, 2], [4, 3, 2, 3]]
PRODUCTS = [3, [2, 2], 2]
every_width = pytest.mark.parametrize("width", WIDTHS, ids=str)


def attributed(pykan, width, **options):  # noqa: F811
    """A network of pykan's that has seen data, and ours."""
    theirs, ours = both(pykan, width, **options)
    x = points(200, ours.width[0])
    theirs.get_act(x)
    ours.get_act(x)
    return theirs, ours, x


@pytest.mark.parametrize("width", [*WIDTHS, PRODUCTS], ids=str)
def test_attribution_and_interaction_are_pykans(pykan, width):  # noqa: F811
    theirs, ours, _ = attributed(pykan, width)  # pykan fails where arities are given as lists
    theirs.attribute(plot=False)
    close(ours.feature_score, theirs.feature_score)
    for l in range(1, ours.depth + 1):
        expected = theirs.attribute(l, plot=False)
        close(ours.attribute(l), expected)
        close(ours.attribute(l, 0), theirs.attribute(l, 0, plot=False))
        for thresholds in ((1e-2, 1e-2), (0.1, 0.3)):
            found = ours.feature_interaction(l, *thresholds)
            assert found == {
                tuple(map(int, features)): count
                for features, count in theirs.feature_interaction(l, *thresholds).items()
            }
    theirs.node_attribute()
    for scores, expected in zip(ours.node_attribute(), theirs.node_attribute_scores, strict=True):
        close(scores, expected)


@every_width
def test_connection_cost_is_pykans(pykan, width):  # noqa: F811
    theirs, ours, _ = attributed(pykan, width)
    theirs.attribute(plot=False)
    close(ours.connection_cost, theirs.connection_cost)


def test_auto_swap_costs_no_more_than_pykans(pykan):  # noqa: F811
    for seed in range(3):
        theirs, ours, x = attributed(pykan, [4, 5, 3], symbolic=False, seed=seed)
        theirs.auto_swap()
        theirs.get_act(x)
        theirs.attribute(plot=False)
        ours.auto_swap()
        assert float(ours.connection_cost) <= float(theirs.connection_cost.detach()) * (1 + 1e-6)


@pytest.mark.parametrize("width", [[2, 5], [5, 2], [3, 3], [1, 4], [7, 4], [4, 6, 2, 5]], ids=str)
def test_a_sparse_start_is_pykans(pykan, width):  # noqa: F811
    theirs = pykan(width, sparse_init=True)
    ours = kanwidget.KAN(width, sparse_init=True)
    for layer, act in zip(ours.layers, theirs.act_fun, strict=True):
        assert torch.equal(layer.alive, act.mask.T > 0)


@every_width
def test_refined_grids_are_pykans_where_a_whole_factor_finer(pykan, width):  # noqa: F811
    theirs, ours, x = attributed(pykan, width, grid=3)
    finer = pykan(width, grid=9)
    finer.initialize_from_another_model(theirs, x)
    before = ours(x)
    ours.refine(9)
    for layer, act in zip(ours.layers, finer.act_fun, strict=True):
        close(grids.grid_points(layer.knots, 3), grids.grid_points(act.grid, 3))
    # outside the grid pykan's splines decay faster on finer knots; ours stay as they were
    close(ours(x), before, 1e-12)


@every_width
def test_pruned_inputs_leave_pykans_function_but_for_their_means(pykan, width):  # noqa: F811
    # with functions on edges of later layers pykan forgets these
    theirs, ours, x = attributed(pykan, width, symbolic=False)
    pruned = theirs.prune_input(active_inputs=[1], log_history=False)
    ours.calibration = None  # without data nothing is left behind, as in pykan
    ours.prune_input(active_inputs=[1])
    close(ours(x), pruned(x))


def test_swapped_nodes_are_pykans(pykan):  # noqa: F811
    # with functions on edges pykan swaps their names but not what is computed
    theirs, ours, x = attributed(pykan, [4, 3, 2, 3], symbolic=False)
    for l in (1, 2):
        theirs.swap(l, 0, 1, log_history=False)
        ours.swap(l, 0, 1)
    close(ours(x), theirs(x))
    again = load(theirs, [4, 3, 2, 3], 5, 3)
    for layer, expected in zip(ours.layers, again.layers, strict=True):
        close(layer.coef, expected.coef)
        assert torch.equal(layer.kinds(), expected.kinds())


def test_an_expanded_network_of_functions_is_pykans(pykan):  # noqa: F811
    """pykan expands networks of functions only: all that has splines it throws away."""
    theirs = pykan([2, 2, 1], grid=5, mult_arity=[[], [], []])
    ours, x = load(theirs, [2, 2, 1], 5, 3), points(200, 2)
    ours.get_act(x)
    for l, layer in enumerate(ours.layers):
        for i in range(layer.n_in):
            for j in range(layer.n_out):
                theirs.fix_symbolic(l, i, j, "sin", fit_params_bool=False, verbose=False)
                ours.fix_symbolic(l, i, j, "sin", fit_params_bool=False)
    before = copy.deepcopy(ours)(x)
    theirs.expand_width(1, 2)
    theirs.expand_depth()
    ours.expand_width(1, 2)
    ours.expand_depth()
    assert ours.width == [2, 4, 1, 1] == [sum(each) for each in theirs.width]
    close(ours(x), before)
    close(theirs(x), before)
