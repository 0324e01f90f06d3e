"""What a function is made of: tests of dependence, separability and symmetry on any callable.

Every test takes a function f of samples, (N, n_inputs) to (N, n_outputs), and the samples x to look at
it on; f may be a KAN, another network or a formula in torch, as for `kanwidget.derivatives`.  Each gives
scores from 0 (the property holds exactly) to 1 and a verdict at a threshold.  Scores do not change with
the units of inputs and outputs.  A property of several outputs is that of the worst of them.

====================== ============================== ====================================
here                   f(x) is                        pykan
====================== ============================== ====================================
`dependence`           no function of x_i             scores of inputs
`separability`         g(x_A) + h(x_B) + … or, with   detect_separability,
                       'mul', g(x_A) · h(x_B) · …     test_separability
`general_separability` F(g(x_A) + h(x_B) + …)         test_general_separability
`symmetry`             F(g(x_A), x_B)                 test_symmetry, get_dependence
`symmetry_variable`    F(v(x_A), x_B) with a given v  test_symmetry_var
`pair_symmetries`      a function of x_i - x_j,
                       x_i + x_j, x_i·x_j, x_i/x_j,
                       or blind to their exchange
====================== ============================== ====================================

The tests are those of Liu et al., KAN 2.0 (arXiv 2408.10205, section 4.2), and, for pairs, of Udrescu and
Tegmark, AI Feynman (arXiv 1905.11481, 2006.10782).
"""

from kanwidget.hypotheses.dependence import Dependence, dependence
from kanwidget.hypotheses.general import GeneralSeparability, general_separability
from kanwidget.hypotheses.pairs import PairSymmetries, pair_symmetries
from kanwidget.hypotheses.separability import Separability, separability
from kanwidget.hypotheses.symmetry import (
    Symmetry,
    SymmetryVariable,
    symmetry,
    symmetry_variable,
)

__all__ = [
    "Dependence",
    "GeneralSeparability",
    "PairSymmetries",
    "Separability",
    "Symmetry",
    "SymmetryVariable",
    "dependence",
    "general_separability",
    "pair_symmetries",
    "separability",
    "symmetry",
    "symmetry_variable",
]
