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


def test_no_grid_is_moved_to_nan():
    model = broken()
    with pytest.raises(ValueError, match="what goes into layer 1 is NaN or infinite"):
        model.update_grid(model.calibration)
    model.unfix_symbolic(0, 1, 1)
    with pytest.raises(ValueError, match="what goes into layer 1 is NaN or infinite"):
        model.fit(hello_data(40), steps=2)
