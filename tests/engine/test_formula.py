import math
import random
import re
import subprocess
import sys
import time
from itertools import pairwise

import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import kanwidget
from kanwidget.features import silu
from kanwidget.formula import formula, symbolic_formula
from kanwidget.formula.evaluate import Evaluator
from kanwidget.formula.latex import latex, latex_name
from kanwidget.formula.structure import Structure
from kanwidget.layer import Layer
from kanwidget.network import Network
from kanwidget.symbolic import library
from tests.networks import hello_data, make_symbolic, mixed_model, points, remove_without_trace


def network(width, dtype=torch.float64, seed=0):
    """Width may hold, for a layer, the arity of each of its nodes in place of their number."""
    generator = torch.Generator().manual_seed(seed)
    arities = [[1] * nodes if isinstance(nodes, int) else nodes for nodes in width]
    return Network([
        Layer(
            len(below), sum(arity), arity=arity, grid=5, k=3, base_fun=silu, noise_scale=0.3,
            scale_base_mu=0.0, scale_base_sigma=1.0, grid_eps=0.02, grid_range=(-1, 1),
            sp_trainable=True, sb_trainable=True, sparse_init=False, extrapolation="linear",
            generator=generator, dtype=dtype,
        )
        for below, arity in pairwise(arities)
    ])  # fmt: skip


def inputs(n, count=300, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, n, generator=generator, dtype=torch.float64) * 2 - 1


def hello_world(error=1e-8):
    """exp(sin(πx) + y²) as a fit leaves it: every number off by about `error`, factors spread over edges."""
    model = network([2, 1, 1])
    first, second = model.layers
    first.set_symbolic(0, 0, library.get("sin"), (math.pi + error, error, 1.3, 0.2 + error))
    first.set_symbolic(1, 0, library.get("x^2"), (1, 2 * error, 1.3 * (1 + error), 0.1))
    second.set_symbolic(
        0, 0, library.get("exp"), (1 / 1.3 + error, 0, math.exp(-0.3 / 1.3) * (1 - error), error)
    )
    return model


def set_nodes(layer, **numbers):
    """Give the layer's nodes scales and biases."""
    for name, values in numbers.items():
        layer.nodes.put(name, torch.tensor(values, dtype=torch.float64))
    layer.nodes.changed()


def make_affine(model, rng):
    """Give some of the nodes and subnodes scales and biases, also such as 0 and 1."""
    for layer in model.layers:
        for name in ("subnode_scale", "subnode_bias", "node_scale", "node_bias"):
            size = len(getattr(layer.nodes, name))
            values = [rng.choice([0, 1, rng.uniform(-2, 2)]) for _ in range(size)]
            set_nodes(layer, **{name: values})


WIDTHS = st.lists(st.integers(1, 4), min_size=2, max_size=4)
ARITIES = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=3), min_size=1, max_size=3)
SEEDS = st.integers(0, 10**9)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(width=WIDTHS, seed=SEEDS)
def test_symbolic_network_equals_its_formula(width, seed):
    model, x = network(width), inputs(width[0])
    # at its jump sgn turns the last bit of its argument into 2
    functions = [function for function in library.resolve(None) if function.name != "sgn"]
    make_symbolic(model, x, functions, random.Random(seed))
    found = formula(model, x)
    assert found.full_error <= 1e-9
    assert len(found.expressions) == width[-1]
    assert found.definitions == []
    assert found.numeric_edges == 0


@settings(max_examples=40, deadline=None, derandomize=True)
@given(width=WIDTHS, seed=SEEDS)
def test_mixed_network_equals_its_formula(width, seed):
    rng = random.Random(seed)
    model, x = network(width), inputs(width[0])
    names = ("x", "0", "sin", "cos", "exp", "tanh", "x^2", "x^3", "abs")
    make_symbolic(model, x, [library.get(name) for name in names], rng)
    for layer in model.layers:
        for j in range(layer.n_out):
            for i in range(layer.n_in):
                layer.alive[j, i] = rng.random() < 0.8
                layer.symbolic[j, i] = rng.random() < 0.6
                layer.numeric[j, i] = rng.random() < 0.5
        layer.structure_changed()
    found = formula(model, x)
    assert found.full_error <= 1e-9
    assert found.text or found.shown_error <= 1e-3


