import pytest
import sympy
import torch

import kanwidget
from kanwidget.formula import formula
from kanwidget.formula.tags import untagged


def two_outputs():
    """x² and φ(y), each with a constant, and data on which they are measured."""
    model = kanwidget.KAN([2, 2], seed=0).double()
    x = torch.rand(100, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    model(x)
    model.calibration = x
    for edge in ((0, 1, 0), (0, 0, 1)):
        model.remove_edge(*edge)
    model.fix_symbolic(0, 0, 0, "x^2", fit_params_bool=False)
    return model, x


def test_every_output_has_its_own_latex_error_and_number_of_numeric_edges():
    model, x = two_outputs()
    found = formula(model, x, tagged=True)
    square, curve = found.outputs
    assert square.latex.startswith(r"y_{1} = \htmlData{edge=0-0-0}{x_{1}^{2}}")
    assert untagged(curve.latex).startswith(r"y_{2} = \varphi_{0,1,1}\left(x_{2}\right)")
    assert (square.numeric_edges, curve.numeric_edges) == (0, 1)
    assert max(square.full_error, curve.full_error) <= 1e-12
    for output in found.outputs:
        assert untagged(output.latex).replace(" = ", " &= ") in found.latex


def test_the_error_of_an_output_is_relative_to_that_output():
    model, x = two_outputs()
    model.fix_symbolic(0, 1, 1, "x", fit_params_bool=False)
    with torch.no_grad():
        model.layers[0].affine[1, 1] = torch.tensor([1.0, 0.0, 1e-3 * 1.23456789, 0.0]).double()
    found = formula(model, x, tagged=True, digits=2)
    large, small = (each.shown_error for each in found.outputs)
    scales = model(x).detach().abs().amax(0)
    assert small > 0
    assert found.shown_error == pytest.approx(max(large, small * float(scales[1] / scales[0])))


def test_an_output_comes_with_the_hidden_nodes_that_it_is_made_of_and_no_others():
    model = kanwidget.KAN([2, 9, 2], seed=0)
    x = torch.rand(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    model(x)
    for l, i, j in model.edges():
        if l == 1 and (i > 6) == (j == 0):
            model.remove_edge(l, i, j)
    first, second = formula(model, x, tagged=True).outputs
    assert "h_{6} &=" in first.latex
    assert "h_{7}" not in first.latex
    assert "h_{7} &=" in second.latex
    assert "h_{6}" not in second.latex


def test_all_digits_show_every_number_in_full():
    model, x = two_outputs()
    model.fix_symbolic(0, 1, 1, "x", fit_params_bool=False)
    with torch.no_grad():
        model.layers[0].affine[1, 1] = torch.tensor(
            [1.0, 0.0, 0.123456789012345, 0.0], dtype=torch.float64
        )
    found = formula(model, x, digits=None)
    assert found.digits is None
    assert found.shown_error <= 1e-14
    assert "0.123456789012345" in found.latex
    assert sympy.Float(0.123456789012345) in found.shown_expressions[1].atoms(sympy.Float)
