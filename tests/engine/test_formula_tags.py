"""Every part of a formula says which edge it comes from."""

import re

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kanwidget.formula import formula
from kanwidget.formula.tags import untagged
from tests.engine.test_formula import hello_world, inputs, network
from tests.engine.test_formula_random import LAYERS, NETWORKS, Random
from tests.engine.test_formula_rewriting import built, polarised, quotient
from tests.networks import points

EDGE = re.compile(r"\d+-\d+-\d+")


def tagged(model, x, **options):
    found = formula(model, x, tagged=True, **options)
    assert untagged(found.tagged_latex) == found.latex
    return found


def tags(found):
    """All edges that are named anywhere."""
    names = re.findall(r"\\htmlData\{edge=([^}]*)\}", found.tagged_latex)
    edges = {tuple(map(int, edge.split("-"))) for name in names for edge in name.split(" ")}

    def of(terms):
        for term in terms:
            yield from term.edges
            yield from of(term.children)

    assert set(of(term for terms in found.terms for term in terms)) == edges
    return edges


def test_every_term_of_the_hello_world_is_its_edge():
    found = tagged(hello_world(), inputs(2), var=["x", "y"])
    assert found.tagged_latex == (
        r"\htmlData{edge=1-0-0}{e^{\htmlData{edge=0-1-0}{y^{2}} + "
        r"\htmlData{edge=0-0-0}{\sin{\left(3.1416 x \right)}}}}"
    )
    ((whole,),) = found.terms
    assert whole.edges == ((1, 0, 0),)
    assert whole.latex == found.latex
    assert [(child.edges, child.latex) for child in whole.children] == [
        (((0, 1, 0),), "y^{2}"),
        (((0, 0, 0),), r"\sin{\left(3.1416 x \right)}"),
    ]


def test_without_asking_there_are_no_tags():
    found = formula(hello_world(), inputs(2))
    assert found.tagged_latex == ""
    assert found.terms == []


def test_the_same_function_at_two_places_is_two_edges():
    model = built(
        {
            (0, 0, 0): ("sin", (1, 0, 1, 0)),
            (0, 0, 1): ("sin", (1, 0, 1, 0)),
            (1, 0, 0): ("exp", (1, 0, 1, 0)),
            (1, 1, 0): ("tanh", (1, 0, 1, 0)),
        },
        [1, 2, 1],
    )
    found = tagged(model, inputs(1), var=["x"])
    assert r"\htmlData{edge=1-0-0}{e^{\htmlData{edge=0-0-0}{\sin" in found.tagged_latex
    tanh = r"\htmlData{edge=1-1-0}{\tanh{\left(\htmlData{edge=0-0-1}{\sin"
    assert tanh in found.tagged_latex


def test_terms_merged_from_two_edges_name_both():
    model = built(
        {
            (0, 0, 0): ("x", (1, 0, 1, 0)),
            (0, 0, 1): ("x", (1, 0, 2, 0)),
            (1, 0, 0): ("x", (1, 0, 1, 0)),
            (1, 1, 0): ("x", (1, 0, 1, 0)),
        },
        [1, 2, 1],
    )
    found = tagged(model, inputs(1), var=["x"])
    assert found.tagged_latex == r"\htmlData{edge=1-1-0 1-0-0 0-0-1 0-0-0}{3 x}"


def test_equal_functions_of_equal_sums_name_the_edges_of_both():
    model = built(
        {
            **{(0, i, j): ("x", (1, 0, 1, 0)) for i in range(2) for j in range(2)},
            (1, 0, 0): ("sin", (1, 0, 1, 0)),
            (1, 1, 0): ("sin", (1, 0, 1, 0)),
        },
        [2, 2, 1],
    )
    found = tagged(model, inputs(2), var=["x", "y"])
    assert found.latex == r"2 \sin{\left(x + y \right)}"
    assert found.tagged_latex == (
        r"\htmlData{edge=1-1-0 1-0-0}{2 \sin{\left(\htmlData{edge=0-0-1 0-0-0}{x} + "
        r"\htmlData{edge=0-1-1 0-1-0}{y} \right)}}"
    )


def test_shorter_forms_keep_the_edges_they_come_from():
    product = tagged(polarised(1e-9), inputs(2), var=["x", "y"])
    assert product.tagged_latex == (
        r"\htmlData{edge=1-1-0 1-0-0}{\htmlData{edge=0-0-1 0-0-0}{x} \htmlData{edge=0-1-1 0-1-0}{y}}"
    )
    fraction = tagged(quotient(), points(100, 2, 0.5, 2), var=["x", "y"])
    assert fraction.tagged_latex == (
        r"\htmlData{edge=1-0-0}{\frac{\htmlData{edge=0-0-0}{x}}{\htmlData{edge=0-1-0}{y}}}"
    )