@settings(max_examples=80, deadline=None, derandomize=True)
@given(inputs_count=st.integers(1, 3), arities=ARITIES, seed=SEEDS)
def test_network_of_products_equals_its_formula(inputs_count, arities, seed):
    rng = random.Random(seed)
    model, x = network([inputs_count, *arities]), inputs(inputs_count)
    if rng.random() < 0.7:
        make_affine(model, rng)
    for layer in model.layers:
        layer.alive = torch.tensor([[rng.random() < 0.8 for _ in row] for row in layer.alive])
    functions = [function for function in library.resolve(None) if function.name != "sgn"]
    make_symbolic(model, x, functions, rng)
    found = formula(model, x)
    assert found.full_error <= 1e-9
    assert found.text or found.shown_error <= 1e-3


@pytest.mark.parametrize("seed", range(10))
def test_mixed_network_of_products_equals_its_formula(seed):
    model = mixed_model((3, [1, 2], 2), mult_arity=[2, [2, 3], 2], seed=seed)
    make_affine(model, random.Random(seed))
    found = formula(model, inputs(3))
    assert found.full_error <= 1e-9
    assert found.text or found.shown_error <= 1e-3
    assert found.numeric_edges == len(
        set(re.findall(r"phi_\d_\d_\d", str(symbolic_formula(model))))
    )


def test_hello_world_is_displayed_clean():
    found = formula(hello_world(), inputs(2), var=["x", "y"])
    assert found.latex == r"e^{y^{2} + \sin{\left(3.1416 x \right)}}"
    assert found.full_error < 1e-12
    assert 1e-8 < found.shown_error < 1e-4
    assert found.digits == 4


def test_symbolic_formula_has_the_shape_of_pykans():
    expressions, variables = symbolic_formula(hello_world(), var=["\\alpha", "y"])
    assert [str(v) for v in variables] == ["\\alpha", "y"]
    slope = sympy.diff(expressions[0], variables[0])
    at = {variables[0]: 0.3, variables[1]: -0.5}
    expected = math.pi * math.cos(0.3 * math.pi) * math.exp(math.sin(0.3 * math.pi) + 0.25)
    assert float(slope.subs(at)) == pytest.approx(expected, rel=1e-6)


def test_rounded_symbolic_formula_is_what_is_shown():
    x, y = sympy.symbols("x y")
    expressions, _ = symbolic_formula(hello_world(), var=[x, y], digits=4)
    assert expressions == [sympy.exp(sympy.sin(sympy.Float("3.1416") * x) + y**2)]


def test_a_forward_pass_does_not_change_the_formula():
    model = hello_world()
    before = symbolic_formula(model)[0]
    model(inputs(2, seed=5) * 100)
    assert symbolic_formula(model)[0] == before


def test_small_factor_before_a_large_one_survives_rounding():
    model, x = network([1, 1]), inputs(1)
    model.layers[0].set_symbolic(0, 0, library.get("x^2"), (10, 0, 0.01, 0))
    found = formula(model, x, var=["x"], digits=2)
    assert found.latex == "x^{2}"
    assert found.shown_error < 1e-12


def test_factors_that_belong_together_are_one_and_honest():
    model, x = network([1, 1]), inputs(1)
    model.layers[0].set_symbolic(0, 0, library.get("x^2"), (-9.18, 0, 0.0118, 0))
    assert formula(model, x, var=["y"]).latex == "0.9944 y^{2}"
    model.layers[0].set_symbolic(0, 0, library.get("x^2"), (-9.18, 0, 9.18**-2 * (1 + 1e-6), 0))
    found = formula(model, x, var=["y"])
    assert found.latex == "y^{2}"
    assert found.shown_error == pytest.approx(1e-6, rel=1e-3)
    assert found.expressions != [sympy.Symbol("y") ** 2]


