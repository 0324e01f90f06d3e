"""Checks of pykan's hypotheses, compiler, equations, optimizer and experiment."""

import itertools

import numpy as np
import sympy
import torch

from tests.parity.names import calls
from tests.parity.names.functions import A, B, C, X, nested, product, same

# ---------------------------------------------------------------------- kan.hypothesis


@calls("kan.hypothesis", "batch_grad_normgrad get_dependence")
def turns_of_gradients(kan, ours, name):
    for group in ([1, 2], [0, 1], [2]):
        theirs = getattr(kan.hypothesis, name)(product, X, group=group)
        same(getattr(ours, name)(product, X, group), theirs)


@calls("kan.hypothesis", "detect_separability")
def separable_groups(kan, ours, name):
    found = ours.detect_separability(product, X, mode="mul")
    theirs = kan.hypothesis.detect_separability(product, X, mode="mul")
    assert found["n_groups"] == theirs["n_groups"] == 2
    assert sorted(map(sorted, found["groups"])) == sorted(map(sorted, theirs["groups"]))
    assert set(found) == set(theirs)
    assert ours.detect_separability(product, X)["n_groups"] == 1  # KeyError in pykan
    assert ours.detect_separability(product, X, n_clusters=2)["n_groups"] == 2


@calls("kan.hypothesis", "test_symmetry")
def symmetries(kan, ours, name):
    for group in ([1, 2], [0, 2], [0, 1], [0, 1, 2]):
        assert ours.test_symmetry(product, X, group) == kan.hypothesis.test_symmetry(
            product, X, group
        )


@calls("kan.hypothesis", "test_separability")
def separations(kan, ours, name):
    for mode, groups in itertools.product(("add", "mul"), ([[0], [1, 2]], [[0, 1], [2]])):
        theirs = kan.hypothesis.test_separability(product, X, groups, mode)
        assert ours.test_separability(product, X, groups, mode) == bool(theirs)


@calls("kan.hypothesis", "test_general_separability")
def general_separations(kan, ours, name):
    for groups in ([[1], [0, 2]], [[0], [1, 2]]):
        theirs = kan.hypothesis.test_general_separability(nested, X, groups)
        assert ours.test_general_separability(nested, X, groups) == bool(theirs)

    def narrow(x):  # pykan says yes: it does not ask for all that is needed
        return torch.exp(-x[:, [1]] - x[:, [2]]) - x[:, [0]]

    assert not ours.test_general_separability(narrow, X, [[0, 1], [2]])


@calls("kan.hypothesis", "get_molecule get_tree_node plot_tree")
def trees(kan, ours, name):
    levels = ours.get_molecule(nested, X, verbose=False)
    assert levels == kan.hypothesis.get_molecule(nested, X, verbose=False)
    found = ours.get_tree_node(nested, X, levels, skip_test=False)
    assert found == ([[1, 2], [2]], [["Id", "GS"], ["Mul"]])
    staged = ours.get_molecule(lambda x: (x[:, [0]] + x[:, [1]]) ** 4 + x[:, [2]], X, verbose=False)
    assert [[0, 1], [2]] in staged  # pykan joins all three at once
    counted = kan.hypothesis.get_tree_node(nested, X, levels)
    assert ours.get_tree_node(nested, X, levels) == counted
    if name == "plot_tree":
        for style in ("tree", "box"):
            figure = ours.plot_tree(nested, X, in_var=["r", A, B], style=style)
            written = {text.get_text() for text in figure.axes[0].texts}
            assert written >= {"r", "$a$", "$b$"}
            assert written & {"×", "Mul"}
            ours.plt.close(figure)


@calls("kan.hypothesis", "test_symmetry_var")
def variables_of_symmetry(kan, ours, name):
    assert ours.test_symmetry_var(product, X, [A, B, C], B + C)
    assert not ours.test_symmetry_var(product, X, [A, B, C], B * C)


# ---------------------------------------------------------------------- other modules


@calls("kan.compiler", "next_nontrivial_operation")
def numbers_taken_off(kan, ours, name):
    for formula in (3 * sympy.sin(A) - 2, A * B, A + 1, sympy.exp(A) / 4):
        theirs = kan.compiler.next_nontrivial_operation(formula)
        assert ours.next_nontrivial_operation(formula) == theirs
    within = sympy.Mul(2, sympy.sin(A) + 1, evaluate=False)
    assert ours.next_nontrivial_operation(within) == (sympy.sin(A), 2, 2)


