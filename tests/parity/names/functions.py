"""Checks of pykan's functions for splines, data, derivatives and formulas."""

import itertools

import sympy
import torch

from kanwidget.symbolic import library
from tests.networks import points
from tests.parity.names import calls

X = points(80, 3)
A, B, C = sympy.symbols("a b c")


def product(x):
    return x[:, [0]] ** 2 * (x[:, [1]] + x[:, [2]])


def nested(x):
    return x[:, [0]] ** 2 * (x[:, [1]] ** 2 + x[:, [2]] ** 2) ** 2


def same(ours, theirs, within=1e-9):
    torch.testing.assert_close(ours, theirs.detach(), rtol=within, atol=within)


# ---------------------------------------------------------------------- kan.spline


def knots(kan, name="extend_grid"):
    return kan.spline.extend_grid(torch.linspace(-1, 1, 6)[None].expand(3, -1), 3)


@calls("kan.spline", "B_batch coef2curve curve2coef extend_grid")
def splines(kan, ours, name):
    grid = knots(kan)
    y = torch.stack([X.sin(), X**2], 2)
    coef = kan.spline.curve2coef(X, y, grid, 3)
    arguments = {
        "B_batch": (X, grid, 3),
        "coef2curve": (X, grid, coef, 3),
        "curve2coef": (X, y, grid, 3),
        "extend_grid": (grid, 2),
    }[name]
    same(getattr(ours, name)(*arguments), getattr(kan.spline, name)(*arguments), 1e-8)


# ---------------------------------------------------------------------- kan.utils

JUMPS = ("f_sqrt",)
"""pykan's is not continuous where it begins to be softened."""


@calls(
    "kan.utils",
    "f_inv f_inv2 f_inv3 f_inv4 f_inv5 f_sqrt f_power1d5 f_invsqrt f_log f_tan f_arctanh f_arcsin "
    "f_arccos f_exp",
)
def softened(kan, ours, name):
    x = torch.tensor([-3.0, -1.2, -0.3, -1e-6, 1e-6, 0.2, 0.7, 1.3, 4.0, 1.5708])
    for threshold in (0.5, 10.0):
        value = getattr(ours, name)(x, threshold)[1]
        theirs = getattr(kan.utils, name)(x, torch.tensor(threshold))
        theirs = theirs if isinstance(theirs, torch.Tensor) else theirs[-1]
        away = x.abs() > (4 if name in JUMPS and threshold < 1 else 0.1)
        same(value[away], theirs[away])
        if name not in JUMPS:
            same(value, theirs)
    if name in JUMPS:
        edge = 1 / 0.5**2
        below, above = ours.f_sqrt(torch.tensor([edge - 1e-9, edge + 1e-9]), 0.5)[1]
        assert abs(below - above) < 1e-8


@calls("kan.utils", "SYMBOLIC_LIB")
def functions_by_name(kan, ours, name):
    u, x = sympy.Symbol("u"), torch.linspace(0.1, 0.9, 7)
    for key, (function, formula, complexity, *_) in kan.utils.SYMBOLIC_LIB.items():
        mine = ours.SYMBOLIC_LIB[key]
        same(mine[0](x), function(x))
        assert sympy.simplify(mine[1](u) - formula(u)) == 0
        assert mine[2] == complexity
        assert torch.isfinite(mine[3](x, 10.0)[1]).all()
    ours.SYMBOLIC_LIB["own_cube"] = (lambda v: v**3 + v, lambda v: v**3 + v, 3)
    assert "own_cube" in library.LIBRARY
    del ours.SYMBOLIC_LIB["own_cube"]
    assert "own_cube" not in ours.SYMBOLIC_LIB


@calls("kan.utils", "add_symbolic")
def functions_of_ones_own(kan, ours, name):
    ours.add_symbolic("J0", torch.special.bessel_j0, c=2)
    try:
        function, formula, complexity, _ = ours.SYMBOLIC_LIB["J0"]
        same(function(X), torch.special.bessel_j0(X))
        assert (str(formula(A)), complexity) == ("J0(a)", 2)
        model = ours.KAN([1, 1])
        model.fix_symbolic(0, 0, 0, "J0", fit_params_bool=False)
        same(model(X[:, :1]), torch.special.bessel_j0(X[:, :1]))
    finally:
        library.remove_symbolic("J0")


@calls("kan.utils", "fit_params")
def affine_parameters(kan, ours, name):
    x = torch.linspace(-1, 1, 100)
    y = 5 * torch.sin(3 * x + 2) + 0.7
    params, r2 = ours.fit_params(x, y, torch.sin, verbose=False)
    theirs, theirs_r2 = kan.utils.fit_params(x, y, torch.sin, verbose=False)
    same(params, torch.tensor([3, 2, 5, 0.7]), 1e-6)
    assert r2 >= theirs_r2
    assert params.shape == theirs.shape
    fast = torch.sin(20 * x)
    assert ours.fit_params(x, fast, torch.sin, verbose=False)[1] > 0.999
    assert kan.utils.fit_params(x, fast, torch.sin, verbose=False)[1] < 0.5