def test_the_formula_stays_the_network_through_everything():
    # pykan's issues #206, #276 and #508: after pruning, refining and forward passes it differed
    data = hello_data()
    model = kanwidget.KAN([2, 3, 1], noise_scale=0.5)
    model.fit(data, steps=3)
    model.prune_edge(0.05)
    model.refine(6)
    for l, i, j in model.edges()[::2]:
        model.fix_symbolic(l, i, j, ["sin", "x^2", "exp"][(i + j) % 3])
    model(points(500, 2, -3, 3))
    for other in (model, model.copy()):
        found = formula(other, data.train_input)
        assert found.full_error < 1e-12
        assert found.numeric_edges == sum(int((layer.kinds() & 1).sum()) for layer in other.layers)


def test_numeric_edges_are_named_not_dropped():
    model, x = hello_world(), inputs(2)
    model.layers[0].set_numeric(1, 0)
    found = formula(model, x, var=["x", "y"])
    assert r"\varphi_{0,1,0}\left(y\right)" in found.latex
    assert found.numeric_edges == 1
    assert found.full_error < 1e-12
    assert "phi_0_1_0(y)" in str(symbolic_formula(model, var=["x", "y"])[0][0])


def test_numeric_edges_before_a_constant_are_neither_shown_nor_counted():
    model = kanwidget.KAN([1, 1, 1], seed=1)
    x = points(20, 1, seed=0)
    model.get_act(x)
    assert formula(model, x).numeric_edges == 2
    model.fix_symbolic(1, 0, 0, "0")
    found = formula(model, x)
    assert not found.expressions[0].free_symbols
    assert found.numeric_edges == 0


def test_products_of_single_terms_stand_without_brackets():
    model, x = network([2, [2]]), inputs(2)
    (layer,) = model.layers
    layer.set_symbolic(0, 0, library.get("x"), (1, 0, 0.5, 1e-9))
    layer.set_symbolic(1, 1, library.get("x"), (1, 0, 2, 0))
    for i, j in [(1, 0), (0, 1)]:
        remove_without_trace(layer, i, j)
    found = formula(model, x, var=["x", "y"])
    assert found.latex == "x y"
    assert found.full_error < 1e-15
    assert 1e-10 < found.shown_error < 1e-8


def test_equal_factors_become_powers_and_exponentials_one():
    model, x = network([1, [4]]), inputs(1)
    for j, (name, a) in enumerate([("x", 1), ("x^2", 1), ("exp", 1), ("exp", 2)]):
        model.layers[0].set_symbolic(0, j, library.get(name), (a, 0, 1, 0))
    assert formula(model, x, var=["t"]).latex == "t^{3} e^{3 t}"


def test_what_could_cancel_stays():
    model = network([1, [2]])
    for j, name in enumerate(["x", "1/x"]):
        model.layers[0].set_symbolic(0, j, library.get(name), (1, 0, 1, 0))
    x = torch.tensor([[-1.0], [0.0], [2.0]], dtype=torch.float64)
    found = formula(model, x, var=["x"])
    assert model(x).isnan().flatten().tolist() == [False, True, False]
    assert found.latex == r"\frac{x}{x}"
    assert found.full_error == 0