def test_a_shorter_form_inside_a_function_keeps_its_edges():
    edges = {
        (0, 0, 0): ("x", (1, 0, 1, 0)),
        (0, 1, 0): ("x", (1, 0, 1, 0)),
        (0, 0, 1): ("x", (1, 0, 1, 0)),
        (0, 1, 1): ("x", (1, 0, -1, 0)),
        (1, 0, 0): ("x^2", (1, 0, 0.25, 0)),
        (1, 1, 0): ("x^2", (1, 0, -0.25, 0)),
        (2, 0, 0): ("exp", (1, 0, 1, 0)),
    }
    found = tagged(built(edges, [2, 2, 1, 1]), inputs(2), var=["x", "y"])
    assert found.latex == "e^{x y}"
    assert found.tagged_latex.startswith(
        r"\htmlData{edge=2-0-0}{e^{\htmlData{edge=1-1-0 1-0-0}{\htmlData{edge=0-0-1 0-0-0}{x}"
    )
    assert tags(found) == set(edges)


def test_factors_of_products_name_their_own_edges():
    model = network([2, [2]])
    for i in range(2):
        for j, name in enumerate(["x", "x^2"]):
            from kanwidget.symbolic import library

            model.layers[0].set_symbolic(i, j, library.get(name), (1, 0, 1 + i, 1))
    found = tagged(model, inputs(2), var=["x", "y"])
    assert r"\htmlData{edge=0-0-0}{0.5 x}" in found.tagged_latex
    assert r"\htmlData{edge=0-1-0}{y}" in found.tagged_latex
    assert r"\htmlData{edge=0-1-1}{y^{2}}" in found.tagged_latex


def test_placeholders_and_hidden_nodes_are_tagged():
    found = tagged(network([2, 5, 1]), inputs(2))
    assert r"\htmlData{edge=1-3-0}{\varphi_{1,3,0}\left(h_{3}\right)}" in found.tagged_latex
    assert len(tags(found)) == 15
    assert len(found.terms) == 6


def test_long_arguments_are_tagged_too():
    edges = {(0, i, 0): ("sin", (1.5 + i, 0.1 * i, 1, 0)) for i in range(4)}
    edges |= {(0, i, 1): ("tanh", (1.5 + i, 0.1 * i, 1, 0)) for i in range(4)}
    edges |= {(1, 0, 0): ("exp", (1, 0, 1, 0)), (1, 1, 0): ("sqrt", (0.1, 5, 1, 0))}
    edges |= {(2, 0, 0): ("sin", (0.7, 0, 1, 0))}
    found = tagged(built(edges, [4, 2, 1, 1]), inputs(4))
    assert tags(found) == set(edges)


def test_tags_name_columns_safely():
    found = tagged(hello_world(), inputs(2), var=["a}{b", r"\href{x}{y}"])
    assert tags(found) == {(0, 0, 0), (0, 1, 0), (1, 0, 0)}


@settings(max_examples=NETWORKS, deadline=None, suppress_health_check=list(HealthCheck))
@given(n=st.integers(1, 3), layers=LAYERS, seed=st.integers(0, 10**9), symbolic=st.booleans())
def test_tags_change_nothing_and_name_every_edge_that_counts(n, layers, seed, symbolic):
    case = Random(n, layers, seed, symbolic)
    found = formula(case.model, case.x, tagged=True)
    if not found.latex:
        return
    assert untagged(found.tagged_latex) == found.latex
    truth, named = case.truth(), tags(found)
    for l, i, j in case.model.edges():
        layer = case.model.layers[l]
        assert 0 <= l < case.model.depth
        layer.alive[j, i] = False
        kept = layer.left[j, i].clone()
        layer.left[j, i] = 0.37
        layer.structure_changed()
        change = np.abs(case.truth() - truth)
        layer.alive[j, i], layer.left[j, i] = True, kept
        layer.structure_changed()
        # an edge that adds a constant alone is a number of the formula, not a term
        if np.ptp(change, axis=0).max() > 0.05 * np.abs(truth).max():
            assert (l, i, j) in named
    assert (case.truth() == truth).all()
    assert named <= set(case.model.edges())