@calls("kan.utils", "ex_round")
def rounding(kan, ours, name):
    formula = 3.14534242 * sympy.exp(sympy.sin(3.14159 * A) + 0.99996 * B**2) - 2.32345402
    for digits in (0, 2, 4):
        assert ours.ex_round(formula, digits) == kan.utils.ex_round(formula, digits)


@calls("kan.utils", "augment_input")
def more_inputs(kan, ours, name):
    added = [A + B, A * sympy.sin(C)]
    wider = ours.augment_input([A, B, C], added, X)
    same(wider, kan.utils.augment_input([A, B, C], added, X))
    data = ours.create_dataset(product, n_var=3, train_num=9, test_num=9)
    assert ours.augment_input([A, B, C], added, data)["train_input"].shape == (9, 5)
    as_dict = dict(data)
    assert ours.augment_input([A, B, C], added, as_dict) is as_dict
    same(as_dict["test_input"][:, 0], data["test_input"][:, :2].sum(1))


@calls("kan.utils", "batch_jacobian batch_hessian")
def derivatives(kan, ours, name):
    same(getattr(ours, name)(product, X), getattr(kan.utils, name)(product, X))
    if name == "batch_jacobian":

        def two(x):
            return torch.cat([product(x), x[:, [0]].sin()], 1)

        same(
            ours.batch_jacobian(two, X, mode="vector"),
            kan.utils.batch_jacobian(two, X, mode="vector"),
        )
        twice = ours.batch_jacobian(
            lambda x: ours.batch_jacobian(product, x, create_graph=True)[:, [0]], X
        )
        same(twice, ours.batch_hessian(product, X)[:, 0])


@calls("kan.utils", "model2param")
def parameters(kan, ours, name):
    mine, theirs = ours.MLP([2, 3, 1], seed=4), kan.MLP.MLP([2, 3, 1], seed=4)
    same(ours.model2param(mine), kan.utils.model2param(theirs))
    assert ours.model2param(ours.KAN([2, 1])).ndim == 1


@calls("kan.utils", "get_derivative")
def derivatives_in_parameters(kan, ours, name):
    model, x = ours.KAN([2, 1], grid=2, k=2), X[:10, :2]
    y = x[:, :1]
    hessian = ours.get_derivative(model, x, y)
    slope = ours.get_derivative(model, x, y, derivative="jacobian")
    moved = model.copy()
    step = 1e-6 * torch.randn(slope.shape[1], generator=torch.Generator().manual_seed(1))
    torch.nn.utils.vector_to_parameters(ours.model2param(moved).detach() + step, moved.parameters())
    change = ours.get_derivative(moved, x, y, derivative="jacobian") - slope
    torch.testing.assert_close(change[0], hessian[0] @ step, rtol=1e-3, atol=1e-11)
    for mode in ("reg", "all"):
        assert ours.get_derivative(model, x, y, "jacobian", mode, lamb=0.1).abs().max() > 0


@calls("kan.utils", "sparse_mask")
def sparse_starts(kan, ours, name):
    for below, above in itertools.product((1, 2, 5, 8), (1, 3, 4)):
        assert torch.equal(ours.sparse_mask(below, above), kan.utils.sparse_mask(below, above))


@calls("kan.utils", "create_dataset")
def data(kan, ours, name):
    theirs = kan.utils.create_dataset(product, 3, "col", [0, 2], 30, 20)
    mine = ours.create_dataset(product, 3, "col", [0, 2], 30, 20)
    for key, value in theirs.items():
        assert mine[key].shape == value.shape
        assert 0 <= float(mine["train_input"].min()) <= float(mine["train_input"].max()) <= 2
    same(mine["test_label"], product(mine["test_input"]))
    row = ours.create_dataset(lambda x: x[0] * x[1], f_mode="row", train_num=9)
    same(row["train_label"], row["train_input"].prod(1, keepdim=True))
    scaled = ours.create_dataset(product, 3, normalize_input=True, normalize_label=True)
    assert abs(float(scaled["train_label"].std()) - 1) < 1e-6


@calls("kan.utils", "create_dataset_from_data")
def data_from_arrays(kan, ours, name):
    y = product(X)
    mine = ours.create_dataset_from_data(X, y, 0.7)
    theirs = kan.utils.create_dataset_from_data(X, y, 0.7)
    assert mine["train_input"].shape == theirs["train_input"].shape
    same(mine["test_label"], product(mine["test_input"]))