def test_every_factor_of_a_product_of_sums_is_there():
    # pykan's issue #404: of three factors and more it wrote the wrong ones
    model, x = network([2, [3]]), inputs(2)
    edges = {"x": [(0, 0), (1, 0), (0, 1)], "x^2": [(1, 1), (0, 2)], "sin": [(1, 2)]}
    for name, places in edges.items():
        for i, j in places:
            model.layers[0].set_symbolic(i, j, library.get(name), (1, 0, 1 + i, j))
    found = formula(model, x, var=["x", "y"])
    first, second = r"\left(0.5 x + y\right)", r"\left(0.5 x + y^{2} + 1\right)"
    third = r"\left(0.5 x^{2} + \sin{\left(y \right)} + 2\right)"
    assert found.latex == f"8 {first} {second} {third}"
    assert found.full_error < 1e-14


def test_scales_and_biases_of_nodes_are_in_the_formula():
    model, x = network([1, [1, 2]]), inputs(1)
    (layer,) = model.layers
    for j in range(3):
        layer.set_symbolic(0, j, library.get("x"), (1, 0, 1, 0))
    set_nodes(
        layer, subnode_scale=[1.0, -2.0, 1.0], subnode_bias=[0.0, 2.0, 1.0],
        node_scale=[3.0, -1.0], node_bias=[1.0, 0.5],
    )  # fmt: skip
    found = formula(model, x, var=["t"])
    assert found.latex.splitlines()[1:3] == [
        r"y_{1} &= 3 t + 1 \\",
        r"y_{2} &= 2 t^{2} - 1.5",
    ]
    assert found.full_error < 1e-15


def test_products_that_are_not_nested_are_one_hidden_node_with_its_factors():
    found = formula(network([2, [1, 3], 1]), inputs(2))
    first, *hidden = found.latex.splitlines()[1:4]
    assert first == r"y &= \varphi_{1,0,0}\left(h_{0}\right) + \varphi_{1,1,0}\left(h_{1}\right) \\"
    assert [line.split(" &= ")[0] for line in hidden] == ["h_{0}", "h_{1}"]
    sums = [
        rf"\left(\varphi_{{0,0,{j}}}\left(x_{{1}}\right) + \varphi_{{0,1,{j}}}\left(x_{{2}}\right)\right)"
        for j in (1, 2, 3)
    ]
    assert hidden[1] == "h_{1} &= " + " ".join(sums)
    assert found.full_error < 1e-14


def test_a_factor_of_zero_takes_its_edges_out_of_the_formula():
    model, x = network([2, [1, 2], 1]), inputs(2)
    for i in range(2):
        remove_without_trace(model.layers[0], i, 2)
    found = formula(model, x)
    assert found.numeric_edges == 4
    assert "varphi_{0,0,1}" not in found.latex
    assert found.full_error < 1e-14
    set_nodes(model.layers[0], subnode_bias=[0.0, 0.0, 0.7])
    assert formula(model, x).numeric_edges == 6


def test_terms_of_a_product_are_counted():
    model = network([4, [4], [4], 1])
    make_symbolic(model, inputs(4), [library.get("sin")], random.Random(0))
    assert Structure(model).terms == 4 * 4 * 4
    found = formula(model, inputs(4))
    assert found.text.startswith("The formula has 64 terms")
    assert found.full_error < 1e-12


def test_deeply_nested_products_are_written_in_a_moment():
    model, x = network([2, [2, 2], [2, 2], [2]]), inputs(2)
    functions = [library.get(name) for name in ("exp", "x^1.5", "sinh", "arctanh", "sqrt")]
    make_symbolic(model, x, functions, random.Random(3))
    expressions, _ = symbolic_formula(model)
    start = time.perf_counter()
    written = latex(expressions[0])
    assert time.perf_counter() - start < 2
    assert written.count(r"\left(") == written.count(r"\right)") > 20


def test_a_curve_of_a_constant_is_no_number():
    model, x = network([1, 1, 1, 1]), inputs(1)
    remove_without_trace(model.layers[0], 0, 0)
    model.layers[2].set_symbolic(0, 0, library.get("abs"), (2, 1, 1, 0))
    found = formula(model, x)
    assert found.latex == r"2 \left|{\varphi_{1,0,0}\left(0\right) + 0.5}\right|"
    assert found.full_error < 1e-15


