"""Symbolic work: suggestions, fixing an edge, fits to many edges, formulas, symbolic forward."""

import random

import pytest
import torch

from kanwidget.formula import formula
from kanwidget.symbolic import library
from kanwidget.symbolic.affine_fit import affine_fit
from kanwidget.symbolic.cache import fits_of
from tests.benchmarks import contestants
from tests.benchmarks.contestants import quiet
from tests.benchmarks.measure import interleave
from tests.benchmarks.rows import SYMBOLIC_WIDTH
from tests.networks import points

WIDTH, SAMPLES = [2, 5, 1], 1000


@pytest.fixture
def ours(hello_data):
    model = contestants.ours(WIDTH)
    model.fit(hello_data(), steps=20, lamb=0.01, lamb_entropy=10.0)
    return model


@pytest.fixture
def theirs(hello_data):
    model = contestants.pykan(WIDTH)
    with quiet():
        model.get_act(hello_data().train_input.float())
    return model


def test_suggestions_for_one_edge(table, ours, theirs):
    edge = ours.edges()[0]
    note = f"{len(library.resolve(None))} functions"

    def suggest_theirs():
        with quiet():
            theirs.suggest_symbolic(*edge, verbose=False)

    def suggest_ours():
        fits_of(ours).forget()
        ours.suggest_symbolic(*edge)

    suggest_ours()
    works = {"ours": suggest_ours, "pykan": suggest_theirs}
    # pykan's takes many seconds: once is enough
    times = interleave(works, seconds=0, least=1, warm=False)
    times.seconds["ours"] = interleave({"ours": works["ours"]}, seconds=2).seconds["ours"]
    table.fill("suggest", times.median("ours"), times.median("pykan"), note)


def test_suggestions_for_all_edges(table):
    model = contestants.ours(SYMBOLIC_WIDTH)
    model.get_act(points(SAMPLES, SYMBOLIC_WIDTH[0]))
    edges = model.edges()

    def suggest():
        fits_of(model).forget()
        model.suggest_symbolic_all()

    table.times("suggest all", interleave({"ours": suggest}, seconds=4), note=f"{len(edges)} edges")
    again = interleave({"ours": model.suggest_symbolic_all}, seconds=1)
    table.times("suggest again", again, note=f"{len(edges)} edges")


def test_fixing_one_edge(table, ours, theirs):
    def fix_ours():
        fits_of(ours).forget()
        ours.fix_symbolic(0, 0, 0, "sin")
        ours.unfix_symbolic(0, 0, 0)

    def fix_theirs():
        with quiet():
            theirs.fix_symbolic(0, 0, 0, "sin", verbose=False)
            theirs.unfix_symbolic(0, 0, 0)

    times = interleave({"ours": fix_ours, "pykan": fix_theirs}, seconds=5, least=5)
    table.times("fix", times, "pykan", note="and unfix_symbolic")


def test_affine_fits_of_all_edges_of_a_layer(table):
    x = points(SAMPLES, 1).T.expand(140, -1)
    speeds = torch.linspace(1, 14, 140, dtype=x.dtype)[:, None]
    y, functions = torch.sin(speeds * x), library.resolve(None)
    times = interleave({"ours": lambda: affine_fit(x, y, functions)}, seconds=4, least=3)
    table.times("affine", times, note=f"{len(functions)} functions")


def test_formula(table, hello_data, ours):
    ours.prune()
    ours.auto_symbolic()
    x = hello_data().train_input
    table.times("formula", interleave({"ours": lambda: formula(ours, x)}, seconds=2))


def test_forward_with_every_edge_symbolic(table):
    """Ours in float64, as a network that is read as a formula is; pykan in float32, as it comes."""
    names, number = ["sin", "x^2", "tanh", "exp"], random.Random(0)
    model = contestants.ours(SYMBOLIC_WIDTH)
    theirs = contestants.pykan(SYMBOLIC_WIDTH, auto_save=False)
    x = points(SAMPLES, SYMBOLIC_WIDTH[0])
    model.get_act(x)
    with quiet():
        for l, i, j in model.edges():
            name = number.choice(names)
            model.fix_symbolic(l, i, j, name, False)
            theirs.fix_symbolic(
                l, i, j, name, fit_params_bool=False, verbose=False, log_history=False
            )
            # small numbers, so that nothing grows beyond bounds
            affine = [number.uniform(-0.3, 0.3) for _ in range(4)]
            model.layers[l].affine.data[j, i] = torch.tensor(affine, dtype=model.dtype)
            theirs.symbolic_fun[l].affine.data[j, i] = torch.tensor(affine)
    lean = x.float()
    with torch.no_grad():
        torch.testing.assert_close(model(x).float(), theirs(lean), rtol=1e-3, atol=1e-3)
        works = {"ours": lambda: model(x), "pykan": lambda: theirs(lean)}
        table.times("symbolic", interleave(works, seconds=4), "pykan", note="float64")