@calls("kan.compiler", "expr2kan sf2kan kanpiler")
def compiled(kan, ours, name):
    formula = sympy.exp(sympy.sin(sympy.pi * A) + B**2) * A
    model = getattr(ours, name)([A, B], formula)
    theirs = getattr(kan.compiler, name)([A, B], formula)
    same(model(X[:, :2]), theirs(X[:, :2]), 1e-6)
    flatter = sympy.exp(-(A**2) / 2) / B
    layers = (
        getattr(ours, name)([A, B], flatter).depth,
        getattr(kan.compiler, name)([A, B], flatter).depth,
    )
    assert layers == (1, 2)


@calls("kan.feynman", "get_feynman_dataset")
def equations(kan, ours, name):
    wrong = {20, 32, 113, 114}
    for number in range(1, 121, 8):
        variables, formula, f, ranges = ours.get_feynman_dataset(number)
        theirs, _, g, _ = kan.feynman.get_feynman_dataset(number)
        low, high = torch.tensor(ranges).T
        x = low + (high - low) * torch.rand(20, len(variables), generator=torch.Generator())
        assert f(x).shape == (20, 1)
        column = sympy.lambdify(variables, formula, "numpy")(*x.numpy().T)
        same(f(x)[:, 0], torch.as_tensor(column))
        assert len(variables) == len(theirs)
        if number not in wrong:
            same(f(x), g(x))
    corrected = {
        "I.16.6": "(u + v)/(1 + u*v/c**2)",
        "I.32.5": "a**2*q**2/(6*pi*c**3*epsilon)",
        "Goldstein 12.80": "(m**2*omega**2*x**2*(alpha*x/y + 1) + p**2)/(2*m)",
        "I.18.4": "(m1*r1 + m2*r2)/(m1 + m2)",
    }
    for equation, formula in corrected.items():
        assert str(ours.get_feynman_dataset(equation)[1]) == formula
    _, formula, f, ranges = ours.get_feynman_dataset("Jackson 2.11")
    assert torch.isfinite(f(torch.tensor([[0.5, 1.0, 1.5, 0.5, 0.5]]))).all()


@calls("kan.LBFGS", "LBFGS")
def optimizer(kan, ours, name):
    where = torch.tensor([-1.2, 1.0], requires_grad=True)
    lbfgs = ours.LBFGS(
        [where], lr=1, history_size=10, line_search_fn="strong_wolfe", tolerance_ys=1e-32,
        tolerance_grad=1e-32, tolerance_change=1e-32,
    )  # fmt: skip

    def closure():
        lbfgs.zero_grad()
        valley = (1 - where[0]) ** 2 + 100 * (where[1] - where[0] ** 2) ** 2
        valley.backward()
        return valley

    first = lbfgs.step(closure)
    assert abs(float(first.detach()) - 24.2) < 1e-9  # the loss before the step, as in torch
    for _ in range(3):
        lbfgs.step(closure)
    same(where.detach(), torch.ones(2), 1e-8)
    schedule = torch.optim.lr_scheduler.StepLR(lbfgs, 1, gamma=0.5)
    lbfgs.step(closure)
    schedule.step()
    assert lbfgs.param_groups[0]["lr"] == 0.5

    def edge():
        lbfgs.zero_grad()
        loss = where.log().sum() ** 2  # NaN beyond 0
        loss.backward()
        return loss

    where.data = torch.tensor([2.0, 0.1])
    for _ in range(5):
        lbfgs.step(edge)
    assert edge() < 1e-8


@calls("kan.experiment", "runner1")
def experiment(kan, ours, name):
    small = ours.create_dataset(lambda x: x[:, [0]] ** 2 + x[:, [1]], train_num=60, test_num=20)
    found = ours.runner1([2, 1], small, grids=[2, 3], steps=2, prune_round=1, refine_round=2)
    assert found["G"].tolist() == [2, 2, 3]
    assert found["id"].tolist() == ["0.0", "0.1", "0.2"]
    assert found["c"].tolist() == [2, 2, 2]
    assert found["test_loss"].shape == (3,)


@calls("kan.experiment", "pareto_frontier")
def frontier(kan, ours, name):
    x, y = np.array([1, 2, 3, 2, 5]), np.array([5, 3, 1, 4, 0.5])
    mine, theirs = ours.pareto_frontier(x, y), kan.experiment.pareto_frontier(x, y)
    for a, b in zip(mine, theirs, strict=True):
        assert a.tolist() == b.tolist()
    assert ours.pareto_frontier([1, 1], [2, 2])[2].tolist() == [0]  # pykan keeps none of equals