def test_edge_that_is_both_is_the_sum_of_curve_and_function():
    model, x = network([1, 1]), inputs(1)
    model.layers[0].set_symbolic(0, 0, library.get("sin"), (2, 0, 1, 0))
    model.layers[0].numeric[0, 0] = True
    found = formula(model, x, var=["x"])
    assert r"\varphi_{0,0,0}\left(x\right)" in found.latex
    assert r"\sin{\left(2 x \right)}" in found.latex
    assert found.full_error < 1e-12


def test_removed_edges_are_not_in_the_formula():
    model, x = hello_world(), inputs(2)
    remove_without_trace(model.layers[0], 1, 0)
    found = formula(model, x, var=["x", "y"])
    assert found.expressions[0].free_symbols == {sympy.Symbol("x")}
    assert found.full_error < 1e-12


def test_empty_network_has_the_formula_zero():
    model = network([2, 3, 1])
    for layer in model.layers:
        layer.alive[:] = False
    found = formula(model, inputs(2))
    assert found.latex == "0"
    assert found.full_error == 0


def test_many_numeric_edges_are_written_layer_by_layer():
    found = formula(network([2, 5, 1]), inputs(2))
    assert found.latex.startswith(r"\begin{aligned}")
    assert found.latex.count("&=") == 6
    assert set(re.findall(r"h_\{\d\}", found.latex)) == {f"h_{{{j}}}" for j in range(5)}
    assert found.full_error < 1e-12


def test_large_networks_get_a_sentence_and_quickly():
    found = formula(network([40, 30, 10], dtype=torch.float32), torch.rand(5, 40))
    assert found.latex == ""
    assert found.text.startswith("The network has 1500 edges, 1500 of them numeric")
    assert found.full_error is None


def test_long_symbolic_formula_is_measured_but_not_shown():
    model, x = network([3, 5, 5, 1]), inputs(3)
    functions = [library.get(name) for name in ("sin", "x^2", "tanh", "exp")]
    make_symbolic(model, x, functions, random.Random(0))
    found = formula(model, x)
    assert (
        found.text == "The formula has 75 terms, too many to show; symbolic_formula() returns it."
    )
    assert (found.latex, found.shown_error) == ("", None)
    assert found.full_error < 1e-12
    assert found.expressions == symbolic_formula(model)[0]


def test_several_outputs_come_in_one_aligned_environment():
    model = network([1, 2])
    for j, name in enumerate(["sin", "exp"]):
        model.layers[0].set_symbolic(0, j, library.get(name), (1, 0, 1, 0))
    assert formula(model, inputs(1), var=["t"]).latex == (
        "\\begin{aligned}\ny_{1} &= \\sin{\\left(t \\right)} \\\\\ny_{2} &= e^{t}\n\\end{aligned}"
    )


def test_negligible_terms_go_only_from_the_shown_form_and_count_as_error():
    model, x = network([2, 1]), inputs(2)
    model.layers[0].set_symbolic(0, 0, library.get("x"), (1, 0, 1, 0))
    model.layers[0].set_symbolic(1, 0, library.get("sin"), (1, 0, 2e-5, 0))
    found = formula(model, x, var=["u", "v"])
    assert found.latex == "u"
    assert len(found.expressions[0].free_symbols) == 2
    assert 1e-5 < found.shown_error < 3e-5


def test_more_digits_are_taken_where_few_would_change_the_formula():
    model, x = network([1, 1]), inputs(1)
    model.layers[0].set_symbolic(0, 0, library.get("sin"), (123.456789, 0, 1, 0))
    found = formula(model, x, digits=2)
    assert found.digits > 2
    assert found.shown_error <= 0.1


