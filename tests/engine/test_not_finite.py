"""Networks whose numbers have become NaN say so, in one sentence."""

import pytest
import torch

import kanwidget
from kanwidget.formula import formula
from tests.networks import hello_data


def broken():
    model = kanwidget.KAN([2, 2, 1], seed=1)
    model.get_act(hello_data(40))
    model.auto_symbolic()
    with torch.no_grad():
        model.layers[0].affine[0, 0] = float("nan")
    return model


def test_a_formula_of_nan_is_a_sentence():
    model = broken()
    shown = formula(model, model.calibration)
    assert shown.latex == ""
    assert "NaN or infinite" in shown.text
    with pytest.raises(ValueError, match="NaN or infinite"):
        model.symbolic_formula()


def test_curves_of_nan_get_no_other_knots():
    model = kanwidget.KAN([2, 2, 1], seed=1)
    with torch.no_grad():
        model.layers[0].coef[0, 0, 0] = float("nan")
    with pytest.raises(ValueError, match="curves that are NaN or infinite"):
        model.update_grid(hello_data(40))