@pytest.mark.parametrize(
    ("name", "params", "shown"),
    [
        ("sin", (-3, 0, 1, 0), r"- \sin{\left(3 x \right)}"),
        ("sin", (3, math.pi, 1, 0), r"- \sin{\left(3 x \right)}"),
        ("sin", (3, 20.5 * math.pi, 1, 0), r"\cos{\left(3 x \right)}"),
        ("cos", (-3, 0, -1, 1), r"1 - \cos{\left(3 x \right)}"),
        ("sin", (3, math.pi / 2 + 1e-9, 1, 0), r"\sin{\left(3 x + 1.5708 \right)}"),
        ("cos", (3, -math.pi / 2, 1, 0), r"\sin{\left(3 x \right)}"),
        ("cos", (3, math.pi / 2, 2, 0), r"- 2 \sin{\left(3 x \right)}"),
        ("sin", (math.pi, 2 * math.pi, 1, 0), r"\sin{\left(\pi x \right)}"),
        (
            "sin",
            (math.pi / 2, math.pi / 3, 1, 0),
            r"\sin{\left(\frac{\pi x}{2} + \frac{\pi}{3} \right)}",
        ),
        ("exp", (2, 1, 1, 0), r"e^{2 x + 1}"),
        ("exp", (2, 1.001, 1, 0), r"2.721 e^{2 x}"),
        ("log", (2, 4, 1, 0), r"\log{\left(x + 2 \right)} + \log{\left(2 \right)}"),
        ("x^3", (2, 1, 1, 0), r"8 \left(x + 0.5\right)^{3}"),
        ("1/x", (4, 8, 2, 0), r"\frac{0.5}{x + 2}"),
        ("sgn", (-2, 1, 1, 0), r"- \operatorname{sign}{\left(x - 0.5 \right)}"),
        ("sqrt", (2, 4, 1, 0), r"\sqrt{2 x + 4}"),
        ("gaussian", (-2, 0, 3, 0), r"3 e^{- 4 x^{2}}"),
        ("sigmoid", (-2, 0, 1, 0), r"1 - \frac{1}{1 + e^{- 2 x}}"),
        ("arccos", (-0.5, 0, 1, 0), r"\pi - \operatorname{acos}{\left(0.5 x \right)}"),
        ("abs", (-2, 0, 1, 0), r"2 \left|{x}\right|"),
        ("x", (2, 1, 3, 1), r"6 x + 4"),
        ("0", (2, 1, 3, 1.5), r"1.5"),
    ],
)
def test_edges_take_their_readable_form(name, params, shown):
    model, x = network([1, 1]), inputs(1)
    model.layers[0].set_symbolic(0, 0, library.get(name), params)
    found = formula(model, x, var=["x"])
    assert found.latex == shown
    assert found.full_error < 1e-12


def test_own_functions_are_evaluated_and_named_safely():
    model, x = network([1, 1]), inputs(1)
    bessel = library.own_function("J_0 \\href{x}", torch.special.bessel_j0)
    model.layers[0].set_symbolic(0, 0, bessel, (1, 0.5, 2, 0))
    found = formula(model, x, var=["x"])
    assert found.latex == r"2 \text{J\_0 \textbackslash{}href\{x\}}\left(x + 0.5\right)"
    assert found.full_error < 1e-12


def test_float32_network_is_measured_in_its_own_precision():
    model = network([1, 1], dtype=torch.float32)
    model.layers[0].set_symbolic(0, 0, library.get("exp"), (2, 0, 1, 0))
    assert 0 < formula(model, inputs(1).float()).full_error < 1e-6


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("x", "x"),
        ("x_1", "x_{1}"),
        ("x12", "x_{12}"),
        ("alpha", r"\alpha"),
        ("\\alpha", r"\alpha"),
        ("\\theta_{2}", r"\theta_{2}"),
        ("T_max", r"T_{\text{max}}"),
        ("semi_major axis", r"\text{semi\_major axis}"),
        ("distance", r"\text{distance}"),
        ("距离", r"\text{距离}"),
        (
            "\\href{javascript:alert(1)}{x}",
            r"\text{\textbackslash{}href\{javascript:alert(1)\}\{x\}}",
        ),
        ("}\\def\\x{", r"\text{\}\textbackslash{}def\textbackslash{}x\{}"),
        ("a\n\nb $&#%^~", r"\text{a b \$\&\#\%\textasciicircum{}\textasciitilde{}}"),
        ("\\input", r"\text{\textbackslash{}input}"),
    ],
)
def test_names_are_shown_and_inject_nothing(name, latex):
    assert latex_name(name) == latex


def test_any_column_name_can_be_an_input():
    found = formula(hello_world(), inputs(2), var=["semi_major axis", "\\alpha"])
    assert found.latex == r"e^{\alpha^{2} + \sin{\left(3.1416 \text{semi\_major axis} \right)}}"


@pytest.mark.parametrize(
    ("var", "error", "message"),
    [
        ("xy", TypeError, "var must be a list"),
        (["x"], ValueError, "var has 1 names; the network has 2 inputs"),
        (["x", "x"], ValueError, "var names an input twice: x, x"),
        (["x", 3], TypeError, "not 3"),
        (["x", ""], TypeError, "not ''"),
    ],
)
def test_wrong_names_are_explained(var, error, message):
    with pytest.raises(error, match=message):
        symbolic_formula(hello_world(), var=var)


def test_wrong_digits_are_explained():
    with pytest.raises(ValueError, match="digits must be from 1 to 12, not 0"):
        formula(hello_world(), inputs(2), digits=0)
    with pytest.raises(TypeError, match=r"digits must be an int, not 2\.5"):
        formula(hello_world(), inputs(2), digits=2.5)


def test_data_without_rows_is_refused_and_no_data_measures_nothing():
    with pytest.raises(ValueError, match="x has no rows"):
        formula(hello_world(), inputs(2, count=0))
    found = formula(hello_world(), var=["x", "y"])
    assert found.latex == r"e^{y^{2} + \sin{\left(3.1416 x \right)}}"
    assert found.full_error is None


def test_formula_too_long_to_write_out_is_refused():
    model = network([10, 10, 10, 10, 10])
    with pytest.raises(ValueError, match="100000 terms"):
        symbolic_formula(model)


def test_sympy_is_not_loaded_before_a_formula_is_wanted():
    code = "import sys, kanwidget.formula; assert 'sympy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# ---------------------------------------------------------------------- holes

HOLES = ["log", "1/x", "1/x^2", "sqrt", "1/sqrt(x)", "arctanh", "arcsin", "abs"]


@pytest.mark.parametrize("above", ["x", "sgn"])
@pytest.mark.parametrize("name", HOLES)
def test_a_formula_is_nan_where_its_network_is(name, above):
    model = network([1, 1, 1])
    model.layers[0].set_symbolic(0, 0, library.get(name), (1.0, 0.0, 1.0, 0.0))
    model.layers[1].set_symbolic(0, 0, library.get(above), (1.0, 0.0, 1.0, 0.0))
    x = torch.tensor([[-2.0], [-1.0], [-0.5], [0.0], [0.5], [1.0], [2.0], [math.nan]]).double()
    with torch.no_grad():
        truth = model(x)[:, 0]
    assert truth.isnan().any()
    assert formula(model, x).full_error == 0
    (expression,), (symbol,) = symbolic_formula(model)
    values = Evaluator(model, {symbol: x[:, 0]})(expression)
    torch.testing.assert_close(values, truth, equal_nan=True)


def test_a_power_with_a_decimal_below_0_has_a_hole_at_0():
    x = sympy.Symbol("x")
    values = Evaluator(network([1, 1]), {x: torch.tensor([0.0, 4.0]).double()})
    assert values(x**-0.5).tolist()[1] == 0.5
    assert values(x**-0.5)[0].isnan()
    assert values(x**-1.7)[0].isnan()
